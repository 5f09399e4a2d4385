"""What the Code Manager is told of all companies: numbers by a slow count, nobody else's to read, no words."""

import re
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date
from html import unescape

import asyncpg
import pytest

from jobs.sdep import sdep_monthly_reports
from sdes.kit import clock, db
from sdes.permissions import Permission
from sdes.sdep.queries.reports import portal
from sdes.sdep.reports.months import TITLES, Month, owed
from tests.support.communications import count
from tests.support.nights import mails_of
from tests.support.people import Browser
from tests.support.reports import MPIDS, NOW, Talk, random_talks, store
from tests.support.sheets import csv_rows, xlsx_rows
from tests.support.world import as_web

pytestmark = pytest.mark.anyio

OCTOBER = Month(date(2026, 10, 1))
PATHS = (
    "/sdep/portal-reports",
    "/sdep/portal-reports/volumes.csv",
    "/sdep/portal-reports/monthly.xlsx?month=2026-10&kind=users",
)


@pytest.fixture
def talks() -> list[Talk]:
    return random_talks(11, 80)


@pytest.fixture(autouse=True)
async def now(app: object, db: None, talks: list[Talk]) -> AsyncIterator[None]:
    with clock.at(NOW):
        await store(talks)
        yield


def is_in(month: Month, moment: object) -> bool:
    return clock.local(moment).date().replace(day=1) == month.first  # type: ignore[arg-type]


async def test_volumes(carys: Browser, talks: list[Talk]) -> None:
    actor = await carys.actor()
    async with as_web(actor.company_id):
        found = await portal.volumes(actor, OCTOBER)
    titles = {row["code"]: row["title"] for row in await db.fetch("SELECT code, title FROM process_type")}
    kinds = {row["code"]: row["contact_type"] for row in await db.fetch("SELECT code, contact_type FROM process_type")}
    key = {code: (titles[code], kinds[code]) for code in titles}
    said, begun, due, in_time, overdue = Counter(), Counter(), Counter(), Counter(), Counter()  # type: ignore[var-annotated]
    for one in talks:
        for number, each in enumerate(one.said):
            if is_in(OCTOBER, each.sent_at):
                said[(each.company, *key[one.process])] += 1
                begun[(each.company, *key[one.process])] += number == 0
        answering = (MPIDS[one.recipient], *key[one.process])
        for _, at, done in one.levels:
            if is_in(OCTOBER, at) and (done or at < NOW):
                due[answering] += 1
                in_time[answering] += bool(done and done <= at)
        overdue[answering] += not one.is_deleted and one.answer() is None and one.levels[-1][1] < NOW
    for name, wanted in (
        ("messages", said), ("opened", begun), ("due", due), ("in_time", in_time), ("overdue", overdue)
    ):  # fmt: skip
        figures = {(one.company, one.process, one.contact_type): getattr(one, name) for one in found}
        assert {place: n for place, n in figures.items() if n} == {place: n for place, n in wanted.items() if n}, name
        assert sum(figures.values()) > 0, name


async def test_months(carys: Browser, talks: list[Talk]) -> None:
    actor = await carys.actor()
    async with as_web(actor.company_id):
        found = await portal.by_month(actor, Month(date(2026, 8, 1)), Month(date(2026, 11, 1)))
    wanted = Counter(clock.local(each.sent_at).date().replace(day=1) for one in talks for each in one.said)
    assert {month: messages for month, (_, messages) in found.items()} == wanted


@pytest.mark.spec("SD 9.2(d)")
async def test_the_database_tells_nobody_else(carys: Browser, mo: Browser, piet: Browser) -> None:
    calls = (
        "SELECT * FROM sdep_portal_volumes(now() - interval '1 year', now(), now())",
        "SELECT * FROM sdep_portal_months(now() - interval '1 year', now())",
        "SELECT * FROM sdep_portal_overdue(now())",
    )
    companies = [(await browser.actor()).company_id for browser in (mo, piet)]
    for call in calls:
        for company in (*companies, None):
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="Code Manager"):
                async with as_web(company):
                    await db.fetch(call)
        async with as_web((await carys.actor()).company_id):
            assert await db.fetch(call)


async def test_the_pages_are_the_code_manager_s_alone(
    carys: Browser, mo: Browser, piet: Browser, asha: Browser, nobody: Browser
) -> None:
    await sdep_monthly_reports({})
    for path in PATHS:
        assert (await carys.get(path)).status_code == 200
        for browser in (mo, piet, asha):
            assert Permission.PORTAL_REPORT_VIEW not in (await browser.actor()).permissions
            assert (await browser.get(path)).status_code == 403
        assert (await nobody.get(path)).status_code == 303
    for query in (
        "",
        "?month=2026-10",
        "?month=2026-10&kind=secrets",
        "?month=2020-01&kind=users",
        "?month=x&kind=users",
    ):
        assert (await carys.get(f"/sdep/portal-reports/monthly.xlsx{query}")).status_code == 404


async def test_the_page_holds_numbers_and_no_words(carys: Browser, talks: list[Talk]) -> None:
    page = await carys.get("/sdep/portal-reports?month=2026-10")
    text = unescape(re.sub(r"<[^>]+>", " ", page.text))
    messages = sum(is_in(OCTOBER, each.sent_at) for one in talks for each in one.said)
    assert re.search(rf"Messages in October 2026\s+{messages}\b", text)
    for word in ("secret words", "Subject of", "SC7", "Asha", "Nils"):
        assert word not in text
    nonsense = (await carys.get("/sdep/portal-reports?month=2026-99")).text
    assert "Messages in November 2026" in nonsense


@pytest.mark.spec("SD 12.2(b)")
async def test_the_month_s_volumes_are_kept(carys: Browser, talks: list[Talk]) -> None:
    await sdep_monthly_reports({})
    rows = xlsx_rows(await carys.get(f"{PATHS[2].replace('users', 'volumes')}"), "By process")
    assert rows[0] == ["Process", "Contact type", "Fuel", "Messages sent", "Communications begun", "SDES Users sending"]
    assert rows[-1][0] == "All"
    said = [each for one in talks for each in one.said if is_in(OCTOBER, each.sent_at)]
    assert rows[-1][3] == sum(row[3] for row in rows[1:-1]) == len(said)
    assert rows[-1][4] == sum(is_in(OCTOBER, one.created_at) for one in talks)
    assert rows[-1][5] == len({each.company for each in said})
    answer = await carys.get(PATHS[2].replace("users", "volumes"))
    by_company: Counter[str] = Counter()
    for row in xlsx_rows(answer, "By SDES User")[1:]:
        by_company[row[0]] += row[4]
    assert by_company == Counter(each.company for each in said)


@pytest.mark.spec("SD 12.2(a)")
async def test_the_month_s_users_and_people_are_kept(carys: Browser) -> None:
    await db.fetch("UPDATE person SET state = 'suspended' WHERE name = 'Ben Carter'")
    await db.fetch("UPDATE person SET functions = ARRAY['reports'] WHERE name = 'Asha Rahman'")
    await sdep_monthly_reports({})
    answer = await carys.get(PATHS[2])
    companies = {row[0]: row for row in xlsx_rows(answer, "SDES Users")[1:]}
    (cast,) = await db.fetch("SELECT count(*) AS companies FROM company")
    assert len(companies) == cast["companies"]
    assert companies["Brightwatt Energy"][2] == "BRWT (Electricity supplier); BWG (Gas supplier)"
    assert companies["Brightwatt Energy"][5] == 2
    people = {row[1]: row for row in xlsx_rows(answer, "Authorised Persons")[1:]}
    assert "Ben Carter" not in people, "who is suspended has no access"
    assert people["Asha Rahman"][:5] == [
        "Brightwatt Energy", "Asha Rahman", "asha@brightwatt.example", "No",
        "User reports and secure communications administration",
    ]  # fmt: skip
    assert people["Mo Sheikh"][3] == "Yes"
    assert len(people) == await count("person", "state = 'active'")
    assert xlsx_rows(answer, "About") == [["As at 20 November 2026"], ["Report of October 2026"]]


async def test_the_job_may_run_again_and_makes_up_for_missed_months(carys: Browser) -> None:
    await sdep_monthly_reports({})
    await sdep_monthly_reports({})
    assert await _made() == [("2026-10", kind) for kind in sorted(TITLES)]
    (letter,) = await mails_of("monthly_reports_ready")
    assert letter["to_address"] == "carys@codemanager.example"
    assert letter["subject"] == "The SDES reports of October 2026 are ready"
    assert "/sdep/portal-reports" in letter["text"]
    with clock.at(NOW.replace(year=2027, month=2, day=1, hour=2, minute=30)):
        await sdep_monthly_reports({})
    months = ["2026-10", "2026-11", "2026-12", "2027-01"]
    assert await _made() == [(month, kind) for month in months for kind in sorted(TITLES)]
    assert len(await mails_of("monthly_reports_ready")) == 4


async def test_reports_are_kept_for_two_years(carys: Browser) -> None:
    await sdep_monthly_reports({})
    assert "They are kept" not in (page := (await carys.get("/sdep/portal-reports")).text)
    assert "The reports of the last 24 months are kept" in page
    for month, kept in ((10, True), (11, False)):
        with clock.at(NOW.replace(year=2028, month=month, day=1, hour=2, minute=30)):
            await sdep_monthly_reports({})
        assert (("2026-10", "users") in await _made()) is kept


async def test_a_report_that_was_made_stays_as_it_was(carys: Browser) -> None:
    await sdep_monthly_reports({})
    before = await db.fetch("SELECT * FROM monthly_report ORDER BY id")
    await db.fetch("DELETE FROM monthly_report WHERE kind = 'volumes'")
    await db.fetch("UPDATE person SET name = 'Somebody Else' WHERE name = 'Asha Rahman'")
    await sdep_monthly_reports({})
    after = await db.fetch("SELECT * FROM monthly_report ORDER BY id")
    assert [row for row in before if row["kind"] == "users"] == [row for row in after if row["kind"] == "users"]
    assert len(after) == len(TITLES)


async def test_the_file_of_a_month_holds_all_its_numbers(carys: Browser) -> None:
    rows = csv_rows(await carys.get("/sdep/portal-reports/volumes.csv?month=2026-10"))
    actor = await carys.actor()
    async with as_web(actor.company_id):
        found = await portal.volumes(actor, OCTOBER)
    assert rows[0][:5] == ["SDES User", "Process", "Contact type", "Fuel", "Messages"]
    assert [(row[0], row[1], int(row[4]), int(row[7])) for row in rows[1:]] == [
        (one.company, one.process, one.messages, one.in_time) for one in found
    ]
    assert "Carys Bevan: Messages and their processes, CSV, October 2026" in (await carys.get("/audit")).text


async def test_a_download_is_written_down(carys: Browser) -> None:
    await sdep_monthly_reports({})
    await carys.get(PATHS[2])
    text = unescape((await carys.get("/audit")).text)
    assert "Carys Bevan: SDES Users and Authorised Persons, XLSX, October 2026" in text


@pytest.mark.parametrize(
    "month", ["0000-01", "0001-01", "9999-12", "2101-01", "-001-01", "2147483648", "2026-W1", "٢٠٢٦-١٠"]
)
async def test_months_that_no_report_has(carys: Browser, month: str) -> None:
    """The numbers are those of the present month, and none was kept."""
    answer = await carys.get("/sdep/portal-reports/volumes.csv", params={"month": month})
    assert (answer.status_code, "volumes-2026-11" in answer.headers["content-disposition"]) == (200, True)
    assert "Messages in November 2026" in (await carys.get("/sdep/portal-reports", params={"month": month})).text
    for kind in ("users", "\0"):
        query = {"month": month, "kind": kind}
        assert (await carys.get("/sdep/portal-reports/monthly.xlsx", params=query)).status_code == 404


async def test_a_kind_that_no_database_can_be_asked_for(carys: Browser) -> None:
    assert (await carys.get("/sdep/portal-reports/monthly.xlsx?month=2026-10&kind=%00")).status_code == 404


def test_which_months_are_owed() -> None:
    last = Month(date(2026, 3, 1))
    assert [one.key for one in owed(set(), last, 12)] == ["2026-03"]
    assert owed({last}, last, 12) == []
    made = {Month(date(2025, 11, 1)), Month(date(2026, 1, 1))}
    assert [one.key for one in owed(made, last, 12)] == ["2025-12", "2026-02", "2026-03"]
    assert [one.key for one in owed({Month(date(2010, 1, 1))}, last, 2)] == ["2026-02", "2026-03"]


def test_months_begin_at_midnight_in_london() -> None:
    april = Month(date(2026, 4, 1))
    assert april.since.isoformat() == "2026-04-01T00:00:00+01:00"
    assert april.plus(-1).since.isoformat() == "2026-03-01T00:00:00+00:00"
    assert april.plus(-4).key == "2025-12"
    assert april.plus(9).key == "2027-01"
    assert Month.read("2026-13") is None


async def _made() -> list[tuple[str, str]]:
    rows = await db.fetch("SELECT month, kind FROM monthly_report ORDER BY month, kind")
    return [(f"{row['month']:%Y-%m}", row["kind"]) for row in rows]
