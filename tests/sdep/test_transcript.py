"""The transcript: the whole communication as a file that a spreadsheet program cannot run (SD 11.1(b)vii)."""

import csv
from io import StringIO

import pytest

from tests.support.communications import count, replied, sent
from tests.support.people import Browser

pytestmark = [pytest.mark.anyio, pytest.mark.spec("SD 11.1(b)vii")]


async def transcript(browser: Browser, reference: str) -> list[dict[str, str]]:
    answer = await browser.get(f"/sdep/communications/{reference}/transcript.csv")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="{reference}-transcript.csv"'
    assert answer.headers["cache-control"] == "no-store"
    return list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"), newline="")))


async def test_it_holds_every_message_of_both(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha, [("plan.txt", b"x"), ("map.txt", b"y")], text='Said "please",\nand thank you 😀')
    await replied(nils, reference, "On Tuesday.")
    mine, theirs = await transcript(asha, reference), await transcript(nils, reference)
    assert [(row["Message"], row["Direction"], row["Sender"], row["Text"]) for row in mine] == [
        ("1", "sent", "Asha Rahman", 'Said "please",\nand thank you 😀'),
        ("2", "received", "Nils Andersen", "On Tuesday."),
    ]
    assert [row["Direction"] for row in theirs] == ["received", "sent"]
    first = mine[0]
    assert (first["Reference"], first["From MPID"], first["To MPID"]) == (reference, "BRWT", "NORG")
    assert (first["Process type"], first["Fuel"]) == ("Electricity Disconnection - General Query", "Electricity")
    assert first["Data items"] == "MPAN: 10 9000 0000 010"
    assert first["Attachments"] == "plan.txt (pending); map.txt (pending)"
    assert await count("audit_entry", "event = 'sdep.transcript.downloaded' AND subject = $1", reference) == 2


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "＝1"])
async def test_no_field_is_a_formula(asha: Browser, nils: Browser, text: str) -> None:
    reference = await sent(asha, [(f"{text.replace('/', '')}.txt", b"x")], subject=text, text=text)
    row = (await transcript(nils, reference))[0]
    assert row["Subject"] == row["Text"] == f"'{text}"
    assert row["Attachments"].startswith("'")


async def test_an_own_tag_is_not_in_it(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha, tag="secret job")
    for browser in (asha, nils):
        assert "secret job" not in str(await transcript(browser, reference))
