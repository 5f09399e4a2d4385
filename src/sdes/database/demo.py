"""The demo world: the communications of `demo_texts.toml`, with files, in every state that a user meets."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sdes.attachments.tables import Attachment, State
from sdes.attachments.vault import Vault
from sdes.auditlog.tables import AuditEntry
from sdes.catalogue.rules import may_escalate_kind
from sdes.catalogue.views import process_title
from sdes.database.demo_files import content_of
from sdes.database.demo_stage import Stage, set_stage
from sdes.database.demo_texts import DemoCommunication, DemoFile, DemoMessage, demo_communications
from sdes.kit import clock, db
from sdes.sdep.actions.history import file_mark
from sdes.sdep.search.terms import terms
from sdes.sdep.tables import (
    Communication,
    CommunicationLevel,
    CommunicationParty,
    Message,
    MessageAttachment,
    Reading,
)

KEPT_PENDING = timedelta(hours=2)  # so long the demo's pending files are left for people to see


async def load_demo(vault: Vault) -> None:
    """Inserts the demo's communications, dated relative to now. The cast must be there; runs as the owner."""
    stage = await set_stage(vault)
    told = demo_communications(clock.now(), stage.days)
    for one in sorted(told, key=lambda each: each.messages[0].sent_at):
        await _Loading(stage, one).load()


@dataclass
class _Loading:
    """One communication on its way into the tables."""

    stage: Stage
    told: DemoCommunication
    id: int = 0
    reference: str = ""
    level: int = 1
    audit: list[AuditEntry] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.process = self.stage.processes[self.told.process]
        self.sender = self.stage.companies[self.told.sender]
        self.recipient = self.stage.companies[self.told.recipient]
        self.both = [self.sender["id"], self.recipient["id"]]

    async def load(self) -> None:
        await self._communication()
        await self._level(1, self.told.messages[0])
        for number, message in enumerate(self.told.messages, start=1):
            await self._message(number, message)
        await self._parties()
        await self._clock()
        await self._archive()
        await self._find_by_words()
        await AuditEntry.insert(*self.audit)

    async def _communication(self) -> None:
        told, first = self.told, self.told.messages[0].sent_at
        items = [
            {"key": item.key, "label": item.label, "kind": item.kind.value, "value": told.items[item.key]}
            for item in self.process.items
            if item.key in told.items
        ]
        number = (await db.fetch("SELECT nextval('communication_reference_seq') AS n"))[0]["n"]
        self.reference = f"SC{number:08}"
        made = await Communication.insert(
            Communication(
                reference=self.reference,
                process_type=self.process.id,
                sender=self.stage.participants[self.sender["id"], told.sender_role]["id"],
                recipient=self.stage.participants[self.recipient["id"], told.recipient_role]["id"],
                subject=told.subject,
                items=json.dumps(items),
                rules=self._rules(),
                max_level=self.process.max_level,
                message_count=len(told.messages),
                created_at=first,
                last_message_at=told.messages[-1].sent_at,
            )
        )
        self.id = made[0]["id"]

    def _rules(self) -> str:
        levels = [
            {"number": one.number, "name": one.name, "amount": one.response_amount, "unit": one.response_unit.value}
            for one in self.process.levels
        ]
        return json.dumps({"may_escalate": may_escalate_kind(self.process), "levels": levels})

    async def _message(self, number: int, told: DemoMessage) -> None:
        person = self.stage.people[told.by]
        company = self._company(person["company"])
        if told.raises_to:
            self.level = told.raises_to
            await self._level(self.level, told)
            detail = f"level {self.level}, {self.process.level(self.level).name}"
            self._record(person, "sdep.communication.escalated", told.sent_at, detail)
        participant = self.stage.participants[
            company["id"], self.told.sender_role if company is self.sender else self.told.recipient_role
        ]
        made = await Message.insert(
            Message(
                communication=self.id,
                number=number,
                company=company["id"],
                company_name=company["name"],
                mpid=participant["mpid"],
                person=person["id"],
                person_name=person["name"],
                level=self.level,
                kind="escalation" if told.raises_to else "message",
                text=told.text,
                sent_at=told.sent_at,
            )
        )
        if not told.raises_to:
            event = "sdep.communication.sent" if number == 1 else "sdep.message.added"
            self._record(person, event, told.sent_at, f"Message {number}, level {self.level}")
        for file in told.files:
            await self._file(made[0]["id"], company["id"], told.sent_at, file)

    async def _file(self, message: int, company: int, at: datetime, told: DemoFile) -> None:
        made = uuid4()
        sealing = self.stage.vault.sealing(made)
        content = content_of(told.name)
        await sealing.write(content)
        await sealing.close()
        failed = told.state == State.FAILED
        await Attachment.insert(
            Attachment(
                id=made,
                company=company,
                audience=self.both,
                name=told.name,
                size=len(content),
                state=told.state,
                reason=told.reason,
                blob=sealing.blob,
                key_id=self.stage.vault.master.id,
                wrapped_key=None if failed else sealing.wrapped_key,
                is_sent=True,
                created_at=at,
                checked_at=None if told.state == State.PENDING else at + timedelta(seconds=20),
                next_attempt_at=clock.now() + KEPT_PENDING,
            )
        )
        await MessageAttachment.insert(MessageAttachment(communication=self.id, message=message, attachment=made))
        if failed:
            detail = f"{file_mark(made)} failed the virus check"
            self._record(None, "sdep.attachment.failed", at + timedelta(seconds=20), detail)

    async def _level(self, number: int, told: DemoMessage) -> None:
        level, at = self.process.level(number), told.sent_at
        due = self.stage.days.due_at(at, level.response_amount, level.response_unit)
        answered = next(
            (
                message.sent_at
                for message in self.told.messages
                if message.sent_at > at and self._is_from_recipient(message)
            ),
            None,
        )
        await CommunicationLevel.insert(
            CommunicationLevel(
                communication=self.id,
                number=number,
                name=level.name,
                started_at=at,
                started_by=self.sender["name"],
                person_name=self.stage.people[told.by]["name"],
                due_at=due,
                responded_at=answered,
            )
        )

    async def _clock(self) -> None:
        """Where the sender wrote last, the recipient's time has run since the first message that was not answered."""
        unanswered = None
        for message in self.told.messages:
            if self._is_from_recipient(message):
                unanswered = None
            elif unanswered is None or message.raises_to:
                unanswered = message.sent_at
        awaiting = due = None
        if unanswered:
            level = self.process.level(self.level)
            awaiting = self.recipient["id"]
            due = self.stage.days.due_at(unanswered, level.response_amount, level.response_unit)
        await Communication.update(
            {Communication.level: self.level, Communication.awaiting: awaiting, Communication.due_at: due}
        ).where(Communication.id == self.id)

    async def _parties(self) -> None:
        for company, other, side in (
            (self.sender, self.recipient, "sender"),
            (self.recipient, self.sender, "recipient"),
        ):
            received = [n for n, m in enumerate(self.told.messages, 1) if self._company_of(m) is other]
            key = self.told.sender if company is self.sender else self.told.recipient
            owner = self.told.owner.get(key)
            last = self.told.messages[-1]
            nobody_read = f"*{key}" in self.told.unread
            last_received = max(received, default=0)
            await CommunicationParty.insert(
                CommunicationParty(
                    communication=self.id,
                    company=company["id"],
                    other_company=other["id"],
                    process_type=self.process.id,
                    side=side,
                    created_at=self.told.messages[0].sent_at,
                    last_message_at=last.sent_at,
                    last_direction="sent" if self._company_of(last) is company else "received",
                    last_received=last_received,
                    last_read=last_received - 1 if nobody_read else len(self.told.messages),
                    changed_at=clock.now(),
                    owner=self.stage.people[owner]["id"] if owner else None,
                    tags=self.told.tags.get(key, []),
                )
            )
            await self._readings(company, key, last_received)

    async def _readings(self, company: dict[str, Any], key: str, last_received: int) -> None:
        for name, person in self.stage.people.items():
            if person["company"] != company["id"]:
                continue
            is_unread = name in self.told.unread or f"*{key}" in self.told.unread
            own = max((n for n, m in enumerate(self.told.messages, 1) if m.by == name), default=0)
            number = max(last_received - 1, own) if is_unread else len(self.told.messages)
            at = self.told.messages[max(number, 1) - 1].sent_at + timedelta(minutes=17)
            if number < 1 or at > clock.now():
                continue
            await Reading.insert(
                Reading(company=company["id"], communication=self.id, person=person["id"], number=number, viewed_at=at)
            )
            self._record(person, "sdep.communication.viewed", at, "")

    async def _find_by_words(self) -> None:
        heading = terms([self.reference, self.told.subject, *self.told.items.values()])
        said = terms(message.text for message in self.told.messages)
        for company, key in ((self.sender, self.told.sender), (self.recipient, self.told.recipient)):
            await db.fetch("SELECT set_config('sdes.company_id', $1, true)", str(company["id"]))
            await db.fetch("SELECT sdep_index($1, $2, $3)", self.id, said, heading)
            await db.fetch("SELECT sdep_index_tags($1, $2)", self.id, terms(self.told.tags.get(key, [])))

    async def _archive(self) -> None:
        if not self.told.archived_at:
            return
        await Communication.update({Communication.archived_at: self.told.archived_at}).where(
            Communication.id == self.id
        )
        by = self.stage.people[self.told.archived_by] if self.told.archived_by else None
        self._record(by, "sdep.communication.archived", self.told.archived_at, "")

    def _record(self, person: dict[str, Any] | None, event: str, at: datetime, detail: str) -> None:
        company = self._company(person["company"]) if person else {"id": None, "name": ""}
        self.audit.append(
            AuditEntry(
                at=at,
                event=event,
                person_id=person["id"] if person else None,
                person_name=person["name"] if person else "System",
                company_id=company["id"],
                company_name=company["name"],
                subject=self.reference,
                process=process_title(self.process.title, self.process.contact_type),
                fuel=self.process.fuel_text,
                detail=detail,
                audience=self.both,
            )
        )

    def _company(self, company_id: int) -> dict[str, Any]:
        return self.sender if company_id == self.sender["id"] else self.recipient

    def _company_of(self, message: DemoMessage) -> dict[str, Any]:
        return self._company(self.stage.people[message.by]["company"])

    def _is_from_recipient(self, message: DemoMessage) -> bool:
        return self._company_of(message) is self.recipient
