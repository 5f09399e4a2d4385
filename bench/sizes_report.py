"""The tables about growth: every point at one size, and the sizes beside each other."""

from collections.abc import Iterator
from math import log

from bench import report
from bench.growth import Size
from bench.report import AIM

AIM_SEARCH = 200.0  # milliseconds, p95 of a search


def size_table(size: Size) -> Iterator[str]:
    """Everything that was measured at one size."""
    world = size.world
    yield (
        f"**{world.communications:,} communications**, {world.messages:,} messages, {size.bytes / 2**30:.1f} GiB, made"
        f" in {size.seconds:.0f} s. The viewer's company has a part in {world.visible:,}; the largest (large-) has"
        f" {world.active:,} active."
    )
    yield ""
    yield from report.table(size.lines)
    yield ""
    for name, (middle, high) in size.counts.items():
        yield f"{name}: p50 {middle:.1f} ms, p95 {high:.1f} ms."
    for night in size.nights:
        each = night.seconds * 1000 / max(1, night.done)
        yield f"{night.name}: {night.done:,} communications in {night.seconds:.1f} s, {each:.2f} ms each."


def growth_table(sizes: list[Size]) -> Iterator[str]:
    """Each point at every size: the middle time of one visitor alone, the 95th percentile and the share of the limit
    under the most connections; and by how much the middle time has grown, beside the logarithm of the table."""
    heads = [f"{size.world.communications:,}" for size in sizes]
    columns = (
        [f"p50 {head}" for head in heads] + [f"p95 {head}" for head in heads] + [f"of limit {head}" for head in heads]
    )
    yield f"| what | {' | '.join(columns)} | grown | verdict |"
    yield f"|---|{'--:|' * (len(columns) + 1)}---|"
    allowed = log(sizes[-1].world.communications) / log(sizes[0].world.communications)
    for name in dict.fromkeys(line.name for size in sizes for line in size.lines):
        yield _row(name, sizes, allowed)
    for name in dict.fromkeys(name for size in sizes for name in size.counts):
        found = [size.counts.get(name) for size in sizes]
        cells = [f"{one[0]:.1f}" if one else "" for one in found] + [f"{one[1]:.1f}" if one else "" for one in found]
        cells += [""] * len(sizes)
        yield f"| {name} | {' | '.join(cells)} | {_grown([one and one[0] for one in found])} | |"
    yield ""
    yield (
        f"Milliseconds. The logarithm of the table grows by {allowed:.2f}; `large-` is a company that grows with the"
        f" table, so its pages may cost more. Aims: at least {AIM} of the limit, searches with a p95 below"
        f" {AIM_SEARCH:.0f} ms, and no other growth than the logarithm's."
    )


def _row(name: str, sizes: list[Size], allowed: float) -> str:
    alone = [_line(size, name, last=False) for size in sizes]
    busy = [_line(size, name, last=True) for size in sizes]
    cells = [f"{line.ours.p50:.1f}" if line else "" for line in alone]
    cells += [f"{line.ours.p95:.1f}" if line else "" for line in busy]
    cells += [f"{line.ratio:.2f}" if line and line.ratio else "" for line in busy]
    grown = _grown([line.ours.p50 if line else None for line in alone])
    wrong = []
    if any(line and line.ratio and line.ratio < AIM for line in busy):
        wrong.append(f"below {AIM} of the limit")
    if "search" in name and any(line and line.ours.p95 >= AIM_SEARCH for line in busy):
        wrong.append(f"p95 not below {AIM_SEARCH:.0f} ms")
    if grown and not name.startswith("large-") and float(grown) > allowed:
        wrong.append("grows faster")
    return f"| {name} | {' | '.join(cells)} | {grown} | {'; '.join(wrong) or 'as aimed'} |"


def _grown(times: list[float | None]) -> str:
    first, last = times[0], times[-1]
    return f"{last / first:.2f}" if first and last else ""


def _line(size: Size, name: str, *, last: bool) -> report.Line | None:
    found = sorted((line for line in size.lines if line.name == name), key=lambda line: line.connections)
    return (found[-1] if last else found[0]) if found else None
