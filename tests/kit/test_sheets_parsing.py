"""Spreadsheets that people send are taken as text, and what is none or too much is refused."""

import zipfile
from datetime import date
from io import BytesIO

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from sdes.kit.sheets.limits import MOST_COLUMNS, MOST_ROWS, Unreadable
from sdes.kit.sheets.parsing import sheet_of
from sdes.kit.spreadsheets import csv_lines, workbook
from tests.support.workbooks import made, part, repacked


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
    assert sheet_of(content) == [["Email", "Name"], ["asha@b.example", "Asha Łukasz"]]


def test_csv_of_old_windows_programs() -> None:
    assert sheet_of("Name\nZoë Müller\n".encode("cp1252")) == [["Name"], ["Zoë Müller"]]


def test_rows_keep_their_places() -> None:
    assert sheet_of(b"Name\n\n,,\nB\n\n") == [["Name"], [], [], ["B"]]
    assert sheet_of(made(["Name"], [], [None, ""], ["B"], [])) == [["Name"], [], [], ["B"]]


def test_cells_of_a_workbook_become_text() -> None:
    content = made(["a", "b"], [3.0, 2.5], [True, date(2026, 11, 22)], ["  x\x0b ".replace("\x0b", "\n"), None])
    assert sheet_of(content) == [["a", "b"], ["3", "2.5"], ["yes", "2026-11-22T00:00:00"], ["x"]]


def test_the_sheet_of_that_name_is_read_or_else_the_first() -> None:
    content = made(["Name"], ["B"], before="Cover")
    assert sheet_of(content, "People") == [["Name"], ["B"]]
    assert sheet_of(made(["Name"], title="Tabelle1"), "People") == [["Name"]]


def test_a_formula_counts_as_what_was_saved_with_it() -> None:
    assert sheet_of(made(["=1+1", "x"])) == [["", "x"]]


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
    assert sheet_of("".join(csv_lines(rows)).encode()) == [[cell.strip() for cell in row] for row in rows]
    assert sheet_of(workbook([("People", rows)])) == [[cell.strip() for cell in row] for row in rows]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
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
        sheet_of(content)


def test_a_workbook_that_unpacks_without_end() -> None:
    bomb = repacked(made(["a"]), sheet1=b" " * (61 * 1024 * 1024))
    assert len(bomb) < 200_000
    with pytest.raises(Unreadable, match="too large"):
        sheet_of(bomb)


def test_a_workbook_of_too_many_parts() -> None:
    with pytest.raises(Unreadable, match="too large"):
        sheet_of(repacked(made(["a"]), **{f"p{number}": b"x" for number in range(300)}))


def test_xml_that_defines_words_of_its_own() -> None:
    laughs = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>'
    with pytest.raises(Unreadable, match="not as spreadsheet programs"):
        sheet_of(repacked(made(["a"]), sheet1=laughs))


def test_a_size_that_is_not_true_is_not_believed() -> None:
    with zipfile.ZipFile(BytesIO(made(["a", "b"], ["c"]))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml")
    for said in (b'ref="A1:XFD1048576"', b'ref="A1:A1"'):
        lying = sheet.replace(b'ref="A1:B2"', said)
        assert lying != sheet
        assert sheet_of(repacked(made(["a", "b"], ["c"]), sheet1=lying)) == [["a", "b"], ["c"]]


def test_a_far_away_row_or_column_takes_no_memory() -> None:
    with zipfile.ZipFile(BytesIO(made(["a"], ["b"]))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml")
    far = sheet.replace(b'<row r="2"', b'<row r="1048576"').replace(b'r="A2"', b'r="A1048576"')
    assert far != sheet
    with pytest.raises(Unreadable, match="more than 20,000 rows"):
        sheet_of(repacked(made(["a"], ["b"]), sheet1=far))
    wide = sheet.replace(b'r="A2"', b'r="AY2"')  # the 51st column
    with pytest.raises(Unreadable, match="more than 50 columns"):
        sheet_of(repacked(made(["a"], ["b"]), sheet1=wide))


def test_styles_as_old_workbooks_have_them() -> None:
    styles = part(made(["a"]), "xl/styles.xml")
    assert sheet_of(repacked(made(["a"]), styles=styles + b"<!--" + b"x" * 900_000 + b"-->")) == [["a"]]


def test_cells_without_text_far_to_the_right() -> None:
    assert sheet_of(b"Name" + b", " * 1000 + b"\nB\n") == [["Name"], ["B"]]


def test_openpyxl_reads_with_defusedxml() -> None:
    assert openpyxl.DEFUSEDXML


def test_the_tests_workbooks_are_workbooks() -> None:
    assert load_workbook(BytesIO(repacked(made(["a"])))).active["A1"].value == "a"
