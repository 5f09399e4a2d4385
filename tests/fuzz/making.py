"""Requests that hypothesis makes: a door of a visitor's, an address, a query, headers, and a form, JSON or a file."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
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
MOST_TARGET = 60_000  # bytes of a first line; servers take less
Draw = Callable[[st.SearchStrategy[Any]], Any]
Parts = list[tuple[str, str]]

_dice = st.sampled_from(range(100))
_odd = st.one_of(*[st.sampled_from(junk.VALUES)] * 3, st.text(st.sampled_from(junk.CHARACTERS), max_size=12))
_json: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from([None, True, [], {}, 0, -1, 2**63, 1e308, "", [[]], {"a": {}}, ["a"], [None], [{}]]), _odd
)


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
    @settings(max_examples=many, database=None, deadline=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))
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
def _knock(draw: Draw, visitor: Visitor, doors: list[Door], material: Material) -> Knock:
    door = draw(st.sampled_from(doors))
    offered = material.offered.fields.get(door, {})
    target = _target(draw, door, offered, material)
    headers: Parts = draw(st.lists(st.sampled_from(junk.HEADERS), min_size=1, max_size=2)) if draw(_dice) < 50 else []
    method = draw(st.sampled_from(OTHER_METHODS)) if draw(_dice) < 3 else door.method
    if method not in UNSAFE:
        return Knock(method, target, headers)
    kind, body = _body(draw, door, visitor, offered, material)
    return Knock(method, target, [("content-type", kind), *headers], body, is_cut=draw(_dice) < 3)


def _target(draw: Draw, door: Door, offered: Fields, material: Material) -> str:
    record = _of_draft(door, draw(st.sampled_from(material.world.records)))
    for name in door.parameters:
        dice = draw(_dice)
        if dice < 15:
            record = {**record, name: draw(_odd)}
        elif dice < 25:
            record = {**record, name: draw(st.sampled_from(material.world.values(name)))}
    path = _path(door, record)
    if draw(_dice) < 4:
        path = draw(st.sampled_from([f"{path}/", f"{path}/zq", f"/{path}", f"{path}%00", f"{path};a=b", path.upper()]))
    query = _query(draw, door, offered, material)
    return f"{path}?{query}"[:MOST_TARGET] if query else path[:MOST_TARGET]


def _query(draw: Draw, door: Door, offered: Fields, material: Material) -> str:
    if draw(_dice) < (10 if door.method == "GET" else 75):
        return ""
    if draw(_dice) < 4:
        return draw(st.sampled_from(["&&&", "=", "%", "a=%ff%fe", "a[]=1&a[]=2", ";", "?", "a=b=c", "&".join(["a=1"] * 3000)]))
    own = sorted(door.asks | (offered.keys() if door.method == "GET" else set())) or list(material.names)
    names = st.sampled_from(own) if draw(_dice) < 80 else st.one_of(st.sampled_from(material.names), _odd)
    parts = [(name, _value(draw, offered.get(name, []), material)) for name in draw(st.lists(names, min_size=1, max_size=4))]
    return _urlencoded(parts).decode()


def _value(draw: Draw, offered: list[str], material: Material) -> str:
    """What pages offered here, what stands for some record, or neither."""
    dice = draw(_dice)
    if dice < 40 and offered:
        return str(draw(st.sampled_from(offered)))
    if dice < 50:
        record = draw(st.sampled_from(material.world.records))
        return str(record[draw(st.sampled_from(sorted(record)))])
    return str(draw(_odd))


def _body(draw: Draw, door: Door, visitor: Visitor, offered: Fields, material: Material) -> tuple[str, bytes]:
    if door.is_for_programs or draw(_dice) < 3:
        return "application/json", _json_body(draw, material)
    parts = _filled(draw, visitor, offered, material)
    if draw(_dice) < 60:
        return URLENCODED, _urlencoded(parts) if draw(_dice) < 97 else draw(st.binary(max_size=200))
    return _multipart(draw, parts)


def _filled(draw: Draw, visitor: Visitor, offered: Fields, material: Material) -> Parts:
    """The door's form as its page offers it, with up to four things changed; mostly with its token first."""
    filled = {name: values[0] for name, values in offered.items() if name != FIELD}
    parts = list(filled.items())
    for name in draw(st.lists(st.sampled_from(sorted(filled) or material.names), max_size=4)):
        parts = [part for part in parts if part[0] != name]
        if draw(_dice) < 85:
            parts.append((name, _value(draw, offered.get(name, []), material)))
    if draw(_dice) < 15:
        parts.append((draw(_odd), draw(_odd)))
    if parts and draw(_dice) < 8:
        parts.append(draw(st.sampled_from(parts)))
    token = visitor.csrf_token if draw(_dice) < 90 else draw(st.sampled_from(["", "x", "é", "\0", "0" * 64]))
    dice = draw(_dice)
    if dice < 94:
        return [(FIELD, token), *parts]
    return parts if dice < 97 else [*parts, (FIELD, token)]


def _multipart(draw: Draw, parts: Parts) -> tuple[str, bytes]:
    pieces = [f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{_quoted(name)}"\r\n\r\n'.encode("utf-8", "replace")
              + value.encode("utf-8", "replace") + b"\r\n" for name, value in parts]
    for _ in range(draw(st.integers(0, 2))):
        field = draw(st.sampled_from(["files", "file", "files", "file", "zq", ""]))
        name, content = draw(st.sampled_from(junk.NAMES)), draw(st.sampled_from(junk.contents()))
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; filename="{_quoted(name)}"\r\n'
        kind = draw(st.sampled_from(["", "Content-Type: text/csv\r\n", "Content-Type: zq\r\nX: y\r\n", "Zq\r\n"]))
        pieces.append(f"{head}{kind}\r\n".encode("utf-8", "replace") + content + b"\r\n")
    body = b"".join(pieces) + f"--{BOUNDARY}--\r\n".encode()
    dice = draw(_dice)
    if dice < 6:
        body = body[: draw(st.integers(0, len(body)))]
    elif dice < 9:
        body = body.replace(b"\r\n", b"\n")
    elif dice < 12:
        body = body.replace(b"form-data", draw(st.sampled_from([b"", b"attachment", b"form-data; name*=utf-8''%ff"])), 2)
    kind = "multipart/form-data; boundary=" + (BOUNDARY if dice < 95 else draw(st.sampled_from(["", "x", '"', "é" * 80])))
    return kind, body


def _json_body(draw: Draw, material: Material) -> bytes:
    dice = draw(_dice)
    if dice < 8:
        return bytes(draw(st.sampled_from([b"", b"{", b"nul", b"[" * 3000, b'{"a":1,"a":2}', b'"\xff"', b'{"name":"\\ud800"}',
                                           b"1" + b"0" * 5000, b"NaN", b'{"name": 1e999}', b"\xef\xbb\xbf{}"])))
    if dice < 15:
        return json.dumps(draw(_json)).encode()
    names = draw(st.lists(st.sampled_from(material.bodies), max_size=6))
    return json.dumps({name: _member(draw, material) for name in names}).encode()


def _member(draw: Draw, material: Material) -> Any:
    dice = draw(_dice)
    if dice < 30:
        return draw(_json)
    if dice < 45:
        return draw(st.lists(_json, max_size=3))
    if dice < 60:
        use_case = {"process_type": draw(_json), "process": draw(_odd), "level": draw(_json)}
        return [use_case] * draw(st.integers(1, 2))
    return _value(draw, ["zq@brightwatt.example", "A Name", "reports", "PT0130", "1"], material)


def _of_draft(door: Door, record: dict[str, str]) -> dict[str, str]:
    """A path that leads to a draft leads to a file of that draft's."""
    return {**record, "attachment_id": record["draft_attachment"]} if "draft_id" in door.parameters else record


def _path(door: Door, record: dict[str, str]) -> str:
    return door.at({name: quote(record[name], safe="", errors="replace") for name in door.parameters})


def _urlencoded(parts: Parts) -> bytes:
    return urlencode(parts, errors="replace").encode()


def _quoted(text: str) -> str:
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
