"""What the tests of escalation stand on: a communication of three levels, the clock, and how a refusal reads."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import httpx
import pytest

from sdes.kit import clock, db
from sdes.kit.clock import LONDON
from tests.support.communications import count, sent, told
from tests.support.people import Browser

pytestmark = [pytest.mark.anyio, pytest.mark.spec("SD 11.1(e)")]

PAGE = "/sdep/communications/"
CODE = "PT0131"  # Electricity Disconnection, Escalation: three levels of 5, 3 and 2 Working Days
MONDAY = datetime(2026, 11, 16, 9, 0, tzinfo=LONDON)
LAPSED = datetime(2026, 11, 23, 18, 0, tzinfo=LONDON)  # five Working Days later, when the bell has rung
WAITS = (
    "Northgrid Networks has until Mon 23 Nov, 18:00 to respond at level 1. You can escalate it then, or as soon as they"
    " have responded."
)


@pytest.fixture(autouse=True)
async def sessions_last(
    asha: Browser, ben: Browser, nils: Browser, cleo: Browser, otto: Browser, carys: Browser
) -> None:
    """The clock goes days ahead here, and nobody is to sign in again."""
    await db.fetch("UPDATE session SET last_seen_at = '2100-01-01', expires_at = '2100-01-01'")


@pytest.fixture
async def reference(asha: Browser) -> AsyncIterator[str]:
    """A communication of three levels, sent on a Monday morning; the clock stands there."""
    with clock.at(MONDAY):
        yield await sent(asha, code=CODE)


async def row_of(reference: str) -> Any:
    return (await db.fetch("SELECT * FROM communication WHERE reference = $1", reference))[0]


async def levels() -> list[Any]:
    return await db.fetch("SELECT * FROM communication_level ORDER BY number")


async def refused(answer: httpx.Response) -> str:
    assert answer.status_code == 409, answer.text
    assert await count("message", "kind = 'escalation'") == 0
    return told(answer)[0].removesuffix(" What you typed is kept as a draft.")
