"""What is told of availability: on the page, in files, and in the Code Manager's report of a month (SD 3.2)."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from litestar import Litestar

from jobs.sdep import sdep_monthly_reports
from sdes.kit import clock
from sdes.kit import db as database
from tests.support.minutes import MINUTE, fill
from tests.support.people import Browser, SignIn
from tests.support.sheets import csv_rows, xlsx_rows

pytestmark = pytest.mark.anyio

TUESDAY = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)


@pytest.fixture
async def an_hour_and_a_half_away(app: Litestar, db: None) -> AsyncIterator[None]:
    """On Tuesday from ten to half past eleven, and on Wednesday for a minute; it is Thursday, half past eight."""
    first, last = TUESDAY - timedelta(days=1, hours=1), TUESDAY + timedelta(days=1)
    await fill(
        (first, first + timedelta(hours=10)),
        (TUESDAY - timedelta(hours=1), TUESDAY + timedelta(hours=1)),
        (TUESDAY + timedelta(hours=2, minutes=30), TUESDAY + timedelta(hours=9)),
        (last - timedelta(hours=1), last),
        (last + MINUTE, last + timedelta(hours=9)),
        (last + timedelta(hours=23), last + timedelta(hours=24)),
    )
    with clock.at(TUESDAY + timedelta(days=1, hours=23, minutes=30)):
        yield


@pytest.mark.spec("SD 3.2")
@pytest.mark.usefixtures("an_hour_and_a_half_away")
async def test_those_who_run_the_service_see_the_month_so_far(piet: Browser, carys: Browser, asha: Browser) -> None:
    for browser in (piet, carys):
        page = (await browser.get("/status")).text
        assert "91 minutes were lost of 1,830 operational minutes of November 2026 so far. 99 % are asked for." in page
        assert "95.02 %" in page
        assert "3 Nov, 10:00" in page
        assert "90 min" in page
    told = (await asha.get("/status")).text
    assert "Availability" not in told
    assert "95.02" not in told


@pytest.mark.usefixtures("an_hour_and_a_half_away")
async def test_a_month_that_has_just_begun_shows_the_months_before(sign_in: SignIn) -> None:
    with clock.at(datetime(2026, 12, 1, 7, 30, tzinfo=UTC)):
        piet = await sign_in("piet@provider.example")
        page = (await piet.get("/status")).text
        assert "No operational hours of this month have passed." in page
        assert _months(page) == ["November 2026"]
    with clock.at(datetime(2026, 12, 1, 8, 30, tzinfo=UTC)):
        piet = await sign_in("piet@provider.example")
        page = (await piet.get("/status")).text
        assert "30 minutes were lost of 30 operational minutes of December 2026 so far." in page
        assert _months(page) == ["December 2026", "November 2026"]


def _months(page: str) -> list[str]:
    """Those that the table of availability tells of."""
    return re.findall(r'<tr role="row"><td role="cell">(\w+ \d{4})<', page.partition("Availability by month")[2])


async def test_a_service_that_has_just_begun_has_nothing_to_tell(piet: Browser) -> None:
    page = (await piet.get("/status")).text
    assert "Nothing has been measured yet" in page


@pytest.mark.spec("SD 3.2")
@pytest.mark.usefixtures("an_hour_and_a_half_away")
async def test_the_month_as_a_file(piet: Browser, carys: Browser) -> None:
    for browser in (piet, carys):
        rows = csv_rows(await browser.get("/status/availability.csv?month=2026-11"))
        assert rows[0] == ["Day", "Operational minutes", "Minutes available", "Percent available", "Outages"]
        assert rows[1:] == [
            ["2026-11-02", "600", "600", "100.00", ""],
            ["2026-11-03", "600", "510", "85.00", "10:00 to 11:30"],
            ["2026-11-04", "600", "599", "99.83", "09:00 to 09:01"],
            ["2026-11-05", "30", "30", "100.00", ""],
        ]
    book = await piet.get("/status/availability.xlsx?month=2026-11")
    assert 'filename="sdes-availability-2026-11.xlsx"' in book.headers["content-disposition"]
    assert xlsx_rows(book, "Month")[1] == ["November 2026", 1830, 1739, "95.02", 99, "No", 2, 90]
    assert [row[2] for row in xlsx_rows(book, "Outages")[1:]] == [90, 1]
    assert len(xlsx_rows(book, "By day")) == 5
    assert "Availability of the service, CSV, November 2026" in (await carys.get("/audit")).text


@pytest.mark.parametrize("path", ["/status/availability.csv", "/status/availability.xlsx"])
@pytest.mark.usefixtures("an_hour_and_a_half_away")
async def test_the_files_are_for_those_who_run_the_service(
    path: str, asha: Browser, mo: Browser, piet: Browser, nobody: Browser
) -> None:
    for browser in (asha, mo):
        assert (await browser.get(f"{path}?month=2026-11")).status_code == 403
    assert (await nobody.get(f"{path}?month=2026-11")).status_code == 303
    for month in ("", "x", "2026-12", "2024-10", "2026-13", "\0"):
        assert (await piet.get(path, params={"month": month})).status_code == 404
    assert (await piet.get(f"{path}?month=2024-11")).status_code == 200, "nothing was measured then, and it says so"


@pytest.mark.spec("SD 3.2")
@pytest.mark.usefixtures("an_hour_and_a_half_away")
async def test_the_code_manager_s_report_of_the_month_is_kept(sign_in: SignIn) -> None:
    with clock.at(datetime(2026, 12, 1, 2, 30, tzinfo=UTC)):
        carys = await sign_in("carys@codemanager.example")
        await sdep_monthly_reports({})
        await database.fetch("DELETE FROM available_minute")
        answer = await carys.get("/sdep/portal-reports/monthly.xlsx?month=2026-11&kind=availability")
        assert "Availability of the service" in (await carys.get("/sdep/portal-reports")).text
    (month,) = xlsx_rows(answer, "Month")[1:]
    working_days = 21
    assert month[:3] == ["November 2026", working_days * 600, 1799 - 90 + 60]
    assert month[5] == "No"
    assert len(xlsx_rows(answer, "By day")) == working_days + 1
    assert xlsx_rows(answer, "About")[0] == ["Availability in November 2026"]


async def test_a_month_without_a_service_says_so_in_its_report(sign_in: SignIn) -> None:
    with clock.at(datetime(2026, 12, 1, 2, 30, tzinfo=UTC)):
        carys = await sign_in("carys@codemanager.example")
        await sdep_monthly_reports({})
        answer = await carys.get("/sdep/portal-reports/monthly.xlsx?month=2026-11&kind=availability")
    assert xlsx_rows(answer, "Month")[1][:4] == ["November 2026", 0, 0, None]
    assert xlsx_rows(answer, "About")[-1] == ["Nothing was measured in this month."]
