"""Reads of the catalogue. It holds no company's matter, so nobody is asked who reads it."""

from collections import defaultdict
from typing import Any

from sdes.catalogue.roles import MarketRole
from sdes.catalogue.tables import DataItem, Fuel, ItemKind, ProcessLevel, ProcessRoute, ProcessType, ResponseUnit
from sdes.catalogue.views import ItemView, LevelView, ProcessTypeView, RouteView


async def process_types() -> list[ProcessTypeView]:
    """All process types in the order of the catalogue, also those no longer in use. Always four queries."""
    rows = await ProcessType.select().order_by(ProcessType.position, ProcessType.code)
    return _assemble(
        rows,
        await ProcessLevel.select().order_by(ProcessLevel.number),
        await ProcessRoute.select().order_by(ProcessRoute.id),
        await DataItem.select().order_by(DataItem.position),
    )


async def process_type(key: int | str) -> ProcessTypeView | None:
    """The process type of that id (a number) or code (text), in use or not; None when there is none."""
    where = ProcessType.id == key if isinstance(key, int) else ProcessType.code == key
    row = await ProcessType.select().where(where).first()
    if row is None:
        return None
    ours = row["id"]
    views = _assemble(
        [row],
        await ProcessLevel.select().where(ProcessLevel.process_type == ours).order_by(ProcessLevel.number),
        await ProcessRoute.select().where(ProcessRoute.process_type == ours).order_by(ProcessRoute.id),
        await DataItem.select().where(DataItem.process_type == ours).order_by(DataItem.position),
    )
    return views[0]


Rows = list[dict[str, Any]]


def _assemble(processes: Rows, levels: Rows, routes: Rows, items: Rows) -> list[ProcessTypeView]:
    levels_of, routes_of, items_of = _grouped(levels), _grouped(routes), _grouped(items)
    return [
        ProcessTypeView(
            id=row["id"],
            code=row["code"],
            title=row["title"],
            contact_type=row["contact_type"],
            fuel=Fuel(row["fuel"]),
            effective_from=row["effective_from"],
            effective_to=row["effective_to"],
            levels=tuple(_level(level) for level in levels_of[row["id"]]),
            routes=tuple(_route(route) for route in routes_of[row["id"]]),
            items=tuple(_item(item) for item in items_of[row["id"]]),
            position=row["position"],
        )
        for row in processes
    ]


def _grouped(rows: Rows) -> defaultdict[int, Rows]:
    groups: defaultdict[int, Rows] = defaultdict(list)
    for row in rows:
        groups[row["process_type"]].append(row)
    return groups


def _level(row: dict[str, Any]) -> LevelView:
    return LevelView(row["number"], row["name"], row["response_amount"], ResponseUnit(row["response_unit"]))


def _route(row: dict[str, Any]) -> RouteView:
    return RouteView(MarketRole(row["from_role"]), MarketRole(row["to_role"]))


def _item(row: dict[str, Any]) -> ItemView:
    kind = ItemKind(row["kind"])
    return ItemView(row["key"], row["label"], row["hint"], kind, row["mandatory"], tuple(row["choices"] or ()))
