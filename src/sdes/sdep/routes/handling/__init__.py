"""The doors by which a company looks after a communication: owner, tags, archive, escalation."""

from sdes.sdep.routes.handling import archiving, escalation, ownership, tags

handlers = [
    ownership.assign,
    tags.add,
    tags.remove,
    archiving.show,
    archiving.archive,
    escalation.show,
    escalation.escalate,
]
