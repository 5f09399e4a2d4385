"""The status page: each part in words, and the truth of it; what those who run the service see besides."""

import os
import re
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jobs import signs
from sdes.kit import clock
from sdes.kit import db as database
from sdes.status import queries, scanning
from sdes.status import signs as signs_of_the_web
from sdes.status.actions import take_sample
from sdes.status.parts import Part
from tests.support.communications import sent
from tests.support.people import Browser
from tests.support.world import as_web

pytestmark = pytest.mark.anyio


@pytest.fixture
async def waiting(asha: Browser) -> None:
    """One file that was sent 20 minutes ago and that the worker has not tried yet."""
    await sent(asha, [("a.txt", b"waits")])
    at = clock.now() - timedelta(minutes=20)
    await database.fetch("UPDATE attachment SET created_at = $1, next_attempt_at = $1", at)


@pytest.mark.usefixtures("waiting")
async def test_a_file_that_nobody_came_to_in_time_is_late(asha: Browser) -> None:
    page = (await asha.get("/status")).text
    assert "1 late" in page
    assert "Of 1 waiting, the oldest has waited 20 minutes." in page


@pytest.mark.usefixtures("waiting")
async def test_a_file_that_was_tried_in_vain_is_late_until_it_is_checked(asha: Browser) -> None:
    await database.fetch("UPDATE attachment SET attempts = 3, next_attempt_at = $1", clock.now() + timedelta(minutes=4))
    assert "1 late" in (await asha.get("/status")).text
    await database.fetch("UPDATE attachment SET state = 'clean'")
    assert "None waiting" in (await asha.get("/status")).text


@pytest.mark.usefixtures("waiting")
async def test_a_file_left_alone_for_now_waits_and_is_not_late(asha: Browser) -> None:
    await database.fetch("UPDATE attachment SET next_attempt_at = $1", clock.now() + timedelta(hours=1))
    page = (await asha.get("/status")).text
    assert "1 waiting" in page
    assert "late" not in page.partition("<main")[2].partition("</main>")[0]


async def test_a_file_just_sent_is_not_late(asha: Browser) -> None:
    await sent(asha, [("a.txt", b"waits")])
    page = (await asha.get("/status")).text
    assert "1 waiting" in page
    assert "Files are checked in the order in which they come." in page


@pytest.mark.usefixtures("waiting")
async def test_other_companies_files_are_not_told_of(cleo: Browser) -> None:
    assert "None waiting" in (await cleo.get("/status")).text


async def test_a_company_is_told_what_concerns_it_and_no_more(asha: Browser) -> None:
    page = (await asha.get("/status")).text
    assert "Virus checks" in page
    for word in ("Capacity", "Backup", "connections in use", "sdep_archive"):
        assert word not in page


async def test_those_who_run_it_are_told_of_every_part(piet: Browser, carys: Browser) -> None:
    for browser in (piet, carys):
        page = (await browser.get("/status")).text
        for word in ("Capacity", "Backup", "Queue of jobs", "Notifications", "of 16,000"):
            assert word in page
    assert "There is no good backup." in page
    assert "No worker has told of its jobs yet." in page


@pytest.mark.usefixtures("waiting")
async def test_those_who_run_it_see_the_late_files_of_all_companies(piet: Browser) -> None:
    page = (await piet.get("/status")).text
    assert "1 late" in page
    assert "The oldest came 20 minutes ago." in page


async def test_a_worker_that_is_gone_is_told_as_gone(asha: Browser, db: None) -> None:
    at = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
    with clock.at(at):
        assert "It has not been started yet." in (await asha.get("/status")).text
        async with signs.telling():
            assert "the nightly work are done" in (await asha.get("/status")).text
    with clock.at(at + timedelta(seconds=40)):
        assert "No sign of life since 3 Nov 2026, 12:00." in (await asha.get("/status")).text
    with clock.at(at - timedelta(hours=1)):  # a clock that was set back makes nobody alive
        assert "No sign of life" in (await asha.get("/status")).text


async def test_a_web_process_and_a_worker_of_one_number_on_one_host_are_two(db: None) -> None:
    """As in two containers of one host, each the first process of its own."""
    await signs_of_the_web.keep_sign(signs_of_the_web._sign(clock.now(), 1.0, serves=True))
    async with signs.telling():
        rows = await database.fetch("SELECT name, kind FROM process_sign ORDER BY kind")
    assert [row["kind"] for row in rows] == ["web", "worker"]
    assert {row["name"].partition(":")[2] for row in rows} == {f"{socket.gethostname()}:{os.getpid()}"}


async def test_a_job_that_failed_or_was_missed_is_told_first(piet: Browser, db: None) -> None:
    at = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
    with clock.at(at):
        async with signs.telling():
            signs.job_ends("sdep_archive", signs.job_begins("sdep_archive"), is_well=False)
            signs.job_ends("mail_sweep", signs.job_begins("mail_sweep"), is_well=True)
            await signs.tell()
        page = (await piet.get("/status")).text
    assert page.index("sdep_archive") < page.index("accounts_inactivity")
    assert "Failed" in page
    assert "Missed" not in page
    with clock.at(at + timedelta(days=1)):
        assert "Missed" in (await piet.get("/status")).text


async def test_when_a_job_is_due_is_told_of_those_that_have_a_time(piet: Browser, db: None) -> None:
    at = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
    with clock.at(at):
        async with signs.telling():
            pass
    for later, said in ((timedelta(minutes=1, seconds=30), "Now"), (timedelta(days=1), "Overdue")):
        with clock.at(at + later):
            page = (await piet.get("/status")).text
        assert _due(page, "mail_sweep") == said
        assert _due(page, "mail_deliver") == "When asked"


def _due(page: str, job: str) -> str:
    row = page.partition(f">{job}</span>")[2].partition("</tr>")[0]
    found = re.search(r'data-label="Due next"><span class="dim">([^<]+)<', row)
    assert found, row
    return found[1]


@pytest.mark.parametrize("found", [scanning.look(None, Path("/nowhere")), scanning.look(Path("/no"), Path("/nowhere"))])
async def test_what_to_do_about_the_scanner_is_told_to_those_who_run_it(
    asha: Browser, piet: Browser, monkeypatch: pytest.MonkeyPatch, found: tuple[Part, timedelta | None]
) -> None:
    monkeypatch.setattr(scanning, "_seen", [found])
    for path in ("/status", "/sdep/communications"):
        page = (await asha.get(path)).text
        assert "The virus scanner does not answer. Attachments stay pending until it is back; nothing is lost." in page
        assert "apt-get" not in page
    assert found[0].detail in (await piet.get("/status")).text


async def test_what_was_missed_while_no_worker_lived_stays_missed_when_one_starts(piet: Browser, db: None) -> None:
    at = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
    with clock.at(at):
        async with signs.telling():
            pass
    with clock.at(at + timedelta(days=1)):
        async with signs.telling():
            pass
        jobs = {job.name: job for job in await queries.jobs()}
    assert jobs["sdep_archive"].due_at == datetime(2026, 11, 3, 23, 30, tzinfo=UTC)


async def test_the_day_s_measure_keeps_the_most_and_counts_each_hour(asha: Browser, piet: Browser, db: None) -> None:
    await sent(asha, [("a.txt", b"hello")])
    await take_sample(timedelta(minutes=30))
    (first,) = await _samples(piet)
    assert (first.communications, first.files, first.file_bytes) == (1, 1, 5)
    assert first.people_at_most >= 2
    await database.fetch("UPDATE session SET ended_at = now()")
    await database.fetch("UPDATE capacity_sample SET communications = 99")
    await take_sample(timedelta(minutes=30))
    (second,) = await _samples(piet)
    assert second.people_at_most == first.people_at_most
    assert second.communications == 99, "it is counted once an hour"


async def test_growth_is_not_told_to_companies(asha: Browser, piet: Browser, db: None) -> None:
    await take_sample(timedelta(minutes=30))
    for browser, seen in ((asha, 0), (piet, 1)):
        actor = await browser.actor()
        async with as_web(actor.company_id):
            assert len(await queries.samples(actor, 60)) == seen


async def _samples(browser: Browser) -> list[queries.Sample]:
    return await queries.samples(await browser.actor(), 60)
