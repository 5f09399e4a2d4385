"""One communication: its tabs, its audit history, and what is not there for whom (SD 11.1(b))."""

import pytest

from sdes.kit import db
from tests.support.communications import replied, sent, told
from tests.support.people import Browser

pytestmark = pytest.mark.anyio

PAGE = "/sdep/communications/"


@pytest.mark.spec("SD 11.1(b)ii")
async def test_the_audit_history_tells_all_that_was_done(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    await nils.get(PAGE + reference)
    await replied(nils, reference)
    await asha.get(f"{PAGE}{reference}/transcript.csv")
    page = (await nils.get(f"{PAGE}{reference}/audit")).text
    for words in ("Sent", "Level 1, to Northgrid Networks", "Viewed", "Message added", "Message 2, level 1"):
        assert words in page
    assert "Transcript downloaded" in page
    order = [page.index(words) for words in ("Transcript downloaded", "Message added", "Level 1, to Northgrid")]
    assert order == sorted(order), "newest first"


async def test_the_tabs_count_what_they_hold(asha: Browser) -> None:
    reference = await sent(asha, [("a.txt", b"a"), ("b.txt", b"b")])
    await replied(asha, reference)
    for tab in ("", "/attachments", "/audit"):
        page = (await asha.get(PAGE + reference + tab)).text
        assert 'Messages <span class="n">2</span>' in page
        assert 'Attachments <span class="n">2</span>' in page
        assert 'Audit history <span class="n">3</span>' in page
        assert page.count('aria-current="page"') >= 1


async def test_without_attachments_the_tab_says_so(asha: Browser) -> None:
    reference = await sent(asha)
    assert "No attachments" in (await asha.get(f"{PAGE}{reference}/attachments")).text


@pytest.mark.parametrize(
    "reference", ["SC00000000", "sc02000001", "x", "%00", "SC%00", "%F0%9F%98%80", "..%2f..", "x" * 3000]
)
async def test_what_does_not_exist_is_not_found(asha: Browser, reference: str) -> None:
    for tab in ("", "/attachments", "/audit", "/transcript.csv", "/attachments.zip", "/messages/1/files"):
        answer = await asha.get(PAGE + reference + tab)
        assert answer.status_code == 404, tab
        assert told(answer)
    assert (await asha.post(f"{PAGE}{reference}/messages", {"text": "x"})).status_code == 404
    assert (await asha.post("/sdep/drafts/" + "0" * 32, {"reference": "SC\x00"})).status_code == 404


@pytest.mark.spec("SD 9.2(e)")
async def test_a_colleague_without_the_process_finds_nothing_of_it(asha: Browser, ben: Browser) -> None:
    reference = await sent(asha, subject="Assigned people only")
    assert "Assigned people only" in (await ben.get("/sdep/communications")).text
    await db.fetch(
        "DELETE FROM assignment a USING process_type t, person p WHERE t.id = a.process_type AND t.code = 'PT0130'"
        " AND p.id = a.person AND p.name = 'Ben Carter'"
    )
    assert "Assigned people only" not in (await ben.get("/sdep/communications")).text
    assert (await ben.get(PAGE + reference)).status_code == 404


async def test_an_archived_one_says_until_when_it_stays(asha: Browser) -> None:
    reference = await sent(asha)
    await db.fetch("UPDATE communication SET archived_at = last_message_at")
    await db.fetch("UPDATE communication_party SET archived_at = last_message_at")
    page = (await asha.get(PAGE + reference)).text
    assert "Archived" in page
    assert "<dt>Deletes</dt>" in page
    assert "<dt>Archives</dt>" not in page
    assert "clock--" not in page
