"""Search tags of one's own company: added, removed, bounded, and never the other company's to see (SD 11.1(b)v)."""

import pytest

from sdes.kit import db
from sdes.sdep.forms import CLEANED
from tests.support.communications import count, post_reply, replied, sent, told
from tests.support.handling import LIST, add_tag, archive, events, party, unassign
from tests.support.people import HTMX, Browser

pytestmark = pytest.mark.anyio

ODD = "zebrafish"


async def tags_of(reference: str, company: str = "Brightwatt Energy") -> list[str]:
    return list((await party(reference, company))["tags"])


@pytest.mark.spec("SD 11.1(b)v")
async def test_tags_are_added_found_and_removed(asha: Browser, ben: Browser) -> None:
    reference = await sent(asha)
    answer = await add_tag(asha, reference, f"  {ODD}   9 ")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{LIST}/{reference}#tags")
    assert f"{ODD} 9" in (await ben.get(f"{LIST}/{reference}")).text, "a colleague sees it"
    assert reference in (await ben.get(f"{LIST}?q={ODD}")).text
    assert (await asha.post(f"{LIST}/{reference}/tags/removal", {"tag": f"{ODD} 9"})).status_code == 303
    assert await tags_of(reference) == []
    assert f'href="{LIST}/{reference}"' not in (await ben.get(f"{LIST}?q={ODD}")).text
    said = [event for event in await events(reference) if event[0].startswith("sdep.tag")]
    assert said == [("sdep.tag.added", "", 1), ("sdep.tag.removed", "", 1)], "the log outlives the tag: not its words"


@pytest.mark.spec("SD 11.1(b)v")
async def test_the_other_company_never_learns_of_them(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    await add_tag(asha, reference, ODD)
    await replied(asha, reference, "More.", tag=f"{ODD} two")
    assert await tags_of(reference, "Northgrid Networks") == []
    seen = (f"{LIST}/{reference}", f"{LIST}/{reference}/audit", f"{LIST}/{reference}/transcript.csv", f"{LIST}?q={ODD}")
    for path in seen:
        text = (await nils.get(path)).text
        assert ODD not in text.replace(f'value="{ODD}"', "").replace(f"q={ODD}", "").replace(f"“{ODD}”", "").replace(
            f">{ODD}</b>", ""
        ), path
        assert "search tag</p>" not in text
    for path in ("", "/audit"):
        assert "earch tag added" not in (await nils.get(f"{LIST}/{reference}{path}")).text
    assert f'href="{LIST}/{reference}"' not in (await nils.get(f"{LIST}?q={ODD}")).text
    assert f'href="{LIST}/{reference}"' in (await asha.get(f"{LIST}?q={ODD}")).text


async def test_each_company_has_its_own(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha, tag="ours")
    await add_tag(nils, reference, "ours")
    await asha.post(f"{LIST}/{reference}/tags/removal", {"tag": "ours"})
    assert (await tags_of(reference), await tags_of(reference, "Northgrid Networks")) == ([], ["ours"])


@pytest.mark.parametrize(
    ("tag", "sentence"),
    [
        ("", "Enter a search tag"),
        ("\u200b\u2060 ", "Enter a search tag"),
        ("x" * 61, "Shorten the search tag to 60 characters. It has 61."),
        ("a\x07b", f"The search tag {CLEANED}"),
        ("CREW nine", "It has the search tag crew Nine already."),
        ("ｃｒｅｗ nine", "It has the search tag crew Nine already."),
    ],
)  # fmt: skip
@pytest.mark.parametrize("headers", [{}, HTMX])
async def test_a_bad_tag_comes_back_with_its_words(
    asha: Browser, tag: str, sentence: str, headers: dict[str, str]
) -> None:
    reference = await sent(asha, tag="crew Nine")
    answer = await add_tag(asha, reference, tag, headers=headers)
    assert answer.status_code == 422
    assert told(answer) == [sentence]
    if not headers:
        assert "<title>Error: " in answer.text
    assert f'value="{tag.strip()}"' in answer.text or not tag.strip("\u200b\u2060 ") or "\x07" in tag
    assert answer.text.strip().startswith('<section class="panel" id="tags"' if headers else "<!doctype html>")
    assert await tags_of(reference) == ["crew Nine"]


async def test_twenty_are_the_most_and_a_reply_with_one_more_is_kept_as_a_draft(asha: Browser) -> None:
    reference = await sent(asha)
    for number in range(20):
        assert (await add_tag(asha, reference, f"job {number}")).status_code == 303
    more = "It has 20 search tags, the most that are kept. Remove one before you add another."
    answer = await add_tag(asha, reference, "job 20")
    assert (answer.status_code, more in answer.text) == (422, True)
    answer = await post_reply(asha, reference, "Kept words.", tag="job 20")
    assert (answer.status_code, told(answer)) == (409, [f"{more} What you typed is kept as a draft."])
    assert await count("message") == 1
    await replied(asha, reference, "Goes out.", tag="JOB 19")
    assert len(await tags_of(reference)) == 20


@pytest.mark.parametrize("tag", ["%", "'", "\\", "';--", "<b>&", "{}", "x" * 60])
async def test_odd_characters_are_only_characters(asha: Browser, tag: str) -> None:
    reference = await sent(asha)
    assert (await add_tag(asha, reference, tag)).status_code == 303
    assert await tags_of(reference) == [tag]
    assert "<b>&" not in (await asha.get(f"{LIST}/{reference}")).text
    assert (await asha.post(f"{LIST}/{reference}/tags/removal", {"tag": tag})).status_code == 303
    assert await tags_of(reference) == []


async def test_removing_what_is_not_there_is_refused(asha: Browser, ben: Browser) -> None:
    reference = await sent(asha, tag="once")
    path = f"{LIST}/{reference}/tags/removal"
    assert [(await browser.post(path, {"tag": "once"})).status_code for browser in (asha, ben)] == [303, 409]
    answer = await ben.post(path, {"tag": ""})
    assert (answer.status_code, told(answer)) == (409, ["It does not have that search tag."])


async def test_strangers_and_colleagues_of_other_processes_find_nothing(
    asha: Browser, ben: Browser, otto: Browser, mei: Browser
) -> None:
    reference = await sent(asha, tag="ours")
    await unassign("Ben Carter", reference)
    for browser, status in ((otto, 404), (ben, 404), (mei, 403)):
        assert (await add_tag(browser, reference, "theirs")).status_code == status
        removal = await browser.post(f"{LIST}/{reference}/tags/removal", {"tag": "ours"})
        assert removal.status_code == status
    assert await tags_of(reference) == ["ours"]


async def test_htmx_gets_the_panel_with_the_field_in_focus(asha: Browser) -> None:
    reference = await sent(asha)
    answer = await add_tag(asha, reference, ODD, headers=HTMX)
    assert answer.text.strip().startswith(f'<section class="panel" id="tags" data-announce="Search tag {ODD} added."')
    assert answer.text.count("data-focus") == 1


async def test_an_archived_one_can_still_be_tagged(asha: Browser) -> None:
    reference = await sent(asha)
    await archive(asha, reference)
    assert (await add_tag(asha, reference, ODD)).status_code == 303
    (row,) = await db.fetch("SELECT archived_at FROM communication WHERE reference = $1", reference)
    assert row["archived_at"] is not None
