"""The first page of the reports: how the team stands."""

from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get

from sdes.accounts.entrance import AnyRequest, actor_of
from sdes.actor import Actor
from sdes.kit import clock
from sdes.kit.rendering import page
from sdes.permissions import Permission
from sdes.sdep.queries.reports import dashboard, messages
from sdes.sdep.reports import kinds
from sdes.sdep.reports.asked import DAY, OURS, Asked, Choices, read_asked
from sdes.sdep.reports.charts import Chart, chart, every_day

LIST = "/sdep/communications"
LATE = f"/sdep/reports/{kinds.LATE.key}"
WEEKS = 12
AGE_WORDS = ("Less than 1 day", "1 to 3 days", "3 to 7 days", "1 to 2 weeks", "Longer than 2 weeks")


@get("/reports", name="sdep.reports", opt={"permission": Permission.REPORT_VIEW, "slow": True})
async def index(request: AnyRequest) -> Response[Any]:
    """What waits, for whose reply and how long, how much was answered in time, and what came and went by week."""
    actor = actor_of(request)
    asked = read_asked({}, Choices())
    standing = await dashboard.standing(actor)
    by_process, by_person = await dashboard.timeliness(actor, asked)
    return page(
        request,
        "templates/sdep/reports/dashboard.html",
        section="",
        asked=asked,
        standing=standing,
        ages=list(zip(AGE_WORDS, standing.ages, strict=True)),
        workload=await dashboard.workload(actor),
        by_process=by_process,
        by_person=by_person,
        trend=await _trend(actor),
        late_href=partial(_late_href, asked),
        list_href=_list_href if actor.may(Permission.COMMUNICATION_VIEW) else None,
    )


async def _trend(actor: Actor) -> Chart:
    today = clock.today()
    monday = today - timedelta(days=today.weekday())
    asked = Asked({}, monday - (WEEKS - 1) * 7 * DAY, today)
    points = every_day(await messages.by_day(actor, asked, "week"), asked.first, monday, 7)
    title = f"Messages sent and received in each of the last {WEEKS} weeks"
    return chart(title, ("Sent", "Received"), "Week from", points)


def _list_href(**words: object) -> str:
    """The list of communications, filtered."""
    return f"{LIST}?{urlencode(words)}"


def _late_href(asked: Asked, name: str, value: str) -> str:
    """Our responses of these days that came late, of one process type or one person."""
    first, last = (f"{day.day} {day.month} {day.year}" for day in (asked.first, asked.last))
    return f"{LATE}?{urlencode({'from': first, 'to': last, name: value, 'by': OURS})}"
