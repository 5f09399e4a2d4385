"""A session that ends while somebody writes: nothing is sent, and not a word is lost."""

import re
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest

from sdes.attachments.vault import Vault
from sdes.kit import clock, db
from tests.support.communications import count, filled, post_escalation, post_new, post_reply, sent
from tests.support.people import HTMX, Browser, hidden
from tests.support.signing_in import signing_in

pytestmark = pytest.mark.anyio

LATE = timedelta(hours=1)
LIST = "/sdep/communications"
BULK = f"{LIST}/bulk"
KEPT = "Your session had ended, so nothing was sent. What you typed is kept as a draft: sign in to go on with it."


@pytest.mark.parametrize("files", [[], [("plan.txt", b"The plan.")]])
async def test_a_reply_is_kept_and_there_again_after_signing_in(
    asha: Browser, nils: Browser, vault: Vault, files: list[tuple[str, bytes]]
) -> None:
    reference = await sent(asha)
    page = f"/sdep/communications/{reference}"
    draft = hidden((await nils.get(page)).text, "draft_id")
    with clock.at(clock.now() + LATE):
        answer = await post_reply(nils, reference, "A long answer\r\nin two lines", files, draft_id=draft, tag="t1")
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/sign-in?next=%2Fsdep%2Fcommunications%2F{reference}&why=kept"
        assert await count("message") == 1
        assert [blob async for blob in vault.blobs.keys()] == []  # noqa: SIM118 (no dictionary)
        shown = (await nils.get(answer.headers["location"])).text
        assert KEPT in shown
        assert "Files have to be chosen again." in shown
        back = await signing_in(nils, "nils@northgrid.example", next=hidden(shown, "next"))
        assert back.headers["location"] == page
        whole = (await nils.get(page)).text
        assert "A long answer\nin two lines</textarea>" in whole
        assert 'value="t1"' in whole
        assert (await post_reply(nils, reference, "A long answer", draft_id=draft)).status_code == 303
    assert await count("message") == 2
    assert await count("draft") == 0


async def test_an_escalation_is_kept_and_its_draft_leads_back_to_it(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha, code="PT0131")
    await post_reply(nils, reference)
    form = f"/sdep/communications/{reference}/escalation"
    draft = hidden((await asha.get(form)).text, "draft_id")
    with clock.at(clock.now() + LATE):
        answer = await post_escalation(asha, reference, "A long reason", draft_id=draft)
        kept = f"/sdep/drafts/{draft}"
        assert answer.headers["location"] == f"/sign-in?next={kept.replace('/', '%2F')}&why=kept"
        assert await count("message", "kind = 'escalation'") == 0
        assert (await signing_in(asha, next=kept)).headers["location"] == kept
        there = (await asha.get(kept)).headers["location"]
        assert there == f"{form}?draft={draft}#reply-text"
        assert "A long reason</textarea>" in (await asha.get(there)).text
        assert (await post_escalation(asha, reference, "A long reason", draft_id=draft)).status_code == 303
    assert await count("message", "kind = 'escalation'") == 1


async def test_a_new_communication_is_kept_and_there_again_after_signing_in(asha: Browser) -> None:
    fields = await filled(text="A long text", subject="A subject")
    with clock.at(clock.now() + LATE):
        answer = await post_new(asha, fields)
        draft = f"/sdep/drafts/{fields['draft_id']}"
        assert answer.headers["location"] == f"/sign-in?next={draft.replace('/', '%2F')}&why=kept"
        assert await count("communication") == 0
        assert KEPT in (await asha.get(answer.headers["location"])).text
        assert (await signing_in(asha, next=draft)).headers["location"] == draft
        page = (await asha.get(draft)).text
        assert "A long text</textarea>" in page
        assert 'value="A subject"' in page
        assert f'value="{fields["recipient"]}" selected' in page
        assert (await post_new(asha, fields)).status_code == 303


async def test_htmx_is_told_without_a_page_and_the_words_are_kept(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    with clock.at(clock.now() + LATE):
        answer = await post_reply(nils, reference, "Kept", words={"headers": HTMX})
        assert (answer.status_code, answer.text) == (401, "")
        assert (await post_new(asha, await filled(text="Kept too"), headers=HTMX)).status_code == 401
    texts = {row["text"] for row in await db.fetch("SELECT fields->>'text' AS text FROM draft")}
    assert texts == {"Kept", "Kept too"}


async def test_a_forged_form_is_not_kept(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    with clock.at(clock.now() + LATE):
        for token in (None, "wrong"):
            answer = await post_reply(nils, reference, "Forged", csrf_token=token)
            assert answer.status_code == 403
    assert await count("draft") == 0


async def test_a_session_that_was_signed_out_keeps_nothing(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    token = nils.client.cookies[nils.settings.cookie]
    await nils.post("/sign-out")
    nils.client.cookies.set(nils.settings.cookie, token)
    answer = await post_reply(nils, reference, "After the sign-out")
    assert answer.headers["location"] == "/sign-in"
    assert await count("draft") == 0


async def test_nothing_is_kept_for_what_one_may_not_see(asha: Browser, otto: Browser, mei: Browser) -> None:
    reference = await sent(asha)
    with clock.at(clock.now() + LATE):
        assert (await post_reply(otto, reference, "Let me in")).status_code in (303, 404)
        assert (await post_new(mei, await filled())).headers["location"] == "/sign-in?why=ended"
    assert await count("draft") == 0


async def test_a_reply_that_was_sent_before_is_not_kept_again(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    draft = str(uuid4())
    assert (await post_reply(nils, reference, "Once", draft_id=draft)).status_code == 303
    with clock.at(clock.now() + LATE):
        answer = await post_reply(nils, reference, "Once", draft_id=draft)
        assert answer.headers["location"].endswith("&why=ended"), "nothing is kept, so nobody is told so"
    assert await count("draft") == 0
    assert await count("message") == 2


async def test_another_person_who_signs_in_does_not_find_it(asha: Browser, ben: Browser) -> None:
    fields = await filled(text="Asha's words")
    with clock.at(clock.now() + LATE):
        await post_new(asha, fields)
        await signing_in(asha, "ben@brightwatt.example")
        assert (await asha.get(f"/sdep/drafts/{fields['draft_id']}")).status_code == 404


@pytest.mark.parametrize("how", ["some", "all", "the page between"])
async def test_ticked_rows_are_ticked_again_on_the_same_page_and_nothing_was_done(asha: Browser, how: str) -> None:
    references = [await sent(asha) for _ in range(5)]
    await db.fetch("UPDATE person SET page_size = 2 WHERE name = 'Asha Rahman'")
    first = (await asha.get(f"{LIST}?sort=created")).text
    second = re.search(r'href="([^"]*page=[^"]*)"', first)
    assert second
    shown = (await asha.get(unescape(second[1]))).text
    boxes = re.findall(r'name="tick" form="bulk" value="([^"]*)"', shown)
    assert [box.partition("-")[0] for box in boxes] == references[2:0:-1]
    form: dict[str, Any] = {
        "act": "take",
        "next": unescape(hidden(shown, "next")),
        "here": unescape(hidden(shown, "here")),
    }
    ticked = boxes if how == "all" else boxes[:1]
    form |= {"all": "on", "shown": boxes} if how == "all" else {"tick": ticked}
    if how == "the page between":
        between = (await asha.post(BULK, {**form, "act": "assign"})).text
        form |= {"act": "person", "person": "1", "here": unescape(hidden(between, "here"))}
    with clock.at(clock.now() + LATE):
        answer = await asha.post(BULK, form)
        assert answer.headers["location"].endswith("&why=ticked")
        assert await count("communication_party", "owner IS NOT NULL") == 0
        told = (await asha.get(answer.headers["location"])).text
        assert "nothing was done. What you ticked is ticked again" in told
        back = (await signing_in(asha, next=unescape(hidden(told, "next")))).headers["location"]
        again = (await asha.get(back)).text
    assert re.findall(r'name="tick" form="bulk" value="([^"]*)" checked', again) == ticked
    assert f"data-ticked>{len(ticked)} ticked<" in again
    assert references[2] in again


@pytest.mark.parametrize(
    ("form", "kept"),
    [
        ({"here": LIST}, LIST),
        ({"here": LIST, "tick": "no tick of ours"}, LIST),
        ({"here": f"{LIST}?q={'x' * 1970}", "tick": "SC00000001-1-"}, f"{LIST}?q={'x' * 1970}"),
    ],
    ids=["nothing ticked", "unreadable", "too long an address"],
)
async def test_nobody_is_told_that_rows_are_ticked_again_which_are_not(
    asha: Browser, form: dict[str, str], kept: str
) -> None:
    with clock.at(clock.now() + LATE):
        address = (await asha.post(BULK, {"act": "take", **form})).headers["location"]
        assert address.endswith("&why=ended")
        told = (await asha.get(address)).text
    assert "ticked again" not in told
    assert "Your session has ended" in told
    assert unescape(hidden(told, "next")) == kept


@pytest.mark.parametrize("here", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
async def test_the_page_between_leads_to_this_site_only(asha: Browser, here: str) -> None:
    tick = f"{await sent(asha)}-1-"
    between = (await asha.post(BULK, {"act": "assign", "here": here, "next": here, "tick": tick})).text
    assert tick in between
    assert (hidden(between, "here"), hidden(between, "next")) == ("/", "/")


@pytest.mark.parametrize("odd", ["", "x", "1", "0" * 5000, "12345678.", "١٢٣٤٥٦٧٨", "." * 3000])
async def test_odd_ticks_in_an_address_tick_nothing(asha: Browser, odd: str) -> None:
    await sent(asha)
    answer = await asha.get(LIST, params={"ticked": odd})
    assert answer.status_code == 200
    assert not re.search(r'name="tick"[^>]* checked', answer.text)


@pytest.mark.parametrize("here", ["https://evil.example/", "//evil.example", "/" + "x" * 1990])
async def test_ticks_lead_to_this_site_only(asha: Browser, here: str) -> None:
    reference = await sent(asha)
    with clock.at(clock.now() + LATE):
        answer = await asha.post(BULK, {"act": "take", "here": here, "tick": f"{reference}-1-"})
    assert "evil" not in answer.headers["location"]
    assert len(answer.headers["location"]) < 6200
