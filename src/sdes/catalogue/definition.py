"""A process type as the Code Manager defines it: all that a change replaces, and how it is kept until its day."""

import json
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import sha256

from sdes.catalogue.roles import MarketRole
from sdes.catalogue.tables import Fuel, ItemKind, ResponseUnit
from sdes.catalogue.views import ItemView, LevelView, ProcessTypeView, RouteView, process_name


@dataclass(frozen=True, slots=True)
class Definition:
    """All of a process type but its code, which never changes."""

    title: str
    contact_type: str
    fuel: Fuel
    effective_from: date
    effective_to: date | None
    position: int
    levels: tuple[LevelView, ...]
    routes: tuple[RouteView, ...]
    items: tuple[ItemView, ...]

    @property
    def full_title(self) -> str:
        """The whole name, as `ProcessTypeView` tells it."""
        return process_name(self.title, self.contact_type, self.fuel)

    @property
    def stored(self) -> str:
        """As a change keeps it: JSON with its keys in order, the same text for the same definition."""
        return json.dumps(asdict(self), sort_keys=True, default=date.isoformat)


def definition_of(process: ProcessTypeView) -> Definition:
    """What a process type is now."""
    return Definition(
        title=process.title,
        contact_type=process.contact_type,
        fuel=process.fuel,
        effective_from=process.effective_from,
        effective_to=process.effective_to,
        position=process.position,
        levels=process.levels,
        routes=tuple(sorted(process.routes, key=_roles)),
        items=process.items,
    )


def read_definition(stored: str) -> Definition:
    """What `Definition.stored` gave."""
    told = json.loads(stored)
    return Definition(
        title=told["title"],
        contact_type=told["contact_type"],
        fuel=Fuel(told["fuel"]),
        effective_from=date.fromisoformat(told["effective_from"]),
        effective_to=date.fromisoformat(told["effective_to"]) if told["effective_to"] else None,
        position=told["position"],
        levels=tuple(
            LevelView(one["number"], one["name"], one["response_amount"], ResponseUnit(one["response_unit"]))
            for one in told["levels"]
        ),
        routes=tuple(RouteView(MarketRole(one["from_role"]), MarketRole(one["to_role"])) for one in told["routes"]),
        items=tuple(
            ItemView(one["key"], one["label"], one["hint"], ItemKind(one["kind"]), one["mandatory"], (*one["choices"],))
            for one in told["items"]
        ),
    )


def mark_of_definition(definition: Definition, waiting: int | None) -> str:
    """Tells in a hidden field what the form showed: the definition, and which change (by id) was waiting."""
    return sha256(f"{definition.stored} {waiting}".encode()).hexdigest()[:16]


def _roles(route: RouteView) -> tuple[str, str]:
    return route.from_role.value, route.to_role.value
