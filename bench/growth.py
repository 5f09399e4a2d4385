"""The same pages at several sizes of the world, the viewer's own share staying the same: what does growth cost?"""

import time
from dataclasses import dataclass, field
from statistics import quantiles

from bench import nightly, points, report
from bench.captured import Captured, capture, merged
from bench.house import House
from bench.limit import CAPTURED
from bench.options import Options
from bench.visitor import LIST, VIEWER, Visitor
from bench.world import World, make

BY_NAME = """
SELECT p.id AS person, other.id AS company, t.code
  FROM person p, company other, process_type t
 WHERE p.email_key = $1 AND other.name = 'Energy Company 2' AND t.id = (
       SELECT c.process_type FROM communication_party c WHERE c.company = p.company AND c.archived_at IS NULL
        GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1)
"""
CALLS = 40  # of the folder counts, which have no page of their own


@dataclass
class Size:
    """What was measured at one size; `counts` are the 50th and 95th percentile of the folder counts, by whose, in
    milliseconds."""

    world: World
    seconds: float  # in which the world was made
    bytes: int
    lines: list[report.Line] = field(default_factory=list)
    counts: dict[str, tuple[float, float]] = field(default_factory=dict)
    nights: list[nightly.Night] = field(default_factory=list)


async def measured(made: House, chosen: Options, communications: int) -> Size:
    """Makes a world of that size in an empty house, and measures every point that there is."""
    points.say(f"making the world of {communications} communications ...")
    begun = time.monotonic()
    world = await make(
        made.urls.owner_url,
        companies=chosen.companies,
        communications=communications,
        visible=min(chosen.visible, min(chosen.scale) // 4),  # the same at every size
        is_growing=True,
    )
    size = Size(world, time.monotonic() - begun, await _bytes(made))
    points.say(
        f"{world.communications} communications, {world.messages} messages, {size.bytes / 2**30:.1f} GiB, in"
        f" {size.seconds:.0f} s; the viewer's company has {world.visible}, the largest {world.active} active"
    )
    await _pages(made, chosen, size)
    if chosen.wants("nightly"):
        size.nights = await nightly.nights(made)
    return size


async def _pages(made: House, chosen: Options, size: Size) -> None:
    with made.serving("web", "sdes.app:create_app") as web:
        people = {"": VIEWER, "large-": size.world.largest}
        visitors = {prefix: await Visitor.signed_in(web.origin, email=email) for prefix, email in people.items()}
        paths: dict[str, dict[str, str]] = {}
        captured: dict[str, Captured] = {}
        for prefix, visitor in visitors.items():
            asked = {
                prefix + name: path
                for name, path in (await _paths(made, people[prefix], is_large=bool(prefix))).items()
                if chosen.wants(prefix + name)
            }
            paths[prefix] = await _there(visitor, asked)
            captured |= await capture(made.settings, paths[prefix], email=people[prefix], skips=points.say)
            if chosen.wants(prefix + "counts"):
                size.counts[prefix + "counts"] = _middle(await nightly.counts_times(made, people[prefix], CALLS))
        kept = merged(captured, made.home / "captured.pickle")
        with made.serving("limit", "bench.limit:create_limit", **{CAPTURED: str(kept)}) as limit:
            for prefix, visitor in visitors.items():
                for name, path in paths[prefix].items():
                    if name in captured:
                        taken = await points.compare(visitor, limit, name, path, captured[name])
                        size.lines += points.reads(chosen, visitor, web, limit, name, path, taken)


async def _paths(made: House, email: str, *, is_large: bool) -> dict[str, str]:
    """The addresses of every list, filter, search and report; of the largest company's those that must stay quick."""
    found = await points.row(made, BY_NAME, email)
    lists = {
        "list": "",
        "search-50": "q=kestrel",
        "search-common": "q=heron",
        **{f"folder-{name}": f"folder={name}" for name in ("mine", "unassigned", "ours", "theirs", "archive")},
        "process": f"process={found['code']}",
        "overdue": "due=overdue",
    }
    if not is_large:
        lists |= {
            "sent": "side=sent",
            "company": f"company={found['company']}",
            "owner": f"owner={found['person']}",
            "assigned": f"person={found['person']}&level=1",
            "tag": "tag=urgent",
            "search-archive": "folder=archive&q=heron",
            "search-nothing": "q=cormorant",
        }
    reports = {f"report-{key}": f"/sdep/reports/{key}" for key in _reports()}
    return {
        **{name: f"{LIST}?{query}" if query else LIST for name, query in lists.items()},
        "report-dashboard": "/sdep/reports",
        **reports,
    }


def _reports() -> list[str]:
    try:
        from sdes.sdep.reports.kinds import REPORTS  # measured where it is there
    except ImportError:
        return []
    return list(REPORTS)


async def _there(visitor: Visitor, paths: dict[str, str]) -> dict[str, str]:
    """Those of the pages that answer; the others are skipped with a word."""
    found = {}
    for name, path in paths.items():
        status = await visitor.status(path)
        if status == 200:
            found[name] = path
        else:
            points.say(f"{name}: skipped, {path} answers {status}")
    return found


def _middle(times: list[float]) -> tuple[float, float]:
    parts = quantiles(times, n=20)
    return parts[9], parts[18]


async def _bytes(made: House) -> int:
    return int(str(await points.asked(made, "SELECT pg_database_size(current_database())")))
