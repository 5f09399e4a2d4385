"""System functions: what a person may be granted beside use cases (SD 2.6), and which market roles may hold it."""

from collections.abc import Collection
from enum import StrEnum

_SUPPLIERS = frozenset({"X", "G"})


class SystemFunction(StrEnum):
    """A privilege that the MAU grants; kept by value in `person.functions`."""

    REPORTS = "reports"
    CMRP = "cmrp"
    METERING_REQUESTS = "metering-requests"
    SERVICE_AUDIT = "service-audit"
    USER_ADMINISTRATION = "user-administration"

    @property
    def label(self) -> str:
        return _LABELS[self][0]

    @property
    def hint(self) -> str:
        return _LABELS[self][1]


_LABELS = {
    SystemFunction.REPORTS: (
        "User reports and secure communications administration",
        "Reports on every person of your company, and all of its communications settings",
    ),
    SystemFunction.CMRP: ("Crossed meter cases (CMRP)", "Create and work on crossed meter cases"),
    SystemFunction.METERING_REQUESTS: ("New metering point requests", "Make and answer requests"),
    SystemFunction.SERVICE_AUDIT: ("Service audit trail", "See who sent what to a smart meter"),
    SystemFunction.USER_ADMINISTRATION: (
        "User administration",
        "Maintain the assigned users list as the Master Admin User's deputy",
    ),
}

# Who a function is open to: SD 16.1 (CMRP), the requests' and the audit trail's own parts. None: every company.
_MARKET_ROLES: dict[SystemFunction, frozenset[str] | None] = {
    SystemFunction.REPORTS: None,
    SystemFunction.CMRP: frozenset({"X", "M"}),
    SystemFunction.METERING_REQUESTS: _SUPPLIERS | {"R"},
    SystemFunction.SERVICE_AUDIT: _SUPPLIERS | {"R"},
    SystemFunction.USER_ADMINISTRATION: None,
}


def grantable(market_roles: Collection[str]) -> list[SystemFunction]:
    """The functions that people of a company with these market roles may be granted, in their order on the page."""
    held = frozenset(market_roles)
    return [one for one in SystemFunction if (only := _MARKET_ROLES[one]) is None or only & held]
