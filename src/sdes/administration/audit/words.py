"""The events of administration and sign-in in words, by the groups in which people look for them. One place for all."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Group:
    """Events that are looked for together. `key` is what an address carries."""

    key: str
    label: str
    events: dict[str, str]


GROUPS = (
    Group(
        "sign-ins",
        "Sign-ins",
        {
            "accounts.session.started": "Signed in",
            "accounts.session.ended": "Signed out",
            "single-sign-on.grant.given": "Signed in to another service",
            "single-sign-on.grant.ended": "Sign-in to another service ended",
        },
    ),
    Group(
        "refused",
        "Refused sign-ins",
        {
            "accounts.sign-in.refused": "Sign-in refused",
            "accounts.second-factor.refused": "Second factor refused",
            "accounts.password.refused": "Present password refused",
            "accounts.account.locked": "Account locked for a while",
            "accounts.address.locked": "Network address locked for a while",
            "single-sign-on.code.replayed": "Sign-in elsewhere ended: its code came twice",
            "single-sign-on.refresh-token.replayed": "Sign-in elsewhere ended: its token came twice",
        },
    ),
    Group(
        "passwords",
        "Passwords and second factor",
        {
            "accounts.password.changed": "Password changed",
            "accounts.password.reset-asked": "Forgotten password asked for",
            "accounts.password.reset": "Forgotten password replaced",
            "accounts.address.verification-asked": "Verification of address asked for",
            "accounts.address.verified": "Address verified",
            "accounts.authenticator.set-up": "Authenticator app set up",
            "accounts.authenticator.removed": "Authenticator app removed",
            "accounts.passkey.added": "Passkey added",
            "accounts.passkey.renamed": "Passkey renamed",
            "accounts.passkey.removed": "Passkey removed",
            "accounts.recovery-codes.made": "Recovery codes made",
            "accounts.recovery-code.used": "Recovery code used",
            "accounts.second-factor.reset": "Second factor reset",
        },
    ),
    Group(
        "people",
        "People",
        {
            "administration.person.created": "Person created",
            "administration.person.changed": "Person changed",
            "administration.person.granted": "System functions changed",
            "administration.person.suspended": "Person suspended",
            "administration.person.reinstated": "Person reinstated",
            "administration.person.deleted": "Person deleted",
            "administration.person.lapsed": "Person deleted for inactivity",
            "administration.person.password-reset": "Password reset",
            "administration.person.verification-sent": "Verification of address sent",
            "administration.upload.applied": "People uploaded",
            "administration.upload.checked": "Upload named taken addresses",
            "administration.people.exported": "People downloaded",
        },
    ),
    Group("assignments", "Assignments", {"administration.assignment.changed": "Assignments changed"}),
    Group(
        "companies",
        "Companies",
        {
            "administration.company.opened": "Company opened",
            "administration.company.renamed": "Company renamed",
            "administration.company.accession-recorded": "Accession recorded",
            "administration.company.qualified": "Marked Qualified",
            "administration.company.unqualified": "Marked not Qualified",
            "administration.participant.added": "Market participant added",
            "administration.participant.changed": "Market participant changed",
            "administration.participant.removed": "Market participant removed",
            "administration.master-admin.appointed": "Master Admin User appointed",
            "administration.master-admin.replaced": "Master Admin User replaced",
            "administration.master-admin.reset": "Master Admin User's sign-in reset",
        },
    ),
    Group(
        "catalogue",
        "Process types and working calendar",
        {
            "administration.process-type.added": "Process type added",
            "administration.process-type.changed": "Process type changed",
            "administration.process-type.change-planned": "Change of a process type planned",
            "administration.process-type.change-withdrawn": "Planned change withdrawn",
            "administration.process-type.change-failed": "Planned change not applied",
            "administration.process-type.level-ended": "People taken out of a level that ended",
            "administration.calendar-day.added": "Day added to the working calendar",
            "administration.calendar-day.removed": "Day removed from the working calendar",
        },
    ),
    Group(
        "settings",
        "Settings, keys and services",
        {
            "administration.second-factor.required": "Second factor required of everybody",
            "administration.second-factor.left-optional": "Second factor left to each person",
            "administration.api-key.made": "API key made",
            "administration.api-key.revoked": "API key revoked",
            "backup.access.withdrawn": "Access taken away again after a restore",
            "administration.audit.exported": "Audit log downloaded",
            "sdep.report.downloaded": "Report downloaded",
            "sdep.export.downloaded": "Communications downloaded",
            "administration.communications.fetched": "Communications read with an API key",
            "single-sign-on.provider.saved": "Own sign-in set up",
            "single-sign-on.provider.removed": "Own sign-in removed",
            "single-sign-on.provider.disabled": "Own sign-in taken out of use by the provider",
            "single-sign-on.client.added": "Service added that people sign in to",
            "single-sign-on.client.changed": "Service changed that people sign in to",
            "single-sign-on.client.given-secret": "Service given a new secret",
            "single-sign-on.client.revoked": "Service revoked that people signed in to",
            "mail.message.refused": "E-mail refused by the other side",
            "mail.message.given-up": "E-mail given up",
        },
    ),
)
NOBODY = "Somebody not signed in"
ITSELF = "SDES itself"

_WORDS = {event: words for group in GROUPS for event, words in group.events.items()}
_GROUPS = {group.key: group for group in GROUPS}


@dataclass(frozen=True)
class AuditLine:
    """One entry as its readers see it; `at` is London time."""

    id: int
    at: datetime
    event: str
    who: str
    company: str
    subject: str
    detail: str

    @property
    def words(self) -> str:
        return words_for(self.event)


def words_for(event: str) -> str:
    """An event in words; one that nobody has put into words yet, as it is."""
    return _WORDS.get(event, event)


def events_of(group: str) -> list[str]:
    """The events of a group by its key; none for what is no group."""
    return list(_GROUPS[group].events) if group in _GROUPS else []


def who_did(event: str, person: str) -> str:
    """Who stands in an entry: a name, or what there is instead of one."""
    return person or (NOBODY if event.startswith("accounts.") else ITSELF)
