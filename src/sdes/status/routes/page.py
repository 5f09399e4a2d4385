"""The status page."""

from typing import Any

from litestar import Response, get

from sdes.accounts.entrance import AnyRequest, actor_of
from sdes.actor import Actor
from sdes.kit.rendering import page
from sdes.mail.queries import waiting
from sdes.permissions import Permission
from sdes.sdep.reports.months import Month
from sdes.status import backups, machine, queries, scanning, telling
from sdes.status.availability import TARGET, availability_part
from sdes.status.capacity import OVER, capacity
from sdes.status.lines import lines
from sdes.status.parts import Part

MONTHS = 12  # of availability, before the present one


@get("/status", name="status", opt={"permission": Permission.STATUS_VIEW})
async def show(request: AnyRequest) -> Response[Any]:
    """Each part of the service in words; for those who run it, jobs, availability and capacity (SD 3.2, 6.1, 6.2)."""
    actor = actor_of(request)
    if not actor.may(Permission.STATUS_OPERATION):
        return page(request, "templates/status.html", parts=await _parts(request), capacity=None)
    return await _operation(request, actor)


async def _parts(request: AnyRequest) -> list[Part]:
    return [
        machine.full_database_part() or telling.database_part(),
        await telling.store_part(request.app.state.vault),
        scanning.part_for_companies(),
        telling.checks_part(await queries.late_files()),
        telling.worker_part(await queries.workers()),
        telling.mail_part(await waiting()),
        *machine.clock_part_for_companies(await queries.clocks()),
    ]


async def _operation(request: AnyRequest, actor: Actor) -> Response[Any]:
    state = request.app.state
    figures, busy = await queries.figures(state.settings.session_idle), await queries.busy()
    carried = capacity(figures, busy, await queries.samples(actor, queries.SHOWN))
    months = await queries.availability([Month.present().plus(-ago) for ago in range(MONTHS, -1, -1)])
    months.reverse()
    parts = [
        availability_part(months),
        carried.part,
        machine.full_database_part() or telling.database_part(figures, busy),
        await telling.store_part(state.vault),
        scanning.part(),
        telling.all_checks_part(figures),
        telling.worker_part(await queries.workers()),
        telling.queue_part(figures),
        telling.mail_part(await waiting()),
        telling.notifications_part(figures),
        backups.backup_part(await queries.last_backup(), state.settings.backup_expected),
        machine.clock_part(await queries.clocks()),
        machine.room_part(state.settings.home),
    ]
    jobs = lines(await queries.jobs())
    return page(
        request,
        "templates/status.html",
        parts=parts,
        jobs=jobs,
        capacity=carried,
        over=OVER,
        months=months,
        target=TARGET,
    )
