"""Saved filters: of a person, shared in the company, opened after what they name is gone (SD 11.1(a))."""

import re
from html import unescape

import pytest

from sdes.kit import db
from sdes.sdep.actions import saved_filters
from tests.support.communications import count, sent, told
from tests.support.people import Browser

pytestmark = [pytest.mark.anyio, pytest.mark.spec("SD 11.1(a)f")]

LIST = "/sdep/communications"
SAVED = "/sdep/filters"
QUERY = "folder=ours&side=sent&process=PT0130&sort=due"


async def saved(browser: Browser, name: str = "My gas", query: str = QUERY, **more: str) -> int:
    """Saves a filter and gives its id."""
    answer = await browser.post(SAVED, {"name": name, "query": query, **more})
    assert answer.status_code == 303, told(answer)
    return int(answer.headers["location"].rpartition("=")[2])


def beside(html: str) -> dict[str, str]:
    """The saved filters of the side column: name and address."""
    column = html[html.index('<nav class="side"') :]
    column = column[: column.index("</nav>")]
    _, _, lines = column.partition("Saved filters</h2>")
    found = re.findall(r'<a class="anywhere" id="side-\d+" href="([^"]+)"[^>]*>(.*?)(?:<svg|</a>)', lines)
    return {unescape(name): unescape(href) for href, name in found}


def references(html: str) -> list[str]:
    return re.findall(r'id="open-(SC\d+)"', html)


async def test_a_list_is_saved_and_opened_again(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    assert (
        f'href="{SAVED}/new?process=PT0130&amp;sort=due"'
        in (await asha.get(LIST, params={"process": "PT0130", "sort": "due", "page": "x"})).text
    )
    page = (await asha.get(f"{SAVED}/new?process=PT0130&sort=due&page=x&next=y")).text
    assert 'name="query" value="process=PT0130&amp;sort=due"' in page
    assert "Electricity Disconnection - General Query" in page
    number = await saved(asha, "Cut off", "process=PT0130&sort=due&nonsense=1")
    href = f"{LIST}?process=PT0130&sort=due&saved={number}"
    assert beside((await asha.get(LIST)).text) == {"Cut off": href}
    opened = (await asha.get(href)).text
    assert re.search(r'<h1[^>]*id="list-h"[^>]*>Cut off</h1>', opened)
    assert references(opened) == [reference]
    assert opened.count('aria-current="page"') == 1
    assert beside((await nils.get(LIST)).text) == {}


async def test_it_is_ones_own_until_it_is_shared(asha: Browser, ben: Browser, otto: Browser) -> None:
    number = await saved(asha, "Mine alone")
    assert beside((await ben.get(LIST)).text) == {}
    assert (await ben.get(f"{SAVED}/{number}")).status_code == 404
    changed = await asha.post(f"{SAVED}/{number}", {"name": "For all", "is_shared": "on"})
    assert changed.status_code == 303
    assert list(beside((await ben.get(LIST)).text)) == ["For all"]
    assert "shared by Asha Rahman" in (await ben.get(LIST)).text
    assert beside((await otto.get(LIST)).text) == {}
    await asha.post(f"{SAVED}/{number}", {"name": "For all"})
    assert beside((await ben.get(LIST)).text) == {}, "no longer"


async def test_a_colleagues_is_read_only_and_says_whose(asha: Browser, ben: Browser) -> None:
    number = await saved(asha, "For all", is_shared="on")
    page = (await ben.get(f"{SAVED}/{number}")).text
    assert "Only Asha Rahman, whose filter this is, can change or delete it." in page
    assert "Delete" not in page
    for path, fields in ((f"{SAVED}/{number}", {"name": "Ben was here"}), (f"{SAVED}/{number}/removal", {})):
        answer = await ben.post(path, fields)
        assert answer.status_code == 409
        assert told(answer) == ["Only Asha Rahman, whose filter this is, can change or delete it."]
    assert await count("saved_filter", "name = 'For all' AND is_shared") == 1


async def test_other_companies_find_none(asha: Browser, otto: Browser, mei: Browser) -> None:
    number = await saved(asha, "For all", is_shared="on")
    for path, send in (
        (f"{SAVED}/{number}", otto.get),
        (f"{SAVED}/{number}", otto.post),
        (f"{SAVED}/{number}/removal", otto.post),
    ):
        assert (await send(path)).status_code == 404
    assert (await mei.get(SAVED)).status_code == 403
    assert (await mei.post(SAVED, {"name": "x", "query": ""})).status_code == 403
    opened = (await otto.get(f"{LIST}?saved={number}")).text
    assert "For all" not in opened
    assert await count("saved_filter") == 1


async def test_it_is_deleted(asha: Browser) -> None:
    number = await saved(asha)
    assert (await asha.post(f"{SAVED}/{number}/removal")).status_code == 303
    assert "No saved filters" in (await asha.get(SAVED)).text
    assert (await asha.post(f"{SAVED}/{number}/removal")).status_code == 404


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "Enter a name"),
        ("  \u2800 ", "Enter a name"),
        ("x" * 61, "Shorten the name to 60 characters. It has 61."),
        ("a\0b", "The name contained characters that cannot be shown. They were removed: check it."),
        ("MY GAS", "You have a saved filter of this name. Choose another name"),
    ],
)
async def test_a_bad_name_is_told_and_what_was_typed_stays(asha: Browser, name: str, sentence: str) -> None:
    await saved(asha, "My gas")
    other = await saved(asha, "Other")
    for path, fields in ((SAVED, {"query": "side=sent", "is_shared": "on"}), (f"{SAVED}/{other}", {"is_shared": "on"})):
        answer = await asha.post(path, {"name": name, **fields})
        assert answer.status_code == 422
        assert told(answer) == [sentence]
        assert re.search(r'name="is_shared" value="on" checked', answer.text)
        assert path != SAVED or 'name="query" value="side=sent"' in answer.text
    assert await count("saved_filter", "name IN ('My gas', 'Other')") == 2 == await count("saved_filter")


async def test_two_people_may_use_one_name_and_ones_own_may_stay(asha: Browser, ben: Browser) -> None:
    number = await saved(asha, "My gas")
    await saved(ben, "My gas")
    assert (await asha.post(f"{SAVED}/{number}", {"name": "my GAS"})).status_code == 303


async def test_no_more_than_are_kept(asha: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_filters, "MOST_SAVED", 2)
    await saved(asha, "One")
    await saved(asha, "Two")
    answer = await asha.post(SAVED, {"name": "Three", "query": ""})
    assert answer.status_code == 409
    assert await count("saved_filter") == 2


async def test_what_it_names_is_gone(asha: Browser, ben: Browser) -> None:
    """A process type that was deleted, and a person who has left."""
    reference = await sent(asha)
    (row,) = await db.fetch("SELECT id FROM person WHERE name = 'Mo Sheikh'")
    await db.fetch(
        "INSERT INTO process_type (code, title, contact_type, fuel, effective_from, position)"
        " VALUES ('PT8888', 'Short-lived', 'General Query', 'E', '2021-01-01', 999)"
    )
    await db.fetch(
        "INSERT INTO assignment (company, person, process_type, level, is_default_contact)"
        " SELECT n.company, n.id, t.id, 1, false FROM person n, process_type t"
        " WHERE n.name IN ('Asha Rahman', 'Ben Carter') AND t.code = 'PT8888'"
    )
    number = await saved(asha, "Old", f"process=PT8888&owner={row['id']}&person={row['id']}&side=sent", is_shared="on")
    href = beside((await asha.get(LIST)).text)["Old"]
    assert "was left out" not in (await asha.get(href)).text
    await db.fetch("DELETE FROM assignment WHERE process_type = (SELECT id FROM process_type WHERE code = 'PT8888')")
    await db.fetch("DELETE FROM process_type WHERE code = 'PT8888'")
    await db.fetch("UPDATE person SET state = 'deleted', name = '' WHERE id = $1", row["id"])
    for browser in (asha, ben):
        for address in (href, f"{SAVED}/{number}"):
            page = (await browser.get(address)).text
            assert "“Process: PT8888” was left out" in page
            assert f"“Owner: {row['id']}” was left out" in page
            assert f"“Assigned to: {row['id']}” was left out" in page
        assert references((await browser.get(href)).text) == [reference]


async def test_odd_addresses_of_lists_are_kept_as_what_they_mean(asha: Browser) -> None:
    for n, query in enumerate(("%00", "q=" + "x" * 10_000, "folder=nowhere&side=up", "a=b&" * 2000, "q=%27%5C%25")):
        number = await saved(asha, f"Odd {n}", query)
        (row,) = await db.fetch("SELECT query FROM saved_filter WHERE id = $1", number)
        assert row["query"] == ("q=%27%5C%25" if n == 4 else "")
        assert (await asha.get(f"{LIST}?{row['query']}&saved={number}")).status_code == 200
    for odd in ("x", "-1", "9" * 30, "", "²"):
        assert (await asha.get(LIST, params={"saved": odd})).status_code == 200


async def test_who_saves_one_is_told_that_its_words_stay(asha: Browser) -> None:
    number = await saved(asha, "Mill Lane", "q=Wombatine")
    for address in (f"{SAVED}/new?q=Wombatine", f"{SAVED}/{number}"):
        assert "Its words are kept until you delete it" in (await asha.get(address)).text


@pytest.mark.spec("SD 14.4")
async def test_the_planner_remembers_nothing_of_its_words(asha: Browser) -> None:
    for number in range(20):
        await saved(asha, f"Wombatine {number}", "q=Wombatine")
    await db.fetch("ANALYZE saved_filter")
    told_of = {
        row["attname"] for row in await db.fetch("SELECT attname FROM pg_stats WHERE tablename = 'saved_filter'")
    }
    assert "person" in told_of
    assert not told_of & {"name", "query"}


async def test_a_form_without_its_token_is_refused(asha: Browser) -> None:
    assert (await asha.post(SAVED, {"name": "x", "query": "", "csrf_token": None})).status_code == 403
