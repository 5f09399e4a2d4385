"""The export: all communications of a company that have changed since, a row a message (SL 9, SD 11.1(b)vii)."""

import csv
from datetime import datetime, timedelta
from io import StringIO

import httpx
import pytest

from sdes.attachments.scanner import Scanner
from sdes.attachments.vault import Vault
from sdes.kit import clock, db
from sdes.sdep.exports.communications import BATCH, COLUMNS, communications_csv
from sdes.sdep.since import read_since
from tests.support.communications import MPAN, checked, count, replied, sent, told
from tests.support.people import Browser, SignIn

pytestmark = pytest.mark.anyio

ADDRESS = "/sdep/export.csv"


@pytest.fixture
async def reporter(sign_in: SignIn) -> Browser:
    """Ben, who holds the system function of reports."""
    await grant("ben@brightwatt.example")
    return await sign_in("ben@brightwatt.example")


async def grant(email: str) -> None:
    await db.fetch("UPDATE person SET functions = '{reports}' WHERE email_key = $1", email)


async def rows(browser: Browser, address: str = ADDRESS) -> list[dict[str, str]]:
    return read(await browser.get(address))


def read(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text[:300]
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    found = list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert all(tuple(row) == COLUMNS for row in found)
    return found


async def changed(reference: str, ago: timedelta) -> None:
    """Makes it the last change of both parties' views; past the trigger that stamps it."""
    await db.fetch("ALTER TABLE communication_party DISABLE TRIGGER communication_party_changed")
    await db.fetch(
        "UPDATE communication_party SET changed_at = now() - $2::interval WHERE communication ="
        " (SELECT id FROM communication WHERE reference = $1)",
        reference,
        ago,
    )
    await db.fetch("ALTER TABLE communication_party ENABLE TRIGGER communication_party_changed")


async def test_a_row_for_each_message_of_the_whole_company(asha: Browser, nils: Browser, reporter: Browser) -> None:
    reference = await sent(asha, [("plan.txt", b"x")], text='Said "please",\nand thank you', tag="job 7")
    await replied(nils, reference, "On Tuesday.")
    await db.fetch("DELETE FROM assignment WHERE person = (SELECT id FROM person WHERE name = 'Ben Carter')")
    first, second = await rows(reporter)
    (one,) = await db.fetch("SELECT * FROM communication WHERE reference = $1", reference)
    assert (first["Id"], first["Reference"], first["Subject"]) == (str(one["id"]), reference, one["subject"])
    assert (first["Process code"], first["Fuel"], first["Level"]) == ("PT0130", "Electricity", "1")
    assert (first["From"], first["From MPID"]) == ("Brightwatt Energy", "BRWT")
    assert (first["To MPID"], first["Status"]) == ("NORG", "current")
    assert (first["MPxN type"], first["MPxN"]) == ("MPAN", MPAN)
    assert (first["Own tags"], first["Owner"]) == ("job 7", "")
    assert first["Attachments"] == "plan.txt (pending)"
    assert first["Text"] == 'Said "please",\nand thank you'
    last = clock.local(one["last_message_at"]).date()
    assert (first["Archives"], first["Deletes"]) == tuple(str(last + timedelta(days=n)) for n in (30, 60))
    told_of = [(row["Message number"], row["Direction"], row["Sender"], row["Kind"]) for row in (first, second)]
    assert told_of == [("1", "sent", "Asha Rahman", "message"), ("2", "received", "Nils Andersen", "message")]
    ids = await db.fetch("SELECT id FROM message WHERE communication = $1 ORDER BY number", one["id"])
    assert [row["Message id"] for row in (first, second)] == [str(row["id"]) for row in ids]


async def test_the_other_side_sees_its_own_view_and_strangers_nothing(
    asha: Browser, nils: Browser, sign_in: SignIn
) -> None:
    reference = await sent(asha, tag="our secret job")
    for email in ("nils@northgrid.example", "otto@clearvolt.example"):
        await grant(email)
    theirs = await rows(await sign_in("nils@northgrid.example"))
    assert [(row["Reference"], row["Direction"], row["Own tags"]) for row in theirs] == [(reference, "received", "")]
    assert await rows(await sign_in("otto@clearvolt.example"), f"{ADDRESS}?updated_since=") == []


async def test_since_the_last_two_days_unless_said_otherwise(asha: Browser, reporter: Browser) -> None:
    fresh, older, oldest = await sent(asha), await sent(asha), await sent(asha)
    await changed(older, timedelta(days=3))
    await changed(oldest, timedelta(days=300))

    async def found(query: str) -> set[str]:
        return {row["Reference"] for row in await rows(reporter, ADDRESS + query)}

    day = (clock.today() - timedelta(days=5)).isoformat()
    assert await found("") == {fresh}
    assert await found(f"?updated_since={day}") == {fresh, older}
    assert await found("?updated_since=") == {fresh, older, oldest}
    moment = (clock.now() - timedelta(days=3, minutes=1)).isoformat()
    assert await found(f"?updated_since={moment}") == {fresh, older}  # the plus of its offset is a space in an address
    assert await found(f"?updated_since={(clock.now() + timedelta(hours=1)).isoformat()[:19]}Z") == set()


@pytest.mark.parametrize("what", ["owner", "tags", "virus check", "archive"])
async def test_what_changes_is_exported_again(what: str, asha: Browser, reporter: Browser) -> None:
    reference = await sent(asha, [("plan.txt", b"x")])
    await changed(reference, timedelta(days=9))
    assert await rows(reporter) == []
    change = {
        "owner": "UPDATE communication_party SET owner = (SELECT id FROM person WHERE name = 'Asha Rahman')"
        " WHERE company = (SELECT id FROM company WHERE name = 'Brightwatt Energy')",
        "tags": "UPDATE communication_party SET tags = '{urgent}'",
        "virus check": "UPDATE communication_party SET changed_at = now()",  # as actions/files.py does
        "archive": "UPDATE communication SET archived_at = now()",
    }[what]
    await db.fetch(change)
    (row,) = await rows(reporter)
    assert row["Reference"] == reference
    assert row["Owner"] == ("Asha Rahman" if what == "owner" else "")
    assert row["Own tags"] == ("urgent" if what == "tags" else "")
    assert row["Status"] == ("archived" if what == "archive" else "current")


async def test_a_verdict_on_a_file_is_a_change(
    asha: Browser, reporter: Browser, vault: Vault, scanner: Scanner
) -> None:
    reference = await sent(asha, [("plan.txt", b"x")])
    await changed(reference, timedelta(days=9))
    await checked(vault, scanner)
    (row,) = await rows(reporter)
    assert row["Attachments"] == "plan.txt (clean)"


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "＝1"])
async def test_no_field_is_a_formula(asha: Browser, reporter: Browser, text: str) -> None:
    await sent(asha, [(f"{text.replace('/', '')}.txt", b"x")], subject=text, text=text, tag=text[:60])
    (row,) = await rows(reporter)
    assert row["Subject"] == row["Text"] == row["Own tags"] == f"'{text}"
    assert row["Attachments"].startswith("'")


async def test_more_than_one_batch(asha: Browser, reporter: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    assert BATCH >= 100
    monkeypatch.setattr("sdes.sdep.exports.communications.BATCH", 2)
    references = [await sent(asha) for _ in range(5)]
    answer = await reporter.get(ADDRESS)
    assert [row["Reference"] for row in read(answer)] == references
    assert answer.text.count("\ufeff") <= 1
    until = datetime.fromisoformat(answer.headers["sdes-complete-until"])
    assert timedelta(0) <= clock.now() - until < timedelta(minutes=5)


async def test_a_deleted_one_is_left_out_of_what_is_still_to_be_written(asha: Browser, reporter: Browser) -> None:
    kept = await sent(asha)
    (one,) = await db.fetch("SELECT id FROM communication WHERE reference = $1", kept)
    actor = await reporter.actor()
    lines = "".join([piece async for piece in communications_csv(actor, [one["id"], one["id"] + 999])])
    assert [row["Reference"] for row in csv.DictReader(StringIO(lines.lstrip("\ufeff")))] == [kept]


@pytest.mark.spec("SD 14.4")
async def test_what_is_soon_deleted_is_told_and_downloaded(asha: Browser, reporter: Browser) -> None:
    reference, later = await sent(asha), await sent(asha)
    assert "deleted for good" not in (await reporter.get("/sdep/export")).text
    for one, days in ((reference, 24), (later, 22)):
        await db.fetch(
            f"UPDATE communication SET archived_at = now() - interval '{days} days' WHERE reference = $1", one
        )
    page = (await reporter.get("/sdep/export")).text
    assert "1 archived communication is deleted for good within 7 days" in page
    assert [row["Reference"] for row in await rows(reporter, "/sdep/export/deleting.csv")] == [reference]


async def test_each_download_is_in_the_company_s_audit_log(asha: Browser, reporter: Browser, mo: Browser) -> None:
    await sent(asha, subject="Mill Lane")
    for query in ("?updated_since=3/11/2026", "?updated_since="):
        await reporter.get(ADDRESS + query)
    entries = await db.fetch("SELECT * FROM audit_entry WHERE event = 'sdep.export.downloaded' ORDER BY id")
    assert [entry["detail"] for entry in entries] == ["Changed since 3 November 2026, 00:00", "All communications"]
    assert {entry["person_name"] for entry in entries} == {"Ben Carter"}
    log = (await mo.get("/audit")).text
    assert "Communications downloaded" in log
    assert "Mill Lane" not in log


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("yesterday", "Enter a date, for example 3 11 2026 or 3 November 2026, or a time"),
        ("31/2/2026", "February 2026 has no day 31"),
        ("2026-11-03T10:00:00", "Say the time’s offset"),
        ("2026-11-03T25:00:00Z", "is no time"),
        ("0001-01-01T00:00:00+14:00", "Check the year"),
        ("\x00" + "9" * 5000, "Enter a date"),
    ],
)
async def test_what_is_no_time_is_told(typed: str, sentence: str, reporter: Browser) -> None:
    answer = await reporter.get(ADDRESS, params={"updated_since": typed})
    assert answer.status_code == 422
    (problem,) = told(answer)
    assert sentence.replace("’", "'") in problem.replace("’", "'")
    assert "<title>Error: Export" in answer.text
    assert await count("audit_entry", "event = 'sdep.export.downloaded'") == 0


@pytest.mark.parametrize("address", ["/sdep/export", ADDRESS, "/sdep/export/deleting.csv"])
async def test_only_who_holds_the_system_function_may(
    address: str, asha: Browser, mo: Browser, nobody: Browser
) -> None:
    assert (await asha.get(address)).status_code == 403
    assert (await mo.get(address)).status_code == 403
    assert (await nobody.get(address)).status_code == 303


async def test_the_page_is_linked_for_those_who_may(asha: Browser, reporter: Browser) -> None:
    link = 'href="/sdep/export"'
    assert link in (await reporter.get("/sdep/communications")).text
    assert link not in (await asha.get("/sdep/communications")).text


def test_a_day_begins_at_midnight_in_london() -> None:
    summer, error = read_since("1 July 2026")
    assert (summer, error) == (datetime.fromisoformat("2026-07-01T00:00:00+01:00"), None)
    assert read_since("  ") == (None, None)
    assert read_since("3 October 2026")[0] == datetime.fromisoformat("2026-10-03T00:00:00+01:00")
