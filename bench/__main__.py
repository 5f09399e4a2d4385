"""`make bench`: makes the world, measures, prints. Everything lies in a folder that is gone afterwards."""

import asyncio
import os
import signal
import sys
import tempfile
from pathlib import Path

from bench import growth, memory, options, paint, points, report, sizes_report
from bench.captured import capture, merged
from bench.house import House, house
from bench.limit import CAPTURED
from bench.load import refuse_without_wrk
from bench.options import POSTS, Options
from bench.visitor import LIST, Visitor
from bench.world import make


def main() -> None:
    chosen = options.read()
    refuse_without_wrk()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the folder goes, and what runs in it
    before = os.getloadavg()
    if chosen.scale:
        _grow(chosen, before)
        return
    with tempfile.TemporaryDirectory(prefix="sdes-bench-") as folder:
        Path(folder).chmod(0o755)  # the database runs as another user
        with house(Path(folder)) as made:
            lines, paints, grown, postgres = asyncio.run(_measured(made, chosen))
    print("\n".join(["", *report.table(lines), ""]))
    for painted in paints:
        print(f"{report.paint_line(painted)}\n")
    if grown:
        print(f"{report.memory_line(grown)}\n")
    print(f"{report.machine_line(before, postgres)}\n\n{report.command_line()}")


def _grow(chosen: Options, before: tuple[float, float, float]) -> None:
    """A house of its own for each size."""
    sizes = []
    for communications in chosen.scale:
        with tempfile.TemporaryDirectory(prefix="sdes-bench-") as folder:
            Path(folder).chmod(0o755)
            with house(Path(folder)) as made:
                sizes.append(asyncio.run(growth.measured(made, chosen, communications)))
                postgres = asyncio.run(_version(made))
        print("\n".join(["", *sizes_report.size_table(sizes[-1])]), flush=True)
    print("\n".join(["", *sizes_report.growth_table(sizes), ""]))
    print(f"{report.machine_line(before, postgres)}\n\n{report.command_line()}")


async def _measured(
    made: House, chosen: Options
) -> tuple[list[report.Line], list[paint.Paint], memory.Growth | None, str]:
    points.say("making the world ...")
    world = await make(
        made.urls.owner_url,
        companies=chosen.companies,
        communications=chosen.communications,
        visible=chosen.visible,
    )
    points.say(
        f"{world.communications} communications of {chosen.companies} companies; the viewer sees {world.visible}"
    )
    lines: list[report.Line] = []
    paints: list[paint.Paint] = []
    grown = None
    with made.serving("web", "sdes.app:create_app") as web:
        visitor = await Visitor.signed_in(web.origin)
        paths = await points.paths(visitor, world, chosen)
        kept = made.home / "captured.pickle"
        captured = await capture(made.settings, paths)
        merged(captured, kept)
        with made.serving("limit", "bench.limit:create_limit", **{CAPTURED: str(kept)}) as limit:
            for name, path in paths.items():
                await points.compare(visitor, limit, name, path, captured[name])
                lines += points.reads(chosen, visitor, web, limit, name, path)
                await visitor.page(path)
        for name in POSTS:
            if name in chosen.only:
                lines += await points.posts(chosen, made, web, visitor, world, name)
        if options.PAINT in chosen.only:
            points.say("first paint ...")
            paints = await paint.paints(web, visitor, chosen.paints)
        if chosen.keep:
            points.say(f"the application is at {web.origin}, its log in {made.home}/log. Enter ends it.")
            input()
    if options.MEMORY in chosen.only:
        grown = await _memory(made, chosen)
    return lines, paints, grown, await _version(made)


async def _memory(made: House, chosen: Options) -> memory.Growth:
    """In a process of its own: what others have made it hold would hide the growth."""
    points.say("memory ...")
    with made.serving("web", "sdes.app:create_app") as web:
        visitor = await Visitor.signed_in(web.origin)
        for _ in range(3):
            await visitor.page(LIST)
            await visitor.send(await visitor.send_parts(points.FILE))
        large = await visitor.send_parts(b"x" * (memory.SIZE - 2) + b"\r\n")
        return await memory.growth(web, visitor, large, chosen.uploads)


async def _version(made: House) -> str:
    return str(await points.asked(made, "SHOW server_version"))


if __name__ == "__main__":
    main()
