"""The process that reads one spreadsheet, given as its standard input.

Run as `python -m sdes.kit.sheets.child SHEET`; prints one piece of JSON: {"rows": [[cell, …], …]} or
{"unreadable": sentence}.
"""

import resource
import sys

from sdes.kit import limited_child

_MIB = 1 << 20
_LIMITS = {
    # 20,000 rows of 50 columns take about 130 MiB and, on a slow machine, 25 seconds.
    resource.RLIMIT_AS: 512 * _MIB,
    resource.RLIMIT_CPU: 45,
    resource.RLIMIT_FSIZE: 64 * _MIB,  # of what it prints
    resource.RLIMIT_NOFILE: 64,
    resource.RLIMIT_CORE: 0,  # a core would lie on disk in plain
}


def main() -> None:
    """Bounds itself before it reads a byte; every ending but a crash prints its piece."""
    limited_child.bind(_LIMITS)
    import msgspec  # as all that follows: within the bounds

    try:
        said = _read(sys.argv[1])
    except MemoryError:
        said = {"unreadable": "The file is too large to be read. Save its rows as .csv and send that in parts."}
    sys.stdout.buffer.write(msgspec.json.encode(said))


def _read(preferred: str) -> dict[str, object]:
    from sdes.kit.sheets.limits import Unreadable
    from sdes.kit.sheets.parsing import sheet_of

    try:
        return {"rows": sheet_of(sys.stdin.buffer.read(), preferred)}
    except Unreadable as unreadable:
        return {"unreadable": str(unreadable)}


if __name__ == "__main__":
    main()
