"""The form of a process type: rows that are added, taken away and moved; what is typed becomes a definition. No
database."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import zip_longest

from sdes.administration.forms.process_items import ITEM_FIELDS, MOST_ITEMS, items_from
from sdes.catalogue.dates import read_date, show_date
from sdes.catalogue.definition import Definition
from sdes.catalogue.entries import one_line
from sdes.catalogue.roles import MarketRole
from sdes.catalogue.rules import NEVER_ESCALATED
from sdes.catalogue.tables import Fuel, ResponseUnit
from sdes.catalogue.views import LevelView, RouteView
from sdes.kit.forms import Form

MOST_LEVELS = 4
LIMITS = {"title": 120, "contact_type": 60}  # characters
LEVEL_NAME_LIMIT = 60
MOST_AMOUNT = {ResponseUnit.WORKING_DAYS: 60, ResponseUnit.OPERATIONAL_HOURS: 50}
LEVEL_FIELDS = ("name", "amount", "unit")
WORDS = ("code", "title", "contact_type", "fuel", "effective_from", "effective_to", "takes_effect_on")
# Metering equipment managers have no access to the portal (SD 10.1): what is sent to them nobody would read.
ROLES = (MarketRole.ELECTRICITY_SUPPLIER, MarketRole.GAS_SUPPLIER, MarketRole.DISTRIBUTOR)
ROUTES = [
    (f"{sender.value}>{recipient.value}", f"{sender.label} to {recipient.label.lower()}", "")
    for sender in ROLES
    for recipient in ROLES
]

_CODE = re.compile(r"PT[0-9]{4}")
_ROW = re.compile(r"(add|remove|up|down)-(level|item)(?:-([0-9]{1,2}))?")

Row = dict[str, str]


@dataclass
class Typed:
    """The form as typed, and what is wrong with it by the id of the field."""

    values: Row
    levels: list[Row]
    items: list[Row]
    routes: frozenset[str]  # "X>R"
    errors: dict[str, str] = field(default_factory=dict)

    def has_route(self, sender: str, recipient: str) -> bool:
        return f"{sender}>{recipient}" in self.routes


@dataclass(frozen=True)
class Known:
    """What the form is read against: the present definition (None: a new one), its contact types, and today."""

    before: Definition | None
    contact_types: Collection[str]
    today: date
    position: int = 0


def typed(form: Form) -> Typed:
    """What was posted, whatever it is worth."""
    return Typed(
        {name: one_line(form.raw(name)) for name in WORDS},
        _rows(form, "level", LEVEL_FIELDS, MOST_LEVELS),
        _rows(form, "item", ITEM_FIELDS, MOST_ITEMS),
        frozenset(form.all("route")),
    )


def shown(definition: Definition, today: date) -> Typed:
    """The form with what a process type is now."""
    values = {
        "title": definition.title,
        "contact_type": definition.contact_type,
        "fuel": definition.fuel.value,
        "effective_from": show_date(definition.effective_from),
        "effective_to": show_date(definition.effective_to) if definition.effective_to else "",
        "takes_effect_on": show_date(today),
    }
    levels = [
        {"name": one.name, "amount": str(one.response_amount), "unit": one.response_unit.value}
        for one in definition.levels
    ]
    items = [
        {
            "key": one.key,
            "label": one.label,
            "hint": one.hint,
            "kind": one.kind.value,
            "mandatory": "yes" if one.mandatory else "no",
            "choices": "\n".join(one.choices),
        }
        for one in definition.items
    ]
    routes = frozenset(f"{one.from_role.value}>{one.to_role.value}" for one in definition.routes)
    return Typed({name: values.get(name, "") for name in WORDS}, levels, items, routes)


def empty(code: str, today: date) -> Typed:
    """The form of a new process type, with the code that is free."""
    values = dict.fromkeys(WORDS, "") | {"code": code, "effective_from": show_date(today)}
    return Typed(values, [{"name": "Operational contact", "amount": "", "unit": "WD"}], [], frozenset())


def with_rows_moved(asked: Typed, button: str) -> bool:
    """Adds, removes or moves the row that a button is for ("up-item-3"); False where it is no such button."""
    found = _ROW.fullmatch(button)
    if not found:
        return False
    done, noun, number = found[1], found[2], int(found[3] or 0)
    rows, most, fields = {
        "level": (asked.levels, MOST_LEVELS, LEVEL_FIELDS),
        "item": (asked.items, MOST_ITEMS, ITEM_FIELDS),
    }[noun]
    at = number - 1
    if done == "add" and len(rows) < most:
        rows.append(dict.fromkeys(fields, ""))
    elif done == "remove" and 0 <= at < len(rows):
        del rows[at]
    elif done in ("up", "down") and 0 <= at < len(rows):
        other = max(0, min(at + (-1 if done == "up" else 1), len(rows) - 1))
        rows[at], rows[other] = rows[other], rows[at]
    return True


def definition_from(asked: Typed, known: Known) -> Definition | None:
    """What was typed as a definition; None where something is wrong, which `asked.errors` then says."""
    words = {name: _word(asked, name) for name in ("title", "contact_type")}
    contact_type = next((one for one in known.contact_types if one.casefold() == words["contact_type"].casefold()), "")
    contact_type = contact_type or words["contact_type"]
    fuel = Fuel(asked.values["fuel"]) if asked.values["fuel"] in list(Fuel) else None
    if fuel is None:
        asked.errors["fuel"] = "Choose the fuel"
    days = _days(asked, known)
    levels = _levels(asked, contact_type)
    routes = _routes(asked, fuel)
    items = items_from(asked.items, asked.errors, known.before.items if known.before else ())
    if asked.errors or fuel is None or days is None:
        return None
    position = known.before.position if known.before else known.position
    return Definition(words["title"], contact_type, fuel, *days, position, levels, routes, items)


def code_from(asked: Typed) -> str:
    """The code of a new process type."""
    code = asked.values["code"] = asked.values["code"].replace(" ", "").upper()
    if not _CODE.fullmatch(code):
        asked.errors["code"] = "Enter PT and four digits, for example PT0140"
    return code


def day_from(asked: Typed, today: date) -> date | None:
    """The day on which the change takes effect: today or later."""
    day = _date(asked, "takes_effect_on", "Enter the day on which the change takes effect")
    if day and day < today:
        asked.errors["takes_effect_on"] = f"The change takes effect today, {show_date(today)}, at the earliest"
    return day


def next_code(codes: Iterable[str]) -> str:
    """The code after the highest of them."""
    numbers = [int(code[2:]) for code in codes if _CODE.fullmatch(code)]
    return f"PT{max(numbers, default=0) + 1:04}"


def number_from(text: str) -> int:
    """The id that a hidden field carries; 0 for what is none."""
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else 0


def _rows(form: Form, noun: str, fields: Sequence[str], most: int) -> list[Row]:
    """Rows are posted as lists of equal length, one a field; choices have lines, everything else is one."""
    columns = [
        [
            one.strip().replace("\r\n", "\n") if name == "choices" else one_line(one)
            for one in form.all(f"{noun}_{name}")
        ]
        for name in fields
    ]
    return [dict(zip(fields, row, strict=True)) for row in zip_longest(*columns, fillvalue="")][:most]


def _word(asked: Typed, name: str) -> str:
    word, what = asked.values[name], {"title": "business process", "contact_type": "contact type"}[name]
    if not word:
        asked.errors[name] = f"Enter the {what}"
    elif len(word) > LIMITS[name]:
        asked.errors[name] = f"Shorten the {what} to {LIMITS[name]} characters. It has {len(word)}."
    return word


def _levels(asked: Typed, contact_type: str) -> tuple[LevelView, ...]:
    """One to four; exactly one where the contact type is never escalated (SD 11.1(e))."""
    if not asked.levels:
        asked.errors["levels"] = "Add a level: somebody has to be written to"
    elif len(asked.levels) > 1 and contact_type in NEVER_ESCALATED:
        asked.errors["levels"] = f"{contact_type} is never escalated, so it has one level"
    levels = []
    for number, row in enumerate(asked.levels, start=1):
        here = f"level-{number}"
        if not row["name"]:
            asked.errors[f"{here}-name"] = f"Level {number}: enter who is written to"
        elif len(row["name"]) > LEVEL_NAME_LIMIT:
            asked.errors[f"{here}-name"] = f"Level {number}: shorten the name to {LEVEL_NAME_LIMIT} characters"
        if row["unit"] not in list(ResponseUnit):
            asked.errors[f"{here}-unit"] = f"Level {number}: choose Working Days or operational hours"
            continue
        unit = ResponseUnit(row["unit"])
        most = MOST_AMOUNT[unit]
        if not re.fullmatch(r"[0-9]{1,3}", row["amount"]) or not 1 <= int(row["amount"]) <= most:
            asked.errors[f"{here}-amount"] = f"Level {number}: enter a time to respond from 1 to {most}"
            continue
        levels.append(LevelView(number, row["name"], int(row["amount"]), unit))
    return tuple(levels)


def _routes(asked: Typed, fuel: Fuel | None) -> tuple[RouteView, ...]:
    pairs = [RouteView(sender, recipient) for sender in ROLES for recipient in ROLES]
    routes = [one for one in pairs if asked.has_route(one.from_role.value, one.to_role.value)]
    if not routes:
        asked.errors["routes"] = "Choose at least one pair: who may send it to whom"
    elif fuel in (Fuel.ELECTRICITY, Fuel.GAS):
        strangers = [one for one in routes if {one.from_role.fuel, one.to_role.fuel} != {fuel.value}]
        if strangers:
            asked.errors["routes"] = f"{strangers[0].text[0].upper()}{strangers[0].text[1:]} is not of this fuel"
    return tuple(sorted(routes, key=lambda one: (one.from_role.value, one.to_role.value)))


def _days(asked: Typed, known: Known) -> tuple[date, date | None] | None:
    """The first and the last day of use. What has begun stays begun; what is typed anew is not in the past."""
    before = known.before
    first = _date(asked, "effective_from", "Enter the first day on which it may be sent")
    last = _date(asked, "effective_to", "")
    if first and (before is None or first != before.effective_from):
        if before and before.effective_from <= known.today:
            asked.errors["effective_from"] = f"It has been in use since {show_date(before.effective_from)}. That stays."
        elif first < known.today:
            asked.errors["effective_from"] = f"The first day is today, {show_date(known.today)}, or later"
    if last and (before is None or last != before.effective_to) and last < known.today - timedelta(days=1):
        asked.errors["effective_to"] = "The last day is yesterday, to end it at once, or later"
    if first and last and last < first:
        asked.errors.setdefault("effective_to", f"The last day is before the first, {show_date(first)}")
    if first is None or {"effective_from", "effective_to"} & asked.errors.keys():
        return None
    return first, last


def _date(asked: Typed, name: str, missing: str) -> date | None:
    if not asked.values[name]:
        if missing:
            asked.errors[name] = missing
        return None
    day, error = read_date(asked.values[name])
    if error:
        asked.errors[name] = error
    return day
