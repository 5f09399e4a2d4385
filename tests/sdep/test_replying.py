"""Replying: the next number, whose turn it is then, and what is refused (SD 11.1(d))."""

import re
from datetime import timedelta
from typing import Any

import pytest

from sdes.attachments.vault import Vault
from sdes.kit import clock, db
from sdes.workingdays.queries import calendar
from tests.support.communications import count, post_reply, replied, sent, told
from tests.support.people import HTMX, Browser

pytestmark = pytest.mark.anyio

PAGE = "/sdep/communications/"


async def row_of(reference: str) -> Any:
    return (await db.fetch("SELECT * FROM communication WHERE reference = $1", reference))[0]


async def company(name: str) -> int:
    return int((await db.fetch("SELECT id FROM company WHERE name = $1", name))[0]["id"])


async def archive(reference: str) -> None:
    """What the nightly job will do: both parties' rows are archived."""
    for table, column in (("communication", "id"), ("communication_party", "communication")):
        await db.fetch(
            f"UPDATE {table} SET archived_at = $1 WHERE {column} = (SELECT id FROM communication WHERE reference = $2)",
            clock.now(),
            reference,
        )


@pytest.mark.spec("SD 11.1(b)iii")
@pytest.mark.spec("SD 11.1(d)")
async def test_a_reply_is_numbered_and_both_see_it_with_its_files(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    answer = await post_reply(nils, reference, "On Tuesday.\n\nAt nine.", [("day.txt", b"Tuesday")], tag="crew 9")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}{reference}#message-2")
    for browser in (asha, nils):
        page = (await browser.get(PAGE + reference)).text
        assert '<p dir="auto">On Tuesday.</p><p dir="auto">At nine.</p>' in page
        assert "day.txt" in page
        assert "Nils Andersen" in page
        assert 'id="message-2"' in page
    assert "crew 9" in (await nils.get(PAGE + reference)).text
    assert "crew 9" not in (await asha.get(PAGE + reference)).text
    await replied(asha, reference, "Thank you.")
    assert [row["number"] for row in await db.fetch("SELECT number FROM message ORDER BY id")] == [1, 2, 3]
    assert (await row_of(reference))["message_count"] == 3


@pytest.mark.spec("SD 11.1(d)")
async def test_a_colleague_who_is_assigned_may_reply(asha: Browser, ben: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    await replied(nils, reference)
    await replied(ben, reference, "Ben here.")
    assert "Ben here." in (await nils.get(PAGE + reference)).text


async def test_htmx_gets_the_thread_with_the_new_message_in_focus(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    answer = await post_reply(nils, reference, "Tuesday.", words={"headers": HTMX})
    assert answer.status_code == 200
    assert answer.text.strip().startswith('<div id="thread"')
    assert 'id="message-2"' in answer.text
    assert answer.text.count("data-focus") == 1
    assert 'id="tabs"' in answer.text
    assert "<!doctype" not in answer.text


@pytest.mark.spec("SD 11.1(c)")
async def test_sending_starts_the_recipients_clock(asha: Browser, nils: Browser) -> None:
    with clock.at(clock.now()):
        reference = await sent(asha)
        due = (await calendar()).due_at(clock.now(), 5, "WD")
    row = await row_of(reference)
    assert (row["awaiting"], row["due_at"]) == (await company("Northgrid Networks"), due)
    told_left = r"\d working days left, due"
    assert re.search(f"Theirs: {told_left}", (await asha.get("/sdep/communications")).text)
    assert "Theirs" not in (await nils.get("/sdep/communications")).text
    assert re.search(told_left, (await nils.get("/sdep/communications")).text)


async def test_the_recipients_reply_stops_the_clock_and_the_senders_starts_it_again(
    asha: Browser, nils: Browser
) -> None:
    start = clock.now()
    reference = await sent(asha)
    first_due = (await row_of(reference))["due_at"]
    with clock.at(start + timedelta(minutes=1)):
        await replied(asha, reference, "One more thing.")
        assert (await row_of(reference))["due_at"] == first_due, "a running clock is left alone"
    with clock.at(start + timedelta(minutes=2)):
        await replied(nils, reference)
        row = await row_of(reference)
        assert (row["awaiting"], row["due_at"]) == (None, None)
        level = (await db.fetch("SELECT * FROM communication_level"))[0]
        assert level["responded_at"] == clock.now()
        await replied(nils, reference, "Besides.")
        assert "answered" in (await asha.get(PAGE + reference)).text
    with clock.at(start + timedelta(minutes=3)):
        await replied(asha, reference, "And now?")
        row = await row_of(reference)
        assert row["awaiting"] == await company("Northgrid Networks")
        assert row["due_at"] == (await calendar()).due_at(clock.now(), 5, "WD")
    assert (await db.fetch("SELECT responded_at FROM communication_level"))[0]["responded_at"] == start + timedelta(
        minutes=2
    ), "the first answer is the one that counts"


async def test_a_reply_makes_an_archived_communication_active_again(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    await archive(reference)
    assert reference not in (await nils.get("/sdep/communications")).text
    await replied(nils, reference, "Still open.")
    for browser in (asha, nils):
        assert reference in (await browser.get("/sdep/communications")).text
        assert reference not in (await browser.get("/sdep/communications?folder=archive")).text
        page = (await browser.get(PAGE + reference)).text
        assert "Active again with this message" in page
        assert "<dt>Archives</dt>" in page
    assert await count("audit_entry", "event = 'sdep.communication.reactivated' AND subject = $1", reference) == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"text": ""}, "Enter a message"),
        ({"text": " \r\n "}, "Enter a message"),
        ({"text": "\u200b\u2060 \ufeff\u200d"}, "Enter a message"),
        ({"text": "\u2800\u3164\u00ad"}, "Enter a message"),
        ({"text": "x" * 20_001}, "Shorten the message to 20,000 characters, or attach it as a file. It has 20,001."),
        ({"text": "a\x07b"}, "The message contained characters that cannot be shown. They were removed: check it and"
         " send again."),
        ({"tag": "x" * 61}, "Shorten the search tag to 60 characters. It has 61."),
    ],
)  # fmt: skip
@pytest.mark.parametrize("headers", [{}, HTMX])
async def test_a_bad_reply_comes_back_with_its_words(
    asha: Browser, nils: Browser, changes: dict[str, str], sentence: str, headers: dict[str, str]
) -> None:
    reference = await sent(asha)
    fields: dict[str, Any] = {"text": "Kept text", "tag": "kept tag", **changes}
    answer = await post_reply(nils, reference, words={"headers": headers}, **fields)
    assert (answer.status_code, told(answer)) == (422, [sentence])
    for words in fields.values():
        assert words.strip().replace("\x07", "") in answer.text
    assert answer.text.strip().startswith('<div id="thread"' if headers else "<!doctype html>")
    assert await count("message") == 1


async def test_a_text_of_a_megabyte_comes_back_whole(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    text = "Zeile für Zeile. " * 65_000
    assert text.strip() in (await post_reply(nils, reference, text)).text


async def test_a_stranger_can_neither_reply_nor_leave_anything(asha: Browser, otto: Browser, vault: Vault) -> None:
    reference = await sent(asha)
    answer = await post_reply(otto, reference, "Let me in.", [("a.txt", b"x")])
    assert answer.status_code == 404
    assert await count("message") == 1
    assert await count("draft") == await count("attachment") == 0
    assert [blob async for blob in vault.blobs.keys()] == []  # noqa: SIM118 (no dictionary)


async def test_who_is_no_longer_assigned_finds_nothing_to_reply_to(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    await db.fetch("DELETE FROM assignment WHERE person = (SELECT id FROM person WHERE name = 'Nils Andersen')")
    assert (await post_reply(nils, reference)).status_code == 404
    assert await count("message") == 1


@pytest.mark.spec("SD 10.2")
async def test_a_company_that_is_no_longer_qualified_reads_but_does_not_reply(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    await db.fetch("UPDATE company SET is_qualified = false WHERE name = 'Northgrid Networks'")
    page = (await nils.get(PAGE + reference)).text
    assert 'id="reply-text"' not in page
    assert page.count("Your company is not Qualified: you read on") == 2, "above, and where the reply would be"
    answer = await post_reply(nils, reference, "Kept words.")
    assert answer.status_code == 409
    assert told(answer) == [
        "Your company is not Qualified: you read on, and nothing can be sent. Your Master Admin User can ask the Code"
        " Manager. What you typed is kept as a draft."
    ]
    assert await count("message") == 1
    assert await count("draft", "fields->>'text' = 'Kept words.'") == 1


async def test_a_tag_is_kept_once(asha: Browser) -> None:
    reference = await sent(asha, tag="job 1")
    await replied(asha, reference, tag="job 1")
    await replied(asha, reference, tag="job 2")
    rows = await db.fetch("SELECT tags FROM communication_party ORDER BY side DESC")
    assert [list(row["tags"]) for row in rows] == [["job 1", "job 2"], []]


async def test_an_invisible_tag_is_none_and_invisible_characters_inside_text_stay(asha: Browser, nils: Browser) -> None:
    text = "\u200fשלום 👩\u200d🔧 co\u00adoperate"
    reference = await sent(asha, tag="\u200b\u2060", subject=text)
    await replied(nils, reference, text)
    rows = await db.fetch("SELECT tags FROM communication_party")
    assert [list(row["tags"]) for row in rows] == [[], []]
    assert (await db.fetch("SELECT text FROM message WHERE number = 2"))[0]["text"] == text
    assert (await row_of(reference))["subject"] == text


async def test_htmx_gets_what_has_changed_beside_the_thread(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    answer = await post_reply(nils, reference, tag="crew 9", words={"headers": HTMX})
    assert answer.text.count('id="clock"') == 1
    aside = re.search(r'<aside[^>]* id="aside"[^>]* hx-swap-oob="true">.*?</aside>', answer.text, re.DOTALL)
    assert aside
    assert '<li class="chip"><span dir="auto">crew 9</span>' in aside[0]


async def test_htmx_loads_the_whole_page_when_it_is_active_again(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    await archive(reference)
    answer = await post_reply(nils, reference, "Still open.", words={"headers": HTMX})
    assert answer.status_code == 204
    assert answer.headers["hx-redirect"] == f"{PAGE}{reference}?after=2#message-2"
    assert (await nils.get(answer.headers["hx-redirect"])).status_code == 200
