"""Loads the process types that SDES starts with from `defaults.toml` into the database."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from sdes.catalogue.roles import MarketRole
from sdes.catalogue.tables import DataItem, Fuel, ItemKind, ProcessLevel, ProcessRoute, ProcessType, ResponseUnit
from sdes.catalogue.views import ItemView, LevelView, RouteView
from sdes.kit.db import transaction

MPXN = {Fuel.ELECTRICITY: ["mpan"], Fuel.GAS: ["mprn"], Fuel.BOTH: ["mpan", "mprn"]}
SUPPLIERS = {
    Fuel.ELECTRICITY: [MarketRole.ELECTRICITY_SUPPLIER],
    Fuel.GAS: [MarketRole.GAS_SUPPLIER],
    Fuel.BOTH: [MarketRole.ELECTRICITY_SUPPLIER, MarketRole.GAS_SUPPLIER],
}


@dataclass(frozen=True)
class DefaultProcess:
    """One process type of `defaults.toml`, not yet in the database."""

    code: str
    title: str
    contact_type: str
    fuel: Fuel
    effective_from: date
    position: int
    levels: list[LevelView]
    routes: list[RouteView]
    items: list[ItemView]


async def load_defaults() -> int:
    """Inserts each default process type whose code is missing, whole, and gives their number.

    One that is there is left as it is, with all that was added to it or taken from it. Runs any number of times.
    """
    missing = 0
    async with transaction():
        for process in default_processes():
            missing += await _insert(process)
    return missing


@cache
def default_processes() -> tuple[DefaultProcess, ...]:
    """The process types of `defaults.toml`, one per code, in the order of the file."""
    told = tomllib.loads(files("sdes.catalogue").joinpath("defaults.toml").read_text(encoding="utf-8"))
    found: list[DefaultProcess] = []
    for entry in told["process"]:
        for letter, code in entry["codes"].items():
            fuel = Fuel(letter)
            found.append(
                DefaultProcess(
                    code=code,
                    title=entry["title"],
                    contact_type=entry["contact"],
                    fuel=fuel,
                    effective_from=told["effective_from"],
                    position=10 * (len(found) + 1),
                    levels=_levels(entry["times"], told["level_names"]),
                    routes=[route for text in entry["routes"] for route in _routes(text, fuel)],
                    items=[item for text in entry["items"] for item in _items(text, fuel, told["items"])],
                )
            )
    return tuple(found)


async def _insert(process: DefaultProcess) -> int:
    row = ProcessType(
        code=process.code,
        title=process.title,
        contact_type=process.contact_type,
        fuel=process.fuel.value,
        effective_from=process.effective_from,
        position=process.position,
    )
    # Two programs may load at once: only the one whose row got in adds the rest.
    inserted = await ProcessType.insert(row).on_conflict(target=ProcessType.code, action="DO NOTHING")
    if not inserted:
        return 0
    ours = inserted[0]["id"]
    await ProcessLevel.insert(
        *(
            ProcessLevel(
                process_type=ours,
                number=level.number,
                name=level.name,
                response_amount=level.response_amount,
                response_unit=level.response_unit.value,
            )
            for level in process.levels
        )
    )
    await ProcessRoute.insert(
        *(
            ProcessRoute(process_type=ours, from_role=route.from_role.value, to_role=route.to_role.value)
            for route in process.routes
        )
    )
    await DataItem.insert(
        *(
            DataItem(
                process_type=ours,
                position=position,
                key=item.key,
                label=item.label,
                hint=item.hint,
                kind=item.kind.value,
                mandatory=item.mandatory,
                choices=list(item.choices),
            )
            for position, item in enumerate(process.items, start=1)
        )
    )
    return 1


def _levels(times: list[str], names: dict[str, list[str]]) -> list[LevelView]:
    levels = []
    for number, (time, name) in enumerate(zip(times, names[str(len(times))], strict=True), start=1):
        amount, unit = time.split()
        levels.append(LevelView(number, name, int(amount), ResponseUnit(unit)))
    return levels


def _routes(text: str, fuel: Fuel) -> list[RouteView]:
    senders, recipients = (SUPPLIERS[fuel] if side == "S" else [MarketRole(side)] for side in text.split(">"))
    return [RouteView(sender, recipient) for sender in senders for recipient in recipients]


def _items(text: str, fuel: Fuel, known: dict[str, dict[str, Any]]) -> list[ItemView]:
    only, _, rest = text.rpartition(":")
    if only and only != fuel:
        return []
    name, mandatory = rest.removesuffix("*"), rest.endswith("*")
    return [_item(key, mandatory, known[key]) for key in (MPXN[fuel] if name == "mpxn" else [name])]


def _item(key: str, mandatory: bool, told: dict[str, Any]) -> ItemView:
    choices = tuple(told.get("choices", ()))
    return ItemView(key, told["label"], told.get("hint", ""), ItemKind(told["kind"]), mandatory, choices)
