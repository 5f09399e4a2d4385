"""The audit page as its readers see it, and entries to be found on it."""

import html
import re
from datetime import UTC, datetime, timedelta

from sdes import auditlog
from sdes.kit import clock
from tests.support.people import HTMX, Browser

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


async def told(browser: Browser, query: str = "") -> list[tuple[str, ...]]:
    """The rows of the page, each cell but the moment as text."""
    answer = await browser.get(f"/audit{query}", headers=HTMX)
    assert answer.status_code == 200
    rows = re.findall(r"<tr role=\"row\">(.*?)</tr>", answer.text.partition("<tbody")[2], re.DOTALL)
    return [tuple(html.unescape(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row)[1:]) for row in rows]


async def happened(browser: Browser, *details: str, event: str = "administration.person.changed") -> None:
    """Entries of somebody's about their own company, a minute apart, the last the newest."""
    actor = await browser.actor()
    for number, detail in enumerate(details):
        with clock.at(NOON + timedelta(minutes=number)):
            await auditlog.record(actor, event, detail=detail, about_company=actor.company_id)
