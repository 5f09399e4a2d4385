"""Hostile spreadsheets harm nobody but themselves: they are read in a process of their own, within bounds."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sdes.kit import limited_child, sheets_read
from sdes.kit.errors import Unavailable
from sdes.kit.sheets import child
from sdes.kit.sheets_read import MOST_BYTES, Unreadable, read_sheet
from sdes.kit.spreadsheets import csv_lines, workbook
from tests.support.workbooks import made, part, repacked


def hostile_styles(size: int) -> bytes:
    styles = part(made(["a"]), "xl/styles.xml")
    return repacked(made(["a"]), styles=styles.replace(b"</cellXfs>", b"<xf/>" * (size // 5) + b"</cellXfs>"))


def hostile_row(size: int) -> bytes:
    sheet = part(made(["a"]), "xl/worksheets/sheet1.xml")
    row = b'<row r="2">' + b"<c/>" * (size // 4) + b"</row></sheetData>"
    return repacked(made(["a"]), sheet1=sheet.replace(b"</sheetData>", row))


def one_text_many_times() -> bytes:
    """Small in the file and small in the reader's memory, thirty gigabytes when told."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    content = made(["a"])
    kinds = part(content, "[Content_Types].xml")
    named = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'
    strings = f'<sst xmlns="{space}"><si><t>{"a" * 32_000}</t></si></sst>'
    row = "<row>" + '<c t="s"><v>0</v></c>' * 50 + "</row>"
    sheet = f'<worksheet xmlns="{space}"><sheetData>{row * 20_000}</sheetData></worksheet>'
    content = repacked(content, **{"[Content_Types]": kinds.replace(b"</Types>", named.encode())})
    return repacked(content, sharedStrings=strings.encode(), sheet1=sheet.encode())


def words_of_its_own(before: str) -> bytes:
    cell = '<row r="1"><c r="A1" t="inlineStr"><is><t>&a;&a;</t></is></c></row>'
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = f"""<?xml version="1.0" encoding="utf-8"?><!--{before}--><!DOCTYPE worksheet [<!ENTITY a "{"A" * 9}">]>
        <worksheet xmlns="{space}"><sheetData>{cell}</sheetData></worksheet>"""
    return repacked(made(["a"]), sheet1=sheet.encode())


MIB = 1 << 20
HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "styles of 4 MB": (lambda: hostile_styles(4 * MIB), "holds too much beside its rows"),
    "row of two million empty cells": (lambda: hostile_row(8 * MIB), "too large|takes too long"),
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
    assert re.search(sentence, said), said
    assert grown < 64 * MIB
    assert in_child < 512 * MIB


def test_the_part_with_the_doctype_lies_across_two_pieces() -> None:
    """Or the file above would not try what it is named after."""
    sheet = part(HOSTILE["words of its own across pieces"][0](), "xl/worksheets/sheet1.xml")
    assert sheet.index(b"<!DOCTYPE") < 262_144 < sheet.index(b"<!DOCTYPE") + 9


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_honest_file_of_5000_rows_is_read(kind: str) -> None:
    rows = [
        [f"person{row}@brightwatt.example", *(f"cell {row}.{column}" for column in range(5))] for row in range(5000)
    ]
    content = "".join(csv_lines(rows)).encode() if kind == "csv" else workbook([("People", rows)])
    assert read_sheet(content, "People") == rows


def test_the_sheet_of_that_name_and_text_of_all_kinds_come_through() -> None:
    content = made(["Name", 'say "x"'], [], ["Zoë Łukasz 😀", "a\nb"], before="Cover")
    assert read_sheet(content, "People") == [["Name", 'say "x"'], [], ["Zoë Łukasz 😀", "a\nb"]]


def test_a_file_that_is_too_large() -> None:
    with pytest.raises(Unreadable, match="larger than 10 MB"):
        read_sheet(b"x" * (MOST_BYTES + 1))


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
sys.path.insert(0, {str(limited_child.SOURCE)!r})
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
