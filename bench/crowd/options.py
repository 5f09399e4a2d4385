"""What the person who loads the service may choose on the command line."""

import argparse
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

_Number = TypeVar("_Number", int, float)

COMPANIES = 200
MESSAGES = 3  # of a communication, on average


@dataclass(frozen=True)
class Options:
    """Times are in seconds. `think` is a person's mean pause between two acts; a session lasts `stay` minutes on
    average before somebody signs in anew; with `home` the world is kept there and used again."""

    sessions: int
    people: int
    communications: int
    seconds: float
    think: float
    warm_up: float
    stay: float
    processes: int
    pool: int
    seed: int
    home: Path | None
    only: tuple[str, ...]


def read(acts: Collection[str], arguments: list[str] | None = None) -> Options:
    """The options of this run, of those `acts` that there are."""
    parser = argparse.ArgumentParser(prog="load", description=__doc__)
    add = parser.add_argument
    add("--sessions", type=_from(1, int), default=16_000, help="signed-in browsers, each with a connection of its own")
    add("--people", type=_from(1, int), help="whose they are (an eighth of the sessions, 2000 at most)")
    add("--communications", type=_from(1, int), default=1_000_000, help="in the world, each with 3 messages on average")
    add("--seconds", type=_from(1, float), default=120, help="measured, after everybody has come")
    add("--think", type=_from(1, float), default=30, help="mean seconds between two acts of a session")
    add("--warm-up", type=float, help="seconds before the measurement (one and a half pauses)")
    add("--stay", type=float, default=120, help="minutes that a session lasts on average")
    add("--processes", type=_from(1, int), default=2, help="web processes")
    add("--pool", type=_from(1, int), default=16, help="connections to the database that a web process may take")
    add("--seed", type=int, default=1, help="of what is random")
    add("--home", type=Path, help="keep the world in this folder, and use the one that is there")
    add("--only", action="append", default=[], choices=acts, help="an act alone, to see what it costs by itself")
    chosen = parser.parse_args(arguments)
    return Options(
        sessions=chosen.sessions,
        people=chosen.people or min(2000, max(COMPANIES, chosen.sessions // 8)),
        communications=chosen.communications,
        seconds=chosen.seconds,
        think=chosen.think,
        warm_up=chosen.warm_up if chosen.warm_up is not None else chosen.think * 1.5,
        stay=chosen.stay,
        processes=chosen.processes,
        pool=chosen.pool,
        seed=chosen.seed,
        home=chosen.home,
        only=tuple(chosen.only),
    )


def _from(least: int, kind: Callable[[str], _Number]) -> Callable[[str], _Number]:
    """Reads a number that is `least` or more."""

    def read_number(text: str) -> _Number:
        number = kind(text)
        if not number >= least:
            raise argparse.ArgumentTypeError(f"must be {least} or more")
        return number

    read_number.__name__ = "number"  # as argparse names what it cannot read
    return read_number
