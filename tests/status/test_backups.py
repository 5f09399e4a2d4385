"""The last backup, told to those who run the service: on the status page and in measures (SD 7.2)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from litestar import Litestar

from sdes.kit import clock, db
from sdes.settings import Settings, load
from tests.support.people import Browser

pytestmark = pytest.mark.anyio

TOKEN = "a token that the operator has set"


async def backup(age: timedelta, size: int = 2_000_000, problem: str = "") -> None:
    """One that ended so long ago; without a size it has failed."""
    await db.fetch(
        "INSERT INTO backup (name, started_at, finished_at, size, files, problem) VALUES ('one', $1, $1, $2, 3, $3)",
        clock.now() - age,
        size,
        problem,
    )


async def told(browser: Browser) -> str:
    """What the status page says of the backup, with its tags."""
    return (await browser.get("/status")).text.partition("<h2>Backup</h2>")[2].partition("</li>")[0]


async def test_it_is_told_when_the_last_good_one_is_from(piet: Browser) -> None:
    assert "There is no good backup." in await told(piet)
    await backup(timedelta(hours=5))
    said = await told(piet)
    assert "5 hours old" in said
    assert "The last good backup is from" in said
    assert "2.0 MB." in said
    assert "circle-check" in said


async def test_one_that_failed_since_is_told_and_hides_none(piet: Browser) -> None:
    await backup(timedelta(hours=5))
    await backup(timedelta(hours=1), 0, "disk full")
    said = await told(piet)
    assert "One since has failed" in said
    assert "circle-x" in said
    await backup(timedelta(minutes=1))
    assert "circle-check" in await told(piet)


async def test_one_that_failed_and_none_before_is_told(piet: Browser) -> None:
    await backup(timedelta(hours=1), 0, "disk full")
    said = await told(piet)
    assert "There is no good backup. One failed on" in said
    assert "circle-x" in said


async def test_what_is_wrong_with_one_is_told(piet: Browser) -> None:
    await backup(timedelta(hours=5), problem="2 files were not in the store.")
    assert "2 files were not in the store." in await told(piet)


@pytest.mark.parametrize(("hours", "mark"), [(25, "circle-check"), (27, "triangle-alert")])
async def test_an_old_one_is_warned_of(hours: int, mark: str, piet: Browser) -> None:
    await backup(timedelta(hours=hours))
    assert mark in await told(piet)


async def test_the_setting_says_what_is_old(app: Litestar, settings: Settings, piet: Browser) -> None:
    app.state.settings = replace(settings, backup_expected=timedelta(hours=6))
    await backup(timedelta(hours=7))
    said = await told(piet)
    assert "triangle-alert" in said
    assert "there should be one that is less than 6 hours old" in said


async def test_companies_are_not_told(asha: Browser) -> None:
    assert "Backup" not in (await asha.get("/status")).text


@pytest.mark.usefixtures("db")
async def test_its_age_is_measured(app: Litestar, settings: Settings, nobody: Browser) -> None:
    app.state.settings = replace(settings, metrics_token=TOKEN)
    assert "sdes_backup_last_success_timestamp_seconds 0.0" in await measures(nobody), (
        "none yet: old enough for an alarm"
    )
    await backup(timedelta(hours=5))
    found = await measures(nobody)
    (line,) = (line for line in found.splitlines() if line.startswith("sdes_backup_last_success_timestamp_seconds "))
    age = clock.now().timestamp() - float(line.split()[1])
    assert 5 * 3600 <= age < 5 * 3600 + 60
    assert "sdes_backup_expected_age_seconds 93600.0" in found


async def measures(browser: Browser) -> str:
    answer = await browser.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    return answer.text


def test_the_settings_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDES_BACKUP_TO", "/srv/backups")
    monkeypatch.setenv("SDES_BACKUP_EXPECTED_HOURS", "6")
    settings = load()
    assert str(settings.backup_to) == "/srv/backups"
    assert settings.backup_expected == timedelta(hours=6)
    monkeypatch.setenv("SDES_BACKUP_EXPECTED_HOURS", "0")
    with pytest.raises(SystemExit, match="from 1 to"):
        load()
