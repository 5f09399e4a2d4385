"""Measures for Prometheus: who may read them, what they count, and that they say nothing of anybody."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from litestar import Litestar
from prometheus_client.parser import text_string_to_metric_families

from jobs import signs
from sdes.database.world import CAST
from sdes.kit import clock, db, tally
from sdes.settings import HOME_OF_THE_PROJECT, Settings
from sdes.status import scanning
from sdes.status.parts import Part
from tests.support.communications import sent
from tests.support.people import Browser

pytestmark = pytest.mark.anyio

TOKEN = "a token that the operator has set"
BEARER = {"Authorization": f"Bearer {TOKEN}"}

Measured = dict[tuple[str, str], float]


@pytest.fixture
def token(app: Litestar, settings: Settings) -> None:
    app.state.settings = replace(settings, metrics_token=TOKEN)


@pytest.fixture
def clean() -> Iterator[None]:
    tally.take()
    signs._runs.clear()
    yield
    tally.take()
    signs._runs.clear()


async def test_without_a_token_set_there_is_no_such_page(nobody: Browser) -> None:
    assert (await nobody.get("/metrics", headers={"Authorization": "Bearer None"})).status_code == 404
    assert (await nobody.get("/metrics", headers={"Authorization": "Bearer "})).status_code == 404


@pytest.mark.usefixtures("token")
@pytest.mark.parametrize("header", ["", TOKEN, f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer "])
async def test_nor_without_that_token(header: str, nobody: Browser, piet: Browser) -> None:
    for browser in (nobody, piet):
        assert (await browser.get("/metrics", headers={"Authorization": header})).status_code == 404


@pytest.mark.usefixtures("token")
async def test_requests_are_counted_by_the_template_of_their_route(nobody: Browser, asha: Browser) -> None:
    before = await _measured(nobody)
    await asha.get("/sdep/communications/SC99999999")
    await asha.get("/no-such-page")
    after = await _measured(nobody)
    there = "method=GET,route=/sdep/communications/{reference},status=4xx"
    nowhere = "method=GET,route=(none),status=4xx"
    for labels in (there, nowhere):
        assert after["sdes_requests_total", labels] == before.get(("sdes_requests_total", labels), 0) + 1
    assert not [labels for _, labels in after if "SC99999999" in labels or "no-such-page" in labels]


@pytest.mark.usefixtures("token")
async def test_a_method_that_nobody_knows_makes_no_measure_of_its_own(nobody: Browser) -> None:
    await nobody.client.request("BREW", "/sign-in")
    assert not [labels for _, labels in await _measured(nobody) if "BREW" in labels]


@pytest.mark.usefixtures("token")
async def test_what_waits_is_counted_over_all_companies(nobody: Browser, asha: Browser) -> None:
    before = await _measured(nobody)
    await sent(asha, [("a.txt", b"waits")])
    await db.fetch("UPDATE attachment SET created_at = $1 WHERE state = 'pending'", clock.now() - timedelta(hours=2))
    after = await _measured(nobody)
    assert after["sdes_files_pending", ""] == before["sdes_files_pending", ""] + 1
    assert after["sdes_file_pending_oldest_seconds", ""] == pytest.approx(7200, abs=60)
    assert after["sdes_sessions_active", ""] >= 1
    assert after["sdes_database_up", ""] == 1


@pytest.mark.usefixtures("token", "clean")
async def test_jobs_and_virus_checks_are_counted_when_the_worker_has_told(nobody: Browser, db: None) -> None:
    async with signs.telling():
        tally.count("scan.clean", 0.5)
        tally.count("scan.failed", 0.25)
        signs.job_ends("mail_sweep", signs.job_begins("mail_sweep"), is_well=True)
        signs.job_ends("sdep_archive", signs.job_begins("sdep_archive"), is_well=False)
        await signs.tell()
        found = await _measured(nobody)
    now = clock.now().timestamp()
    assert found["sdes_job_last_success_timestamp_seconds", "job=mail_sweep"] == pytest.approx(now, abs=30)
    assert ("sdes_job_last_success_timestamp_seconds", "job=sdep_archive") not in found
    assert found["sdes_job_failures_total", "job=sdep_archive"] == 1
    assert found["sdes_scans_total", "outcome=clean"] == 1
    assert found["sdes_scan_seconds_total", "outcome=failed"] == 0.25
    assert found["sdes_processes", "kind=worker"] == 1


@pytest.mark.usefixtures("token")
async def test_measures_name_nobody(nobody: Browser, asha: Browser) -> None:
    reference = await sent(asha, [("a.txt", b"waits")])
    text = (await nobody.get("/metrics", headers=BEARER)).text
    for company in CAST:
        assert company.name not in text
        for person in company.people:
            assert person.name not in text
    assert str(reference) not in text
    assert "@" not in text


@pytest.mark.usefixtures("token")
async def test_measures_of_this_process_come_even_without_the_database(
    nobody: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise OSError("gone")

    monkeypatch.setattr("sdes.status.queries.figures", away)
    found = await _measured(nobody)
    assert found["sdes_database_up", ""] == 0
    assert ("sdes_requests_in_progress", "") in found
    assert ("sdes_files_pending", "") not in found


@pytest.mark.spec("SD 3.2")
@pytest.mark.usefixtures("token", "db")
async def test_this_month_s_availability(nobody: Browser) -> None:
    """Of Tuesday's first quarter of an hour five minutes are over, and in one of them nobody was served."""
    at = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)
    with clock.at(at + timedelta(minutes=5, seconds=30)):
        assert (await _measured(nobody))["sdes_month_operational_minutes", ""] == 0
        for number in (0, 1, 2, 4):
            await db.fetch("INSERT INTO available_minute VALUES ($1)", at + timedelta(minutes=number))
        found = await _measured(nobody)
    assert (found["sdes_month_operational_minutes", ""], found["sdes_month_available_minutes", ""]) == (5, 4)


@pytest.mark.usefixtures("token", "clean")
async def test_every_measure_of_an_alarm_exists(nobody: Browser, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """What docs/watching.md has an operator be woken by; a misspelt one would never wake anybody."""
    official = (Part(scanning.NAME, "ok", "Working", ""), timedelta(hours=1))
    monkeypatch.setattr(scanning, "_seen", [official])
    async with signs.telling():
        signs.job_ends("sdep_archive", signs.job_begins("sdep_archive"), is_well=False)
        await signs.tell()
        text = (await nobody.get("/metrics", headers=BEARER)).text
    written = (HOME_OF_THE_PROJECT / "docs" / "watching.md").read_text()
    alarms = set(re.findall(r"\bsdes_\w+", written.partition("| be woken by |")[2].partition("\n\n")[0]))
    assert len(alarms) > 10
    assert alarms <= set(re.findall(r"^sdes_\w+", text, re.MULTILINE)), "no such measure"


@pytest.mark.usefixtures("token")
async def test_of_test_signatures_no_age_is_told(nobody: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its absence is what the alarm asks for."""
    monkeypatch.setattr(scanning, "_seen", [(Part(scanning.NAME, "warn", "Test signatures", ""), None)])
    found = await _measured(nobody)
    assert found["sdes_scanner_up", ""] == 1
    assert ("sdes_scanner_signature_age_seconds", "") not in found


async def _measured(browser: Browser) -> Measured:
    answer = await browser.get("/metrics", headers=BEARER)
    assert answer.status_code == 200
    return {
        (sample.name, ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
