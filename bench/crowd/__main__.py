"""`make load`: makes the world, starts the service, lets everybody in, prints what was found."""

import asyncio
import gc
import os
import signal
import sys
import tempfile
from pathlib import Path

import uvloop

from bench import points, report
from bench.crowd import acts, options, table
from bench.crowd.inhabitants import home_of, settle
from bench.crowd.options import Options
from bench.crowd.people import people
from bench.crowd.running import Running, may_open_many, running
from bench.crowd.town import Result, Town
from bench.crowd.watch import Watch
from bench.house import House, house


def main() -> None:
    chosen = options.read(acts.SHARES)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the folder goes, and what runs in it
    may_open_many()
    before = os.getloadavg()
    with tempfile.TemporaryDirectory(prefix="sdes-load-") as folder, house(home_of(chosen, Path(folder))) as made:
        points.say(f"the world of {chosen.communications} communications ...")
        asyncio.run(settle(made, chosen))
        assert made.postgres
        with (
            running(made, chosen, made.postgres) as started,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            found = runner.run(_measured(made, chosen, started))
            postgres = str(runner.run(points.asked(made, "SHOW server_version")))
    print("\n".join(["", *table.table(found, chosen), ""]))
    print(f"{report.machine_line(before, postgres)}\n\n{table.command_line()}")


async def _measured(made: House, chosen: Options, started: Running) -> Result:
    them, tokens = await people(chosen, made.urls.owner_url)
    points.say(f"{len(them)} people, {len(tokens)} sessions; web at port {started.port}, processes {started.parts}")
    watch = Watch(made.urls.owner_url)
    town = Town(chosen, started, them, tokens)
    gc.collect()
    gc.freeze()  # nothing of it is ever garbage
    try:
        return await town.live(watch)
    finally:
        await watch.close()


if __name__ == "__main__":
    main()
