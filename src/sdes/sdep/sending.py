"""Sending as choices: from which own role, by which process type, to whom, as the catalogue allows (SD 11.1(c))."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sdes.accounts.queries import Participant
from sdes.actor import Actor
from sdes.catalogue.roles import MarketRole
from sdes.catalogue.rules import may_send, sendable
from sdes.catalogue.views import ProcessTypeView


@dataclass(frozen=True)
class Choices:
    """What the sender may choose, given what they have chosen so far; a choice that is not allowed counts as none."""

    senders: list[Participant]
    sender: Participant | None
    processes: list[ProcessTypeView]
    process: ProcessTypeView | None
    recipients: list[Participant]
    recipient: Participant | None


def choices(
    actor: Actor,
    catalogue: Iterable[ProcessTypeView],
    participants: Iterable[Participant],
    posted: Mapping[str, str],
) -> Choices:
    """The choices that are open to `actor` after the posted `sender`, `process` and `recipient` (ids as text).

    The same answer draws the form and refuses a hand-made one.
    """
    everybody = list(participants)
    assigned = [process for process in catalogue if process.id in actor.process_types]
    own = [p for p in everybody if p.company_id == actor.company_id]
    senders = [p for p in own if sendable(assigned, [p.role])]
    named = posted.get("sender")
    sender = senders[0] if len(senders) == 1 and not named else _chosen(senders, named)
    processes = sendable(assigned, [sender.role] if sender else [p.role for p in senders])
    process = next((p for p in processes if str(p.id) == posted.get("process")), None)
    if process is not None and not named:
        fitting = [p for p in senders if sendable([process], [p.role])]
        sender = fitting[0] if len(fitting) == 1 else None
    recipients = [
        p
        for p in everybody
        if p.company_id != actor.company_id and sender and process and may_send(process, sender.role, p.role)
    ]
    return Choices(senders, sender, processes, process, recipients, _chosen(recipients, posted.get("recipient")))


def place_label(participant: Participant, *, own: bool = False) -> str:
    """A participant in a list of choices: the role first for one's own company, the company first for others."""
    role = MarketRole(participant.role).label
    return f"{role}, {participant.mpid}" if own else f"{participant.company_name}, {role} ({participant.mpid})"


def _chosen(among: list[Participant], posted: str | None) -> Participant | None:
    return next((p for p in among if str(p.id) == posted), None)
