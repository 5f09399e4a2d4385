"""The virus check of one file (SD 8.4): the file whole, then every member of an archive, and a sentence for people.

Archives are opened in a process of its own with bounds of memory and time, so that the worker survives a bomb. That
process gets the file as memory and the path of clamd's socket, and nothing else: no environment, hence no keys.
"""

import json
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Literal

from sdes.attachments import inspection_child
from sdes.attachments.archives import held_in_memory
from sdes.attachments.contents import OLE
from sdes.attachments.scanner import Scanner, ScanUnavailable, Verdict
from sdes.kit import limited_child

__all__ = ["Inspection", "held_in_memory", "inspect"]

WALL_SECONDS = 300.0
_PIECE = 1 << 18
# Each may hold the file and 150 MiB of its members in memory.
_at_once = threading.BoundedSemaphore(2)

_SENTENCES = {
    "locked": "It is protected with a password, so it cannot be virus checked. Send it without the password.",
    "damaged": "It is damaged or not complete, so it cannot be virus checked. Make it anew and send it again.",
    "method": "It is packed in a way that the virus check cannot open. Pack it again as an ordinary ZIP and send that.",
    "deep": "It holds archives inside archives, too deep to be virus checked. Send the inner files themselves.",
    "large": "It unpacks to more than can be virus checked (150 MB). Send it in smaller parts.",
    "many": "It holds more files than can be virus checked (2,000). Send it in smaller parts.",
    "long": "It takes too long to unpack, so it cannot be virus checked. Send it in smaller parts.",
    "macros": "It contains macros, which are not accepted. Save it without macros and send it again.",
}


@dataclass(frozen=True)
class Inspection:
    """What the check came to. `reason` is a sentence for people where it failed, `signature` the name of a virus."""

    state: Literal["clean", "failed"]
    reason: str | None = None
    signature: str | None = None


def inspect(file: BinaryIO, scanner: Scanner) -> Inspection:
    """Checks `file` (in memory: see `held_in_memory`). Synchronous: call it in a thread; at most two run at once.

    Raises ScanUnavailable where there is no verdict: then the file stays pending and is checked again later.
    """
    with _at_once:
        whole = scanner.scan(pieces(file))
        if not whole.is_clean:
            # clamd tells a locked archive without opening it; the walk would say the same.
            return _told(whole)
        if not _may_have_members(file):
            return Inspection("clean")
        return _inspect_members(file, scanner)


def pieces(file: BinaryIO) -> Iterator[bytes]:
    """The file from its start, piece by piece."""
    file.seek(0)
    while piece := file.read(_PIECE):
        yield piece


def _may_have_members(file: BinaryIO) -> bool:
    """False for what is certainly no archive, to save the process: no zip end near its end, no 7z or OLE head."""
    file.seek(0)
    head = file.read(8)
    if head.startswith((b"PK", b"7z", OLE)):
        return True
    size = file.seek(0, 2)
    file.seek(max(0, size - (1 << 16) - 22))
    return b"PK\x05\x06" in file.read()


def _inspect_members(file: BinaryIO, scanner: Scanner) -> Inspection:
    words = (str(scanner.socket_path), str(scanner.timeout))
    try:
        ended = limited_child.run(inspection_child.__name__, *words, file=file, seconds=WALL_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise ScanUnavailable(f"unpacking and checking took longer than {WALL_SECONDS:.0f} s") from error
    except OSError as error:
        raise ScanUnavailable(f"the unpacking process cannot be started: {error}") from error
    if ended.took_too_long:
        return Inspection("failed", _SENTENCES["long"])
    if ended.has_crashed:  # any other failure of the process leaves the file pending
        return Inspection("failed", _SENTENCES["damaged"])
    try:
        said = json.loads(ended.said) if ended.status == 0 else {}
    except ValueError:
        said = {}
    if said == {"clean": True}:
        return Inspection("clean")
    if "signature" in said:
        return _told(Verdict(signature=said["signature"]))
    if said.get("unscannable") in _SENTENCES:
        return _told(Verdict(unscannable=said["unscannable"]))
    problem = said.get("unavailable") or ended.complaint
    raise ScanUnavailable(f"no verdict from the unpacking process ({ended.status}): {problem}")


def _told(verdict: Verdict) -> Inspection:
    if verdict.unscannable:
        return Inspection("failed", _SENTENCES[verdict.unscannable])
    return Inspection("failed", f"A virus was found in it: {verdict.signature}.", verdict.signature)
