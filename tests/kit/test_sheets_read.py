"""Spreadsheets that people send are read as text, and hostile ones are refused before they harm."""

import zipfile
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from sdes.kit import sheets_read
from sdes.kit.sheets_read import MOST_BYTES, MOST_COLUMNS, MOST_ROWS, Unreadable, read_sheet
from sdes.kit.spreadsheets import csv_lines, workbook


def made(*rows: list[Any], title: str = "People", before: str = "") -> bytes:
    book = Workbook()
    book.active.title = before or title
    sheet = book.create_sheet(title) if before else book.active
    for row in rows:
        sheet.append(row)
    whole = BytesIO()
    book.save(whole)
    return whole.getvalue()


def repacked(content: bytes, **parts: bytes) -> bytes:
    """The workbook with parts exchanged or added; `sheet1` stands for its first sheet."""
    whole = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            name = info.filename.rpartition("/")[2].removesuffix(".xml")
            new.writestr(info.filename, parts.pop(name, None) or old.read(info))
        for name, text in parts.items():
            new.writestr(f"xl/{name}.xml", text)
    return whole.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        "Email,Name\nasha@b.example,Asha Łukasz\n".encode(),
        "Email,Name\r\nasha@b.example,Asha Łukasz".encode("utf-8-sig"),
        'Email;Name\n"asha@b.example";" Asha Łukasz "\n'.encode(),
        "Email\tName\r\nasha@b.example\tAsha Łukasz\r\n".encode("utf-16"),
        "sep=;\r\nEmail;Name\r\nasha@b.example;Asha Łukasz;;\r\n\r\n".encode(),
    ],
)
def test_csv_as_programs_save_it(content: bytes) -> None:
    assert read_sheet(content) == [["Email", "Name"], ["asha@b.example", "Asha Łukasz"]]


def test_csv_of_old_windows_programs() -> None:
    assert read_sheet("Name\nZoë Müller\n".encode("cp1252")) == [["Name"], ["Zoë Müller"]]


def test_rows_keep_their_places() -> None:
    assert read_sheet(b"Name\n\n,,\nB\n\n") == [["Name"], [], [], ["B"]]
    assert read_sheet(made(["Name"], [], [None, ""], ["B"], [])) == [["Name"], [], [], ["B"]]


def test_cells_of_a_workbook_become_text() -> None:
    content = made(["a", "b"], [3.0, 2.5], [True, date(2026, 11, 22)], ["  x\x0b ".replace("\x0b", "\n"), None])
    assert read_sheet(content) == [["a", "b"], ["3", "2.5"], ["yes", "2026-11-22T00:00:00"], ["x"]]


def test_the_sheet_of_that_name_is_read_or_else_the_first() -> None:
    content = made(["Name"], ["B"], before="Cover")
    assert read_sheet(content, "People") == [["Name"], ["B"]]
    assert read_sheet(made(["Name"], title="Tabelle1"), "People") == [["Name"]]


def test_a_formula_counts_as_what_was_saved_with_it() -> None:
    assert read_sheet(made(["=1+1", "x"])) == [["", "x"]]


@settings(deadline=None, max_examples=30)
@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Zs", "Zl", "Zp"])), min_size=1),
        max_size=4,
    )
)
def test_what_we_write_we_read(rows: list[list[str]]) -> None:
    """Guarded against formulas or not."""
    rows = [["heading"], *([*row[:MOST_COLUMNS], "end"] for row in rows if len(row) < MOST_COLUMNS)]
    assert read_sheet("".join(csv_lines(rows)).encode()) == [[cell.strip() for cell in row] for row in rows]
    assert read_sheet(workbook([("People", rows)])) == [[cell.strip() for cell in row] for row in rows]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"x" * (MOST_BYTES + 1), "larger than 10 MB"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "old .xls"),
        (b"\x00\x01\x02\x03", "neither a CSV"),
        (b"a\x81b", "neither a CSV"),
        (b"PK\x03\x04 and no more", "damaged"),
        (b"a,b\n" * (MOST_ROWS + 2), "more than 20,000 rows"),
        (b"x," * 60 + b"x", "more than 50 columns"),
        (b'"' + b"a" * 200_000 + b'"\n', "no CSV file"),
    ],
)
def test_what_is_no_spreadsheet_or_too_much_of_one(content: bytes, sentence: str) -> None:
    with pytest.raises(Unreadable, match=sentence):
        read_sheet(content)


def test_a_workbook_that_unpacks_without_end() -> None:
    bomb = repacked(made(["a"]), sheet1=b" " * (61 * 1024 * 1024))
    assert len(bomb) < 200_000
    with pytest.raises(Unreadable, match="too large"):
        read_sheet(bomb)


def test_a_workbook_of_too_many_parts() -> None:
    with pytest.raises(Unreadable, match="too large"):
        read_sheet(repacked(made(["a"]), **{f"p{number}": b"x" for number in range(300)}))


def test_xml_that_defines_words_of_its_own() -> None:
    laughs = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>'
    with pytest.raises(Unreadable, match="not as spreadsheet programs"):
        read_sheet(repacked(made(["a"]), sheet1=laughs))


def test_a_size_that_is_not_true_is_not_believed() -> None:
    with zipfile.ZipFile(BytesIO(made(["a", "b"], ["c"]))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml")
    for said in (b'ref="A1:XFD1048576"', b'ref="A1:A1"'):
        lying = sheet.replace(b'ref="A1:B2"', said)
        assert lying != sheet
        assert read_sheet(repacked(made(["a", "b"], ["c"]), sheet1=lying)) == [["a", "b"], ["c"]]


def test_a_far_away_row_or_column_takes_no_memory() -> None:
    with zipfile.ZipFile(BytesIO(made(["a"], ["b"]))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml")
    far = sheet.replace(b'<row r="2"', b'<row r="1048576"').replace(b'r="A2"', b'r="A1048576"')
    assert far != sheet
    with pytest.raises(Unreadable, match="more than 20,000 rows"):
        read_sheet(repacked(made(["a"], ["b"]), sheet1=far))
    wide = sheet.replace(b'r="A2"', b'r="AY2"')  # the 51st column
    with pytest.raises(Unreadable, match="more than 50 columns"):
        read_sheet(repacked(made(["a"], ["b"]), sheet1=wide))


def test_a_workbook_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets_read, "_MOST_SECONDS", -1.0)
    with pytest.raises(Unreadable, match="too long"):
        read_sheet(b"a\n" * 300)


def test_the_tests_workbooks_are_workbooks() -> None:
    assert load_workbook(BytesIO(repacked(made(["a"])))).active["A1"].value == "a"
