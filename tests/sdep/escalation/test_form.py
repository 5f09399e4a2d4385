"""The form of an escalation: sent twice, sent second, sent wrong, and by those to whom it is shut."""

from typing import Any
from uuid import uuid4

import pytest

from sdes.kit import clock, db
from tests.sdep.escalation.conftest import LAPSED, PAGE, WAITS, refused, row_of
from tests.support.communications import count, escalated, post_escalation, replied, told
from tests.support.people import HTMX, Browser, hidden

pytestmark = [pytest.mark.anyio, pytest.mark.spec("SD 11.1(e)")]


async def test_a_second_click_escalates_once(asha: Browser, reference: str) -> None:
    draft = str(uuid4())
    with clock.at(LAPSED):
        first, second = [await post_escalation(asha, reference, draft_id=draft) for _ in range(2)]
        assert first.status_code == second.status_code == 303
        assert first.headers["location"] == second.headers["location"] == f"{PAGE}{reference}#message-2"
        other = await post_escalation(asha, reference, "Something else.", draft_id=draft)
        assert other.status_code == 409
        assert told(other)[0].startswith("This was sent already, as message 2. It is at level 2 already. What you")
        (kept,) = await db.fetch("SELECT id FROM draft")
        assert f'href="/sdep/drafts/{kept["id"]}"' in other.text
        assert f'href="{PAGE}{reference}"' in other.text
        again = await asha.get(f"{PAGE}{reference}/escalation")  # the page that was open, anew
        assert again.headers["location"] == f"{PAGE}{reference}?draft={kept['id']}#reply-text"
    assert ((await row_of(reference))["level"], await count("message")) == (2, 2)
    assert await count("draft", "fields->>'text' = 'Something else.'") == 1


async def test_what_was_sent_as_a_reply_is_no_escalation(asha: Browser, nils: Browser, reference: str) -> None:
    draft = str(uuid4())
    await replied(nils, reference)
    await replied(asha, reference, "The same words.", draft_id=draft)
    answer = await post_escalation(asha, reference, "The same words.", draft_id=draft)
    assert (answer.status_code, (await row_of(reference))["level"]) == (409, 1)


@pytest.mark.parametrize("headers", [{}, HTMX])
async def test_whoever_comes_second_is_told_who_was_first_and_loses_nothing(
    asha: Browser, ben: Browser, reference: str, headers: dict[str, str]
) -> None:
    with clock.at(LAPSED):
        await escalated(ben, reference)
        words = {"headers": headers}
        answer = await post_escalation(asha, reference, "My reason.", [("why.txt", b"x")], words=words)
        assert answer.status_code == 409
        assert told(answer) == ["Ben Carter escalated it to level 2 already. What you typed is kept as a draft."]
        (kept,) = await db.fetch("SELECT id FROM draft")
        opened = await asha.get(f"/sdep/drafts/{kept['id']}")
        assert opened.headers["location"] == f"{PAGE}{reference}/escalation?draft={kept['id']}#reply-text"
        # There is nothing to escalate now: the words can go as a reply.
        there = await asha.get(opened.headers["location"])
        assert there.headers["location"] == f"{PAGE}{reference}?draft={kept['id']}#reply-text"
        page = (await asha.get(there.headers["location"])).text
        assert "My reason.</textarea>" in page
        begun = "You began this as an escalation to level 2; Ben Carter escalated it meanwhile."
        assert f"{begun} Sent now, it is an ordinary reply." in page
        assert "why.txt" in page
        await replied(asha, reference, "My reason.", draft_id=str(kept["id"]))
    assert await count("message") == 3
    assert await count("communication_level") == 2
    assert await count("draft") == 0


@pytest.mark.parametrize("seen", ["", "0", "7", "-1", "x", "٢", "9" * 40, None])
async def test_a_level_that_nobody_has_shown_is_refused(asha: Browser, reference: str, seen: str | None) -> None:
    with clock.at(LAPSED):
        answer = await post_escalation(asha, reference, from_level=seen)
    assert await refused(answer) == "It is at level 1. Reload the page and try again."


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"text": ""}, "Say why you escalate"),
        ({"text": " \u200b\r\n"}, "Say why you escalate"),
        ({"text": "x" * 20_001}, "Shorten the message to 20,000 characters, or attach it as a file. It has 20,001."),
        ({"tag": "x" * 61}, "Shorten the search tag to 60 characters. It has 61."),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
async def test_a_bad_form_comes_back_with_its_words(
    asha: Browser, reference: str, changes: dict[str, str], sentence: str, headers: dict[str, str]
) -> None:
    fields: dict[str, Any] = {"text": "Kept reason", "tag": "kept tag", **changes}
    with clock.at(LAPSED):
        answer = await post_escalation(asha, reference, files=[("a.txt", b"x")], words={"headers": headers}, **fields)
        assert (answer.status_code, told(answer)) == (422, [sentence])
        assert fields["text"].strip() in answer.text
        assert fields["tag"] in answer.text
        assert "a.txt" in answer.text
        assert answer.text.strip().startswith('<div id="composer"' if headers else "<!doctype html>")
        assert hidden(answer.text, "from_level") == "1"
        again = (await asha.get(f"{PAGE}{reference}/escalation")).text
        assert fields["text"].strip() in again, "a draft of its own"
        assert "a.txt" not in (await asha.get(PAGE + reference)).text, "and not one of the reply"
        assert "Escalation of" in (await asha.get("/sdep/drafts")).text
    assert (await row_of(reference))["level"] == 1


async def test_a_bad_form_that_is_too_late_says_that_it_is(asha: Browser, reference: str) -> None:
    assert await refused(await post_escalation(asha, reference, "")) == WAITS


async def test_every_refusal_leads_back_to_the_communication(asha: Browser, reference: str) -> None:
    for answer in (await asha.get(f"{PAGE}{reference}/escalation"), await post_escalation(asha, reference)):
        assert (answer.status_code, told(answer)[0].removesuffix(" What you typed is kept as a draft.")) == (409, WAITS)
        assert f'href="{PAGE}{reference}"' in answer.text
    page = (await asha.get(PAGE + reference)).text
    assert "You began this as" not in page, "its draft is not the reply's"
    (kept,) = await db.fetch("SELECT id FROM draft")
    page = (await asha.get(f"{PAGE}{reference}?draft={kept['id']}")).text
    assert f"You began this as an escalation to level 2. {WAITS} Sent now, it is an ordinary reply." in page


async def test_a_stranger_finds_nothing_and_leaves_nothing(asha: Browser, otto: Browser, reference: str) -> None:
    with clock.at(LAPSED):
        assert (await otto.get(f"{PAGE}{reference}/escalation")).status_code == 404
        answer = await post_escalation(otto, reference, "Let me in.", [("a.txt", b"x")])
    assert answer.status_code == 404
    assert await count("draft") == await count("attachment") == 0


async def test_who_sends_no_messages_has_no_such_door(carys: Browser, reference: str) -> None:
    with clock.at(LAPSED):
        assert (await carys.get(f"{PAGE}{reference}/escalation")).status_code == 403
        assert (await post_escalation(carys, reference)).status_code == 403


@pytest.mark.spec("SD 10.2")
async def test_a_company_that_is_no_longer_qualified_does_not_escalate(asha: Browser, reference: str) -> None:
    await db.fetch("UPDATE company SET is_qualified = false WHERE name = 'Brightwatt Energy'")
    with clock.at(LAPSED):
        assert "/escalation" not in (await asha.get(PAGE + reference)).text
        sentence = await refused(await post_escalation(asha, reference))
    assert sentence.startswith("Your company is not Qualified")
