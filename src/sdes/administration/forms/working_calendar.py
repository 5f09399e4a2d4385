"""A proclaimed day, as the Code Manager types it. No database."""

from dataclasses import dataclass
from datetime import date

from sdes.administration.forms.companies import Filled
from sdes.catalogue.dates import read_date
from sdes.catalogue.entries import one_line
from sdes.kit.forms import Form

NAME_LIMIT = 120  # characters


@dataclass(frozen=True)
class ExtraDayTyped:
    """A day that differs from the ordinary calendar, and what it is called."""

    day: date
    name: str
    is_holiday: bool


def extra_day_from(form: Form) -> tuple[ExtraDayTyped | None, Filled]:
    """The day that was typed; None where something is wrong."""
    filled = Filled({"date": form.text("date"), "name": one_line(form.raw("name")), "kind": form.text("kind")})
    day, error = read_date(filled.values["date"]) if filled.values["date"] else (None, "Enter the date")
    if error:
        filled.errors["date"] = error
    name = filled.values["name"]
    if not name:
        filled.errors["name"] = "Enter what the day is called, or why it is proclaimed"
    elif len(name) > NAME_LIMIT:
        filled.errors["name"] = f"Shorten this to {NAME_LIMIT} characters. It has {len(name)}."
    if filled.values["kind"] not in ("holiday", "working-day"):
        filled.errors["kind"] = "Choose what the day is to be"
    if day is None or filled.errors:
        return None, filled
    return ExtraDayTyped(day, name, filled.values["kind"] == "holiday"), filled


def day_from(text: str) -> date | None:
    """The day that a hidden field carries; None for what is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
