"""The matrix as a table: the heads of its columns as data, its rows as HTML, since there may be tens of thousands of
cells and a template's macro for each would take seconds."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from markupsafe import Markup, escape

from sdes.administration.matrix.seen import Cell, Seen, box_name, box_value
from sdes.administration.views.people import PersonView
from sdes.catalogue.rules import UseCase
from sdes.catalogue.views import ProcessTypeView


@dataclass(frozen=True)
class Head:
    """The head of one column: a level of the process type that stands above it."""

    key: str  # as boxes and addresses have it: "7.2"
    href: str
    level: int
    name: str  # of the level, e.g. "Team manager"
    title: str  # in full


@dataclass(frozen=True)
class Group:
    """A process type with those of its levels that are shown."""

    title: str
    contact: str
    fuel: str
    heads: tuple[Head, ...]


def groups(processes: Iterable[ProcessTypeView], allowed: Collection[UseCase]) -> list[Group]:
    """The process types with the columns of those use cases that people can be assigned to."""
    wide = set(allowed)
    made = [
        Group(
            one.title,
            one.contact_type,
            one.fuel_text,
            tuple(
                Head(
                    box_value((one.id, level.number)),
                    f"/users/assignments/{one.id}/{level.number}",
                    level.number,
                    level.name,
                    f"{one.full_title}, level {level.number}",
                )
                for level in one.levels
                if (one.id, level.number) in wide
            ),
        )
        for one in processes
    ]
    return [group for group in made if group.heads]


def rows(people: Iterable[PersonView], seen: Seen, ticked: frozenset[Cell]) -> Markup:
    """The rows of the table's body: a person in each, with a check box for each use case of `seen`.

    A box is ticked as `ticked` says; where that is not what `seen` has, it tells what is saved (`data-was`).
    """
    return Markup("".join(_rows(people, seen, ticked)))  # noqa: S704  what people typed is escaped in _head


def _rows(people: Iterable[PersonView], seen: Seen, ticked: frozenset[Cell]) -> Iterable[str]:
    columns = [(case, box_value(case)) for case in seen.use_cases]
    for one in people:
        begin = f"<input type=checkbox name={box_name(one.id)} value="
        named = f' aria-labelledby="r{one.id} c'
        yield _head(one)
        for case, value in columns:
            is_ticked, was = (one.id, case) in ticked, (one.id, case) in seen.ticked
            cell = "<td class=is-default>" if case in one.default_for else "<td>"
            marks = (" checked" if is_ticked else "") + (f" data-was={was:d}" if was != is_ticked else "")
            yield f'{cell}{begin}{value}{named}{value}"{marks}>'


def _head(one: PersonView) -> str:
    name, email = escape(one.name), escape(one.email)
    buttons = "".join(
        f'<button class="btn btn--s" name=whole value=row.{one.id}.{choice} aria-label="{words} for {name}">{words}'
        "</button>"
        for choice, words in (("on", "All"), ("off", "None"))
    )
    marks = "" if one.is_active else '<span class="pill">Suspended</span>'
    marks += '<span class="pill pill--info">MAU</span>' if one.is_master_admin else ""
    return (
        f"<tr{'' if one.is_active else ' class=is-off'}>"
        f'<th scope=row><div><input class=js-only type=checkbox data-row aria-label="All shown for {name}">'
        f"<span><a id=r{one.id} href=/users/{one.id} dir=auto>{name}</a>{marks}<small>{email}</small></span>"
        f"<noscript>{buttons}</noscript></div>"
    )
