"""Every permission and who holds it, on one screen. A role is what kind of person asks; see `actor.py`."""

from enum import StrEnum


class Permission(StrEnum):
    """What a door may ask for, named feature:noun:verb."""

    ANYONE = "anyone"  # open to the world: sign-in, static files
    ACCOUNT_OWN = "accounts:own-account:manage"
    ACCOUNT_NEW_PASSWORD = "accounts:new-password:set"  # also open while a single-use password waits to be changed
    STATUS_VIEW = "status:page:view"
    COMMUNICATION_VIEW = "sdep:communication:view"
    MESSAGE_SEND = "sdep:message:send"
    DRAFT_KEEP = "sdep:draft:keep"


class Role(StrEnum):
    """The kinds of person. One person may be several at once."""

    SIGNED_IN = "signed-in"
    NEWCOMER = "newcomer"  # holds a single-use password and may do nothing but change it (SD 2.3)
    PORTAL_USER = "portal-user"  # of a supplier or a distributor (SD 10.1)
    CODE_MANAGER = "code-manager"
    PROVIDER = "provider"


P = Permission

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.NEWCOMER: frozenset({P.ACCOUNT_NEW_PASSWORD}),
    Role.SIGNED_IN: frozenset({P.ACCOUNT_OWN, P.STATUS_VIEW}),
    Role.PORTAL_USER: frozenset({P.COMMUNICATION_VIEW, P.MESSAGE_SEND, P.DRAFT_KEEP}),
    Role.CODE_MANAGER: frozenset({P.COMMUNICATION_VIEW}),
    Role.PROVIDER: frozenset(),
}


def permissions_of(roles: frozenset[Role]) -> frozenset[Permission]:
    """The union of what the roles may do."""
    return frozenset({Permission.ANYONE}).union(*(ROLE_PERMISSIONS[role] for role in roles))
