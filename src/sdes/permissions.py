"""Every permission and who holds it, on one screen. A role is what kind of person asks; see `actor.py`."""

from enum import StrEnum


class Permission(StrEnum):
    """What a door may ask for, named feature:noun:verb."""

    ANYONE = "anyone"  # open to the world: sign-in, static files
    ACCOUNT_OWN = "accounts:own-account:manage"
    ACCOUNT_NEW_PASSWORD = "accounts:new-password:set"  # also open while a single-use password waits to be changed
    ACCOUNT_SECOND_FACTOR = "accounts:second-factor:give"  # between the password and the second factor
    ACCOUNT_ENROL = "accounts:second-factor:enrol"  # also open while the company asks for a factor not yet set up
    STATUS_VIEW = "status:page:view"
    STATUS_OPERATION = "status:operation:view"  # of all companies: jobs, availability (SD 3.2), capacity (SD 6)
    COMMUNICATION_VIEW = "sdep:communication:view"
    MESSAGE_SEND = "sdep:message:send"
    DRAFT_KEEP = "sdep:draft:keep"
    NOTIFICATION_OWN = "notifications:own:view"  # what one is told, and how often by mail (SD 11.1(f))
    COMMUNICATION_HANDLE = "sdep:communication:handle"  # owner, search tags, archive (SD 11.1(b)i, v, vi)
    REPORT_VIEW = "sdep:report:view"  # SD 12.1
    PORTAL_REPORT_VIEW = "sdep:portal-report:view"  # SD 12.2
    EXPORT = "sdep:communication:export"  # all communications of the company, whatever the process type
    PERSON_MANAGE = "administration:person:manage"  # the Maintain Assigned Users List (SD 2.6)
    COMPANY_SETTINGS = "administration:company-settings:manage"  # second factor for all, API keys, own sign-in
    COMPANY_VIEW = "administration:company:view"
    COMPANY_MANAGE = "administration:company:manage"  # open a company, its participants, its accession (SL 20)
    COMPANY_QUALIFY = "administration:company:qualify"  # SD 10.2
    MASTER_ADMIN_APPOINT = "administration:master-admin:appoint"  # SD 2.4
    AUDIT_VIEW = "administration:audit:view"
    CATALOGUE_VIEW = "catalogue:process-type:view"
    CATALOGUE_MANAGE = "catalogue:process-type:manage"  # process types and the working calendar (SL 8)
    SIGN_IN_CLIENTS = "single-sign-on:client:manage"
    API_PEOPLE_READ = "api:people:read"
    API_PEOPLE_WRITE = "api:people:write"
    API_ASSIGNMENTS_WRITE = "api:assignments:write"
    API_COMMUNICATIONS_READ = "api:communications:read"


class Role(StrEnum):
    """The kinds of person. One person may be several at once."""

    SIGNED_IN = "signed-in"
    HALF_WAY = "half-way"  # has given the password and may do nothing but give the second factor
    NEWCOMER = "newcomer"  # holds a single-use password and may do nothing but change it (SD 2.3)
    ENROLLING = "enrolling"  # must set up the second factor that the company asks for, and may do nothing else
    PORTAL_USER = "portal-user"  # of a company that is or was a supplier or a distributor (SD 10.1)
    MASTER_ADMIN = "master-admin"
    USER_ADMINISTRATOR = "user-administrator"  # the MAU's deputy
    REPORTER = "reporter"
    CODE_MANAGER = "code-manager"
    PROVIDER = "provider"
    # an API key is one of these for each of its scopes
    API_PEOPLE_READER = "people:read"
    API_PEOPLE_WRITER = "people:write"
    API_ASSIGNER = "assignments:write"
    API_COMMUNICATIONS_READER = "communications:read"


P = Permission

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.HALF_WAY: frozenset({P.ACCOUNT_SECOND_FACTOR}),
    Role.NEWCOMER: frozenset({P.ACCOUNT_NEW_PASSWORD}),
    Role.ENROLLING: frozenset({P.ACCOUNT_ENROL}),
    Role.SIGNED_IN: frozenset({P.ACCOUNT_OWN, P.ACCOUNT_ENROL, P.STATUS_VIEW}),
    Role.PORTAL_USER: frozenset(
        {
            P.COMMUNICATION_VIEW,
            P.COMMUNICATION_HANDLE,
            P.MESSAGE_SEND,
            P.DRAFT_KEEP,
            P.NOTIFICATION_OWN,
            P.CATALOGUE_VIEW,
        }
    ),
    Role.MASTER_ADMIN: frozenset({P.PERSON_MANAGE, P.COMPANY_SETTINGS, P.AUDIT_VIEW}),
    Role.USER_ADMINISTRATOR: frozenset({P.PERSON_MANAGE}),
    Role.REPORTER: frozenset({P.REPORT_VIEW, P.EXPORT}),
    Role.CODE_MANAGER: frozenset(
        {
            *(P.COMMUNICATION_VIEW, P.COMPANY_VIEW, P.COMPANY_MANAGE, P.COMPANY_QUALIFY, P.AUDIT_VIEW),
            *(P.PORTAL_REPORT_VIEW, P.CATALOGUE_VIEW, P.CATALOGUE_MANAGE, P.STATUS_OPERATION),
        }
    ),
    Role.PROVIDER: frozenset(
        {
            *(P.COMPANY_VIEW, P.COMPANY_MANAGE, P.MASTER_ADMIN_APPOINT, P.AUDIT_VIEW, P.SIGN_IN_CLIENTS),
            *(P.CATALOGUE_VIEW, P.STATUS_OPERATION),
        }
    ),
    Role.API_PEOPLE_READER: frozenset({P.API_PEOPLE_READ}),
    Role.API_PEOPLE_WRITER: frozenset({P.API_PEOPLE_READ, P.API_PEOPLE_WRITE}),
    Role.API_ASSIGNER: frozenset({P.API_PEOPLE_READ, P.API_ASSIGNMENTS_WRITE}),
    Role.API_COMMUNICATIONS_READER: frozenset({P.API_COMMUNICATIONS_READ}),
}


def permissions_of(roles: frozenset[Role]) -> frozenset[Permission]:
    """The union of what the roles may do."""
    return frozenset({Permission.ANYONE}).union(*(ROLE_PERMISSIONS[role] for role in roles))
