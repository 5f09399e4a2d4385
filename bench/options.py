"""What the person who measures may choose on the command line."""

import argparse
from dataclasses import dataclass

READS = ("list", "page-40", "details", "matrix")
POSTS = ("send", "sign-in")
PAINT = "first-paint"
MEMORY = "memory"
NAMES = (*READS, *POSTS, PAINT, MEMORY)


@dataclass(frozen=True)
class Options:
    """Times are seconds for one burst of load; a point is measured in `rounds` bursts."""

    only: tuple[str, ...]
    companies: int
    communications: int
    visible: int
    connections: tuple[int, ...]
    seconds: float
    rounds: int
    paints: int
    uploads: int
    keep: bool
    scale: tuple[int, ...] = ()
    names: tuple[str, ...] = ()

    def wants(self, name: str) -> bool:
        """Whether this point is measured at every size."""
        return not self.names or name in self.names


def read(arguments: list[str] | None = None) -> Options:
    """The options of this run; `--quick` is for trying whether the bench itself works, not for numbers."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    add = parser.add_argument
    add("--quick", action="store_true", help="small world, short bursts: shows that everything works, measures nothing")
    add("--only", action="append", choices=NAMES, help="measure this alone; may be given several times")
    add("--companies", type=int, default=200, help="companies in the world")
    add("--communications", type=int, help="communications in the world (100000)")
    add("--visible", type=int, default=5000, help="how many of them the viewer's company sees")
    add("--connections", type=int, nargs="+", help="how many browsers ask at once")
    add("--seconds", type=float, help="of one burst of load (4)")
    add("--rounds", type=int, help="bursts a point, ours and its limit by turns; the table holds the median (3)")
    add("--paints", type=int, help="how often each page of the matrix is opened in Chromium (15)")
    add("--uploads", type=int, help="files of 10 MB in the measurement of memory (200)")
    add("--keep", action="store_true", help="wait for Enter before everything is stopped, to look around")
    add("--scale", type=int, nargs="+", default=[], help="instead: lists, searches, reports and nights at these sizes")
    add("--point", action="append", default=[], help="with --scale: this point alone; may be given several times")
    chosen = parser.parse_args(arguments)
    quick = chosen.quick
    return Options(
        only=tuple(name for name in NAMES if name in (chosen.only or NAMES)),
        companies=chosen.companies,
        communications=chosen.communications or (8_000 if quick else 100_000),
        visible=chosen.visible,
        connections=tuple(chosen.connections or ([1, 16] if chosen.scale else [1, 16, 64])),
        seconds=chosen.seconds or (1.0 if quick else 2.0 if chosen.scale else 4.0),
        rounds=chosen.rounds or (1 if quick else 3),
        paints=chosen.paints or (3 if quick else 15),
        uploads=chosen.uploads or (16 if quick else 200),
        keep=chosen.keep,
        scale=tuple(sorted(chosen.scale)),
        names=tuple(chosen.point),
    )
