"""CSV that a spreadsheet program cannot be tricked into running."""

import csv
from contextlib import suppress
from datetime import UTC, datetime
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from sdes.kit.spreadsheets import BOM, csv_lines, growing_workbook, workbook


def cell(value: object) -> str:
    return next(csv.reader(StringIO("".join(csv_lines([[value]])).removeprefix(BOM), newline="")))[0]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\u00a0=1", "＝1", "＋1", "－1", "＠1"]
)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "plain", "a=b", "1-2", "'quoted", "10 9000 0000 010"])
def test_plain_text_is_left_alone(text: str) -> None:
    assert cell(text) == text


def test_numbers_are_left_alone() -> None:
    assert cell(-5) == "-5"


def test_the_file_begins_with_the_mark_that_excel_needs_and_quotes_every_field() -> None:
    text = "".join(csv_lines([["a", 'say "x"'], ["b\nc", "d,e"]]))
    assert text == '\ufeff"a","say ""x"""\r\n"b\nc","d,e"\r\n'


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_no_text_becomes_a_formula_and_none_is_lost(text: str) -> None:
    shown = cell(text)
    assert shown in (text, f"'{text}")
    assert not shown.lstrip(" \u00a0").startswith(("=", "+", "-", "@"))


def test_a_workbook_holds_text_and_no_formula() -> None:
    content = workbook([("People", [["Name", "Count"], ["=1+1", 3], ["a\x07b", None]]), ("Other", [["x"]])])
    book = load_workbook(BytesIO(content))
    assert book.sheetnames == ["People", "Other"]
    cell = book["People"]["A2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")
    assert list(book["People"].iter_rows(values_only=True))[1:] == [("=1+1", 3), ("ab", None)]
    assert book["People"]["A1"].font.bold


def test_moments_are_told_in_uk_local_time() -> None:
    winter, summer = datetime(2026, 1, 5, 8, 30, 15, tzinfo=UTC), datetime(2026, 7, 5, 23, 30, tzinfo=UTC)
    assert (cell(winter), cell(summer)) == ("2026-01-05T08:30:15+00:00", "2026-07-06T00:30:00+01:00")
    sheet = load_workbook(BytesIO(workbook([("One", [["When"], [winter], [summer]])])))["One"]
    assert [(row[0].value, row[0].is_date, row[0].number_format) for row in sheet.iter_rows(min_row=2)] == [
        (datetime(2026, 1, 5, 8, 30, 15), True, "yyyy-mm-dd hh:mm"),
        (datetime(2026, 7, 6, 0, 30), True, "yyyy-mm-dd hh:mm"),
    ]


@pytest.mark.anyio
async def test_a_workbook_that_is_given_up_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with suppress(ConnectionResetError):
        async with growing_workbook("Rows", {"Name": 20}) as book:
            book.append([["Asha"]] * 100)
            assert list(tmp_path.iterdir()), "the rows lie in a file meanwhile"
            raise ConnectionResetError
    assert not list(tmp_path.iterdir())


@pytest.mark.anyio
async def test_a_growing_workbook_that_is_saved_leaves_that_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    async with growing_workbook("Rows", {"Name": 20}) as book:
        book.append([["Asha"]])
        book.save(tmp_path / "rows.xlsx")
    assert [file.name for file in tmp_path.iterdir()] == ["rows.xlsx"]
    assert [cell.value for cell in load_workbook(tmp_path / "rows.xlsx").active["A"]] == ["Name", "Asha"]
