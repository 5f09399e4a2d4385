"""`make bench`: makes the world, measures, prints. Everything lies in a folder that is gone afterwards."""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

import asyncpg

from bench import memory, options, report
from bench.captured import Captured, capture
from bench.house import House, Server, house
from bench.limit import CAPTURED
from bench.load import Load, Point, burst, refuse_without_wrk
from bench.options import POSTS, READS, Options
from bench.visitor import BOUNDARY, FORM_COOKIE, LIST, Visitor, sign_in_body
from bench.world import World, make

PAGE = 40
FILE = b"meter,reading,date\n" + b"20L3456789,012345,2026-11-03\n" * 3530  # 100 kB


def main() -> None:
    chosen = options.read()
    refuse_without_wrk()
    before = os.getloadavg()
    with tempfile.TemporaryDirectory(prefix="sdes-bench-") as folder:
        Path(folder).chmod(0o755)  # the database runs as another user
        with house(Path(folder)) as made:
            lines, growth, postgres = asyncio.run(_measured(made, chosen))
    print("\n".join(["", *report.table(lines), ""]))
    if growth:
        print(f"{report.memory_line(growth)}\n")
    print(f"{report.machine_line(before, postgres)}\n\n{report.command_line()}")


async def _measured(made: House, chosen: Options) -> tuple[list[report.Line], memory.Growth | None, str]:
    _say("making the world ...")
    world = await make(
        made.urls.owner_url,
        companies=chosen.companies,
        communications=chosen.communications,
        visible=chosen.visible,
    )
    _say(f"{world.communications} communications of {chosen.companies} companies; the viewer sees {world.visible}")
    lines: list[report.Line] = []
    growth = None
    with made.serving("web", "sdes.app:create_app") as web:
        visitor = await Visitor.signed_in(web.origin)
        paths = await _paths(visitor, world, chosen)
        kept = made.home / "captured.pickle"
        captured = await capture(made.settings, paths, kept)
        with made.serving("limit", "bench.limit:create_limit", **{CAPTURED: str(kept)}) as limit:
            for name, path in paths.items():
                await _compare(visitor, limit, name, path, captured[name])
                lines += _reads(chosen, visitor, web, limit, name, path)
                await visitor.page(path)
        for name in POSTS:
            if name in chosen.only:
                lines += await _posts(chosen, made, web, visitor, world, name)
        if options.MEMORY in chosen.only:
            _say("memory ...")
            large = await visitor.send_parts(b"x" * (memory.SIZE - 2) + b"\r\n")
            growth = await memory.growth(web, visitor, large, chosen.uploads)
        if chosen.keep:
            _say(f"the application is at {web.origin}, its log in {made.home}/log. Enter ends it.")
            input()
    return lines, growth, await _version(made)


async def _paths(visitor: Visitor, world: World, chosen: Options) -> dict[str, str]:
    """The addresses of the pages that are read."""
    paths = {}
    for name in READS:
        if name not in chosen.only:
            continue
        if name == "page-40":
            paths[name] = await visitor.page_number(PAGE)
        else:
            paths[name] = LIST if name == "list" else f"{LIST}/{world.long_reference}"
    return paths


async def _compare(visitor: Visitor, limit: Server, name: str, path: str, captured: Captured) -> None:
    """The limit is one only if it gives the same page."""
    ours = await visitor.page(path)
    theirs = (await visitor.client.get(f"{limit.origin}/{name}")).text
    _say(f"{name}: {len(ours) / 1024:.0f} KB of HTML, {len(captured.statements)} statements")
    if abs(len(ours) - len(theirs)) > len(ours) // 100:
        raise SystemExit(f"{name}: the limit's page has {len(theirs)} characters, ours {len(ours)}.")


def _reads(chosen: Options, visitor: Visitor, web: Server, limit: Server, name: str, path: str) -> list[report.Line]:
    loads = (
        Load(f"{web.origin}{path}", (f"Cookie: {visitor.cookie}",)),
        Load(f"{limit.origin}/{name}", (f"Cookie: {visitor.cookie}",)),
    )
    lines = []
    for connections in chosen.connections:
        found: tuple[list[Point], list[Point]] = ([], [])
        for load in loads:
            burst(load, connections, 1)  # warms up
        for _ in range(chosen.rounds):
            for load, points in zip(loads, found, strict=True):
                points.append(burst(load, connections, chosen.seconds))
        lines.append(report.Line(name, connections, Point.middle(found[0]), Point.middle(found[1])))
        _progress(lines[-1])
    return lines


async def _posts(
    chosen: Options, made: House, web: Server, visitor: Visitor, world: World, name: str
) -> list[report.Line]:
    if name == "send":
        before, after = await visitor.send_parts(FILE)
        await visitor.send((before, after))
        halves = made.home / "before", made.home / "after"
        halves[0].write_bytes(before)
        halves[1].write_bytes(after)
        headers = (f"Cookie: {visitor.cookie}", f"Content-Type: multipart/form-data; boundary={BOUNDARY}")
        load = Load(f"{web.origin}{LIST}", headers, ("send", *map(str, halves)))
    else:
        bodies = made.home / "bodies"
        bodies.write_bytes(b"\n".join(map(sign_in_body, world.emails)))
        headers = (f"Cookie: sdes-form={FORM_COOKIE}", "Content-Type: application/x-www-form-urlencoded")
        load = Load(f"{web.origin}/sign-in", headers, ("sign-in", str(bodies)))
    lines = []
    for connections in chosen.connections:
        written = await _written(made, name)
        points = [burst(load, connections, 1)]  # warms up
        points += [burst(load, connections, chosen.seconds) for _ in range(chosen.rounds)]
        asked = sum(point.requests - point.errors for point in points)
        if (made_now := await _written(made, name) - written) < asked:
            raise SystemExit(f"{name}: {asked} answers were good, but only {made_now} rows were written.")
        lines.append(report.Line(name, connections, Point.middle(points[1:])))
        _progress(lines[-1])
    return lines


async def _written(made: House, name: str) -> int:
    table = "communication" if name == "send" else "session"
    return int(str(await _asked(made, f"SELECT count(*) FROM {table}")))


async def _version(made: House) -> str:
    return str(await _asked(made, "SHOW server_version"))


async def _asked(made: House, sql: str) -> object:
    connection = await asyncpg.connect(made.urls.owner_url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


def _progress(line: report.Line) -> None:
    beside = f", limit {line.limit.rate:.0f}/s" if line.limit else ""
    _say(f"  {line.name} at {line.connections}: {line.ours.rate:.0f}/s{beside}, {line.ours.errors} errors")


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
