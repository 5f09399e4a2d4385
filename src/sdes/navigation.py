"""The menu as data: label, address, key of its shortcut, and the permission of the door it leads to."""

from dataclasses import dataclass, replace

from sdes.actor import Actor
from sdes.permissions import Permission


@dataclass(frozen=True)
class MenuEntry:
    label: str
    href: str
    key: str  # pressed after "g"
    permission: Permission
    current: bool = False
    count: int = 0


MENU = (
    MenuEntry("Communications", "/sdep/communications", "c", Permission.COMMUNICATION_VIEW),
    MenuEntry("Reports", "/sdep/reports", "r", Permission.REPORT_VIEW),
    MenuEntry("Portal reports", "/sdep/portal-reports", "v", Permission.PORTAL_REPORT_VIEW),
    MenuEntry("Users", "/users", "u", Permission.PERSON_MANAGE),
    MenuEntry("Companies", "/companies", "o", Permission.COMPANY_VIEW),
    MenuEntry("Process types", "/process-types", "p", Permission.CATALOGUE_VIEW),
    MenuEntry("Sign-in", "/sign-in-clients", "i", Permission.SIGN_IN_CLIENTS),
    MenuEntry("Audit", "/audit", "l", Permission.AUDIT_VIEW),
    MenuEntry("Service status", "/status", "s", Permission.STATUS_VIEW),
)


def menu_for(actor: Actor, path: str) -> list[MenuEntry]:
    """The entries whose doors are open to the actor; the one that `path` lies under is current."""
    current = _current(path)
    return [replace(entry, current=entry.href == current) for entry in MENU if actor.may(entry.permission)]


def _current(path: str) -> str:
    """The address of the entry that a page lies under, else of the first one of the same feature."""
    above = [entry.href for entry in MENU if f"{path}/".startswith(f"{entry.href}/")]
    feature = f"/{path.split('/')[1]}/" if "/" in path else "/"
    return max(above, key=len) if above else next((e.href for e in MENU if f"{e.href}/".startswith(feature)), "")
