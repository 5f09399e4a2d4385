"""The virus check of whole files with a real clamd: the holes that clamd leaves are closed, good files pass."""

import io
import lzma
import os
import struct
import sys
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import py7zr
import pytest

from sdes.attachments import inspection_child
from sdes.attachments.archives import LARGEST
from sdes.attachments.inspection import Inspection, held_in_memory, inspect
from sdes.attachments.scanner import Scanner, ScanUnavailable, Verdict
from sdes.kit import limited_child
from tests.attachments.samples import as_encrypted, docx, eicar, nested, ole, seven, with_method, xlsx, zipped

GIF = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"


def check(content: bytes, scanner: Scanner) -> Inspection:
    with held_in_memory() as file:
        file.write(content)
        return inspect(file, scanner)


def says_ok(content: bytes, scanner: Scanner) -> bool:
    """Whether clamd alone would let the file pass: then the test is of a hole of clamd's."""
    return scanner.scan([content]).is_clean


GOOD: dict[str, Callable[[], bytes]] = {
    "text": lambda: b"Meter readings as agreed.\n",
    "empty": lambda: b"",
    "zip": lambda: zipped({"a.csv": b"1,2\n", "folder/": b"", "folder/b.txt": b"text"}),
    "zip without members": lambda: zipped({}),
    "zip64 sizes": lambda: zipped({"a.txt": b"fine" * 50}, force_zip64=True),
    "lzma zip": lambda: zipped({"a.txt": b"fine" * 50}, zipfile.ZIP_LZMA),
    "7z": lambda: seven({"a.txt": b"fine" * 50, "b.csv": b"1;2\n"}),
    "docx": docx,
    "workbook": xlsx,
    "workbook in zip in 7z": lambda: seven({"a.zip": zipped({"b.xlsx": xlsx()})}),
    "four deep": lambda: nested(b"fine", 4),
    "doc": lambda: ole("WordDocument", first=b"\xec\xa5\xc1\0"),
    "xls": lambda: ole("Workbook", first=struct.pack("<HHHH", 0x0809, 4, 0x600, 5)),
    "random": lambda: os.urandom(1 << 20),
    "gif that ends like a zip": lambda: GIF + b"PK\x05\x06" + os.urandom(60),
}


@pytest.mark.parametrize("name", GOOD)
def test_good_files_pass(name: str, scanner: Scanner) -> None:
    assert check(GOOD[name](), scanner) == Inspection("clean")


INFECTED: dict[str, Callable[[], bytes]] = {
    "plain": eicar,
    "zip": lambda: zipped({"a.txt": eicar()}),
    "four deep": lambda: nested(eicar(), 4),
    "docx": lambda: docx(**{"word/media/a.bin": eicar()}),
    "gif and zip": lambda: GIF + zipped({"a.txt": eicar()}),
}


@pytest.mark.parametrize("name", INFECTED)
def test_a_virus_is_found(name: str, scanner: Scanner) -> None:
    result = check(INFECTED[name](), scanner)
    assert result.state == "failed"
    assert result.signature == "SDES.Test.EICAR.UNOFFICIAL"
    assert result.reason == "A virus was found in it: SDES.Test.EICAR.UNOFFICIAL."


def _lying_size() -> bytes:
    """LZMA member whose stated size ends before the virus; its checksum is of the stated part only."""
    data = bytearray(zipped({"a.txt": b"harmless" + eicar()}, zipfile.ZIP_LZMA))
    harmless = struct.pack("<I", zlib.crc32(b"harmless"))
    for signature, crc, size in ((b"PK\x03\x04", 14, 22), (b"PK\x01\x02", 16, 24)):
        at = data.find(signature)
        data[at + crc : at + crc + 4] = harmless
        struct.pack_into("<I", data, at + size, 8)
    return bytes(data)


def _unlisted_member() -> bytes:
    """A whole zip with the virus, before one without: the table of contents lists the second only."""
    hidden = zipped({"hidden.txt": eicar()}, zipfile.ZIP_LZMA)
    cut = hidden[: hidden.find(b"PK\x01\x02")]
    return cut + zipped({"a.txt": b"fine"})


def _seven_socket() -> bytes:
    """A 7z member with content that says it is a socket, which py7zr passes over."""
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", filters=[{"id": py7zr.FILTER_BZIP2}]) as archive:
        archive.writestr(eicar(), "a.txt")
        socket = (0o140644 << 16) | 0x8000
        archive.header.files_info.files[0]["attributes"] = socket
        archive.files[0].file_properties()["attributes"] = socket
    return out.getvalue()


# What clamd alone says OK to, with the virus inside (measured with ClamAV 1.4.6), and what is said instead.
HOLES: dict[str, tuple[Callable[[], bytes], str]] = {
    "zip64 sizes": (lambda: zipped({"a.txt": eicar()}, force_zip64=True), "A virus"),
    "zip64 sizes, bzip2": (lambda: zipped({"a.txt": eicar()}, zipfile.ZIP_BZIP2, force_zip64=True), "A virus"),
    "zip with lzma": (lambda: zipped({"a.txt": eicar()}, zipfile.ZIP_LZMA), "A virus"),
    "zip with ppmd": (lambda: with_method(zipped({"a.txt": eicar()}), 98), "It is packed in a way"),
    "zip with xz": (
        lambda: with_method(zipped({"a.txt": lzma.compress(b"filler " * 50 + eicar())}, zipfile.ZIP_STORED), 95),
        "It is packed in a way",
    ),
    "docx with lzma": (
        lambda: zipped({"[Content_Types].xml": b"<T/>", "word/a.bin": eicar()}, zipfile.ZIP_LZMA),
        "A virus",
    ),
    "7z with bzip2": (lambda: seven({"a.txt": eicar()}, [{"id": py7zr.FILTER_BZIP2}]), "A virus"),
    "7z with deflate": (lambda: seven({"a.txt": eicar()}, [{"id": py7zr.FILTER_DEFLATE}]), "A virus"),
    "7z with delta": (
        lambda: seven({"a.txt": eicar()}, [{"id": py7zr.FILTER_DELTA}, {"id": py7zr.FILTER_LZMA2, "preset": 6}]),
        "A virus",
    ),
    "cut zip": (lambda: zipped({"a.txt": eicar(), "b.bin": os.urandom(5000)})[:-3000], "It is damaged"),
    "cut zip in zip": (
        lambda: zipped({"a.zip": zipped({"a.txt": eicar(), "b.bin": os.urandom(5000)})[:-3000]}, zipfile.ZIP_LZMA),
        "It is damaged",
    ),
    "lzma zip in 7z": (lambda: seven({"a.zip": zipped({"a.txt": eicar()}, zipfile.ZIP_LZMA)}), "A virus"),
    "stated size too small": (_lying_size, "It is damaged"),
    "member not listed": (_unlisted_member, "It is damaged"),
    "7z member that says it is a socket": (_seven_socket, "It is damaged"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOLES)
def test_the_holes_of_clamd_are_closed(name: str, scanner: Scanner) -> None:
    make, sentence = HOLES[name]
    content = make()
    assert says_ok(content, scanner), "clamd sees this one by itself now: the hole may have been closed upstream"
    result = check(content, scanner)
    assert result.state == "failed"
    assert result.reason is not None
    assert result.reason.startswith(sentence)


def test_a_member_over_the_limit_of_file_size_is_not_cut(scanner: Scanner) -> None:
    """With MaxFileSize below MaxScanSize clamd says OK here."""
    content = zipped({"a.bin": bytes(60 << 20) + eicar()})
    assert check(content, scanner).signature == "SDES.Test.EICAR.UNOFFICIAL"


def test_a_genuine_workbook_of_100_000_rows_passes(scanner: Scanner) -> None:
    content = xlsx(100_000)
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert sum(info.file_size for info in book.infolist()) > 50 << 20
    began = time.monotonic()
    assert check(content, scanner) == Inspection("clean")
    assert time.monotonic() - began < 60


class AlwaysOk(Scanner):
    """clamd as it would be if it found nothing at all: the bounds must hold without it."""

    def scan(self, chunks: object) -> Verdict:
        return Verdict()


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "encrypted zip": (lambda: as_encrypted(zipped({"a.txt": b"fine"})), "It is protected with a password"),
    "encrypted 7z": (lambda: seven({"a.txt": b"fine"}, password="secret"), "It is protected with a password"),
    "encrypted zip in zip": (
        lambda: zipped({"a.zip": as_encrypted(zipped({"a.txt": b"fine"}))}),
        "It is protected with a password",
    ),
    "encrypted workbook": (lambda: ole("EncryptionInfo", "EncryptedPackage"), "It is protected with a password"),
    "encrypted workbook in zip": (lambda: zipped({"a.xlsx": ole("EncryptedPackage")}), "It is protected"),
    "encrypted doc": (lambda: ole("WordDocument", first=bytes(10) + b"\0\x01"), "It is protected with a password"),
    "encrypted xls": (
        lambda: ole("Workbook", first=struct.pack("<HHHHHHHH", 0x0809, 4, 0x600, 5, 0x2F, 4, 1, 0)),
        "It is protected with a password",
    ),
    "five deep": (lambda: nested(b"fine", 5), "It holds archives inside archives"),
    "zip bomb": (lambda: zipped({f"{n}.bin": bytes(40 << 20) for n in range(5)}), "It unpacks to more"),
    "7z bomb": (lambda: seven({"a.bin": bytes(LARGEST + 1)}), "It unpacks to more"),
    "zip of zip bombs": (
        lambda: zipped({f"{n}.zip": zipped({"a.bin": bytes(60 << 20)}) for n in range(3)}),
        "It unpacks to more",
    ),
    "too many members": (lambda: zipped({f"{n}.txt": b"x" for n in range(2001)}), "It holds more files"),
    "cut 7z": (lambda: seven({"a.bin": os.urandom(5000)})[:-40], "It is damaged"),
    "altered 7z": (lambda: _altered(seven({"a.bin": os.urandom(5000)}), 2000), "It is damaged"),
    "altered zip": (lambda: _altered(zipped({"a.bin": os.urandom(5000)}), 2000), "It is damaged"),
    "damaged doc": (lambda: ole("WordDocument")[:600], "It is damaged"),
}


def _altered(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 0x55]) + content[at + 1 :]


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_looked_at_whole_fails(name: str, scanner: Scanner) -> None:
    make, sentence = REFUSED[name]
    content = make()
    for asked in (scanner, AlwaysOk(scanner.socket_path)):
        result = check(content, asked)
        assert (result.state, result.signature) == ("failed", None)
        assert result.reason is not None
        assert result.reason.startswith(sentence)


def _greedy_seven() -> bytes:
    """A 7z whose header asks for a dictionary of 3 GB, its checksums put right."""
    data = bytearray(seven({"a.bin": bytes(1 << 20)}, [{"id": py7zr.FILTER_LZMA2, "dict_size": 1 << 20}]))
    at = data.rindex(b"\x21\x21\x01\x10")  # LZMA2, one byte of properties: 16 stands for 1 MiB
    data[at + 3] = 37
    offset, size = struct.unpack_from("<QQ", data, 12)
    struct.pack_into("<I", data, 28, zlib.crc32(data[32 + offset : 32 + offset + size]))
    struct.pack_into("<I", data, 8, zlib.crc32(data[12:32]))
    return bytes(data)


def test_a_7z_that_wants_gigabytes_of_memory_is_survived(scanner: Scanner) -> None:
    result = check(_greedy_seven(), AlwaysOk(scanner.socket_path))
    assert result.reason is not None
    assert result.reason.startswith("It unpacks to more")


def test_time_is_bounded(scanner: Scanner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "endless.py").write_text(
        "import resource\nresource.setrlimit(resource.RLIMIT_CPU, (1, 2))\nwhile True: pass\n"
    )
    monkeypatch.setattr(limited_child, "SOURCE", tmp_path)
    monkeypatch.setattr(inspection_child, "__name__", "endless")
    result = check(zipped({"a.txt": b"fine"}), scanner)
    assert result.reason is not None
    assert result.reason.startswith("It takes too long to unpack")


def test_no_verdict_leaves_the_file_pending(scanner: Scanner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An error of ours or of clamd, also between two members, must not destroy anybody's file."""
    with pytest.raises(ScanUnavailable):
        check(b"fine", Scanner(tmp_path / "none.sock"))
    with pytest.raises(ScanUnavailable):
        check(zipped({"a.txt": b"fine"}), AlwaysOk(tmp_path / "none.sock"))
    with pytest.raises(ScanUnavailable):
        check(seven({"a.txt": b"fine"}), AlwaysOk(tmp_path / "none.sock"))
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(ScanUnavailable):
        check(zipped({"a.txt": b"fine"}), scanner)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(ScanUnavailable):
        check(zipped({"a.txt": b"fine"}), scanner)


def test_the_unpacking_process_knows_no_secrets(
    scanner: Scanner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "spy.py").write_text("import os, json\nprint(json.dumps({'unavailable': ' '.join(os.environ)}))\n")
    monkeypatch.setenv("SDES_MASTER_KEY", "secret")
    monkeypatch.setattr(limited_child, "SOURCE", tmp_path)
    monkeypatch.setattr(inspection_child, "__name__", "spy")
    with pytest.raises(ScanUnavailable, match="PYTHONPATH") as seen:
        check(zipped({"a.txt": b"fine"}), scanner)
    assert "MASTER" not in str(seen.value)
