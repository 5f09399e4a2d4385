"""Search in the list: subject, message text, own tags, data items, identifiers however spaced, references."""

import re

import pytest

from sdes.kit import db
from sdes.sdep.queries import searching
from sdes.sdep.routes.lists import listing
from tests.support.communications import MPAN, replied, sent
from tests.support.people import HTMX, Browser

pytestmark = [pytest.mark.anyio, pytest.mark.spec("SD 11.1(a)s")]

LIST = "/sdep/communications"


async def found(browser: Browser, words: str, **more: str) -> list[str]:
    """The references that a search lists."""
    answer = await browser.get(LIST, params={"q": words, **more})
    assert answer.status_code == 200, answer.text[:500]
    return re.findall(r'id="open-(SC\d+)"', answer.text)


async def test_subject_text_of_any_message_tags_and_data_items(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha, subject="Fuse at Mill Lane", text="The cutout is warm.", tag="Project Heron")
    await sent(asha, subject="Something else", text="Nothing to see.", mpan="2000000000006")
    await replied(nils, reference, "Our engineer has visited the premises.")
    for words in ("fuse", "MILL lane", "cutout", "heron", "project heron", MPAN, "engineer", "premises fuse", "visit"):
        assert await found(asha, words) == [reference], words
    assert await found(asha, "fuse nothing") == [], "all words must be there"


@pytest.mark.parametrize("words", [MPAN, "10 9000 0000 010", " 10-9000-0000-010 ", "10 90000000 010", "109000000001"])
async def test_an_identifier_is_found_however_it_is_spaced(asha: Browser, words: str) -> None:
    reference = await sent(asha, mpan=MPAN)
    assert await found(asha, words) == [reference]


async def test_an_identifier_in_a_text_and_a_meter_serial_number(asha: Browser) -> None:
    reference = await sent(asha, text="The supply 10 9000 0000 010 with meter S95A12345.", mpan="2000000000006")
    for words in (MPAN, "10 9000 0000 010", "S95A12345", "s95a 12345", "S95A-12345"):
        assert await found(asha, words) == [reference], words


async def test_the_last_word_may_be_only_begun(asha: Browser) -> None:
    reference = await sent(asha, subject="Disconnection refused by the customer")
    assert await found(asha, "customer disconn") == [reference]
    assert await found(asha, "disconn customer") == []
    assert await found(asha, "zx") == []


async def test_tags_are_found_by_their_own_company_alone(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha, subject="Mill Lane", tag="kestrelonly")
    await replied(nils, reference, "Yes.", tag="osprey only")
    assert await found(asha, "kestrelonly") == [reference]
    assert await found(nils, "osprey") == [reference]
    assert await found(nils, "kestrelonly") == []
    assert await found(asha, "osprey") == []
    assert await found(nils, "", tag="kestrelonly") == []
    assert await found(asha, "", tag="kestrelonly") == [reference]


async def test_words_of_others_are_never_found(asha: Browser, otto: Browser, cleo: Browser) -> None:
    await sent(asha, subject="Peregrine", text="Falcon", tag="merlin")
    for stranger in (otto, cleo):
        for words in ("peregrine", "falcon", "merlin", MPAN, "peregr"):
            assert await found(stranger, words) == []


async def test_only_among_the_processes_of_the_person(asha: Browser, ben: Browser) -> None:
    reference = await sent(asha, subject="Peregrine")
    assert await found(ben, "peregrine") == [reference]
    await db.fetch("DELETE FROM assignment WHERE person = (SELECT id FROM person WHERE name = 'Ben Carter')")
    assert await found(ben, "peregrine") == []


@pytest.mark.parametrize("most", [2000, 0], ids=["hits are listed", "the list is walked"])
async def test_words_that_are_rare_and_words_that_are_not(
    asha: Browser, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(searching, "MOST_LISTED", most)
    reference = await sent(asha, subject="Peregrine")
    await sent(asha, subject="Buzzard")
    assert await found(asha, "peregrine") == [reference]
    assert await found(asha, "peregrine", folder="archive") == []


@pytest.mark.parametrize("typed", ["{}", "  {}  ", "sc {}", "SC{}", "Sc{} "])
async def test_a_reference_leads_straight_there(asha: Browser, nils: Browser, typed: str) -> None:
    reference = await sent(asha)
    words = typed.format(reference[2:] if typed.lower().startswith("sc") else reference)
    for browser in (asha, nils):
        answer = await browser.get(LIST, params={"q": words, "folder": "archive", "page": "x"})
        assert answer.status_code == 303
        assert answer.headers["location"] == f"{LIST}/{reference}"
    live = await asha.get(LIST, params={"q": words}, headers=HTMX)
    assert live.status_code == 204
    assert live.headers["HX-Redirect"] == f"{LIST}/{reference}"


async def test_a_reference_that_is_not_ones_own_is_no_match(asha: Browser, otto: Browser) -> None:
    reference = await sent(asha)
    for browser, words in ((otto, reference), (asha, "SC09999999")):
        answer = await browser.get(LIST, params={"q": words})
        assert answer.status_code == 200
        assert "No communications match" in answer.text


async def test_no_match_names_what_was_searched_and_leads_on(asha: Browser) -> None:
    reference = await sent(asha, subject="Peregrine")
    await db.fetch("UPDATE communication SET archived_at = last_message_at")
    page = (await asha.get(LIST, params={"q": "peregrine", "side": "sent"})).text
    assert "No subject, message text, tag or data item here has the words “peregrine”" in page
    assert f'<a class="btn" href="{LIST}">Clear</a>' in page
    archive = f"{LIST}?folder=archive&amp;q=peregrine&amp;side=sent"
    assert f'href="{archive}">1 in the archive</a>' in page
    assert reference in (await asha.get(archive.replace("&amp;", "&"))).text


async def test_hits_in_the_other_place_are_told(asha: Browser, otto: Browser) -> None:
    rested = [await sent(asha, subject="Peregrine one"), await sent(asha, subject="Peregrine two")]
    await db.fetch("UPDATE communication SET archived_at = last_message_at")
    active = await sent(asha, subject="Peregrine three")
    page = (await asha.get(LIST, params={"q": "peregrine", "due": "today"})).text
    assert f'href="{LIST}?folder=archive&amp;q=peregrine">2 in the archive</a>' in page, "nothing is due in the archive"
    page = (await asha.get(LIST, params={"q": "peregrine"})).text
    assert f'href="{LIST}?folder=archive&amp;q=peregrine">2 more in the archive</a>' in page
    assert active in page
    page = (await asha.get(LIST, params={"q": "peregrine", "folder": "archive"}, headers=HTMX)).text
    assert f'href="{LIST}?q=peregrine">1 more in active</a>' in page
    assert all(reference in page for reference in rested)
    assert (
        f'href="{LIST}?q=three">1 in active</a>'
        in (await asha.get(LIST, params={"q": "three", "folder": "archive"})).text
    )
    for browser, params in ((asha, {"q": "zebra"}), (asha, {}), (otto, {"q": "peregrine"})):
        page = (await browser.get(LIST, params=params)).text
        assert " in the archive</a>" not in page
        assert "Search the archive" not in page


async def test_more_hits_than_are_counted(asha: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST_ELSEWHERE", 2)
    for _ in range(3):
        await sent(asha, subject="Peregrine")
    await db.fetch("UPDATE communication SET archived_at = last_message_at")
    assert ">1+ in the archive</a>" in (await asha.get(LIST, params={"q": "peregrine"})).text


async def test_what_is_found_too_often_is_not_counted(asha: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "MOST_LISTED", 0)
    await sent(asha, subject="Peregrine")
    page = (await asha.get(LIST, params={"q": "peregrine", "folder": "archive"})).text
    assert f'href="{LIST}?q=peregrine">Search active</a>' in page


async def test_digits_alone_are_a_reference_where_there_is_one(asha: Browser, otto: Browser) -> None:
    reference = await sent(asha)
    for words in (reference[2:], f"{reference[2:6]} {reference[6:]}"):
        assert (await asha.get(LIST, params={"q": words})).headers["location"] == f"{LIST}/{reference}"
        assert (await otto.get(LIST, params={"q": words})).status_code == 200
    for words, told in (("sc 0900 9999", True), ("09009999", False)):
        page = (await asha.get(LIST, params={"q": words})).text
        assert ("There is no communication SC09009999 among yours." in page) is told


@pytest.mark.parametrize(
    "words", ["%", "'", "\\", "\0", "_", "''; --", "%' OR 1=1", "&|!:*()<->", "a'b\\c", "\\'", "ﬁ", "😀"]
)
async def test_odd_characters_are_only_words(asha: Browser, words: str) -> None:
    await sent(asha, subject="Peregrine")
    answer = await asha.get(LIST, params={"q": words})
    assert answer.status_code == 200
    assert ("Nothing was searched for" in answer.text) != ("No communications match" in answer.text) or words == "\0"


async def test_words_that_are_everywhere_are_told_to_be_too_common(asha: Browser) -> None:
    await sent(asha)
    page = (await asha.get(LIST, params={"q": "the of and"})).text
    assert "these words are in nearly every text" in page
    assert 'value="the of and"' in page, "what was typed stays"


async def test_ten_thousand_characters_are_too_many_and_stay_in_the_field(asha: Browser) -> None:
    reference = await sent(asha)
    long = "boiler " * 1428 + "end."
    answer = await asha.get(LIST, params={"q": long})
    assert answer.status_code == 200
    assert "shorten it to 200 characters. It has 10,000." in answer.text
    assert f'value="{long}"' in answer.text
    assert reference in answer.text
    live = await asha.get(LIST, params={"q": long}, headers=HTMX)
    assert live.headers["HX-Push-Url"] == LIST
    assert await found(asha, "disconnection " + "x" * 186) == []
