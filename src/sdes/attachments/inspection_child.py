"""The process that opens one archive, given as its standard input, and asks clamd about each member.

Run as `python -m sdes.attachments.inspection_child SOCKET SECONDS`; prints one line of JSON: {"clean": true},
{"signature": name}, {"unscannable": why} or {"unavailable": cause}.
"""

import json
import resource
import sys
from pathlib import Path
from typing import BinaryIO

from sdes.kit import limited_child

CPU_SECONDS = 60
_MIB = 1 << 20
_LIMITS = {
    # py7zr takes its block size from this one: a quarter of what it leaves above 256 MB.
    resource.RLIMIT_DATA: 320 * _MIB,
    resource.RLIMIT_AS: 1024 * _MIB,
    resource.RLIMIT_CPU: CPU_SECONDS,
    resource.RLIMIT_FSIZE: 256 * _MIB,  # of a file in memory
    resource.RLIMIT_NOFILE: 64,
    resource.RLIMIT_CORE: 0,  # a core would lie on disk in plain
}


def main() -> None:
    """Bounds itself before it reads a byte; every ending but a crash prints its line."""
    limited_child.bind(_LIMITS)
    try:
        said = judge(sys.stdin.buffer, Path(sys.argv[1]), float(sys.argv[2]))
    except MemoryError:
        said = {"unscannable": "large"}
    sys.stdout.write(json.dumps(said) + "\n")


def judge(file: BinaryIO, socket_path: Path, seconds: float) -> dict[str, object]:
    """What is to be printed of the archive in `file`, which must be seekable."""
    from sdes.attachments.archives import CannotOpen, WalkEnded, walk
    from sdes.attachments.scanner import Scanner, ScanUnavailable

    scanner = Scanner(socket_path, seconds)
    said: dict[str, object] = {}

    def look(member: BinaryIO) -> None:
        try:
            verdict = scanner.scan(iter(lambda: member.read(1 << 18), b""))
        except ScanUnavailable as error:
            said["unavailable"] = str(error)
            raise WalkEnded from error
        if verdict.signature:
            said["signature"] = verdict.signature
        elif verdict.unscannable:
            said["unscannable"] = verdict.unscannable
        if said:
            raise WalkEnded

    try:
        walk(file, look)
    except CannotOpen as error:
        return {"unscannable": error.why}
    except WalkEnded:
        if not said:
            raise  # an error of ours: the process fails and the file stays pending
        return said
    return {"clean": True}


if __name__ == "__main__":
    main()
