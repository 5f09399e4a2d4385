"""One act on many ticked rows: each by itself, and the page says of each what became of it (SD 11.1(b), SL 9)."""

import csv
import re
from html import unescape
from io import BytesIO, StringIO
from zipfile import ZipFile

import httpx
import pytest

from sdes.kit import db
from sdes.kit.errors import Refused
from sdes.sdep.actions import bulk
from sdes.sdep.actions.tagging import add_tag as add_tag_to
from sdes.sdep.ticks import Tick
from sdes.sdep.views import CommunicationView
from tests.support.communications import replied, sent, told
from tests.support.handling import LIST, act, add_tag, archive, events, party, person_id, unassign
from tests.support.people import Browser

pytestmark = pytest.mark.anyio

BRIGHTWATT = "Brightwatt Energy"
CAME = "Message 2 has come since you opened the page. Read it before you archive."
NOT_YOURS = "There is no such communication, or it is not one of yours."


def boxes(page: httpx.Response) -> dict[str, str]:
    """The boxes of a list, by reference."""
    values = re.findall(r'<input type="checkbox" name="tick" form="bulk" value="([^"]*)">', page.text)
    return {value.partition("-")[0]: value for value in values}


async def ticks(browser: Browser, *references: str) -> list[str]:
    """The boxes of these rows, as the list shows them."""
    found = boxes(await browser.get(LIST))
    return [found[reference] for reference in references]


def outcomes(page: httpx.Response) -> dict[str, str]:
    """What the page of the result says of each row."""
    assert page.status_code == 200, told(page)
    rows = re.findall(r'<tr role="row">\n  <td.*?</tr>', page.text, re.DOTALL)
    words = [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in row.split("</td>")[:3]] for row in rows]
    return {unescape(reference): unescape(text) for reference, _, text in words}


async def owner_of(reference: str) -> str | None:
    name: str | None = (await party(reference, BRIGHTWATT))["owner_name"]
    return name


@pytest.mark.spec("SD 11.1(b)i")
async def test_taken_handed_on_and_released_together(asha: Browser) -> None:
    both = [await sent(asha), await sent(asha)]
    page = await act(asha, "take", await ticks(asha, *both))
    assert outcomes(page) == dict.fromkeys(both, "Done You own it now.")
    assert "Done for all 2" in page.text
    asked = await act(asha, "assign", await ticks(asha, *both))
    assert asked.status_code == 200
    assert await owner_of(both[0]) == "Asha Rahman", "nothing is done before somebody is chosen"
    carried = re.findall(r'name="tick" value="([^"]*)"', asked.text)
    ben = await person_id("Ben Carter")
    assert f'<option value="{ben}">Ben Carter</option>' in asked.text
    page = await act(asha, "person", carried, person=str(ben))
    assert outcomes(page) == dict.fromkeys(both, "Done Ben Carter owns it now, and is told.")
    assert outcomes(await act(asha, "release", await ticks(asha, *both))) == dict.fromkeys(
        both, "Done Nobody owns it now."
    )


async def test_a_row_that_is_refused_hinders_no_other(asha: Browser, ben: Browser, nils: Browser) -> None:
    first, second, third, fourth = [await sent(asha) for _ in range(4)]
    ticked = await ticks(asha, fourth, third, second, first)
    await ben.post(f"{LIST}/{first}/owner", {"take": "1"})
    await db.fetch(
        "DELETE FROM communication_party p USING communication c WHERE c.id = p.communication AND reference = $1", third
    )
    page = await act(asha, "take", [*ticked, "SC99999999-1-"])
    assert outcomes(page) == {
        fourth: "Done You own it now.",
        third: f"Not done {NOT_YOURS}",
        second: "Done You own it now.",
        first: "Not done Ben Carter has become its owner meanwhile. Reload the page to see the latest.",
        "SC99999999": f"Not done {NOT_YOURS}",
    }
    assert list(outcomes(page)) == [fourth, third, second, first, "SC99999999"], "in the order of the list"
    assert "Done for 2 of 5" in page.text
    assert "3 were left as before" in page.text
    assert [await owner_of(one) for one in (fourth, second, first)] == ["Asha Rahman", "Asha Rahman", "Ben Carter"]
    assert [event[0] for event in await events(first)].count("sdep.owner.taken") == 1


async def test_what_a_refused_row_has_begun_is_undone(asha: Browser) -> None:
    reference = await sent(asha)
    actor = await asha.actor()

    async def begin_and_refuse(view: CommunicationView, tick: Tick) -> str:
        await add_tag_to(actor, view, "half done")
        raise Refused("Not this one.")

    (outcome,) = await bulk.each(actor, [Tick(reference, 1, None)], begin_and_refuse)
    assert (outcome.is_done, outcome.text) == (False, "Not this one.")
    assert list((await party(reference, BRIGHTWATT))["tags"]) == []
    assert "sdep.tag.added" not in [event[0] for event in await events(reference)]


@pytest.mark.spec("SD 14.2")
async def test_archived_together_after_the_warning(asha: Browser, nils: Browser) -> None:
    first, second, third = [await sent(asha) for _ in range(3)]
    ticked = await ticks(asha, first, second, third)
    warning = await act(asha, "archive", ticked)
    assert "This also archives them for the other companies." in warning.text
    assert (await party(first, BRIGHTWATT))["archived_at"] is None
    await replied(nils, second)
    await archive(nils, third)
    assert outcomes(await act(asha, "archived", ticked)) == {
        first: "Done Archived, for Northgrid Networks too.",
        second: f"Not done {CAME}",
        third: "Not done It is archived already.",
    }
    assert (await party(first, "Northgrid Networks"))["archived_at"] is not None
    assert (await party(second, BRIGHTWATT))["archived_at"] is None


@pytest.mark.spec("SD 11.1(b)v")
async def test_tags_are_added_and_removed_together(asha: Browser) -> None:
    first, second = await sent(asha), await sent(asha, tag="Crew 9")
    ticked = await ticks(asha, first, second)
    asked = await act(asha, "tags", ticked)
    assert "They have: " in asked.text
    assert outcomes(await act(asha, "tag", ticked, tag="crew 9")) == {
        first: "Done Search tag crew 9 added.",
        second: "Not done It has the search tag Crew 9 already.",
    }
    page = await act(asha, "untag", ticked, tag="CREW 9")
    assert outcomes(page) == {first: "Done Search tag crew 9 removed.", second: "Done Search tag Crew 9 removed."}


@pytest.mark.spec("SD 11.1(b)vii")
@pytest.mark.spec("SL 9")
async def test_transcripts_come_as_one_zip_each_recorded(asha: Browser, nils: Browser) -> None:
    first, second = await sent(asha, text="=cmd"), await sent(asha, subject="Other")
    await replied(nils, second, "An answer.")
    answer = await act(asha, "transcripts", [*await ticks(asha, first, second), "SC99999999-1-"])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    with ZipFile(BytesIO(answer.content)) as archive_file:
        texts = {name: archive_file.read(name).decode("utf-8-sig") for name in archive_file.namelist()}
    assert list(texts) == [f"{first}-transcript.csv", f"{second}-transcript.csv", "contents.csv"]
    for reference in (first, second):
        assert texts[f"{reference}-transcript.csv"] == (
            await asha.get(f"{LIST}/{reference}/transcript.csv")
        ).content.decode("utf-8-sig")
        assert [event[0] for event in await events(reference)].count("sdep.transcript.downloaded") == 2
    assert list(csv.reader(StringIO(texts["contents.csv"])))[1:] == [
        [first, "Disconnection at 4 Mill Lane", f"{first}-transcript.csv", ""],
        [second, "Other", f"{second}-transcript.csv", ""],
        ["SC99999999", "", "", NOT_YOURS],
    ]


async def test_all_of_the_page_means_what_the_page_has_shown(asha: Browser) -> None:
    both = [await sent(asha), await sent(asha)]
    page = await asha.get(LIST)
    shown = re.findall(r'name="shown" value="([^"]*)"', page.text)
    assert set(shown) == set(boxes(page).values())
    later = await sent(asha)
    answer = await act(asha, "take", shown[:1], all="on", shown=shown)
    assert set(outcomes(answer)) == set(both)
    assert await owner_of(later) is None


@pytest.mark.parametrize(
    ("what", "fields", "sentence"),
    [
        ("person", {"person": ""}, "Choose who shall own them"),
        ("person", {"person": "x"}, "Choose a person from the list"),
        ("tag", {"tag": " "}, "Enter a search tag"),
        ("tag", {"tag": "x" * 61}, "Shorten the search tag to 60 characters. It has 61."),
        ("untag", {"tag": ""}, "Enter a search tag"),
        ("", {}, "Choose what to do with the ticked communications."),
        ("delete", {}, "Choose what to do with the ticked communications."),
    ],
)
async def test_a_bad_form_comes_back_and_does_nothing(
    asha: Browser, what: str, fields: dict[str, str], sentence: str
) -> None:
    reference = await sent(asha, tag="kept")
    ticked = await ticks(asha, reference)
    before = await events(reference)
    answer = await act(asha, what, ticked, **fields)
    assert (answer.status_code, told(answer)) == (422, [sentence])
    if what in ("person", "tag", "untag"):
        assert f'name="tick" value="{ticked[0]}"' in answer.text, "what was ticked stays ticked"
        assert f'value="{fields["tag"]}"' in answer.text if fields.get("tag", "").strip() else True
    assert await events(reference) == before


@pytest.mark.parametrize(
    "tick", ["SC1", "SC00000001", "SC00000001-1-x", "SC00000001-x-", "%", "SC00000001--1", "\u0661"]
)
async def test_a_broken_box_is_told(asha: Browser, tick: str) -> None:
    answer = await act(asha, "take", [tick])
    assert answer.status_code == 422
    assert told(answer) == ["The ticked rows could not be read. Go back to the list and tick them again."]


async def test_nothing_ticked_and_too_much_ticked(asha: Browser) -> None:
    answer = await act(asha, "take", [], next=f"{LIST}?folder=mine")
    assert answer.status_code == 422
    assert told(answer) == ["Nothing was ticked. Go back to the list and tick at least one communication."]
    assert f'href="{LIST}?folder=mine"' in answer.text
    assert (await act(asha, "take", [f"SC{n:08}-1-" for n in range(201)])).status_code == 422


async def test_the_same_row_twice_is_one(asha: Browser) -> None:
    reference = await sent(asha)
    ticked = await ticks(asha, reference)
    assert outcomes(await act(asha, "take", ticked * 3)) == {reference: "Done You own it now."}


async def test_strangers_and_colleagues_of_other_processes_change_nothing(
    asha: Browser, ben: Browser, otto: Browser, mei: Browser
) -> None:
    reference = await sent(asha)
    await add_tag(asha, reference, "ours")
    ticked = await ticks(asha, reference)
    await unassign("Ben Carter", reference)
    before = await events(reference)
    for browser in (otto, ben):
        for what in ("take", "release", "archived", "person", "tag", "untag"):
            fields = {"tag": "ours", "person": str(await person_id("Ben Carter"))}
            page = await act(browser, what, ticked, **fields)
            assert outcomes(page) == {reference: f"Not done {NOT_YOURS}"}
            assert "Mill Lane" not in page.text
        for what in ("assign", "tags", "archive"):
            page = await act(browser, what, ticked)
            assert "1 of them no longer exist" in page.text
            assert "Mill Lane" not in page.text
            assert "ours<" not in page.text
        answer = await act(browser, "transcripts", ticked)
        with ZipFile(BytesIO(answer.content)) as archive_file:
            assert archive_file.namelist() == ["contents.csv"]
            assert b"Mill Lane" not in archive_file.read("contents.csv")
    assert (await act(mei, "take", ticked)).status_code == 403
    assert await events(reference) == before
    assert list((await party(reference, BRIGHTWATT))["tags"]) == ["ours"]


async def test_the_archive_offers_no_archiving(asha: Browser) -> None:
    await archive(asha, await sent(asha))
    page = (await asha.get(f"{LIST}?folder=archive")).text
    assert 'name="act" value="take"' in page
    assert 'name="act" value="archive"' not in page
