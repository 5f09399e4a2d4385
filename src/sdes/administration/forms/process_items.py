"""The bespoke data items of a process type, as the Code Manager types them. No database."""

import re
import unicodedata
from collections.abc import Sequence

from sdes.catalogue.entries import one_line
from sdes.catalogue.tables import ItemKind
from sdes.catalogue.views import ItemView

ITEM_FIELDS = ("key", "label", "hint", "kind", "mandatory", "choices")
MOST_ITEMS = 30
LABEL_LIMIT = 80
HINT_LIMIT = 200
KEY_LIMIT = 40
MOST_CHOICES = 40
# Fields that every form of the portal has: a data item of one of these names would be read as that field.
TAKEN = frozenset(
    (
        "sender",
        "process",
        "recipient",
        "subject",
        "text",
        "tag",
        "files",
        "action",
        "reference",
        "draft_id",
        "csrf_token",
        "from_level",
    )
)


def items_from(rows: list[dict[str, str]], errors: dict[str, str], before: Sequence[ItemView]) -> tuple[ItemView, ...]:
    """The data items in their order; what is wrong goes into `errors`, by the id of its field. One that was there keeps
    its key, whatever it is called now."""
    known = {one.key for one in before}
    keys: set[str] = set()
    labels: set[str] = set()
    items = []
    for number, row in enumerate(rows, start=1):
        here, label = f"item-{number}", row["label"]
        if not label:
            errors[f"{here}-label"] = f"Data item {number}: enter what it is called, or remove it"
        elif len(label) > LABEL_LIMIT:
            errors[f"{here}-label"] = f"Data item {number}: shorten its name to {LABEL_LIMIT} characters"
        elif label.casefold() in labels:
            errors[f"{here}-label"] = f"Data item {number}: there is a {label} already"
        if len(row["hint"]) > HINT_LIMIT:
            errors[f"{here}-hint"] = f"Data item {number}: shorten the hint to {HINT_LIMIT} characters"
        if row["kind"] not in list(ItemKind):
            errors[f"{here}-kind"] = f"Data item {number}: choose what it holds"
            continue
        kind, choices = ItemKind(row["kind"]), _choices(row["choices"])
        if kind is ItemKind.CHOICE and (problem := _problem_of(choices)):
            errors[f"{here}-choices"] = f"Data item {number}: {problem}"
        labels.add(label.casefold())
        key = row["key"] if row["key"] in known - keys else key_of(label, known | keys | TAKEN)
        keys.add(key)
        is_choice = kind is ItemKind.CHOICE
        items.append(ItemView(key, label, row["hint"], kind, row["mandatory"] == "yes", choices if is_choice else ()))
    return tuple(items)


def key_of(label: str, taken: frozenset[str] | set[str]) -> str:
    """The key of a new data item, made from its label, that none of `taken` is: "Meter point" gives "meter_point"."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    first = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[: KEY_LIMIT - 3] or "item"
    key, number = first, 2
    while key in taken:
        key, number = f"{first}_{number}", number + 1
    return key


def _choices(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line for typed in text.split("\n") if (line := one_line(typed))))


def _problem_of(choices: tuple[str, ...]) -> str:
    if len(choices) < 2:
        return "enter at least two choices, one a line"
    if len(choices) > MOST_CHOICES:
        return f"enter at most {MOST_CHOICES} choices. There are {len(choices)}."
    if longest := next((one for one in choices if len(one) > LABEL_LIMIT), ""):
        return f"shorten the choice “{longest[:30]}…” to {LABEL_LIMIT} characters"
    return ""
