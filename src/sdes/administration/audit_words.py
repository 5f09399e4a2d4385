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
        },
    ),
    Group(
        "refused",
        "Refused sign-ins",
        {
            "accounts.sign-in.refused": "Sign-in refused",
            "accounts.password.refused": "Present password refused",
            "accounts.account.locked": "Account locked for a while",
            "accounts.address.locked": "Network address locked for a while",
        },
    ),
    Group(
        "passwords",
        "Passwords and second factor",
        {
            "accounts.password.changed": "Password changed",
            "accounts.password.reset-asked": "New password asked for",
            "accounts.password.reset": "New password set by a link",
            "accounts.second-factor.reset": "Second factor reset",
            "accounts.address.verification-asked": "Link to verify the address asked for",
            "accounts.address.verified": "Address verified",
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
            "administration.person.password-reset": "Password reset",
            "administration.person.verification-sent": "Confirmation of address asked for",
            "administration.upload.applied": "Upload of people applied",
            "administration.people.exported": "List of people downloaded",
        },
    ),
    Group(
        "assignments",
        "Assignments",
        {
            "administration.assignment.changed": "Assignments changed",
        },
    ),
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
            "administration.master-admin.appointed": "Master Admin User appointed",
            "administration.master-admin.replaced": "Master Admin User replaced",
            "administration.master-admin.reset": "Master Admin User's sign-in reset",
        },
    ),
    Group(
        "settings",
        "Settings, keys and downloads",
        {
            "administration.audit.exported": "Audit log downloaded",
            "administration.second-factor.required": "Second factor asked of everybody",
            "administration.api-key.made": "API key made",
            "administration.api-key.revoked": "API key revoked",
            "administration.second-factor.left-optional": "Second factor left to each person",
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
