"""The minutes of real web processes: while none lives there are none, and the report says from when to when."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sdes.embedded.postgres import EmbeddedPostgres
from sdes.embedded.supervisor import web_command
from sdes.kit import clock
from sdes.sdep.reports.months import Month
from sdes.status import queries
from tests.browser.sites import free_port, until
from tests.support.houses import House, empty_house

pytestmark = pytest.mark.anyio

MINUTE = timedelta(minutes=1)
TEN = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)  # a Tuesday


@pytest.fixture
def house(tmp_path: Path, postgres: EmbeddedPostgres) -> Iterator[House]:
    with empty_house("sdes_minutes", tmp_path / "home", postgres) as made:
        made.sdes("migrate")
        yield made


@contextmanager
def web(house: House) -> Iterator[subprocess.Popen[bytes]]:
    """A web process of that house, killed at the end."""
    log = (house.home / "web.log").open("ab")
    process = subprocess.Popen(web_command(free_port()), env=house.environment, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        log.close()


def minute_of(house: House) -> datetime:
    """The minute that a web process of the house keeps when it is the first; it is taken out again."""
    with web(house) as process:
        until(lambda: house.rows("SELECT 1 FROM available_minute") or process.poll() is not None, "a minute is kept")
        (first, *_) = house.rows("SELECT minute FROM available_minute ORDER BY minute")
    house.rows("DELETE FROM available_minute")
    return first["minute"]  # type: ignore[no-any-return]


@pytest.mark.spec("SD 3.2")
async def test_while_no_web_process_lives_the_service_is_away(house: House) -> None:
    """The minutes that two of them kept are shifted to a Tuesday's, three from one another, as if the second had been
    started late; a minute later somebody looks."""
    before, after = minute_of(house), minute_of(house)
    assert before <= after <= datetime.now(UTC)
    assert after - before < timedelta(minutes=3), "the second was started late indeed"
    apart = TEN - 3 * MINUTE - before, TEN - after
    for one, shift in zip((before, after), apart, strict=True):
        house.rows("INSERT INTO available_minute VALUES (%s::timestamptz + %s)", one, shift)
    async with house.entered():
        with clock.at(TEN + MINUTE + timedelta(seconds=7)):
            (found,) = await queries.availability([Month.present()])
    assert (found.expected, found.available) == (4, 2)
    assert [(one.since, one.until) for one in found.outages] == [(TEN - 2 * MINUTE, TEN)]
