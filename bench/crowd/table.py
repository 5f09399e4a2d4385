"""The table of a loaded service, to be pasted."""

import sys
from collections.abc import Iterator

from bench.crowd.options import Options
from bench.crowd.town import Result

AIM_PAGE, AIM_FILE = 0.5, 2.0  # seconds, for 95 of 100: of pages; of what is sent with files
AIM_WEB = 1024.0  # MiB of all web processes
AIM_SCANS = 60.0  # seconds after the last upload


def table(found: Result, chosen: Options) -> Iterator[str]:
    """The measurements in Markdown."""
    ledger = found.ledger
    asked = sum(tally.asked for tally in ledger.kinds.values())
    errors = sum(ledger.errors.values())
    yield (
        f"{chosen.sessions:,} sessions of {chosen.people:,} people, each acting every {chosen.think:.0f} s;"
        f" {chosen.communications:,} communications; {chosen.seconds:.0f} s measured."
    )
    yield (
        f"Asked {asked / chosen.seconds:.0f} requests/s, **reached {ledger.in_time / chosen.seconds:.0f}**;"
        f" {ledger.late} answers came after the end; {errors} errors."
    )
    yield ""
    yield "| kind | asked | answered | errors | p50 ms | p95 ms | p99 ms | p50 sent | p95 sent | p99 sent |"
    yield f"|---|{'--:|' * 9}"
    for kind, tally in sorted(ledger.kinds.items(), key=lambda each: -each[1].asked):
        late = _percentile(tally.from_due, 95) > (AIM_FILE if "file" in kind and "poll" not in kind else AIM_PAGE)
        times = [f"{_percentile(tally.from_due, p) * 1000:.0f}" for p in (50, 95, 99)]
        times[1] = f"**{times[1]}**" if late else times[1]
        sent = [f"{_percentile(tally.from_sent, p) * 1000:.0f}" for p in (50, 95, 99)]
        yield f"| {kind} | {tally.asked} | {tally.reached} | {tally.errors} | {' | '.join([*times, *sent])} |"
    yield ""
    yield (
        "Times are from when an act was due, whatever went before it, and then from when it was sent. Bold: more than"
        f" {AIM_PAGE * 1000:.0f} ms, with files {AIM_FILE * 1000:.0f} ms."
    )
    for why, count in ledger.errors.most_common(20):
        yield f"- {count} × {why}"
    yield ""
    yield from _machine(found, chosen)


def _machine(found: Result, chosen: Options) -> Iterator[str]:
    yield "| part | processes | memory MiB | processor s | of a core | ms an answer |"
    yield f"|---|{'--:|' * 5}"
    answers = max(1, found.ledger.in_time)
    for name, part in found.machine.measured.items():
        each = f"{part.seconds / chosen.seconds:.2f} | {part.seconds * 1000 / answers:.2f}"
        yield f"| {name} | {part.processes} | {part.memory:.0f} | {part.seconds:.1f} | {each} |"
    web = found.machine.measured["web"].memory
    watch, scans = found.watch, found.drained
    verdict = "not drained" if scans is None else f"drained {scans:.1f} s after the end"
    yield ""
    yield (
        f"Web processes together {web:.0f} MiB (aim {AIM_WEB:.0f}). {found.open_lines:,} connections open at the end,"
        f" {found.ledger.reconnected} requests sent again on a new one. Database: {watch.connections} connections at"
        f" most, {watch.active} of them busy. Queue: {watch.queued} jobs waiting at most, the oldest for"
        f" {watch.lag:.1f} s. Files: {watch.pending} waiting for their check at most, the oldest for"
        f" {watch.oldest:.1f} s; {verdict} (aim {AIM_SCANS:.0f})."
    )


def command_line() -> str:
    """How to measure the same again."""
    arguments = " ".join(sys.argv[1:])
    return "Command: make load" + (f' ARGS="{arguments}"' if arguments else "")


def _percentile(times: list[float], percent: int) -> float:
    if not times:
        return 0.0
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]
