"""The audit log taken out as a file: what is filtered and nothing else, never a formula, and written down."""

import csv
import io
import re

import openpyxl
import pytest

from sdes.administration.exports import audit as exports
from sdes.administration.queries import audit as queries
from tests.support.audit import happened, told
from tests.support.communications import count
from tests.support.people import Browser

pytestmark = pytest.mark.anyio


async def test_it_is_taken_out_as_csv(mo: Browser, olga: Browser) -> None:
    await happened(mo, "=1+1", "kept Llŷn", "left out")
    await happened(olga, "kept secret")
    answer = await mo.get("/audit/export.csv?text=kept&kind=people")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="sdes-audit.csv"'
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0] == ["When (UK local time)", "Who", "Company", "Action", "Event", "Subject", "Detail"]
    assert rows[1:] == [
        [
            "2026-11-20T12:01:00+00:00", "Mo Sheikh", "Brightwatt Energy", "Person changed",
            "administration.person.changed", "", "kept Llŷn",
        ]
    ]  # fmt: skip
    assert "'=1+1" in (await mo.get("/audit/export.csv")).text


async def test_it_is_taken_out_as_a_workbook(mo: Browser) -> None:
    await happened(mo, "=1+1", "plain")
    answer = await mo.get("/audit/export.xlsx")
    assert answer.headers["content-disposition"] == 'attachment; filename="sdes-audit.xlsx"'
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.active
    cells = [(row[-1].value, row[-1].data_type) for row in book.active.iter_rows(min_row=2)]
    assert cells[1:] == [("plain", "s"), ("=1+1", "s")]
    assert cells[0][0] == "Mo Sheikh: XLSX, all entries"
    assert all(row[0].is_date for row in book.active.iter_rows(min_row=2)), "moments can be sorted and reckoned with"


async def test_taking_it_out_is_written_down(mo: Browser) -> None:
    await mo.get("/audit/export.csv?person=asha&from=1+1+2026")
    assert await told(mo) == [("Mo Sheikh", "Audit log downloaded", "Mo Sheikh: CSV, from 1 1 2026, person asha")]
    guessed = await mo.get("/audit/export.csv", headers={"Sec-Purpose": "prefetch"})
    assert guessed.status_code == 503
    assert await count("audit_entry", "event = 'administration.audit.exported'") == 1


async def test_many_entries_leave_in_batches(mo: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "BATCH", 7)
    await happened(mo, *(f"entry {number}" for number in range(30)))
    text = (await mo.get("/audit/export.csv?text=entry")).text
    assert re.findall(r"entry \d+", text) == [f"entry {number}" for number in reversed(range(30))]
    assert text.count("\ufeff") <= 1


async def test_a_full_file_says_so(mo: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MOST", 5)
    await happened(mo, *(f"entry {number}" for number in range(9)))
    rows = (await mo.get("/audit/export.csv?kind=people")).text.splitlines()
    assert len(rows) == 7
    assert "entry 4" in rows[5]
    assert rows[6] == '"The newest 5 entries. Ask for fewer days to get the others."'
