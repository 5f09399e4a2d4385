"""The pages of reports, the company's and the Code Manager's, looked at like all others."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import Arrive
from tests.browser.sites import Site, until
from tests.browser.test_axe import at, look_at
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.anyio

BEN, CARYS = "ben@brightwatt.example", "carys@codemanager.example"
GRANT = "UPDATE person SET functions = %s WHERE email_key = %s"


@pytest.fixture
def reporter(site: Site) -> Iterator[str]:
    """Somebody who holds the system function for a while."""
    site.rows(GRANT, ["reports"], BEN)
    yield BEN
    site.rows(GRANT, [], BEN)


@pytest.mark.spec("SL 9")
async def test_reports_of_a_company(site: Site, arrive: Arrive, reporter: str, pictures: Path | None) -> None:
    (asha,) = site.rows("SELECT id FROM person WHERE email_key = 'asha@brightwatt.example'")

    async def unfolded(visitor: Visitor) -> None:
        await visitor.goto("/sdep/reports/messages")
        await visitor.page.get_by_text("Figures of this chart").click()

    pages = {
        "reports": at("/sdep/reports"),
        "report-messages": unfolded,
        "report-counts": at("/sdep/reports/counts"),
        "report-late": at("/sdep/reports/late"),
        "report-unanswered": at("/sdep/reports/unanswered"),
        "report-none": at("/sdep/reports/unanswered?from=1/1/2020&to=2/1/2020"),
        "report-errors": at("/sdep/reports/late?from=31/2/2026&mpid=ZZZZ", 422),
        "report-person-none": at("/sdep/reports/person"),
        "report-person": at(f"/sdep/reports/person?person={asha['id']}"),
        "report-company": at("/sdep/reports/company"),
    }
    await look_at(await arrive(site, reporter), pages, pictures)


async def test_reports_of_the_code_manager(site: Site, arrive: Arrive, pictures: Path | None) -> None:
    job = site.program("monthly", [sys.executable, "-m", "sdes", "jobs", "run", "sdep_monthly_reports"])
    job.start()
    until(lambda: not job.is_running(), "the reports are made")
    assert job.exit_code == 0, job.last_words()

    async def unfolded(visitor: Visitor) -> None:
        await visitor.goto("/sdep/portal-reports")
        for summary in await visitor.page.get_by_text("Figures of this chart").all():
            await summary.click()

    await look_at(await arrive(site, CARYS), {"portal-reports": unfolded}, pictures)
