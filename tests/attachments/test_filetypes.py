"""Names and content of the fourteen types: what is taken, what is refused, and with which sentence."""

import os
import zipfile
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdes.attachments.filetypes import (
    ACCEPT,
    LONGEST_NAME,
    TYPES,
    ContentCheck,
    clean_name,
    extension_allowed,
    extension_of,
    extension_refusal,
)
from sdes.kit.errors import Refused
from tests.attachments.samples import as_encrypted, docx, eicar, ole, seven, xlsx, zipped

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(17)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"
GIF = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"
PROGRAM = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00" + bytes(60) + b"PE\0\0"
ELF = b"\x7fELF\x02\x01\x01" + bytes(57)


def test_the_fourteen_types() -> None:
    assert " ".join(TYPES) == "7z csv dat doc docx gif jpeg jpg pdf png txt xls xlsx zip"
    assert ACCEPT.startswith(".7z,.csv,")


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("invoice.pdf", "invoice.pdf"),
        ("C:\\Users\\Asha\\invoice.pdf", "invoice.pdf"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("in\x00voi\x1fce\r\n.pdf", "invoi ce .pdf"),
        ("fdp.\u202egpj.pdf", "fdp.gpj.pdf"),
        ("\u2067a\u2069\u200f.txt", "a.txt"),
        ("  spaces   within .csv. ", "spaces within .csv"),
        ("Cafe\u0301.txt", "Café.txt"),
        ("😀.png", "😀.png"),
        ("half\ud800.txt", "half.txt"),
        ("x" * 300 + ".xlsx", "x" * 145 + ".xlsx"),
        ("x" * 300, "x" * 150),
    ],
)
def test_names_are_cleaned(raw: str, name: str) -> None:
    assert clean_name(raw) == name


@pytest.mark.parametrize("raw", ["", "   ", "...", "/", "folder/", "\u202e", "\x00"])
def test_a_file_without_a_name_is_refused(raw: str) -> None:
    with pytest.raises(Refused, match="without a name"):
        clean_name(raw)


@given(st.text(max_size=400))
def test_any_name_becomes_a_safe_one(raw: str) -> None:
    try:
        name = clean_name(raw)
    except Refused:
        return
    assert 0 < len(name) <= LONGEST_NAME
    assert name == clean_name(name)
    assert not any(c in name for c in "/\\\0\r\n\u202e\u2066")
    name.encode()


def test_extensions() -> None:
    assert extension_allowed("a.PDF")
    assert extension_of("a.b.DocX") == "docx"
    assert not any(extension_allowed(name) for name in ("a.exe", "pdf", ".pdf", "a.pdf.exe", "a.docm", "a."))
    assert extension_refusal("a.pdf") is None
    assert extension_refusal("run.exe") == (
        "run.exe is of a type that cannot be attached. These can: "
        "7z, csv, dat, doc, docx, gif, jpeg, jpg, pdf, png, txt, xls, xlsx, zip."
    )


def refusal(name: str, content: bytes, piece: int = 65536) -> str | None:
    check = ContentCheck(name)
    for chunk in _cut(content, piece):
        check.feed(chunk)
    return check.finish()


def _cut(content: bytes, piece: int) -> Iterator[bytes]:
    for start in range(0, len(content), piece):
        yield content[start : start + piece]


FINE = [
    ("a.pdf", PDF),
    ("a.pdf", b"\xef\xbb\xbf\r\n" + PDF),
    ("a.png", PNG),
    ("a.jpg", JPEG),
    ("a.JPEG", JPEG),
    ("a.gif", GIF),
    ("a.txt", b"Plain text.\r\n"),
    ("a.txt", "Ünïcode, 文字 😀".encode()),
    ("a.txt", "latin é".encode("latin-1")),
    ("a.txt", "with a mark".encode("utf-16")),
    ("a.csv", b"MZONE,PKG\n1,2\n"),
    ("a.csv", b"MPAN;reading\n2000000000000;17\n"),
    ("a.dat", b"ZHV|0001|D0150001|X|\n" * 50000),
    ("a.dat", b"STX=ANA:1\x1c\x1d'"),
    ("a.doc", ole("WordDocument")),
    ("a.xls", ole("Workbook")),
    ("a.xls", ole("Book")),
    ("a.docx", docx()),
    ("a.xlsx", xlsx()),
    ("a.zip", zipped({"a.txt": b"fine"})),
    ("a.zip", zipped({})),
    ("a.zip", zipped({f"{n:0200}.txt": b"" for n in range(2500)})),  # its list is longer than the tail that is held
    ("a.7z", seven({"a.txt": b"fine"})),
    ("a.txt", eicar()),  # a matter of the virus check
]


@pytest.mark.parametrize("piece", [7, 65536])
@pytest.mark.parametrize(("name", "content"), FINE)
def test_honest_files_are_taken(name: str, content: bytes, piece: int) -> None:
    assert refusal(name, content, piece) is None


OTHER = [
    ("a.pdf", b"<html>"),
    ("a.pdf", zipped({"a.txt": b"x"})),
    ("a.png", JPEG),
    ("a.jpg", PNG),
    ("a.gif", b"GIF90a"),
    ("a.doc", docx()),
    ("a.doc", b"{\\rtf1"),
    ("a.doc", ole("Workbook")),
    ("a.xls", ole("WordDocument")),
    ("a.docx", xlsx()),
    ("a.docx", zipped({"word/document.xml": b"x"})),
    ("a.xlsx", docx()),
    ("a.xlsx", ole("Workbook")),
    ("a.zip", seven({"a.txt": b"x"})),
    ("a.7z", zipped({"a.txt": b"x"})),
    ("a.txt", PDF),
    ("a.txt", zipped({"a.txt": b"x"})),
    ("a.csv", xlsx()),
    ("a.csv", ole("Workbook")),
    ("a.csv", "no mark".encode("utf-16-le")),
    ("a.dat", b"x" * 100_000 + b"\0"),
    ("a.dat", bytes(range(1, 32)) * 20),
    ("a.txt", b"\xff\xfe" + os.urandom(2000) + bytes(200)),
]


@pytest.mark.parametrize(("name", "content"), OTHER)
def test_content_that_does_not_match_is_refused(name: str, content: bytes) -> None:
    said = refusal(name, content)
    assert said is not None
    assert said.startswith(f"{name} is not {TYPES[extension_of(name)]}: its content does not")


@pytest.mark.parametrize("name", [f"a.{extension}" for extension in TYPES])
@pytest.mark.parametrize("content", [PROGRAM, ELF, b"#!/bin/sh\n", b"\xfe\xed\xfa\xcf" + bytes(20)])
def test_programs_are_refused_under_any_name(name: str, content: bytes) -> None:
    said = refusal(name, content)
    assert said is not None
    assert said.startswith(f"{name} is a program, not ")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.pdf", b"", "a.pdf is empty."),
        ("a.exe", PROGRAM, "a.exe is of a type that cannot be attached."),
        ("a.docx", docx(**{"word/vbaProject.bin": b"x"}), "a.docx contains macros."),
        ("a.docx", ole("EncryptionInfo", "EncryptedPackage"), "a.docx is protected with a password"),
        ("a.xls", ole("EncryptedPackage"), "a.xls is protected with a password"),
        ("a.zip", as_encrypted(zipped({"a.txt": b"x"})), "a.zip is protected with a password"),
        ("a.zip", zipped({"a.txt": b"x" * 500}, zipfile.ZIP_STORED)[:300], "a.zip is damaged or not complete"),
        ("a.xlsx", xlsx()[:-100], "a.xlsx is damaged or not complete"),
    ],
)
def test_other_refusals(name: str, content: bytes, sentence: str) -> None:
    said = refusal(name, content)
    assert said is not None
    assert said.startswith(sentence)


def test_memory_is_bounded() -> None:
    check = ContentCheck("a.zip")
    check.feed(b"PK\x03\x04")
    for _ in range(10):
        check.feed(bytes(1 << 20))
    held = check._seen
    assert len(held.head) <= 64 << 10
    assert len(held._tail) <= 2 << 20
