"""Spreadsheets that people send are read as text, and hostile ones are refused before they harm."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from sdes.kit import limited_child, sheets_read
from sdes.kit.errors import Unavailable
from sdes.kit.sheets import child
from sdes.kit.sheets.parsing import sheet_of
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
    assert sheet_of("".join(csv_lines(rows)).encode()) == [[cell.strip() for cell in row] for row in rows]
    assert sheet_of(workbook([("People", rows)])) == [[cell.strip() for cell in row] for row in rows]


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


def part(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(BytesIO(content)) as book:
        return book.read(name)


def hostile_styles(size: int) -> bytes:
    styles = part(made(["a"]), "xl/styles.xml")
    return repacked(made(["a"]), styles=styles.replace(b"</cellXfs>", b"<xf/>" * (size // 5) + b"</cellXfs>"))


def hostile_row(size: int) -> bytes:
    sheet = part(made(["a"]), "xl/worksheets/sheet1.xml")
    row = b'<row r="2">' + b"<c/>" * (size // 4) + b"</row></sheetData>"
    return repacked(made(["a"]), sheet1=sheet.replace(b"</sheetData>", row))


def one_text_many_times() -> bytes:
    """Small in the file and small in the reader's memory, thirty gigabytes when told."""
    content = made(["a"])
    strings = part(content, "xl/sharedStrings.xml").replace(b"<t>a</t>", b"<t>" + b"a" * 32_000 + b"</t>")
    row = b"<row>" + b'<c t="s"><v>0</v></c>' * 50 + b"</row>"
    sheet = part(content, "xl/worksheets/sheet1.xml").replace(b"</sheetData>", row * 20_000 + b"</sheetData>")
    return repacked(content, sharedStrings=strings, sheet1=sheet)


def words_of_its_own(coding: str = "utf-8", before: str = "") -> bytes:
    cell = '<row r="1"><c r="A1" t="inlineStr"><is><t>&a;&a;</t></is></c></row>'
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = f"""<?xml version="1.0" encoding="{coding}"?><!--{before}--><!DOCTYPE worksheet [<!ENTITY a "{"A" * 9}">]>
        <worksheet xmlns="{space}"><sheetData>{cell}</sheetData></worksheet>"""
    return repacked(made(["a"]), sheet1=sheet.encode(coding))


MIB = 1 << 20
HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "styles of 4 MB": (lambda: hostile_styles(4 * MIB), "holds too much beside its rows"),
    "row of 50 MB of empty cells": (lambda: hostile_row(50 * MIB), "too large"),
    "one text a million times": (one_text_many_times, "more text than can be read"),
    "commas": (lambda: b"," * 10_000_000, "Row 1 is too long"),
    "commas of a later row": (lambda: b"a,b\n\n" + b"," * 10_000_000, "Row 3 is too long"),
    "commas and quotes": (lambda: b',,,"\n",,,' * 1_000_000, "Row 1 is too long"),
    "commas of many rows": (lambda: (b"a" + b"," * 200_000 + b"a\n") * 50, "Row 1 has more than 50 columns"),
    "words of its own far below": (lambda: words_of_its_own(before="x" * 300_000), "not as spreadsheet programs"),
    "words of its own across pieces": (
        lambda: words_of_its_own(before="x" * (262_144 - 44 - 9 + 5)),
        "not as spreadsheet programs",
    ),
    "words of its own in EBCDIC": (lambda: words_of_its_own("cp037"), "damaged"),
}

IN_A_FRESH_PROCESS = """
import json, re, resource, sys
from pathlib import Path
from sdes.kit.sheets_read import Unreadable, read_sheet

def memory(word):
    return int(re.search(word + r":\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) * 1024

content = Path(sys.argv[1]).read_bytes()
before = memory("VmHWM")
try:
    said = f"read {len(read_sheet(content))}"
except Unreadable as error:
    said = str(error)
child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
print(json.dumps([said, memory("VmHWM") - before, child]))
"""


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_and_takes_no_memory_of_the_web_process(name: str, tmp_path: Path) -> None:
    make, sentence = HOSTILE[name]
    file = tmp_path / "file"
    file.write_bytes(make())
    assert file.stat().st_size <= MOST_BYTES
    command = [sys.executable, "-c", IN_A_FRESH_PROCESS, str(file)]
    done = subprocess.run(command, capture_output=True, check=True, env={"PYTHONPATH": str(limited_child.SOURCE)})
    said, grown, in_child = json.loads(done.stdout)
    assert sentence in said
    assert grown < 64 * MIB
    assert in_child < 512 * MIB


def test_the_part_with_the_doctype_lies_across_two_pieces() -> None:
    """Or the file above would not try what it is named after."""
    sheet = part(HOSTILE["words of its own across pieces"][0](), "xl/worksheets/sheet1.xml")
    assert sheet.index(b"<!DOCTYPE") < 262_144 < sheet.index(b"<!DOCTYPE") + 9


def test_openpyxl_reads_with_defusedxml() -> None:
    assert openpyxl.DEFUSEDXML


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_honest_file_of_5000_rows_is_read(kind: str) -> None:
    rows = [
        [f"person{row}@brightwatt.example", *(f"cell {row}.{column}" for column in range(11))] for row in range(5000)
    ]
    content = "".join(csv_lines(rows)).encode() if kind == "csv" else workbook([("People", rows)])
    assert read_sheet(content, "People") == rows


def test_styles_as_old_workbooks_have_them() -> None:
    assert read_sheet(hostile_styles(900_000)) == [["a"]]


def test_cells_without_text_far_to_the_right() -> None:
    assert read_sheet(b"Name" + b", " * 1000 + b"\nB\n") == [["Name"], ["B"]]


def test_a_file_that_takes_too_long(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sheets_read, "WALL_SECONDS", 0.001)
    with pytest.raises(Unreadable, match="takes too long"):
        read_sheet(b"a\n")
    monkeypatch.setattr(sheets_read, "WALL_SECONDS", 60.0)
    in_its_place("resource.setrlimit(resource.RLIMIT_CPU, (1, 2))\nwhile True: pass\n", monkeypatch, tmp_path)
    with pytest.raises(Unreadable, match="takes too long"):
        read_sheet(b"a\n")


def in_its_place(does: str, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Has another module run instead of the one that reads."""
    (folder / "instead.py").write_text(f"import os, resource, signal, sys\n{does}")
    monkeypatch.setattr(limited_child, "SOURCE", folder)
    monkeypatch.setattr(child, "__name__", "instead")


def test_a_crash_is_the_files_doing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    in_its_place("os.kill(os.getpid(), signal.SIGSEGV)", monkeypatch, tmp_path)
    with pytest.raises(Unreadable, match="damaged"):
        read_sheet(b"a\n")


def test_any_other_failure_is_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    in_its_place("sys.exit('what went wrong')", monkeypatch, tmp_path)
    with pytest.raises(RuntimeError, match="what went wrong"):
        read_sheet(b"a\n")
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(Unavailable, match="Nothing was saved"):
        read_sheet(b"a\n")


def test_the_reading_process_knows_no_secrets_and_is_bounded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    spy = f"""
sys.path.append({str(limited_child.SOURCE)!r})
from sdes.kit.sheets import child
from sdes.kit import limited_child
limited_child.bind(child._LIMITS)
bounds = [resource.getrlimit(limit)[1] for limit in (resource.RLIMIT_AS, resource.RLIMIT_CPU)]
print('{{"unreadable": "%s %s"}}' % (bounds, sorted(os.environ)))
"""
    monkeypatch.setenv("SDES_MASTER_KEY", "secret")
    in_its_place(spy, monkeypatch, tmp_path)
    with pytest.raises(Unreadable, match="PYTHONPATH") as seen:
        read_sheet(b"a\n")
    assert "MASTER" not in str(seen.value)
    assert f"[{512 * MIB}, 50]" in str(seen.value)


def test_at_most_two_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets_read, "WAIT_SECONDS", 0.01)
    with sheets_read._at_once:
        assert read_sheet(b"a\n") == [["a"]]
        with sheets_read._at_once, pytest.raises(Unreadable, match="in a minute"):
            read_sheet(b"a\n")
    with pytest.raises(Unreadable, match="no CSV"):
        read_sheet(b'"' + b"a" * 200_000)
    assert sheets_read._at_once.acquire(timeout=0)
    assert sheets_read._at_once.acquire(timeout=0)
    sheets_read._at_once.release(2)


def test_the_tests_workbooks_are_workbooks() -> None:
    assert load_workbook(BytesIO(repacked(made(["a"])))).active["A1"].value == "a"
