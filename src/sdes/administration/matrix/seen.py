"""Matrices of people by use cases: what a form showed, what was ticked in it, and what others changed meanwhile.

A form carries what it showed as a hidden field, a `Seen`. Whoever receives it saves the differences only, and only when
what was shown is still so: nobody overwrites what they have not seen (SD 2.5). The order of things:

    seen = Seen.read(form.text("seen"))        Unreadable: 422
    own = changes(seen.ticked, ticks(form, seen))
    await lock_people(actor)
    now = shown(await people(actor, seen.people), seen.use_cases)
    if meanwhile(seen, now): show the page again with `seen=now` and the boxes of `on_top(now, own)` ticked
    else: await change(actor, own.added, own.removed)
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Iterable
from dataclasses import dataclass

from sdes.administration.views.people import PersonView
from sdes.catalogue.rules import UseCase
from sdes.kit.forms import Form

MOST_FIELDS = 100_000  # of a form: as many boxes as may be ticked at once
MOST_CELLS = 200_000  # of what is shown: five times the largest page

Cell = tuple[int, UseCase]  # a person, by id, in a use case

_SEEN = re.compile(r"((?:\d{1,9},)*\d{1,9})?_((?:\d{1,9}\.\d{1,2},)*\d{1,9}\.\d{1,2})?_([\w-]*)", re.ASCII)
_BOX = re.compile(r"p(\d{1,9})", re.ASCII)


class Unreadable(ValueError):
    """The hidden field or a box is not one that a page of ours holds."""


@dataclass(frozen=True)
class Seen:
    """The part of the matrix that a form shows: its people, its use cases, and which of their cells are assignments.

    The MAU standing in as default contact is no assignment (SD 2.7(c)): such a cell is not ticked.
    """

    people: tuple[int, ...]
    use_cases: tuple[UseCase, ...]
    ticked: frozenset[Cell]

    def __str__(self) -> str:
        """The value of the hidden field: about a byte for six cells, and the numbers of rows and columns."""
        bits = "".join("1" if (one, case) in self.ticked else "0" for one in self.people for case in self.use_cases)
        packed = int(bits or "0", 2).to_bytes((len(bits) + 7) // 8)
        people = ",".join(map(str, self.people))
        columns = ",".join(map(box_value, self.use_cases))
        return f"{people}_{columns}_{urlsafe_b64encode(packed).decode().rstrip('=')}"

    @classmethod
    def read(cls, text: str) -> "Seen":
        """What `str` has written; `Unreadable` for anything else."""
        found = _SEEN.fullmatch(text)
        if not found:
            raise Unreadable("the hidden field is not of this form")
        people = tuple(int(one) for one in (found[1] or "").split(",") if one)
        use_cases = tuple(_use_case(one) for one in (found[2] or "").split(",") if one)
        try:
            packed = urlsafe_b64decode(found[3] + "=" * (-len(found[3]) % 4))
        except NotBase64 as cause:
            raise Unreadable("the cells are not base64") from cause
        count = len(people) * len(use_cases)
        if count > MOST_CELLS:
            raise Unreadable("no page shows so much")
        bits = f"{int.from_bytes(packed):0{count}b}" if count else ""
        if len(packed) != (count + 7) // 8 or len(bits) != count:
            raise Unreadable("there are more or fewer cells than rows and columns make")
        if len({*people}) != len(people) or len({*use_cases}) != len(use_cases):
            raise Unreadable("a row or a column is there twice")
        cells = ((one, case) for one in people for case in use_cases)
        return cls(people, use_cases, frozenset(cell for cell, bit in zip(cells, bits, strict=True) if bit == "1"))


@dataclass(frozen=True)
class Changes:
    """Cells that are ticked now and were not, and the other way round; false when there are none."""

    added: frozenset[Cell]
    removed: frozenset[Cell]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)

    def __len__(self) -> int:
        return len(self.added) + len(self.removed)


@dataclass(frozen=True)
class Meanwhile:
    """What somebody else did to the part that was shown; `gone` are people who are no longer in the company."""

    changes: Changes
    gone: frozenset[int]

    def __bool__(self) -> bool:
        return bool(self.changes or self.gone)


def box_name(person_id: int) -> str:
    """The name of every check box of that person."""
    return f"p{person_id}"


def box_value(use_case: UseCase) -> str:
    """The value of a person's check box for that use case."""
    return f"{use_case[0]}.{use_case[1]}"


def assigned(one: PersonView) -> frozenset[UseCase]:
    """The use cases whose boxes are ticked for a person: not those where they only stand in as default contact."""
    return one.use_cases - one.default_for


def shown(people: Iterable[PersonView], use_cases: Iterable[UseCase]) -> Seen:
    """What a page that shows these people and use cases shows, as things are."""
    rows, columns = tuple(people), tuple(use_cases)
    wide = frozenset(columns)
    ticked = frozenset((one.id, case) for one in rows for case in assigned(one) & wide)
    return Seen(tuple(one.id for one in rows), columns, ticked)


def ticks(form: Form, seen: Seen) -> frozenset[Cell]:
    """The cells whose boxes were ticked; `Unreadable` for boxes that the form did not show."""
    columns = {box_value(case): case for case in seen.use_cases}
    people = set(seen.people)
    found: set[Cell] = set()
    for name, values in form.values.items():
        box = _BOX.fullmatch(name)
        if not box:
            continue
        if int(box[1]) not in people or not columns.keys() >= set(values):
            raise Unreadable("a box was ticked that was not shown")
        found.update((int(box[1]), columns[value]) for value in values)
    return frozenset(found)


def changes(before: frozenset[Cell], after: frozenset[Cell]) -> Changes:
    """What makes `after` of `before`."""
    return Changes(after - before, before - after)


def meanwhile(seen: Seen, now: Seen) -> Meanwhile:
    """What has changed since the form was shown; `now` is `shown(...)` of the same people and use cases."""
    gone = frozenset(seen.people) - frozenset(now.people)
    return Meanwhile(changes(frozenset(cell for cell in seen.ticked if cell[0] not in gone), now.ticked), gone)


def on_top(now: Seen, own: Changes) -> frozenset[Cell]:
    """The boxes to tick when the form is shown again: things as they are now, with one's own unsaved changes."""
    people = frozenset(now.people)
    return (now.ticked - own.removed) | frozenset(cell for cell in own.added if cell[0] in people)


def _use_case(text: str) -> UseCase:
    process, _, level = text.partition(".")
    return int(process), int(level)
