"""Which kinds of person somebody is, from what the database says of them: one place, read by every door."""

from collections.abc import Collection

from sdes.accounts.functions import SystemFunction
from sdes.accounts.methods import ELSEWHERE, is_elsewhere
from sdes.accounts.tables import CompanyKind, SessionStage
from sdes.permissions import Role

PORTAL_ROLES = frozenset({"X", "G", "R"})  # suppliers and distributors (SD 10.1)

# Where somebody who has not finished signing in is sent, whatever they ask for.
WAY_ON = {
    Role.HALF_WAY: "/sign-in/second-factor",
    Role.NEWCOMER: "/new-password",
    Role.ENROLLING: "/account/security",
}

_OF_FUNCTIONS = {
    SystemFunction.REPORTS: Role.REPORTER,
    SystemFunction.USER_ADMINISTRATION: Role.USER_ADMINISTRATOR,
}
_OF_KINDS = {CompanyKind.CODE_MANAGER: Role.CODE_MANAGER, CompanyKind.PROVIDER: Role.PROVIDER}


def unfinished(
    *, stage: str, method: str, must_change_password: bool, requires_second_factor: bool, has_second_factor: bool
) -> frozenset[Role]:
    """The one role of somebody who has not finished signing in, or none. In the order in which they are asked."""
    if stage == SessionStage.SECOND_FACTOR:
        return frozenset({Role.HALF_WAY})
    if must_change_password and not is_elsewhere(method):
        return frozenset({Role.NEWCOMER})
    if requires_second_factor and not has_second_factor and not method.startswith(ELSEWHERE):
        return frozenset({Role.ENROLLING})
    return frozenset()


def of_person(
    kind: str, roles_so_far: Collection[str], functions: Collection[str], *, is_master_admin: bool
) -> frozenset[Role]:
    """The roles of a person who has signed in. `kind` is their company's, `roles_so_far` are the market roles that it
    holds or held: whose last one has ended reads on (SD 10.2)."""
    roles = {Role.SIGNED_IN}
    if is_master_admin:
        roles.add(Role.MASTER_ADMIN)
    if kind in _OF_KINDS:
        roles.add(_OF_KINDS[CompanyKind(kind)])
    elif PORTAL_ROLES & set(roles_so_far):
        roles.add(Role.PORTAL_USER)
    return frozenset(roles | {role for function, role in _OF_FUNCTIONS.items() if function in functions})
