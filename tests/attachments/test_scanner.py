"""clamd's answers: only the exact OK is clean, and no answer is never an answer."""

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sdes.attachments.scanner import Scanner, ScanUnavailable, Verdict, signature_database
from sdes.embedded.clamd import EmbeddedClamd
from sdes.kit import clock
from tests.attachments.samples import as_encrypted, eicar, nested, seven, zipped


def test_clean_and_infected(scanner: Scanner) -> None:
    assert scanner.scan([b"nothing ", b"to see"]).is_clean
    assert scanner.scan([]).is_clean
    half = len(eicar()) // 2
    assert scanner.scan([eicar()[:half], eicar()[half:]]) == Verdict(signature="SDES.Test.EICAR.UNOFFICIAL")
    assert scanner.scan([zipped({"a.txt": eicar()})]).signature
    assert scanner.scan([os.urandom(10 << 20), eicar()]).signature


def test_what_clamd_cannot_look_at_is_not_clean(scanner: Scanner) -> None:
    assert scanner.scan([seven({"a.txt": b"fine"}, password="secret")]).unscannable == "locked"
    assert scanner.scan([as_encrypted(zipped({"a.txt": b"fine"}))]).unscannable == "locked"
    assert scanner.scan([nested(os.urandom(20), 20)]).unscannable == "deep"


def test_more_than_clamd_takes_is_no_verdict(scanner: Scanner) -> None:
    piece = bytes(1 << 20)
    with pytest.raises(ScanUnavailable):
        scanner.scan(piece for _ in range(162))


def test_stopped_clamd_ends_in_time(clamd: EmbeddedClamd) -> None:
    assert clamd.pid is not None
    os.kill(clamd.pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        with pytest.raises(ScanUnavailable):
            Scanner(clamd.socket, timeout=0.5).scan([b"x" * (4 << 20)])
        assert time.monotonic() - began < 3
    finally:
        os.kill(clamd.pid, signal.SIGCONT)


def test_no_clamd(tmp_path: Path) -> None:
    scanner = Scanner(tmp_path / "none.sock")
    assert scanner.ping() is False
    with pytest.raises(ScanUnavailable):
        scanner.scan([b"x"])


@pytest.fixture
def pretended(tmp_path: Path) -> Iterator[tuple[Scanner, list[bytes]]]:
    """A clamd that reads nothing of the file and gives the one answer that the test puts into the list."""
    answers: list[bytes] = []
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(tmp_path / "clamd.sock"))
    server.listen()

    def serve() -> None:
        while True:
            try:
                peer, _ = server.accept()
            except OSError:
                return
            with peer:
                peer.recv(1 << 16)
                peer.sendall(answers[-1])

    threading.Thread(target=serve, daemon=True).start()
    yield Scanner(tmp_path / "clamd.sock", timeout=2), answers
    server.shutdown(socket.SHUT_RDWR)
    server.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"stream: OK", b"stream:OK\n", b"stream: ok\n", b"OK\n", b"stream: OK \n", b"stream: OK\nmore\n",
        b"other: OK\n", b"stream: X ERROR\n", b"INSTREAM size limit exceeded. ERROR\n", b"\xff\n",
    ],
)  # fmt: skip
def test_only_the_exact_answer_is_clean(pretended: tuple[Scanner, list[bytes]], answer: bytes) -> None:
    scanner, answers = pretended
    answers.append(answer)
    with pytest.raises(ScanUnavailable):
        scanner.scan([b"x"])


@pytest.mark.parametrize("answer", [b"", b"ClamAV 1.4.6", b"PONG\n", b"\xff\n"])
def test_nonsense_is_no_version(pretended: tuple[Scanner, list[bytes]], answer: bytes) -> None:
    scanner, answers = pretended
    answers.append(answer)
    with pytest.raises(ScanUnavailable):
        scanner.version()


def test_signature_database_is_described(scanner: Scanner, clamd: EmbeddedClamd) -> None:
    own = signature_database(scanner.version(), clamd.database)
    assert not own.is_official
    assert own.age is None
    assert own.description == "SDES test signatures only: detects the EICAR test file and nothing else"
    with clock.at(datetime(2026, 11, 15, 5, 0, tzinfo=UTC)):
        official = signature_database("ClamAV 1.4.6/27490/Fri Nov 13 03:37:15 2026", Path("/var/lib/clamav"))
    assert official.is_official
    assert official.number == 27490
    assert official.age == timedelta(days=2, hours=1, minutes=22, seconds=45)
    assert official.description == "official, number 27490, 2 days old"
    assert not signature_database("ClamAV 1.4.6", Path("/nowhere")).is_official
