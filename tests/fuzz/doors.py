"""Every door of the application, read from it, and which door an address leads to."""

import re
from dataclasses import dataclass
from functools import cache, cached_property

from litestar import Litestar
from litestar.routes import HTTPRoute

from sdes.kit.parameters import parameters_of
from sdes.permissions import Permission

_PARAMETER = re.compile(r"{(\w+):(\w+)}")


@dataclass(frozen=True, eq=False)
class Door:
    """`path` has its parameters in braces; `asks` are the parameters of the query that its handler states."""

    method: str
    path: str
    permission: Permission
    is_for_programs: bool
    asks: frozenset[str]

    @property
    def parameters(self) -> list[str]:
        return [found[1] for found in _PARAMETER.finditer(self.path)]

    def at(self, values: dict[str, str]) -> str:
        """Its address with these values, which are what stands between two strokes."""
        return _PARAMETER.sub(lambda found: values[found[1]], self.path)

    def leads(self, path: str) -> bool:
        return bool(self._pattern.fullmatch(path))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        parts = _PARAMETER.split(self.path)  # text, name, kind, text, name, kind, text
        kinds = ["[^/]+" if kind != "path" else ".+" for kind in parts[2::3]]
        return re.compile("".join(re.escape(text) + kind for text, kind in zip(parts[::3], [*kinds, ""], strict=True)))


def doors_of(app: Litestar) -> tuple[Door, ...]:
    found = []
    for route in app.routes:
        assert isinstance(route, HTTPRoute)
        for handler in route.route_handlers:
            for method in sorted(handler.http_methods - {"OPTIONS"}):
                opt = handler.opt
                found.append(Door(method, route.path, opt["permission"], bool(opt.get("api")), parameters_of(handler)))
    return tuple(sorted(found, key=lambda door: (door.path, door.method)))


@cache
def door_at(doors: tuple[Door, ...], method: str, path: str) -> Door | None:
    """The door that an address leads to: one without parameters before one with them."""
    leading = [door for door in doors if door.method == method and door.leads(path)]
    return min(leading, key=lambda door: len(door.parameters), default=None)
