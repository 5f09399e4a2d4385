"""One communication with its thread, its files and its levels (SD 11.1(b))."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sdes.actor import Actor
from sdes.attachments import queries as attachments
from sdes.catalogue.items import display, is_identifier
from sdes.catalogue.roles import MarketRole
from sdes.catalogue.views import FUELS, process_title
from sdes.kit import clock, db
from sdes.kit.errors import NotFound
from sdes.sdep.access import visible_to
from sdes.sdep.due import due_view
from sdes.sdep.retention import archives_at, deletes_at
from sdes.sdep.rules import Rules
from sdes.sdep.tables import CommunicationParty, MessageAttachment
from sdes.sdep.views import CommunicationView, Item, MessageView, SentFile, Step
from sdes.workingdays.queries import calendar

JUST_SENT = timedelta(minutes=5)

_ONE = """
SELECT c.id, c.reference, c.subject, c.items, c.rules, c.level, c.max_level, c.message_count, c.created_at,
       c.last_message_at, c.archived_at, c.awaiting, c.due_at, c.process_type, t.title, t.contact_type, t.fuel,
       s.mpid AS sender_mpid, s.role AS sender_role, s.company AS sender_company_id, sc.name AS sender_company,
       d.mpid AS recipient_mpid, d.role AS recipient_role, d.company AS recipient_company_id,
       dc.name AS recipient_company, p.side, p.tags, p.alert, p.last_received,
       o.id AS owner_id, o.name AS owner, r.number AS read, r.sessions AS visits,
       ARRAY(SELECT ROW(l.number, l.started_at, l.started_by::text, l.person_name::text, l.responded_at)
               FROM communication_level l WHERE l.communication = c.id) AS levels
  FROM communication_party p
  JOIN communication c ON c.id = p.communication
  JOIN process_type t ON t.id = c.process_type
  JOIN market_participant s ON s.id = c.sender JOIN company sc ON sc.id = s.company
  JOIN market_participant d ON d.id = c.recipient JOIN company dc ON dc.id = d.company
  LEFT JOIN person o ON o.id = p.owner
  LEFT JOIN reading r ON r.communication = p.communication AND r.person = {}
 WHERE {} AND c.reference = {}
"""
_MESSAGES = """
SELECT g.number, g.company, g.company_name, g.mpid, g.person, g.person_name, g.level, g.kind, g.text, g.sent_at,
       ARRAY(SELECT m.attachment FROM message_attachment m WHERE m.message = g.id ORDER BY m.id) AS files
  FROM message g WHERE g.communication = $1 ORDER BY g.number
"""
_FILES = """
SELECT m.attachment, g.number FROM message_attachment m JOIN message g ON g.id = m.message
 WHERE m.communication = $1 ORDER BY m.id
"""


async def communication(actor: Actor, reference: str) -> CommunicationView:
    """The communication of that reference; `NotFound` when it does not exist for the actor, whatever the reason."""
    is_one = reference.isalnum()  # an address may hold what no database can be asked for
    asked = (actor.person_id, visible_to(actor).querystring, reference)
    rows = await CommunicationParty.raw(_ONE, *asked) if is_one else []
    if not rows:
        raise NotFound("There is no such communication, or it is not one of yours.")
    row = rows[0]
    reached = {level[0]: _Reached(*level) for level in row["levels"]}
    rules = Rules.read(row["rules"])
    last, archived = clock.local(row["last_message_at"]), row["archived_at"]
    other = row["recipient_company"] if row["side"] == "sender" else row["sender_company"]
    is_ours, unit = row["awaiting"] == actor.company_id, rules.level(row["level"]).response_unit
    return CommunicationView(
        id=row["id"],
        reference=row["reference"],
        subject=row["subject"],
        status="archived" if archived else "active",
        process_type=row["process_type"],
        process_title=process_title(row["title"], row["contact_type"]),
        fuel=FUELS[row["fuel"]],
        sender_company=row["sender_company"],
        sender_company_id=row["sender_company_id"],
        sender_mpid=row["sender_mpid"],
        sender_role=MarketRole(row["sender_role"]).label,
        recipient_company=row["recipient_company"],
        recipient_company_id=row["recipient_company_id"],
        recipient_mpid=row["recipient_mpid"],
        recipient_role=MarketRole(row["recipient_role"]).label,
        other_company=other,
        side=row["side"],
        created_at=clock.local(row["created_at"]),
        last_message_at=last,
        archives_at=clock.local(archived) if archived else archives_at(last),
        deletes_at=deletes_at(clock.local(archived)) if archived else None,
        message_count=row["message_count"],
        last_received=row["last_received"],
        level=row["level"],
        max_level=row["max_level"],
        owner=row["owner"],
        owner_id=row["owner_id"],
        tags=list(row["tags"] or ()),
        alert=row["alert"],
        due=None if archived else due_view(await calendar(), row["due_at"], unit, other, is_ours=is_ours),
        levels=_steps(rules, reached, row["level"]),
        items=_items(row["items"]),
        rules=rules,
        awaiting_company_id=row["awaiting"],
        due_at=row["due_at"],
        responded_at=reached[row["level"]].responded_at if row["level"] in reached else None,
        read=row["read"] or 0,
        visits=tuple(row["visits"] or ()),
    )


async def messages(actor: Actor, view: CommunicationView) -> list[MessageView]:
    """The messages of a communication that exists for the actor, in order, with their files."""
    rows = await db.fetch(_MESSAGES, view.id)
    known = await attachments.files(actor, [one for row in rows for one in row["files"]])
    return [
        MessageView(
            number=row["number"],
            sender_name=row["person_name"],
            sender_id=row["person"],
            sender_company=row["company_name"],
            sender_mpid=row["mpid"],
            direction="out" if row["company"] == actor.company_id else "in",
            level=row["level"],
            kind=row["kind"],
            sent_at=clock.local(row["sent_at"]),
            text=row["text"],
            files=[_sent(view, row["number"], known[one]) for one in row["files"] if one in known],
        )
        for row in rows
    ]


async def files_by_message(actor: Actor, view: CommunicationView) -> dict[int, list[SentFile]]:
    """The files of a communication by the number of their message, in the order in which they were sent."""
    links = await db.fetch(_FILES, view.id)
    known = await attachments.files(actor, [link["attachment"] for link in links])
    grouped: dict[int, list[SentFile]] = defaultdict(list)
    for link in links:
        if file := known.get(link["attachment"]):
            grouped[link["number"]].append(_sent(view, link["number"], file))
    return grouped


def _sent(view: CommunicationView, number: int, file: attachments.File) -> SentFile:
    return SentFile(file, number, f"/sdep/communications/{view.reference}/attachments/{file.id}")


async def attachment_ids(actor: Actor, view: CommunicationView) -> list[UUID]:
    """The ids of all files of a communication that exists for the actor."""
    rows = await MessageAttachment.select(MessageAttachment.attachment).where(
        MessageAttachment.communication == view.id
    )
    return [row["attachment"] for row in rows]


async def has_downloads(actor: Actor, view: CommunicationView) -> bool:
    """Whether any file of a communication that exists for the actor has passed the virus check."""
    return bool(await attachments.contents(actor, await attachment_ids(actor, view)))


async def has_just_sent(actor: Actor, view: CommunicationView) -> bool:
    """Whether the last message is the actor's own, of the last minutes."""
    rows = await db.fetch(
        "SELECT person, sent_at FROM message WHERE communication = $1 ORDER BY number DESC LIMIT 1", view.id
    )
    return bool(rows) and rows[0]["person"] == actor.person_id and rows[0]["sent_at"] > clock.now() - JUST_SENT


@dataclass(frozen=True)
class _Reached:
    """A level that the communication has reached; `started_by` is the company."""

    number: int
    started_at: datetime
    started_by: str
    person_name: str
    responded_at: datetime | None


def _steps(rules: Rules, reached: Mapping[int, _Reached], level: int) -> list[Step]:
    steps = []
    for one in rules.levels:
        row = reached.get(one.number)
        state = "later" if one.number > level else "now" if one.number == level else "done"
        steps.append(Step(one.number, one.name, state, *((_when(row), row.person_name) if row else ("",))))
    return steps


def _when(row: _Reached) -> str:
    at = clock.local(row.started_at)
    by = ", ".join(name for name in (row.person_name, row.started_by) if name)
    text = f"{'Sent' if row.number == 1 else 'Escalated'} {at.day} {at:%b, %H:%M} by {by}"
    if row.responded_at:
        answered = clock.local(row.responded_at)
        text += f" · answered {answered.day} {answered:%b}"
    return text


def _items(stored: str) -> list[Item]:
    return [
        Item(item["label"], display(item["kind"], item["value"]), is_identifier(item["kind"]))
        for item in json.loads(stored)
    ]
