"""Drafts: what somebody types is kept for them alone, until it is sent or discarded."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest

from sdes.attachments.vault import Vault
from sdes.kit import clock, db
from tests.support.communications import count, filled, post_new, post_reply, replied, sent, told
from tests.support.people import HTMX, Browser, hidden

pytestmark = pytest.mark.anyio

DRAFTS = "/sdep/drafts"
FILES = [("plan.txt", b"The plan."), ("more.txt", b"More of it.")]


@pytest.fixture
async def kept(asha: Browser) -> str:
    """A draft of Asha's with two files, which lacks its subject."""
    fields = await filled(subject="", text="Kept text")
    assert (await post_new(asha, fields, FILES)).status_code == 422
    return str(fields["draft_id"])


async def blobs(vault: Vault) -> int:
    return len([blob async for blob in vault.blobs.keys()])  # noqa: SIM118 (no dictionary)


async def test_typing_is_saved_and_the_page_says_when(asha: Browser) -> None:
    draft = str(uuid4())
    with clock.at(clock.now()):
        fields = await filled(subject="Half a subj", text="", draft_id=draft)
        answer = await asha.post(f"{DRAFTS}/{draft}", fields, headers=HTMX)
        assert answer.status_code == 200
        assert f"Draft saved {clock.local(clock.now()):%H:%M}" in answer.text
        assert f'id="draft-state-{draft}"' in answer.text
    await asha.post(f"{DRAFTS}/{draft}", {**fields, "subject": "Half a subject"}, headers=HTMX)
    assert await count("draft") == 1
    page = (await asha.get(f"{DRAFTS}/{draft}")).text
    assert 'value="Half a subject"' in page
    assert f'value="{fields["recipient"]}" selected' in page
    assert f'value="{fields["mpan"]}"' in page
    assert hidden(page, "draft_id") == draft


async def test_the_list_shows_ones_drafts_last_touched_first(asha: Browser) -> None:
    reference = await sent(asha, subject="An open matter")
    start = clock.now()
    for minute, fields in enumerate(({"subject": "First"}, {"text": "no subject"}, {"reference": reference})):
        with clock.at(start + timedelta(minutes=minute)):
            await asha.post(f"{DRAFTS}/{uuid4()}", fields)
    page = (await asha.get(DRAFTS)).text
    places = [page.index(words) for words in ("An open matter", "No subject yet", ">First</a>")]
    assert places == sorted(places)
    assert f"Reply to {reference}" in page
    assert page.count("New communication</td>") == 2
    assert re.search(r'Drafts\s*<span class="n">3</span>', page)


async def test_nobody_else_sees_a_draft(asha: Browser, ben: Browser, nils: Browser, otto: Browser, kept: str) -> None:
    file = (await db.fetch("SELECT attachment FROM draft_attachment"))[0]["attachment"]
    for browser in (ben, nils, otto):
        assert "No drafts" in (await browser.get(DRAFTS)).text
        assert (await browser.get(f"{DRAFTS}/{kept}")).status_code == 404
        assert (await browser.post(f"{DRAFTS}/{kept}", {"text": "mine now"})).status_code == 404
        assert (await browser.post(f"{DRAFTS}/{kept}/removal")).status_code == 404
        assert (await browser.post(f"{DRAFTS}/{kept}/attachments/{file}/removal")).status_code == 404
    assert await count("draft", "fields->>'text' = 'Kept text'") == 1
    assert await count("draft_attachment") == 2


async def test_a_refused_form_is_kept_with_its_files_and_sent_later_with_them(asha: Browser, kept: str) -> None:
    page = (await asha.get(f"{DRAFTS}/{kept}")).text
    assert "plan.txt" in page
    assert "Kept text" in page
    answer = await post_new(asha, await filled(draft_id=kept), [("third.txt", b"3")])
    assert answer.status_code == 303
    shown = (await asha.get(answer.headers["location"])).text
    assert [shown.index(name) for name in ("plan.txt", "more.txt", "third.txt")]
    assert await count("attachment", "is_sent") == 3
    assert await count("draft") == await count("draft_attachment") == 0


async def test_discarding_forgets_it_with_its_files(asha: Browser, vault: Vault, kept: str) -> None:
    assert await blobs(vault) == 2
    answer = await asha.post(f"{DRAFTS}/{kept}/removal")
    assert (answer.status_code, answer.headers["location"]) == (303, DRAFTS)
    assert await count("draft") == await count("attachment") == await blobs(vault) == 0
    assert (await asha.get(f"{DRAFTS}/{kept}")).status_code == 404
    assert (await asha.post(f"{DRAFTS}/{kept}/removal")).status_code == 404


@pytest.mark.parametrize("headers", [{}, HTMX])
async def test_one_file_can_be_taken_out(asha: Browser, vault: Vault, kept: str, headers: dict[str, str]) -> None:
    file = (await db.fetch("SELECT id FROM attachment WHERE name = 'plan.txt'"))[0]["id"]
    answer = await asha.post(f"{DRAFTS}/{kept}/attachments/{file}/removal", headers=headers)
    if headers:
        assert answer.status_code == 200
        assert "plan.txt removed" in answer.text
        assert "more.txt" in answer.text
    else:
        assert answer.headers["location"] == f"{DRAFTS}/{kept}"
    assert await count("attachment") == await count("draft_attachment") == await blobs(vault) == 1
    assert (await asha.post(f"{DRAFTS}/{kept}/attachments/{file}/removal")).status_code == 404


async def test_a_file_that_was_sent_cannot_be_taken_back(asha: Browser, kept: str) -> None:
    await post_new(asha, await filled(draft_id=kept))
    file = (await db.fetch("SELECT id FROM attachment WHERE name = 'plan.txt'"))[0]["id"]
    await asha.post(f"{DRAFTS}/{kept}", {"text": "again"})
    assert (await asha.post(f"{DRAFTS}/{kept}/attachments/{file}/removal")).status_code == 404
    assert await count("attachment", "is_sent") == 2


async def test_a_late_autosave_does_not_bring_a_sent_draft_back(asha: Browser, nils: Browser) -> None:
    fields = await filled()
    await post_new(asha, fields)
    answer = await asha.post(f"{DRAFTS}/{fields['draft_id']}", fields, headers=HTMX)
    assert answer.status_code == 200
    assert "Draft saved" not in answer.text
    reference = (await db.fetch("SELECT reference FROM communication"))[0]["reference"]
    draft = str(uuid4())
    await replied(nils, reference, draft_id=draft)
    await nils.post(f"{DRAFTS}/{draft}", {"text": " Tues", "reference": reference}, headers=HTMX)
    assert await count("draft") == 0


async def test_a_reply_is_gone_on_with_beside_its_thread(asha: Browser, nils: Browser, ben: Browser) -> None:
    reference = await sent(asha)
    draft = str(uuid4())
    await nils.post(f"{DRAFTS}/{draft}", {"text": "Half an ans", "tag": "t1", "reference": reference}, headers=HTMX)
    page = (await nils.get(f"/sdep/communications/{reference}")).text
    assert "Half an ans</textarea>" in page
    assert 'value="t1"' in page
    assert hidden(page, "draft_id") == draft
    opened = await nils.get(f"{DRAFTS}/{draft}")
    assert opened.headers["location"] == f"/sdep/communications/{reference}?draft={draft}#reply-text"
    assert "Half an ans" not in (await ben.get(f"/sdep/communications/{reference}")).text


async def test_of_several_replies_the_one_asked_for_opens_and_else_the_last(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    older, newer = str(uuid4()), str(uuid4())
    start = clock.now()
    for minute, draft in enumerate((older, newer)):
        with clock.at(start + timedelta(minutes=minute)):
            await nils.post(f"{DRAFTS}/{draft}", {"text": f"Draft {draft}", "reference": reference})
    page = f"/sdep/communications/{reference}"
    assert f"Draft {newer}</textarea>" in (await nils.get(page)).text
    assert f"Draft {older}</textarea>" in (await nils.get(f"{page}?draft={older}")).text
    assert f"Draft {newer}</textarea>" in (await nils.get(f"{page}?draft={uuid4()}")).text


async def test_a_refused_reply_keeps_its_files(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    draft = str(uuid4())
    answer = await post_reply(nils, reference, "", FILES, draft_id=draft)
    assert (answer.status_code, told(answer)) == (422, ["Enter a message"])
    assert "plan.txt" in answer.text
    await replied(nils, reference, "Now with words.", draft_id=draft)
    assert await count("message_attachment") == 2


async def test_a_draft_keeps_a_megabyte(asha: Browser) -> None:
    draft, text = str(uuid4()), "Zeile für Zeile. " * 65_000
    assert (await asha.post(f"{DRAFTS}/{draft}", {"text": text}, headers=HTMX)).status_code == 200
    assert text in (await asha.get(f"{DRAFTS}/{draft}")).text


@pytest.mark.parametrize("name", ["", "x", "not-a-draft", "00000000-0000-0000-0000-00000000000g", "%00"])
async def test_an_id_that_is_none_is_not_found(asha: Browser, name: str) -> None:
    for path in (f"{DRAFTS}/{name or 'x'}", f"{DRAFTS}/{name or 'x'}/removal"):
        assert (await asha.post(path, {"text": "x"})).status_code == 404
    fields = await filled(draft_id=name)
    assert (await post_new(asha, fields)).status_code == 303, "a page whose hidden field is broken can still send"


async def test_a_draft_of_a_process_that_was_taken_away_still_opens(asha: Browser, kept: str) -> None:
    await db.fetch("DELETE FROM assignment WHERE person = (SELECT id FROM person WHERE name = 'Asha Rahman')")
    page = await asha.get(f"{DRAFTS}/{kept}")
    assert page.status_code == 200
    assert "Kept text" in page.text
    answer = await post_new(asha, await filled(draft_id=kept))
    assert answer.status_code == 422
    assert await count("communication") == 0


@pytest.fixture
async def as_many_as_are_kept(asha: Browser) -> None:
    await db.fetch(
        "INSERT INTO draft (id, company, person, fields, updated_at)"
        " SELECT gen_random_uuid(), company, id, '{}', $1 FROM person, generate_series(1, 200)"
        " WHERE email_key = 'asha@brightwatt.example'",
        clock.now(),
    )


@pytest.mark.usefixtures("as_many_as_are_kept")
async def test_one_draft_too_many_is_refused_and_sending_goes_on(asha: Browser, ben: Browser) -> None:
    draft, words = str(uuid4()), "You have 200 drafts, the most that are kept, so this one is not."
    refused = [
        await asha.post(f"{DRAFTS}/{draft}", {"text": "One more"}, headers=HTMX),
        await post_new(asha, await filled(subject=""), FILES),
    ]
    reference = await sent(asha)
    refused.append(await post_reply(asha, reference, ""))
    for answer in refused:
        assert answer.status_code == 409
        assert told(answer)[0].startswith(words)
    await replied(asha, reference)
    assert (await count("draft"), await count("attachment")) == (200, 0)
    assert (await ben.post(f"{DRAFTS}/{uuid4()}", {"text": "Ben has his own"}, headers=HTMX)).status_code == 200
    old = (await db.fetch("SELECT id FROM draft"))[0]["id"]
    assert (await asha.post(f"{DRAFTS}/{old}", {"text": "goes on"}, headers=HTMX)).status_code == 200
