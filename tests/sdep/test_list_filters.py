"""The list narrowed by every filter, in every order: page by page what a slow filter gives (SD 11.1(a))."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sdes.kit import clock, db
from sdes.sdep.filters import DUES, FOLDERS, Filters
from sdes.sdep.queries import searching
from sdes.sdep.queries.lists import SORTS
from tests.support.listed import NOW, Listed, listed
from tests.support.people import HTMX, Browser

pytestmark = pytest.mark.anyio

LIST = "/sdep/communications"
FAR, LONG_AGO = datetime(9000, 1, 1, tzinfo=NOW.tzinfo), datetime(1000, 1, 1, tzinfo=NOW.tzinfo)

SORT_VALUES: dict[str, Callable[[Listed, bool], Any]] = {
    "last_message": lambda row, falling: row.last_message,
    "created": lambda row, falling: row.created,
    "archives": lambda row, falling: row.last_message,
    "subject": lambda row, falling: row.subject.lower(),
    "level": lambda row, falling: row.level,
    "direction": lambda row, falling: row.direction,
    "owner": lambda row, falling: row.owner_name.lower(),
    "due": lambda row, falling: row.due or (LONG_AGO if falling else FAR),
}


async def people() -> dict[str, int]:
    return {row["name"]: row["id"] for row in await db.fetch("SELECT id, name FROM person")}


def slowly(rows: list[Listed], filters: Filters, me: int, assigned: dict[int, set[tuple[int, int]]]) -> list[Listed]:
    """The rows that the filters leave, found one condition after the other."""
    evening = datetime.combine(clock.local(NOW).date() + timedelta(days=1), datetime.min.time(), clock.LONDON)
    owners = {"": None, "me": me, "none": None}
    conditions: list[Callable[[Any], Any]] = [
        {
            "active": lambda row: row.archived is None,
            "mine": lambda row: row.archived is None and row.owner == me,
            "unassigned": lambda row: row.archived is None and row.owner is None,
            "ours": lambda row: row.archived is None and row.direction == "received",
            "theirs": lambda row: row.archived is None and row.direction == "sent",
            "archive": lambda row: row.archived is not None,
        }[filters.folder],
        lambda row: not filters.q or set(filters.q.split()) <= {*row.subject.lower().split(), *_tag_words(row)},
        lambda row: not filters.side or row.side == {"sent": "sender", "received": "recipient"}[filters.side],
        lambda row: not filters.process or filters.process in (row.code, row.title),
        lambda row: not filters.company or row.other == int(filters.company),
        lambda row: (
            not filters.owner or row.owner == owners.get(filters.owner, int("0" + re.sub(r"\D", "", filters.owner)))
        ),
        lambda row: not filters.person or (row.process, row.level) in assigned[int(filters.person)],
        lambda row: not filters.level or row.level == int(filters.level),
        lambda row: not filters.tag or filters.tag in row.tags,
        lambda row: not filters.due or (row.archived is None and row.due is not None),
        lambda row: not filters.due.startswith("overdue") or row.due < NOW,
        lambda row: filters.due != "today" or NOW <= row.due < evening,
        lambda row: not filters.due.endswith("ours") or row.is_due_from_us,
        lambda row: not filters.due.endswith("theirs") or not row.is_due_from_us,
    ]
    return [row for row in rows if all(condition(row) for condition in conditions)]


def _tag_words(row: Listed) -> set[str]:
    return {word for tag in row.tags for word in tag.lower().split()}


def references(html: str) -> list[str]:
    return re.findall(r'id="open-(SC\d+)"', html)


def neighbour(html: str, rel: str) -> str | None:
    found = re.search(rf'<a href="([^"]+)" rel="{rel}"', html)
    return found[1].replace("&amp;", "&") if found else None


async def walked(browser: Browser, address: str | None, rel: str) -> list[list[str]]:
    pages = []
    while address:
        answer = await browser.get(address, headers=HTMX)
        assert answer.status_code == 200
        pages.append(references(answer.text))
        assert len(pages) < 60, "the pages go round in a circle"
        address = neighbour(answer.text, rel)
    return pages


def _one_of(*values: str) -> st.SearchStrategy[str]:
    """A filter's values; most filters are left alone."""
    return st.one_of(st.just(""), st.just(""), st.sampled_from(values))


FILTERS = st.builds(
    Filters,
    folder=st.sampled_from(FOLDERS),
    q=_one_of("gate", "lane", "boiler road", "1090000000010", "urgent", "team"),
    side=_one_of("sent", "received"),
    process=_one_of("PT0130", "PT0101", "Electricity Disconnection"),
    company=_one_of("Northgrid Networks", "Calder Home Energy"),  # and people by name, until their ids are known
    owner=_one_of("me", "none", "Ben Carter"),
    person=_one_of("Ben Carter", "Mo Sheikh"),
    level=_one_of("1", "2", "3"),
    tag=_one_of("urgent", "Team Red"),
    due=_one_of(*DUES),
)


@pytest.mark.spec("SD 11.1(a)f")
@pytest.mark.spec("SD 11.1(a)s")
@pytest.mark.parametrize("most_listed", [2000, 5], ids=["hits are listed", "the list is walked"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(filters=FILTERS, sort=st.sampled_from(sorted(SORTS)), way=st.sampled_from(("up", "down")))
async def test_every_filter_with_every_order_page_by_page(
    asha: Browser, most_listed: int, filters: Filters, sort: str, way: str
) -> None:
    rows = await _rows_once()
    ids = await people()
    companies = {row["name"]: row["id"] for row in await db.fetch("SELECT id, name FROM company")}
    filters = replace(
        filters,
        company=str(companies.get(filters.company, "")),
        owner=str(ids.get(filters.owner, filters.owner)),
        person=str(ids.get(filters.person, "")),
    )
    assigned: dict[int, set[tuple[int, int]]] = {one: set() for one in ids.values()}
    for row in await db.fetch("SELECT person, process_type, level FROM assignment"):
        assigned[row["person"]].add((row["process_type"], row["level"]))
    left = slowly(rows, filters, ids["Asha Rahman"], assigned)
    left.sort(key=lambda row: (SORT_VALUES[sort](row, way == "down"), row.id), reverse=way == "down")
    before, searching.MOST_LISTED = searching.MOST_LISTED, most_listed
    try:
        with clock.at(NOW):
            address = str((await asha.get(LIST, params={**filters.words(), "sort": sort, "direction": way})).url)
            pages = await walked(asha, address, "next")
            assert [one for page in pages for one in page] == [row.reference for row in left]
            assert all(len(page) == 7 for page in pages[:-1])
            last = await _last_of(asha, address)
            assert await walked(asha, last, "prev") == list(reversed(pages))
    finally:
        searching.MOST_LISTED = before


@pytest.mark.parametrize("due", DUES)
async def test_when_and_from_whom_a_response_is_due(asha: Browser, due: str) -> None:
    rows = await _rows_once()
    left = slowly(rows, Filters(due=due), 0, {})
    assert 0 < len(left) < len([row for row in rows if row.due and not row.archived])
    with clock.at(NOW):
        pages = await walked(asha, f"{LIST}?due={due}", "next")
    assert {one for page in pages for one in page} == {row.reference for row in left}


async def _rows_once() -> list[Listed]:
    """The same rows for every example: made with the first, in the test's own transaction."""
    kept = await db.fetch("SELECT count(*) AS n FROM communication")
    if not kept[0]["n"]:
        await db.fetch("UPDATE person SET page_size = 7 WHERE name = 'Asha Rahman'")
        # what is assigned at one level only
        await db.fetch(
            "DELETE FROM assignment WHERE level <> 2 AND person = (SELECT id FROM person WHERE name = 'Ben Carter')"
        )
        _kept[:] = await listed(50)
    return _kept


_kept: list[Listed] = []


async def _last_of(browser: Browser, address: str) -> str:
    while following := neighbour((await browser.get(address, headers=HTMX)).text, "next"):
        address = following
    return address
