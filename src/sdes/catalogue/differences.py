"""What a change of a process type changes, in words: for the person who makes it, its readers and the audit log."""

from collections.abc import Iterator
from datetime import date

from sdes.catalogue.dates import show_date
from sdes.catalogue.definition import Definition
from sdes.catalogue.views import FUELS, ItemView, LevelView


def differences(before: Definition, after: Definition) -> list[str]:
    """Every difference, one sentence each, without full stops; none when nothing differs."""
    return [
        *_of_words(before, after),
        *_of_levels(before.levels, after.levels),
        *_of_routes(before, after),
        *_of_items(before.items, after.items),
    ]


def described(definition: Definition) -> str:
    """A new process type in one line, for example "2 levels (Operational contact, 5 working days; ...), ..."."""
    levels = "; ".join(f"{one.name}, {one.response_text}" for one in definition.levels)
    routes = "; ".join(one.text for one in definition.routes)
    items = ", ".join(one.label for one in definition.items) or "none"
    days = f"from {show_date(definition.effective_from)}"
    if definition.effective_to:
        days += f" to {show_date(definition.effective_to)}"
    return f"{definition.full_title}, {days}. Levels: {levels}. Sent from {routes}. Data items: {items}"


def _of_words(before: Definition, after: Definition) -> Iterator[str]:
    for name, was, now in (
        ("Title", before.title, after.title),
        ("Contact type", before.contact_type, after.contact_type),
        ("Fuel", FUELS[before.fuel], FUELS[after.fuel]),
        ("First day", show_date(before.effective_from), show_date(after.effective_from)),
        ("Last day", _last_day(before.effective_to), _last_day(after.effective_to)),
    ):
        if was != now:
            yield f"{name}: {was}, now {now}"


def _of_levels(before: tuple[LevelView, ...], after: tuple[LevelView, ...]) -> Iterator[str]:
    for was, now in zip(before, after, strict=False):
        if was.name != now.name:
            yield f"Level {was.number}: called {was.name}, now {now.name}"
        if was.response_text != now.response_text:
            yield f"Level {was.number}: {was.response_text}, now {now.response_text}"
    for added in after[len(before) :]:
        yield f"Level {added.number} added: {added.name}, {added.response_text}"
    for removed in before[len(after) :]:
        yield f"Level {removed.number} removed: {removed.name}, {removed.response_text}"


def _of_routes(before: Definition, after: Definition) -> Iterator[str]:
    for route in after.routes:
        if route not in before.routes:
            yield f"Now also sent from {route.text}"
    for route in before.routes:
        if route not in after.routes:
            yield f"No longer sent from {route.text}"


def _of_items(before: tuple[ItemView, ...], after: tuple[ItemView, ...]) -> Iterator[str]:
    were, are = {one.key: one for one in before}, {one.key: one for one in after}
    for key, item in are.items():
        if key not in were:
            yield f"Data item added: {_item_text(item)}"
        elif were[key] != item:
            yield from _of_item(were[key], item)
    for key, item in were.items():
        if key not in are:
            yield f"Data item removed: {item.label}"
    if [key for key in were if key in are] != [key for key in are if key in were]:
        yield f"Data items in another order: {', '.join(one.label for one in after)}"


def _of_item(was: ItemView, now: ItemView) -> Iterator[str]:
    for name, old, new in (
        ("label", was.label, now.label),
        ("hint", was.hint or "none", now.hint or "none"),
        ("kind", was.kind_text, now.kind_text),
        ("", _obligation(was), _obligation(now)),
        ("choices", ", ".join(was.choices) or "none", ", ".join(now.choices) or "none"),
    ):
        if old != new:
            yield f"Data item {was.label}: {name} {old}, now {new}".replace(":  ", ": ")


def _item_text(item: ItemView) -> str:
    choices = f": {', '.join(item.choices)}" if item.choices else ""
    return f"{item.label} ({item.kind_text}{choices}, {_obligation(item)})"


def _obligation(item: ItemView) -> str:
    return "mandatory" if item.mandatory else "optional"


def _last_day(day: date | None) -> str:
    return show_date(day) if day else "not known"
