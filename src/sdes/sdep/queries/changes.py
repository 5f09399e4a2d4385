"""What has changed in a whole company's communications since a time: for its exports and its programs."""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from piccolo.columns.combination import WhereRaw
from piccolo.querystring import QueryString

from sdes.actor import Actor
from sdes.attachments import queries as attachments
from sdes.attachments.queries import File
from sdes.catalogue.roles import MarketRole
from sdes.catalogue.views import FUELS
from sdes.kit import db
from sdes.kit.errors import NotFound
from sdes.kit.paging import Cursor
from sdes.sdep.access import deleted_reported_to, reported_to
from sdes.sdep.retention import archives_at, deletes_at, deletes_before
from sdes.sdep.tables import CommunicationParty

_ROWS = """
SELECT c.id, c.reference, c.subject, c.items, c.level, c.max_level, c.message_count, c.created_at, c.last_message_at,
       c.archived_at, c.due_at, c.awaiting = p.company AS is_ours, t.code, t.title, t.contact_type, t.fuel,
       sc.name AS sender_company, s.mpid AS sender_mpid, s.role AS sender_role,
       dc.name AS recipient_company, d.mpid AS recipient_mpid, d.role AS recipient_role,
       p.side, p.changed_at, o.id AS owner_id, o.name AS owner, p.tags
  FROM communication_party p
  JOIN communication c ON c.id = p.communication
  JOIN process_type t ON t.id = c.process_type
  JOIN market_participant s ON s.id = c.sender JOIN company sc ON sc.id = s.company
  JOIN market_participant d ON d.id = c.recipient JOIN company dc ON dc.id = d.company
  LEFT JOIN person o ON o.id = p.owner
 WHERE {} AND {} ORDER BY {} LIMIT {}
"""
_IDS = """
SELECT coalesce(array_agg(p.communication ORDER BY p.communication), ARRAY[]::bigint[]) AS ids
  FROM communication_party p WHERE {} AND {}
"""
_MESSAGES = """
SELECT m.id, m.communication, m.number, m.company, m.company_name, m.mpid, m.person_name, m.level, m.kind, m.text,
       m.sent_at
  FROM message m WHERE m.communication = ANY ($1) ORDER BY m.communication, m.number
"""
_FILES = "SELECT message, attachment FROM message_attachment WHERE communication = ANY ($1) ORDER BY id"
_DELETED = """
SELECT d.communication, d.reference, d.deleted_at, d.noted_at, d.id FROM deleted_communication d
 WHERE {} AND d.noted_at >= {} AND d.noted_at < {} AND (d.noted_at, d.id) > ({}, {})
 ORDER BY d.noted_at, d.id LIMIT {}
"""
BEGINNING = datetime(1900, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Participant:
    """A company in the role in which it sent or received."""

    company: str
    mpid: str
    role: str


@dataclass(frozen=True)
class Changed:
    """A communication as its party's programs are told of it; times are UTC."""

    id: int
    reference: str
    subject: str
    process_code: str
    process_title: str
    contact_type: str
    fuel: str
    level: int
    max_level: int
    sender: Participant
    recipient: Participant
    is_sent: bool  # by the reader's company
    items: list[dict[str, Any]]
    message_count: int
    created_at: datetime
    last_message_at: datetime
    changed_at: datetime
    archived_at: datetime | None
    due_at: datetime | None
    awaiting: str | None  # "us", "them", or nobody
    owner: str | None
    owner_id: int | None
    tags: list[str]

    @property
    def status(self) -> str:
        return "archived" if self.archived_at else "current"

    @property
    def archives_at(self) -> datetime:
        return self.archived_at or archives_at(self.last_message_at)

    @property
    def deletes_at(self) -> datetime:
        """If no further message comes."""
        return deletes_at(self.archives_at)

    @cached_property
    def mpxn(self) -> tuple[str, str]:
        """The kind (MPAN, MPRN) and the digits of the first metering point that it names; empty where it names none."""
        found = ((item["kind"].upper(), str(item["value"])) for item in self.items if item["kind"] in ("mpan", "mprn"))
        return next(found, ("", ""))


@dataclass(frozen=True)
class SentMessage:
    """A message of such a communication."""

    id: int
    number: int
    kind: str
    level: int
    is_sent: bool  # by the reader's company
    sender: str
    sender_company: str
    sender_mpid: str
    sent_at: datetime
    text: str
    files: list[File] = field(default_factory=list)


@dataclass(frozen=True)
class Deletion:
    """A communication that is no more. `noted_at` is when it can be asked for since."""

    communication: int
    reference: str
    deleted_at: datetime
    noted_at: datetime
    id: int


async def known_until(actor: Actor) -> datetime:
    """Until when all changes are known: what is asked for next, up to this moment, has none missing that is still on
    its way into the database. To be asked first."""
    assert actor.company_id
    (row,) = await db.fetch("SELECT sdep_known_until() AS moment")
    moment: datetime = row["moment"]
    return moment


async def changed_ids(actor: Actor, since: datetime | None) -> list[int]:
    """The communications of the actor's company that have changed since, in the order in which they were sent."""
    return await _ids(actor, WhereRaw("p.changed_at >= {}", since or BEGINNING))


async def deleting_ids(actor: Actor, before: datetime) -> list[int]:
    """The archived communications of the actor's company that are deleted before then (SD 14.4)."""
    return await _ids(actor, WhereRaw("p.archived_at < {}", deletes_before(before)))


async def communications(actor: Actor, ids: list[int]) -> list[Changed]:
    """Those of the communications that exist for the actor's company, in the order in which they were sent."""
    return await _found(actor, WhereRaw("p.communication = ANY ({})", ids), "p.communication", len(ids))


async def changed_page(
    actor: Actor, since: datetime, until: datetime, after: Cursor | None, limit: int
) -> list[Changed]:
    """At most `limit` that have changed from `since` to just before `until`, in the order of their change."""
    value, beyond = _place(after)
    where = WhereRaw(
        "p.changed_at >= {} AND p.changed_at < {} AND (p.changed_at, p.communication) > ({}, {})",
        *(since, until, value, beyond),
    )
    return await _found(actor, where, "p.changed_at, p.communication", limit)


async def deleting_page(actor: Actor, before: datetime, after: Cursor | None, limit: int) -> list[Changed]:
    """At most `limit` archived ones that are deleted before then, the next to be deleted first (SD 14.4)."""
    value, beyond = _place(after)
    where = WhereRaw(
        "p.archived_at < {} AND (p.archived_at, p.communication) > ({}, {})", deletes_before(before), value, beyond
    )
    return await _found(actor, where, "p.archived_at, p.communication", limit)


async def one_changed(actor: Actor, reference: str) -> Changed:
    """The communication of that reference; `NotFound` for any that is not of the actor's company."""
    found = await _found(actor, WhereRaw("c.reference = {}", reference), "c.id", 1) if reference.isalnum() else []
    if not found:
        raise NotFound("There is no such communication of your company. It may have been deleted.")
    return found[0]


async def messages_of(actor: Actor, ids: list[int]) -> dict[int, list[SentMessage]]:
    """The messages, with their files, of communications that exist for the actor's company, by communication."""
    links = await db.fetch(_FILES, ids)
    known = await attachments.files(actor, [link["attachment"] for link in links])
    files: dict[int, list[File]] = defaultdict(list)
    for link in links:
        if file := known.get(link["attachment"]):
            files[link["message"]].append(file)
    grouped: dict[int, list[SentMessage]] = defaultdict(list)
    for row in await db.fetch(_MESSAGES, ids):
        grouped[row["communication"]].append(_message(actor, row, files[row["id"]]))
    return grouped


async def deletions(actor: Actor, since: datetime, until: datetime, after: Cursor | None, limit: int) -> list[Deletion]:
    """At most `limit` deletions noted from `since` to just before `until`, in the order in which they were noted."""
    value, beyond = _place(after)
    rows = await CommunicationParty.raw(
        _DELETED, deleted_reported_to(actor).querystring, since, until, value, beyond, limit
    )
    return [Deletion(**row) for row in rows]


async def _ids(actor: Actor, where: WhereRaw) -> list[int]:
    (row,) = await CommunicationParty.raw(_IDS, reported_to(actor).querystring, where.querystring)
    return list(row["ids"])


async def _found(actor: Actor, where: WhereRaw, order: str, limit: int) -> list[Changed]:
    rows = await CommunicationParty.raw(
        _ROWS, reported_to(actor).querystring, where.querystring, QueryString(order), limit
    )
    return [_changed(row) for row in rows]


def _place(after: Cursor | None) -> tuple[datetime, int]:
    return (datetime.fromisoformat(after.value), after.id) if after else (BEGINNING, 0)


def _changed(row: dict[str, Any]) -> Changed:
    same = ("id", "reference", "subject", "level", "max_level", "message_count", "created_at", "last_message_at")
    words: dict[str, Any] = {
        name: row[name] for name in (*same, "changed_at", "archived_at", "due_at", "contact_type", "owner", "owner_id")
    }
    return Changed(
        **words,
        process_code=row["code"],
        process_title=row["title"],
        fuel=FUELS[row["fuel"]],
        sender=_participant(row, "sender"),
        recipient=_participant(row, "recipient"),
        is_sent=row["side"] == "sender",
        items=json.loads(row["items"]),
        awaiting=None if row["is_ours"] is None else "us" if row["is_ours"] else "them",
        tags=list(row["tags"] or ()),
    )


def _participant(row: dict[str, Any], side: str) -> Participant:
    role = MarketRole(row[f"{side}_role"]).label
    return Participant(row[f"{side}_company"], row[f"{side}_mpid"], role)


def _message(actor: Actor, row: Any, files: list[File]) -> SentMessage:
    return SentMessage(
        id=row["id"],
        number=row["number"],
        kind=row["kind"],
        level=row["level"],
        is_sent=row["company"] == actor.company_id,
        sender=row["person_name"],
        sender_company=row["company_name"],
        sender_mpid=row["mpid"],
        sent_at=row["sent_at"],
        text=row["text"],
        files=files,
    )
