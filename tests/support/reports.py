"""Communications of every kind for reports: put straight into the tables, and kept in Python to be counted slowly."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sdes.kit import clock, db
from tests.support.people import Browser, SignIn

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
MPIDS = {
    "BRWT": "Brightwatt Energy",
    "BWG": "Brightwatt Energy",
    "CALD": "Calder Home Energy",
    "NORG": "Northgrid Networks",
}
PROCESSES = ("PT0130", "PT0131", "PT0033")
WRITERS = {
    "Brightwatt Energy": ("Asha Rahman", "Ben Carter", "Mo Sheikh"),
    "Calder Home Energy": ("Cleo Marsh", "Cora Lindqvist"),
    "Northgrid Networks": ("Nils Andersen", "Nora Price"),
}


@dataclass(frozen=True)
class Said:
    person: str
    company: str
    sent_at: datetime


@dataclass
class Talk:
    """One communication as it was: what the slow counts read."""

    reference: str
    sender: str  # MPIDs
    recipient: str
    process: str
    said: list[Said]
    levels: list[tuple[int, datetime, datetime | None]]  # number, due, responded
    is_deleted: bool = False
    owner: str = ""
    level: int = field(default=1)

    @property
    def created_at(self) -> datetime:
        return self.said[0].sent_at

    def own_mpid(self, company: str) -> str:
        return self.sender if MPIDS[self.sender] == company else self.recipient

    def is_of(self, company: str) -> bool:
        return company in (MPIDS[self.sender], MPIDS[self.recipient])

    def is_sent_by(self, company: str) -> bool:
        return MPIDS[self.sender] == company

    def answer(self) -> Said | None:
        return next((one for one in self.said if one.company == MPIDS[self.recipient]), None)


def random_talks(seed: int, number: int) -> list[Talk]:
    """So many communications of the last 90 days, between all of these companies; some were deleted since."""
    random = Random(seed)
    return [_talk(random, place) for place in range(number)]


def _talk(random: Random, place: int) -> Talk:
    sender, recipient = random.choice(
        [("BRWT", "NORG"), ("BRWT", "CALD"), ("CALD", "BRWT"), ("NORG", "BRWT"), ("BWG", "CALD"), ("CALD", "NORG")]
    )
    at = NOW - timedelta(minutes=random.randrange(1, 90 * 24 * 60))
    first, second = MPIDS[sender], MPIDS[recipient]
    said = [Said(random.choice(WRITERS[first]), first, at)]
    for _ in range(random.randrange(4)):
        at += timedelta(minutes=random.randrange(1, 10 * 24 * 60))
        if at < NOW:
            company = random.choice((first, second))
            said.append(Said(random.choice(WRITERS[company]), company, at))
    due = said[0].sent_at + timedelta(days=random.randrange(1, 9))
    responded = next((one.sent_at for one in said if one.company == second), None)
    levels: list[tuple[int, datetime, datetime | None]] = [(1, due, responded)]
    if random.random() < 0.3 and due < NOW:
        levels.append((2, due + timedelta(days=2), random.choice([None, said[-1].sent_at])))
    return Talk(
        f"SC{70_000_000 + place}",
        sender,
        recipient,
        random.choice(PROCESSES),
        said,
        levels,
        is_deleted=random.random() < 0.3,
        owner=random.choice(("", *WRITERS["Brightwatt Energy"])),
        level=len(levels),
    )


async def store(talks: Iterable[Talk]) -> None:
    """Puts them into the tables, as the owner of the tables."""
    known = await _Known.read()
    for talk in talks:
        await (_store_deleted if talk.is_deleted else _store_existing)(known, talk)


async def reporter(sign_in: SignIn, email: str = "ben@brightwatt.example") -> Browser:
    """A browser of somebody who holds the system function."""
    await db.fetch("UPDATE person SET functions = ARRAY['reports'] WHERE email_key = $1", email)
    return await sign_in(email)


@dataclass(frozen=True)
class _Known:
    participants: dict[str, Any]
    companies: dict[str, int]
    people: dict[str, int]
    processes: dict[str, int]

    @classmethod
    async def read(cls) -> "_Known":
        return cls(
            {row["mpid"]: row["id"] for row in await db.fetch("SELECT id, mpid FROM market_participant")},
            {row["name"]: row["id"] for row in await db.fetch("SELECT id, name FROM company")},
            {row["name"]: row["id"] for row in await db.fetch("SELECT id, name FROM person")},
            {row["code"]: row["id"] for row in await db.fetch("SELECT id, code FROM process_type")},
        )


async def _store_existing(known: _Known, talk: Talk) -> None:
    both = [known.companies[MPIDS[mpid]] for mpid in (talk.sender, talk.recipient)]
    last = max(one.sent_at for one in talk.said)
    awaits = talk.answer() is None
    due = talk.levels[-1][1] if awaits else None
    (row,) = await db.fetch(
        "INSERT INTO communication (reference, process_type, sender, recipient, subject, items, rules, level,"
        " max_level, message_count, created_at, last_message_at, awaiting, due_at)"
        " VALUES ($1, $2, $3, $4, $5, '[]', $6, $7, 3, $8, $9, $10, $11, $12) RETURNING id",
        *(talk.reference, known.processes[talk.process]),
        *(known.participants[talk.sender], known.participants[talk.recipient]),
        *(f"Subject of {talk.reference}", json.dumps({"may_escalate": True, "levels": []}), talk.level, len(talk.said)),
        *(talk.created_at, last, both[1] if awaits else None, due),
    )
    for side, own, other in (("sender", both[0], both[1]), ("recipient", both[1], both[0])):
        is_ours = talk.owner and known.companies["Brightwatt Energy"] == own
        await db.fetch(
            "INSERT INTO communication_party (communication, company, other_company, process_type, side, created_at,"
            " last_message_at, last_direction, last_received, last_read, level, due_at, is_due_from_us, owner, tags,"
            " alert, changed_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, 'sent', 0, 0, $8, $9, $10, $11, '{}', '', now())",
            *(row["id"], own, other, known.processes[talk.process], side, talk.created_at, last, talk.level, due),
            *(awaits and side == "recipient", known.people[talk.owner] if is_ours else None),
        )
    for number, due_at, responded in talk.levels:
        await db.fetch(
            "INSERT INTO communication_level (communication, number, name, started_at, started_by, person_name, reason,"
            " due_at, responded_at) VALUES ($1, $2, 'Level', $3, '', '', '', $4, $5)",
            *(row["id"], number, talk.created_at, due_at, responded),
        )
    for number, one in enumerate(talk.said, 1):
        await db.fetch(
            "INSERT INTO message (communication, number, company, company_name, mpid, person, person_name, level, kind,"
            " text, sent_at) VALUES ($1, $2, $3, $4, 'XXXX', $5, $6, 1, 'message', 'secret words', $7)",
            *(row["id"], number, known.companies[one.company], one.company, known.people[one.person], one.person),
            one.sent_at,
        )


async def _store_deleted(known: _Known, talk: Talk) -> None:
    facts = {
        "levels": [
            {"number": n, "name": "Level", "due_at": due.isoformat(), "responded_at": done and done.isoformat()}
            for n, due, done in talk.levels
        ],
        "messages": [
            {
                "number": number,
                "company": known.companies[one.company],
                "person": known.people[one.person],
                "person_name": one.person,
                "sent_at": one.sent_at.isoformat(),
            }
            for number, one in enumerate(talk.said, 1)
        ],
    }
    (row,) = await db.fetch("SELECT nextval('communication_id_seq') AS id")
    await db.fetch(
        "INSERT INTO deleted_communication (communication, reference, process_type, companies, sender, recipient,"
        " level, created_at, archived_at, deleted_at, facts) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10)",
        *(row["id"], talk.reference, known.processes[talk.process]),
        [known.companies[MPIDS[talk.sender]], known.companies[MPIDS[talk.recipient]]],
        *(known.participants[talk.sender], known.participants[talk.recipient], talk.level, talk.created_at),
        *(clock.now(), json.dumps(facts)),
    )
