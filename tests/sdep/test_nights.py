"""The night's runs over midnight: the day is that of their beginning (SD 14.1, 14.4)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from sdes.actor import Actor
from sdes.attachments.vault import Vault
from sdes.kit import clock, db
from sdes.sdep.actions import deletion, retention
from tests.support.communications import sent
from tests.support.people import Browser

pytestmark = pytest.mark.anyio

BEFORE_MIDNIGHT = datetime(2026, 12, 2, 23, 59, 59, tzinfo=UTC)
SYSTEM = Actor.system("Night")


@pytest.fixture
def midnight_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock is asked once before midnight; communications are taken one by one."""
    moments: Iterator[datetime] = iter([BEFORE_MIDNIGHT])
    monkeypatch.setattr(clock, "now", lambda: next(moments, BEFORE_MIDNIGHT + timedelta(seconds=30)))
    for module in (retention, deletion):
        monkeypatch.setattr(module, "BATCH", 1)


@pytest.fixture
async def two(asha: Browser) -> tuple[str, str]:
    """One that is due on the day, and one that is due the day after."""
    references = []
    for days in (30, 29):
        with clock.at(BEFORE_MIDNIGHT - timedelta(days=days)):
            references.append(await sent(asha))
    return references[0], references[1]


@pytest.mark.spec("SD 14.1")
async def test_an_archiving_run_does_not_take_the_next_days(
    two: tuple[str, str], request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("midnight_passes")
    assert await retention.archive_old(SYSTEM) == 1
    rows = await db.fetch("SELECT reference FROM communication WHERE archived_at IS NULL")
    assert [row["reference"] for row in rows] == [two[1]]


@pytest.mark.spec("SD 14.4")
async def test_a_deleting_run_does_not_take_the_next_days(
    two: tuple[str, str], vault: Vault, request: pytest.FixtureRequest
) -> None:
    await db.fetch("UPDATE communication SET archived_at = last_message_at")
    request.getfixturevalue("midnight_passes")
    assert await deletion.delete_old(SYSTEM, vault) == 1
    assert [row["reference"] for row in await db.fetch("SELECT reference FROM communication")] == [two[1]]
