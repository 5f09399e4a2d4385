"""The matrix of one person: a row for each process type, a column for each level (SD 2.5). Pure; see also seen.py."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sdes.administration.matrix.seen import Seen, box_name, box_value, ticks
from sdes.catalogue.rules import UseCase
from sdes.catalogue.views import ProcessTypeView
from sdes.kit.forms import Form

NEW = 0  # stands for a person who has no number yet


@dataclass(frozen=True, slots=True)
class Box:
    """One check box. `note` says what the tick alone does not."""

    value: str
    label: str
    level: int
    is_ticked: bool
    note: str


@dataclass(frozen=True, slots=True)
class Row:
    """A process type with a box for each column, None where it has no such level."""

    process_id: int
    title: str
    boxes: tuple[Box | None, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """What the page draws. `name` is that of every box, `seen` the hidden field."""

    name: str
    seen: str
    levels: tuple[int, ...]
    rows: tuple[Row, ...]
    ticked: int  # how many


def grid(
    catalogue: Iterable[ProcessTypeView],
    seen: Seen,
    ticked: Collection[UseCase],
    *,
    only: Collection[UseCase] = (),
    stands_in: Collection[UseCase] = (),
) -> Grid:
    """The matrix of `seen`'s one person with the boxes of `ticked` ticked.

    `only` are use cases whose only user they are, `stands_in` those where they are the default contact.
    """
    shown = set(seen.use_cases)
    levels = tuple(range(1, max((level for _, level in shown), default=0) + 1))
    rows = tuple(
        Row(
            process.id,
            process.full_title,
            tuple(_box(process, level, shown, ticked, only, stands_in) for level in levels),
        )
        for process in catalogue
        if any(process.id == shown_process for shown_process, _ in shown)
    )
    return Grid(box_name(seen.people[0]), str(seen), levels, rows, len(shown & set(ticked)))


def wanted(form: Form, seen: Seen) -> frozenset[UseCase]:
    """The use cases that were ticked, one by one or by whole rows and columns; `Unreadable` for boxes not shown."""
    rows, columns = set(form.all("row")), set(form.all("column"))
    whole = {case for case in seen.use_cases if str(case[0]) in rows or str(case[1]) in columns}
    return frozenset(case for _, case in ticks(form, seen)) | whole


def _box(
    process: ProcessTypeView,
    level: int,
    shown: Collection[UseCase],
    ticked: Collection[UseCase],
    only: Collection[UseCase],
    stands_in: Collection[UseCase],
) -> Box | None:
    case = (process.id, level)
    if case not in shown:
        return None
    note = "Default contact" if case in stands_in else "Only user" if case in only else ""
    return Box(box_value(case), process.level(level).name, level, case in ticked, note)
