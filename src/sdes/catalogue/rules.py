"""Questions to the catalogue, without the database: who may send what to whom, and what may ever be escalated."""

from collections.abc import Collection, Iterable
from datetime import date

from sdes.catalogue.roles import MarketRole
from sdes.catalogue.views import ProcessTypeView
from sdes.kit import clock

# SD 11.1(e) names these; they stay so even if somebody gives them a second level.
NEVER_ESCALATED = frozenset({"General Query", "UTRN Contact", "Retrospective Amendment Request"})


def may_send(process: ProcessTypeView, from_role: str, to_role: str, on: date | None = None) -> bool:
    """Whether a company acting in `from_role` may send this process type to `to_role` on that day (today, London).

    SD 11.1(c)(i)-(iii).
    """
    return to_role in recipient_roles(process, from_role, on)


def recipient_roles(process: ProcessTypeView, from_role: str, on: date | None = None) -> tuple[MarketRole, ...]:
    """The roles to which `from_role` may send this process type on that day (today, London); none when not in use.

    SD 11.1(c)(iii).
    """
    if not process.is_in_use(on or clock.today()):
        return ()
    return tuple(route.to_role for route in process.routes if route.from_role == from_role)


def sendable(
    processes: Iterable[ProcessTypeView], own_roles: Collection[str], on: date | None = None
) -> list[ProcessTypeView]:
    """Those process types that a company holding `own_roles` may start on that day (today, London), in their order.

    SD 11.1(c)(ii).
    """
    day = on or clock.today()
    return [process for process in processes if any(recipient_roles(process, role, day) for role in own_roles)]


UseCase = tuple[int, int]  # a process type, by id, at a level


def use_cases_of(processes: Iterable[ProcessTypeView], own_roles: Collection[str]) -> list[UseCase]:
    """Every level of every process type that a company holding `own_roles` may send or receive, in their order: what
    its people can be assigned to (SD 2.5). Also of process types no longer sent, whose communications go on."""
    roles = set(own_roles)
    return [
        (process.id, level.number)
        for process in processes
        if any(route.from_role in roles or route.to_role in roles for route in process.routes)
        for level in process.levels
    ]


def may_escalate_kind(process: ProcessTypeView) -> bool:
    """Whether communications of this process type can ever be escalated: SD 11.1(e), first and third sentence."""
    return process.max_level > 1 and process.contact_type not in NEVER_ESCALATED
