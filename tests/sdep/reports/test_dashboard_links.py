"""Each figure of the dashboard that is a link: it leads to as many rows as it says."""

import re
from collections.abc import AsyncIterator
from html import unescape

import pytest

from sdes.kit import clock, db
from tests.support.people import Browser, SignIn
from tests.support.reports import NOW, random_talks, reporter, store

pytestmark = pytest.mark.anyio

_ALL = """
INSERT INTO assignment (company, person, process_type, level)
SELECT p.company, p.id, l.process_type, l.number FROM person p, process_level l WHERE p.name = 'Ben Carter'
ON CONFLICT DO NOTHING
"""


@pytest.fixture
async def ben(sign_in: SignIn) -> AsyncIterator[Browser]:
    with clock.at(NOW):
        await store(random_talks(5, 60))
        await db.fetch(_ALL)
        await db.fetch("UPDATE person SET page_size = 200 WHERE name = 'Ben Carter'")
        # who spoke last says nothing of whose response is due
        await db.fetch("UPDATE communication_party SET last_direction = 'received' WHERE communication % 2 = 0")
        yield await reporter(sign_in)


def linked(html: str, path: str) -> dict[str, str]:
    """The words of each link that leads there, by its address."""
    return {unescape(href): words for href, words in re.findall(rf'<a href="({path}\?[^"]+)">([^<]+)</a>', html)}


async def test_the_list_shows_what_a_figure_counts(ben: Browser) -> None:
    links = linked((await ben.get("/sdep/reports")).text, "/sdep/communications")
    dues = {re.search(r"due=([a-z-]+)|$", href)[1] for href in links}  # type: ignore[index]
    assert dues == {"ours", "theirs", "overdue-ours", "overdue-theirs", None}
    assert any("owner=none" in href for href in links)
    for href, figure in links.items():
        page = (await ben.get(href)).text
        assert "was left out" not in page, href
        assert len(re.findall(r'id="open-SC\d+"', page)) == int(figure.replace(",", "")), href


async def test_the_late_report_shows_what_was_not_in_time(ben: Browser) -> None:
    html = (await ben.get("/sdep/reports")).text
    links = linked(html, "/sdep/reports/late")
    assert any("process=" in href for href in links)
    assert any("person=" in href for href in links)
    for href, name in links.items():
        figures = re.search(rf'>{re.escape(name)}</a></th><td class="num">(\d+)</td><td class="num">(\d+)</td>', html)
        assert figures
        page = await ben.get(href)
        assert page.status_code == 200, href
        body = page.text[page.text.rindex("<tbody") :]
        assert body.count("<tr") == int(figures[1]) - int(figures[2]), href


async def test_people_who_left_are_no_link(ben: Browser) -> None:
    await db.fetch("UPDATE person SET state = 'deleted', name = 'Deleted person' WHERE name = 'Asha Rahman'")
    html = (await ben.get("/sdep/reports")).text
    assert '<th scope="row" class="anywhere" dir="auto">Deleted person</th>' in html
