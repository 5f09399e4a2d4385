"""Sending a new communication: what is asked for, what is allowed, and what both companies then see (SD 11.1(c))."""

import re
from typing import Any

import pytest

from sdes.kit import db
from tests.support.communications import MPAN, MPRN, count, filled, participant, post_new, process, sent, told
from tests.support.people import HTMX, Browser, hidden

pytestmark = pytest.mark.anyio

PAGE = "/sdep/communications/"


async def refused(browser: Browser, **changes: Any) -> list[str]:
    """Posts what must be refused and gives the sentences; nothing was sent."""
    answer = await post_new(browser, await filled(**changes))
    assert answer.status_code == 422, answer.headers
    assert await count("communication") == await count("message") == 0
    return told(answer)


@pytest.mark.spec("SD 11.1(c)")
@pytest.mark.spec("SD 9.2(c)")
async def test_everything_that_is_sent_is_shown_to_both(asha: Browser, nils: Browser) -> None:
    reference = await sent(
        asha,
        [("plan.txt", b"The plan.")],
        subject="Disconnection of 4 Mill Lane",
        text="First paragraph.\r\n\r\nSecond, with <b>no</b> markup & more.",
        tag="job 77",
        mpan="10 9000 0000 010",
        msn="e12z012345",
        disconnection="Full",
        requested_date="3 Nov 2026",
    )
    for browser in (asha, nils):
        page = (await browser.get(PAGE + reference)).text
        for words in (
            "Disconnection of 4 Mill Lane",
            "Electricity Disconnection - General Query",
            "Brightwatt Energy, Electricity supplier",
            "Northgrid Networks, Distributor",
            "BRWT",
            "NORG",
            '<p dir="auto">First paragraph.</p>',
            "Second, with &lt;b&gt;no&lt;/b&gt; markup &amp; more.",
            "10 9000 0000 010",
            "E12Z012345",
            "Full",
            "3 November 2026",
            "plan.txt",
            "Asha Rahman",
            reference,
        ):
            assert words in page, words


@pytest.mark.spec("SD 11.1(c)")
async def test_the_sender_is_shown_the_reference(asha: Browser) -> None:
    answer = await post_new(asha, await filled())
    assert re.fullmatch(r"/sdep/communications/SC\d{8}\?sent=1", answer.headers["location"])
    reference = answer.headers["location"].split("/")[-1].split("?")[0]
    assert f"Sent. The reference is {reference}" in (await asha.get(answer.headers["location"])).text
    again = await sent(asha)
    assert int(again[2:]) > int(reference[2:])


async def test_htmx_is_led_to_the_new_communication(asha: Browser) -> None:
    answer = await post_new(asha, await filled(), headers=HTMX)
    assert answer.status_code == 204
    assert answer.headers["hx-redirect"].startswith("/sdep/communications/SC")


@pytest.mark.spec("SD 13.1")
async def test_sending_leaves_one_line_in_the_audit_log(asha: Browser) -> None:
    reference = await sent(asha)
    rows = await db.fetch("SELECT * FROM audit_entry WHERE subject = $1", reference)
    assert [(row["event"], row["person_name"], row["company_name"], row["process"], row["fuel"]) for row in rows] == [
        (
            "sdep.communication.sent",
            "Asha Rahman",
            "Brightwatt Energy",
            "Electricity Disconnection - General Query",
            "Electricity",
        )
    ]


@pytest.mark.spec("SD 11.1(c)")
async def test_a_search_tag_is_the_senders_companys_alone(asha: Browser, ben: Browser, nils: Browser) -> None:
    reference = await sent(asha, tag="our job 4711")
    assert "our job 4711" in (await ben.get(PAGE + reference)).text
    for page in ("", "/attachments", "/audit", "/transcript.csv"):
        assert "4711" not in (await nils.get(PAGE + reference + page)).text


@pytest.mark.spec("SD 11.1(c)")
@pytest.mark.parametrize(
    ("changes", "sentences"),
    [
        ({"subject": ""}, ["Enter a subject"]),
        ({"subject": " \r\n\t "}, ["Enter a subject"]),
        ({"subject": None}, ["Enter a subject"]),
        ({"subject": "x" * 201}, ["Shorten the subject to 200 characters. It has 201."]),
        ({"text": ""}, ["Enter a message"]),
        ({"text": "\x00\x01"}, ["Enter a message"]),
        ({"text": " \n "}, ["Enter a message"]),
        (
            {"text": "x" * 20_001},
            ["Shorten the message to 20,000 characters, or attach it as a file. It has 20,001."],
        ),
        ({"tag": "x" * 61}, ["Shorten the search tag to 60 characters. It has 61."]),
        ({"subject": "", "text": "", "mpan": ""}, ["Enter the MPAN.", "Enter a subject", "Enter a message"]),
        ({"mpan": ""}, ["Enter the MPAN."]),
        ({"mpan": "1090000000011"}, ["Check the MPAN: its last digit does not match the others."]),
        ({"mpan": "109000000001"}, ["Enter an MPAN with 13 digits. You entered 12."]),
        ({"mpan": "10900000000 1X"}, ["Enter an MPAN with 13 digits and nothing else."]),
        ({"mpan": "\x00"}, ["Enter the MPAN."]),
        ({"disconnection": "Sideways"}, ["Choose Logical or Full."]),
        ({"requested_date": "31 2 2026"}, ["February 2026 has no day 31. Check the date."]),
        ({"requested_date": "tomorrow"}, None),
        ({"msn": "?"}, ["Enter a meter serial number with letters, digits and spaces only."]),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_is_sent(
    asha: Browser, changes: dict[str, str | None], sentences: list[str] | None
) -> None:
    found = await refused(asha, **changes)
    assert found == sentences if sentences else found


@pytest.mark.parametrize(
    ("code", "changes", "sentence"),
    [
        ("PT0103", {"mprn": "4812345602"}, "Check the MPRN: its last two digits do not match the others."),
        ("PT0103", {"mprn": ""}, "Enter the MPRN."),
        ("PT0103", {"mprn": MPRN, "domestic": ""}, "Choose Domestic or Non-domestic."),
        ("PT0126", {"payment": "much"}, "Enter an amount in pounds and pence, for example 1,234.50."),
        ("PT0116", {"utrn": "123"}, "Enter a UTRN with 20 digits. You entered 3."),
        ("PT0116", {"telephone": "call me"}, "Enter a UK telephone number, for example 01632 960123."),
        ("PT0116", {"device": "90-B3"}, None),
    ],
)
async def test_each_process_has_its_own_data_items(
    asha: Browser, code: str, changes: dict[str, str], sentence: str | None
) -> None:
    found = await refused(asha, code=code, sender="BWG", to="CHG", mpan=None, **changes)
    assert sentence in found if sentence else found


async def test_a_gas_communication_between_suppliers(asha: Browser, cleo: Browser) -> None:
    reference = await sent(
        asha, code="PT0103", sender="BWG", to="CHG", mprn=MPRN, domestic="Domestic", supply_start="3/11/2026"
    )
    page = (await cleo.get(PAGE + reference)).text
    assert MPRN in page
    assert "Brightwatt Energy, Gas supplier" in page


@pytest.mark.spec("SD 11.1(c)")
async def test_items_of_another_process_are_left_out(asha: Browser) -> None:
    reference = await sent(asha, utrn="12345678901234567890", made_up="x")
    row = (await db.fetch("SELECT items::text AS items FROM communication WHERE reference = $1", reference))[0]
    assert "1234567890123456" not in row["items"]
    assert MPAN in row["items"]


async def test_a_refused_form_comes_back_whole(asha: Browser) -> None:
    changes = {
        "subject": "",
        "text": "Kept <word> for word 👩‍💻\r\n\r\n  indented",
        "tag": "kept tag",
        "msn": "kept serial ?",
        "disconnection": "Full",
        "requested_date": "kept date",
    }
    answer = await post_new(asha, await filled(**changes))
    page = answer.text
    assert "<title>Error: New communication" in page
    assert "Kept &lt;word&gt; for word 👩‍💻\n\n  indented</textarea>" in page
    for name in ("tag", "msn", "requested_date"):
        assert f'value="{changes[name]}"' in page
    assert 'value="Full" checked' in page
    for chosen in (await participant("BRWT"), await process("PT0130"), await participant("NORG")):
        assert f'value="{chosen}" selected' in page
    fragment = await post_new(asha, await filled(**changes), headers=HTMX)
    assert fragment.status_code == 422
    assert fragment.text.strip().startswith('<div id="new"')


async def test_a_text_of_a_megabyte_comes_back_whole(asha: Browser) -> None:
    text = "Zeile für Zeile. " * 65_000
    for browser_sends in ({}, {"files": [("a.txt", b"x")]}):
        answer = await post_new(asha, await filled(text=text), **browser_sends)
        assert answer.status_code == 422
        assert told(answer)[0].startswith("Shorten the message to 20,000 characters")
        assert text.strip() in answer.text


async def test_a_text_of_five_megabytes_is_too_much_to_read(asha: Browser) -> None:
    answer = await post_new(asha, await filled(text="x" * 5_000_000))
    assert (answer.status_code, told(answer)) == (
        413,
        ["The text is too long to be read. Nothing was saved. Shorten it and send it again."],
    )


async def test_the_longest_that_is_allowed_is_sent(asha: Browser) -> None:
    reference = await sent(asha, subject="s" * 200, text="t" * 20_000, tag="g" * 60)
    assert "t" * 20_000 in (await asha.get(PAGE + reference)).text


@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        ("subject", "The subject contained characters that cannot be shown."),
        ("text", "The message contained characters that cannot be shown."),
        ("tag", "The search tag contained characters that cannot be shown."),
    ],
)
async def test_control_characters_are_taken_out_and_that_is_said(asha: Browser, field: str, sentence: str) -> None:
    fields = await filled(**{field: "be\x00fore \x1bafter\x7f"})
    answer = await post_new(asha, fields)
    assert answer.status_code == 422
    assert told(answer) == [f"{sentence} They were removed: check it and send again."]
    assert "before after" in answer.text
    assert "\x00" not in answer.text
    assert (await post_new(asha, {**fields, field: "before after"})).status_code == 303


async def test_letters_of_every_script_are_sent_as_they_are(asha: Browser, nils: Browser) -> None:
    subject, text = "فاتورة \u200f4711 😀", "\u202eright to left\u202c 中文 e\u0301 👩‍💻"
    reference = await sent(asha, subject=subject, text=text)
    page = (await nils.get(PAGE + reference)).text
    assert f'dir="auto">{subject}</h1>' in page
    assert f'<p dir="auto">{text}</p>' in page
    assert subject in (await nils.get("/sdep/communications")).text


async def test_without_scripts_the_fields_of_a_process_come_by_a_button(asha: Browser) -> None:
    fields = await filled(action="update", text="typed before", recipient="", mpan=None)
    answer = await post_new(asha, fields)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sdep/drafts/{fields['draft_id']}")
    page = (await asha.get(answer.headers["location"])).text
    assert 'name="mpan"' in page
    assert "typed before" in page
    assert hidden(page, "draft_id") == fields["draft_id"]
    assert await count("communication") == 0


async def test_fields_that_the_form_does_not_have_do_no_harm(asha: Browser) -> None:
    answer = await post_new(asha, {**await filled(subject=""), "na\x00me": "x", "x" * 5000: "y", "company": "1"})
    assert answer.status_code == 422
    assert told(answer) == ["Enter a subject"]
