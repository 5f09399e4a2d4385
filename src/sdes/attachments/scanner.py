"""Talks to clamd over its Unix socket (SD 8.4): one stream in, one verdict out; and says which signatures are in use.

Only the exact answer `stream: OK` is clean. It means "nothing found", not "everything was looked at": clamd passes over
members of archives that it cannot unpack. `sdes.attachments.inspection` asks about each member on its own.
"""

import re
import socket
import struct
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import clamd

from sdes.kit import clock

_PIECE = 1 << 17
_DATED = re.compile(r"ClamAV [\w.+~-]+/(\d+)/(\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4})")
# Alerts of clamd that name no virus but what it will not or cannot look at.
_UNSCANNABLE = {
    "Heuristics.Encrypted": "locked",
    "Heuristics.Limits.Exceeded.MaxRecursion": "deep",
    "Heuristics.Limits.Exceeded.MaxFiles": "many",
    "Heuristics.Limits.Exceeded": "large",
    "Heuristics.OLE2.ContainsMacros": "macros",
}


class ScanUnavailable(Exception):
    """clamd gave no verdict; the file stays pending. The text is for the log."""


@dataclass(frozen=True)
class Verdict:
    """What clamd says of one stream: clean; or the `signature` it found; or `unscannable`: why it vouches for nothing.

    `unscannable` is "locked" (password), "deep", "many", "large" or "macros".
    """

    signature: str | None = None
    unscannable: str | None = None

    @property
    def is_clean(self) -> bool:
        return self.signature is None and self.unscannable is None


@dataclass(frozen=True)
class Signatures:
    """The signature database in use. `is_official`: from freshclam. `age` is None where the database bears no date."""

    is_official: bool
    description: str
    number: int | None = None
    age: timedelta | None = None


class Scanner:
    """clamd behind `socket_path`. Synchronous: call it in a thread. `timeout` seconds bound one whole question."""

    def __init__(self, socket_path: Path, timeout: float = 120.0) -> None:
        self.socket_path = socket_path
        self.timeout = timeout

    def scan(self, chunks: Iterable[bytes]) -> Verdict:
        """The verdict on one stream; raises ScanUnavailable for anything but a plain answer."""
        answer = _Conversation(self.socket_path, self.timeout).ask("INSTREAM", chunks)
        if answer == "stream: OK":
            return Verdict()
        if answer.startswith("stream: ") and answer.endswith(" FOUND"):
            found = answer.removeprefix("stream: ").removesuffix(" FOUND")
            for alert, reason in _UNSCANNABLE.items():
                if found.startswith(alert):
                    return Verdict(unscannable=reason)
            return Verdict(signature=found)
        raise ScanUnavailable(answer or "clamd closed the connection without an answer")

    def version(self) -> str:
        """clamd's own word on its version and database, such as `ClamAV 1.4.6/27490/Fri Nov 13 03:37:15 2026`;
        raises ScanUnavailable for any other answer."""
        answer = _Conversation(self.socket_path, min(self.timeout, 5.0)).ask("VERSION")
        if not answer.startswith("ClamAV "):
            raise ScanUnavailable(answer or "clamd closed the connection without an answer")
        return answer

    def ping(self) -> bool:
        """Whether clamd answers."""
        try:
            return _Conversation(self.socket_path, min(self.timeout, 5.0)).ask("PING") == "PONG"
        except ScanUnavailable:
            return False


def signature_database(version: str, database: Path) -> Signatures:
    """What to tell people of the signatures in use, from clamd's `version` and the folder it reads.

    Needs clamd to run with TZ=UTC, since VERSION gives local time without saying so.
    """
    if dated := _DATED.fullmatch(version.strip()):
        made = datetime.strptime(" ".join(dated[2].split()), "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC)
        age = max(clock.now() - made, timedelta(0))
        return Signatures(True, f"official, number {dated[1]}, {_spoken(age)} old", int(dated[1]), age)
    if (database / "sdes-test.ndb").exists():
        return Signatures(False, "SDES test signatures only: detects the EICAR test file and nothing else")
    return Signatures(False, "signatures of unknown origin and age: no official daily database is loaded")


def _spoken(age: timedelta) -> str:
    if age.days:
        return f"{age.days} day" + "s" * (age.days != 1)
    hours = age.seconds // 3600
    return f"{hours} hour" + "s" * (hours != 1) if hours else "less than an hour"


class _Conversation(clamd.ClamdUnixSocket):  # type: ignore[misc]
    """One question to clamd. Overrides where the package would hang, send a part only or take silence for an answer."""

    def __init__(self, path: Path, seconds: float) -> None:
        super().__init__(path=str(path), timeout=seconds)
        self._ends = time.monotonic() + seconds

    def ask(self, command: str, chunks: Iterable[bytes] | None = None) -> str:
        try:
            self._init_socket()
        except OSError as error:
            raise ScanUnavailable(f"clamd at {self.unix_socket}: {error}") from error
        try:
            self._put(f"n{command}\n".encode())
            if chunks is not None:
                self._stream(chunks)
            return self._answer()
        except OSError as error:
            raise ScanUnavailable(f"clamd at {self.unix_socket}: {error!r}") from error
        finally:
            self._close_socket()

    def _init_socket(self) -> None:
        # The package sets the time-out only once it is connected.
        self.clamd_socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self.clamd_socket.settimeout(self._left())
            self.clamd_socket.connect(self.unix_socket)
        except OSError:
            self.clamd_socket.close()
            raise

    def _stream(self, chunks: Iterable[bytes]) -> None:
        try:
            for chunk in chunks:
                view = memoryview(chunk)
                for start in range(0, len(view), _PIECE):
                    piece = view[start : start + _PIECE]
                    self._put(struct.pack("!L", len(piece)) + piece)
            self._put(struct.pack("!L", 0))
        except (BrokenPipeError, ConnectionResetError):
            pass  # clamd may have said why before it closed: the answer is read all the same

    def _put(self, data: bytes) -> None:
        self.clamd_socket.settimeout(self._left())
        self.clamd_socket.sendall(data)

    def _answer(self) -> str:
        answer = bytearray()
        while not answer.endswith(b"\n") and len(answer) < 4096:
            self.clamd_socket.settimeout(self._left())
            piece = self.clamd_socket.recv(4096)
            if not piece:
                # An answer without its line end may be cut: "stream: OK" of a dying clamd is no answer.
                return f"cut answer: {answer.decode('utf-8', 'replace')}" if answer else ""
            answer += piece
        return answer.decode("utf-8", "replace").removesuffix("\n")

    def _left(self) -> float:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("no verdict in time")
        return left
