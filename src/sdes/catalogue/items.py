"""Bespoke data items: what was typed is checked and put in one form, and what was stored is shown."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from sdes.catalogue.dates import show_date
from sdes.catalogue.entries import (
    one_line,
    read_amount,
    read_day,
    read_digits,
    read_eui64,
    read_mpan,
    read_mprn,
    read_msn,
    read_phone,
    read_text,
    read_textarea,
    read_utrn,
)
from sdes.catalogue.identifiers import distributor_is_known, format_mpan
from sdes.catalogue.tables import ItemKind
from sdes.catalogue.views import ItemView

# What was typed, trimmed and not empty, gives a value to store or a sentence.
_READERS: dict[ItemKind, Callable[[str], tuple[str | None, str | None]]] = {
    ItemKind.MPAN: read_mpan,
    ItemKind.MPRN: read_mprn,
    ItemKind.MSN: read_msn,
    ItemKind.DATE: read_day,
    ItemKind.TEXT: read_text,
    ItemKind.TEXTAREA: read_textarea,
    ItemKind.AMOUNT: read_amount,
    ItemKind.DIGITS: read_digits,
    ItemKind.PHONE: read_phone,
    ItemKind.EUI64: read_eui64,
    ItemKind.UTRN: read_utrn,
}


def validate(item: ItemView, raw: str) -> tuple[str | None, str | None]:
    """The value to store and no sentence, or no value and the sentence that says what is wrong with `raw`.

    Nothing typed gives (None, None) unless the item is mandatory. SD 11.1(c)(vii).
    """
    if not one_line(raw):
        return None, _missing(item) if item.mandatory else None
    if item.kind is ItemKind.CHOICE:
        chosen = one_line(raw)
        return (chosen, None) if chosen in item.choices else (None, _choose(item))
    return _READERS[item.kind](raw)


def validate_all(items: Sequence[ItemView], posted: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The values to store and the sentences, both by the item's key; `posted` holds what was typed by key.

    What `posted` holds beside the items is left out.
    """
    values: dict[str, str] = {}
    errors: dict[str, str] = {}
    for item in items:
        value, sentence = validate(item, posted.get(item.key, ""))
        if sentence:
            errors[item.key] = sentence
        elif value:
            values[item.key] = value
    return values, errors


def display(kind: ItemKind | str, value: str) -> str:
    """A stored value as it is shown: MPAN 2-4-4-3, date in words, amount with £, UTRN in fours."""
    match ItemKind(kind):
        case ItemKind.MPAN:
            return format_mpan(value)
        case ItemKind.DATE:
            return show_date(date.fromisoformat(value))
        case ItemKind.AMOUNT:
            return f"£{Decimal(value):,.2f}"
        case ItemKind.UTRN:
            return " ".join(value[start : start + 4] for start in range(0, len(value), 4))
        case _:
            return value


def is_identifier(kind: ItemKind | str) -> bool:
    """Whether a value of this kind is an identifier, shown in letters of equal width."""
    return ItemKind(kind) in {ItemKind.MPAN, ItemKind.MPRN, ItemKind.MSN, ItemKind.EUI64, ItemKind.UTRN}


def advice(kind: ItemKind | str, value: str) -> str | None:
    """A sentence about a stored value that is allowed but looks odd; None when it does not."""
    if ItemKind(kind) is ItemKind.MPAN and not distributor_is_known(value):
        return f"No distributor with the number {value[:2]} is known here. Check the first two digits."
    return None


def _missing(item: ItemView) -> str:
    if item.kind is ItemKind.CHOICE:
        return _choose(item)
    is_abbreviation = item.label[1:2].isupper()
    return f"Enter the {item.label if is_abbreviation else item.label[:1].lower() + item.label[1:]}."


def _choose(item: ItemView) -> str:
    *others, last = item.choices or ("one of the list",)
    return f"Choose {', '.join(others)} or {last}." if others else f"Choose {last}."
