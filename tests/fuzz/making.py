"""Requests that hypothesis makes: a door of a visitor's, an address, a query, headers, and a form, JSON or a file."""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from hypothesis import HealthCheck, Phase, assume, given, seed, settings
from hypothesis import strategies as st

from sdes.kit.csrf import FIELD, UNSAFE
from tests.fuzz import junk
from tests.fuzz.asking import Knock, Visitor
from tests.fuzz.doors import Door
from tests.fuzz.pages import Fields, Offered
from tests.fuzz.world import World

SEED = int(os.environ.get("FUZZ_SEED", "1"))
BOUNDARY = "zqboundary"
OTHER_METHODS = ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "POST", "GET", "ZQ")
PLACES = ("next", "redirect_uri", "post_logout_redirect_uri")  # parameters that say where to go on to
MOST_TARGET = 60_000  # bytes of a first line; servers take less
T = TypeVar("T")
Parts = list[tuple[str, str]]

_number = st.sampled_from(range(1 << 16))
ODD_JSON: list[Any] = [None, True, [], {}, 0, -1, 2**63, 1e308, "", [[]], {"a": {}}, ["a"], [None], [{}], *junk.VALUES]
ODD_QUERIES = ("&&&", "=", "%", "a=%ff%fe", "a[]=1&a[]=2", ";", "?", "a=b=c", "&".join(["a=1"] * 3000))
ODD_BODIES = (
    *(b"", b"{", b"nul", b"[" * 3000, b'{"a":1,"a":2}', b'"\xff"', b'{"name":"\\ud800"}', b"1" + b"0" * 5000),
    *(b"NaN", b'{"name": 1e999}', b"\xef\xbb\xbf{}", b"\0" * 70_000),
)


class Draw:
    """Choices that hypothesis makes."""

    def __init__(self, draw: Callable[[st.SearchStrategy[int]], int]) -> None:
        self._draw = draw

    def one(self, options: Sequence[T]) -> T:
        return options[self._draw(_number) % len(options)]

    def some(self, options: Sequence[T], least: int, most: int) -> list[T]:
        return [self.one(options) for _ in range(self.one(range(least, most + 1)))]

    def happens(self, percent: int) -> bool:
        return self._draw(_number) % 100 < percent

    def odd(self) -> str:
        return "".join(self.some(junk.CHARACTERS, 0, 12)) if self.happens(25) else self.one(junk.VALUES)


@dataclass(frozen=True)
class Material:
    """What requests are made of: the world, and what the visitor's pages have offered so far."""

    world: World
    offered: Offered
    names: tuple[str, ...]  # of the parameters of all doors
    bodies: tuple[str, ...]  # names that programs may send in JSON


def knocks(visitor: Visitor, doors: list[Door], material: Material, many: int) -> list[Knock]:
    """So many different requests as that visitor, the same ones for the same seed."""
    found: dict[tuple[object, ...], Knock] = {}

    @seed(SEED)
    @settings(
        max_examples=many,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(_knock(visitor, doors, material))
    def keep(knock: Knock) -> None:
        key = (knock.method, knock.target, tuple(knock.headers), knock.body, knock.is_cut)
        assume(key not in found)
        found[key] = knock

    keep()
    return list(found.values())


def plain(door: Door, record: dict[str, str], visitor: Visitor, fields: Fields) -> Knock:
    """The request that a page would make, with what it has offered."""
    target = _path(door, _of_draft(door, record))
    if door.method not in UNSAFE:
        return Knock(door.method, target)
    if door.is_for_programs:
        return Knock(door.method, target, [("content-type", "application/json")], b"{}")
    parts = [(FIELD, visitor.csrf_token), *((name, values[0]) for name, values in fields.items() if name != FIELD)]
    return Knock(door.method, target, [("content-type", URLENCODED)], _urlencoded(parts))


URLENCODED = "application/x-www-form-urlencoded"


@st.composite
def _knock(
    drawn: Callable[[st.SearchStrategy[int]], int], visitor: Visitor, doors: list[Door], material: Material
) -> Knock:
    draw = Draw(drawn)
    door = draw.one(doors)
    offered = material.offered.fields.get(door, {})
    target = _target(draw, door, offered, material)
    headers = draw.some(junk.HEADERS, 1, 2) if draw.happens(50) else []
    method = draw.one(OTHER_METHODS) if draw.happens(3) else door.method
    if method not in UNSAFE:
        return Knock(method, target, headers)
    kind, body = _body(draw, door, visitor, offered, material)
    return Knock(method, target, [("content-type", kind), *headers], body, is_cut=draw.happens(3))


def _target(draw: Draw, door: Door, offered: Fields, material: Material) -> str:
    record = _of_draft(door, draw.one(material.world.records))
    for name in door.parameters:
        if draw.happens(15):
            record = {**record, name: draw.odd()}
        elif draw.happens(15):
            record = {**record, name: draw.one(material.world.values(name))}
    path = _path(door, record)
    if draw.happens(4):
        path = draw.one([f"{path}/", f"{path}/zq", f"/{path}", f"{path}%00", f"{path};a=b", path.upper()])
    query = _query(draw, door, offered, material)
    return f"{path}?{query}"[:MOST_TARGET] if query else path[:MOST_TARGET]


def _query(draw: Draw, door: Door, offered: Fields, material: Material) -> str:
    if draw.happens(10 if door.method == "GET" else 75):
        return ""
    if draw.happens(4):
        return draw.one(ODD_QUERIES)
    own = sorted(door.asks | (offered.keys() if door.method == "GET" else set())) or material.names
    names = [draw.one(own) if draw.happens(85) else draw.one(material.names) for _ in range(draw.one((1, 2, 3, 4)))]
    if draw.happens(5):
        names.append(draw.odd())
    return _urlencoded([(name, _value(draw, name, offered.get(name, []), material)) for name in names]).decode()


def _value(draw: Draw, name: str, offered: list[str], material: Material) -> str:
    """What pages offered here, what stands for some record, or neither; of a place to go on to, one elsewhere."""
    if name in PLACES and draw.happens(60):
        return draw.one(junk.ELSEWHERE)
    if offered and draw.happens(40):
        return draw.one(offered)
    if draw.happens(20):
        record = draw.one(material.world.records)
        return record[draw.one(sorted(record))]
    return draw.odd()


def _body(draw: Draw, door: Door, visitor: Visitor, offered: Fields, material: Material) -> tuple[str, bytes]:
    if door.is_for_programs or draw.happens(3):
        return "application/json", _json_body(draw, material)
    parts = _filled(draw, visitor, offered, material)
    if draw.happens(40):
        return _multipart(draw, parts)
    return URLENCODED, draw.one(ODD_BODIES) if draw.happens(3) else _urlencoded(parts)


def _filled(draw: Draw, visitor: Visitor, offered: Fields, material: Material) -> Parts:
    """The door's form as its page offers it, with up to four things changed; mostly with its token first."""
    filled = {name: values[0] for name, values in offered.items() if name != FIELD}
    parts = list(filled.items())
    for name in draw.some(sorted(filled) or material.names, 0, 4):
        parts = [part for part in parts if part[0] != name]
        if draw.happens(85):
            parts.append((name, _value(draw, name, offered.get(name, []), material)))
    if draw.happens(15):
        parts.append((draw.odd(), draw.odd()))
    if parts and draw.happens(8):
        parts.append(draw.one(parts))
    token = visitor.csrf_token if draw.happens(92) else draw.one(["", "x", "é", "\0", "0" * 64])
    if draw.happens(94):
        return [(FIELD, token), *parts]
    return draw.one([parts, [*parts, (FIELD, token)]])


def _multipart(draw: Draw, parts: Parts) -> tuple[str, bytes]:
    head = f"--{BOUNDARY}\r\nContent-Disposition: form-data; name="
    pieces = [_encoded(f'{head}"{_quoted(name)}"\r\n\r\n{value}\r\n') for name, value in parts]
    for _ in range(draw.one((0, 1, 1, 2))):
        field, name = draw.one(["files", "file", "files", "file", "zq", ""]), _quoted(draw.one(junk.NAMES))
        kind = draw.one(["", "Content-Type: text/csv\r\n", "Content-Type: zq\r\nX: y\r\n", "Zq\r\n"])
        begun = _encoded(f'{head}"{field}"; filename="{name}"\r\n{kind}\r\n')
        pieces.append(begun + draw.one(junk.contents()) + b"\r\n")
    body = b"".join([*pieces, _encoded(f"--{BOUNDARY}--\r\n")])
    if draw.happens(6):
        body = body[: draw.one(range(len(body)))]
    elif draw.happens(3):
        body = body.replace(b"\r\n", b"\n")
    elif draw.happens(3):
        body = body.replace(b"form-data", draw.one([b"", b"attachment", b"form-data; name*=utf-8''%ff"]), 2)
    boundary = BOUNDARY if draw.happens(95) else draw.one(["", "x", '"', "é" * 80])
    return f"multipart/form-data; boundary={boundary}", body


def _json_body(draw: Draw, material: Material) -> bytes:
    if draw.happens(8):
        return draw.one(ODD_BODIES)
    if draw.happens(8):
        return json.dumps(draw.one(ODD_JSON)).encode()
    return json.dumps({name: _member(draw, material) for name in draw.some(material.bodies, 0, 6)}).encode()


def _member(draw: Draw, material: Material) -> Any:
    if draw.happens(30):
        return draw.one(ODD_JSON)
    if draw.happens(20):
        return draw.some(ODD_JSON, 0, 3)
    if draw.happens(20):
        use_case = {"process_type": draw.one(ODD_JSON), "process": draw.odd(), "level": draw.one(ODD_JSON)}
        return [use_case] * draw.one((1, 2))
    return _value(draw, "", ["zq@brightwatt.example", "A Name", "reports", "PT0130", "1"], material)


def _of_draft(door: Door, record: dict[str, str]) -> dict[str, str]:
    """A path that leads to a draft leads to a file of that draft's."""
    return {**record, "attachment_id": record["draft_attachment"]} if "draft_id" in door.parameters else record


def _path(door: Door, record: dict[str, str]) -> str:
    return door.at({name: quote(record[name], safe="", errors="replace") for name in door.parameters})


def _urlencoded(parts: Parts) -> bytes:
    return urlencode(parts, errors="replace").encode()


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _quoted(text: str) -> str:
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
