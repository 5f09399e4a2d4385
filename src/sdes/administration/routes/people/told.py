"""What a page says of what was done just before, read from the audit log: an address alone claims nothing."""

from collections.abc import Sequence
from datetime import timedelta

from sdes.actor import Actor
from sdes.administration.forms.people import person_id_from
from sdes.auditlog.queries import Entry, entries_about
from sdes.kit import clock

JUST_NOW = timedelta(minutes=1)
AT_ONCE = timedelta(seconds=2)
CREATED = "administration.person.created"

_SENTENCES = {
    CREATED: "{name} has an account now. A single-use password was sent to {email}.",
    "administration.person.changed": "The details of {name} were saved.",
    "administration.person.granted": "The system functions of {name} were saved.",
    "administration.person.suspended": "{name} is suspended and has been signed out everywhere.",
    "administration.person.reinstated": "{name} can sign in again.",
    "administration.person.password-reset": "A new single-use password was sent to {email}.",
    "administration.person.verification-sent": "A link to confirm the address was sent to {email}.",
    "administration.assignment.changed": "The use cases of {name} were saved.",
    "accounts.second-factor.reset": "The second factor of {name} was removed. They have been told by e-mail.",
}


def what_was_done(actor: Actor, entries: Sequence[Entry], *, name: str, email: str) -> str:
    """The sentence for the actor's own newest entry about a person, if it is of this minute."""
    own = [entry for entry in entries[:10] if _is_own_and_new(actor, entry)]
    if not own:
        return ""
    # somebody who is created is assigned at once: the first of the two is the news
    is_of_both = len(own) > 1 and own[0].at - own[1].at < AT_ONCE and own[1].event == CREATED
    return _SENTENCES.get(CREATED if is_of_both else own[0].event, "").format(name=name, email=email)


async def was_deleted(actor: Actor, person: str) -> str:
    """That the actor deleted the person of that number just now; empty when they did not."""
    person_id = person_id_from(person)
    entries = await entries_about(actor, f"person {person_id}", 1) if person_id else []
    if entries and entries[0].event == "administration.person.deleted" and _is_own_and_new(actor, entries[0]):
        return f"{entries[0].detail} was deleted. They have been signed out everywhere."
    return ""


def _is_own_and_new(actor: Actor, entry: Entry) -> bool:
    is_own = (entry.company_id, entry.person_name) == (actor.company_id, actor.name)
    return is_own and clock.now() - entry.at < JUST_NOW
