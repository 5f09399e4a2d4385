"""The points of the table: each page and each form under load, the pages beside their limits."""

import sys
import time
from typing import Any

import asyncpg

from bench import report
from bench.captured import Captured
from bench.house import House, Server
from bench.load import Load, Point, burst
from bench.options import READS, Options
from bench.visitor import BOUNDARY, FORM_COOKIE, LIST, MATRIX, Visitor, sign_in_body
from bench.world import World

PAGE = 40
SLOW = 0.5  # seconds
FILE = b"meter,reading,date\n" + b"20L3456789,012345,2026-11-03\n" * 3530  # 100 kB


async def paths(visitor: Visitor, world: World, chosen: Options) -> dict[str, str]:
    """The addresses of the pages that are read."""
    found = {"list": LIST, "details": f"{LIST}/{world.long_reference}", "matrix": MATRIX}
    if "page-40" in chosen.only:
        found["page-40"] = await visitor.page_number(PAGE)
    return {name: found[name] for name in READS if name in chosen.only}


async def compare(visitor: Visitor, limit: Server, name: str, path: str, captured: Captured) -> float:
    """The limit is one only if it gives the same page; gives the seconds that ours took."""
    began = time.monotonic()
    ours = await visitor.page(path)
    taken = time.monotonic() - began
    theirs = (await visitor.client.get(f"{limit.origin}/{name}")).text
    say(f"{name}: {len(ours) / 1024:.0f} KB of HTML, {len(captured.statements)} statements")
    if abs(len(ours) - len(theirs)) > len(ours) // 100:
        raise SystemExit(f"{name}: the limit's page has {len(theirs)} characters, ours {len(ours)}.")
    return taken


def reads(
    chosen: Options, visitor: Visitor, web: Server, limit: Server, name: str, path: str, taken: float = 0.0
) -> list[report.Line]:
    """A page under load, by turns with its limit. One that has `taken` long is asked for by one browser alone, and so
    long that several answers come: of these a process makes only a few at a time."""
    is_slow = taken > SLOW
    seconds = max(chosen.seconds, 6 * taken) if is_slow else chosen.seconds
    loads = (
        Load(f"{web.origin}{path}", web.pid, (f"Cookie: {visitor.cookie}",)),
        Load(f"{limit.origin}/{name}", limit.pid, (f"Cookie: {visitor.cookie}",)),
    )
    lines = []
    for connections in (1,) if is_slow else chosen.connections:
        found: tuple[list[Point], list[Point]] = ([], [])
        for load in () if is_slow else loads:
            burst(load, connections, 1)  # warms up
        for _ in range(chosen.rounds):
            for load, points in zip(loads, found, strict=True):
                points.append(burst(load, connections, seconds))
        lines.append(report.Line(name, connections, Point.middle(found[0]), Point.middle(found[1])))
        _progress(lines[-1])
    return lines


async def posts(
    chosen: Options, made: House, web: Server, visitor: Visitor, world: World, name: str
) -> list[report.Line]:
    """A form under load. Every good answer must have left its row in the database: a redirect alone proves nothing."""
    if name == "send":
        before, after = await visitor.send_parts(FILE)
        await visitor.send((before, after))
        halves = made.home / "before", made.home / "after"
        halves[0].write_bytes(before)
        halves[1].write_bytes(after)
        headers = (f"Cookie: {visitor.cookie}", f"Content-Type: multipart/form-data; boundary={BOUNDARY}")
        load = Load(f"{web.origin}{LIST}", web.pid, headers, ("send", *map(str, halves)))
    else:
        bodies = made.home / "bodies"
        bodies.write_bytes(b"\n".join(map(sign_in_body, world.emails)))
        headers = (f"Cookie: sdes-form={FORM_COOKIE}", "Content-Type: application/x-www-form-urlencoded")
        load = Load(f"{web.origin}/sign-in", web.pid, headers, ("sign-in", str(bodies)))
    lines = []
    for connections in chosen.connections:
        written = await _written(made, name)
        points = [burst(load, connections, 1)]  # warms up
        points.append(burst(load, connections, chosen.seconds * chosen.rounds))  # slow answers need a long look
        good = sum(point.requests - point.errors for point in points)
        if (rows := await _written(made, name) - written) < good:
            raise SystemExit(f"{name}: {good} answers were good, but only {rows} rows were written.")
        lines.append(report.Line(name, connections, Point.middle(points[1:])))
        _progress(lines[-1])
    return lines


async def _written(made: House, name: str) -> int:
    table = "communication" if name == "send" else "session"
    return int(str(await asked(made, f"SELECT count(*) FROM {table}")))


async def row(made: House, sql: str, *arguments: object) -> Any:
    """One row from the database, asked as its owner."""
    connection = await asyncpg.connect(made.urls.owner_url)
    try:
        return await connection.fetchrow(sql, *arguments)
    finally:
        await connection.close()


async def asked(made: House, sql: str) -> object:
    """One value from the database, asked as its owner."""
    connection = await asyncpg.connect(made.urls.owner_url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


def _progress(line: report.Line) -> None:
    beside = f", limit {line.limit.rate:.0f}/s" if line.limit else ""
    say(f"  {line.name} at {line.connections}: {line.ours.rate:.0f}/s{beside}, {line.ours.errors} errors")


def say(words: str) -> None:
    """Tells how far it is; the tables alone go to standard output."""
    print(words, file=sys.stderr, flush=True)
