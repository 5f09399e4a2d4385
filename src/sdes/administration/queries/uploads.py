"""Reads of uploads of people that wait to be applied."""

import asyncio
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sdes.accounts.functions import grantable
from sdes.actor import Actor
from sdes.administration.queries.people import assignable, people
from sdes.administration.tables import PeopleUpload
from sdes.administration.uploads.future import Verdict
from sdes.administration.uploads.plan import Plan, plan_of, wanted_addresses
from sdes.administration.uploads.rows import rows_of
from sdes.kit import clock, db
from sdes.kit.errors import NotFound
from sdes.kit.sheets_read import Sheet


@dataclass(frozen=True)
class UploadView:
    """An upload as it was read and judged."""

    id: UUID
    filename: str
    sheet: Sheet
    verdicts: list[Verdict]
    created_at: datetime
    applied_at: datetime | None

    @property
    def problems(self) -> list[Verdict]:
        return [verdict for verdict in self.verdicts if verdict.problem]

    @property
    def effects(self) -> list[Verdict]:
        """The rows that change something."""
        return [verdict for verdict in self.verdicts if not verdict.problem and verdict.outcome != "unchanged"]

    def count(self, outcome: str) -> int:
        return sum(verdict.outcome == outcome for verdict in self.verdicts)

    def told(self, outcome: str) -> str:
        """What became of a row; of one that was not applied, what would become of it, and nothing where no row can
        be."""
        if self.applied_at or outcome in ("", "unchanged"):
            return outcome if not self.problems else ""
        return "" if self.problems else f"would be {outcome}"


async def upload(actor: Actor, upload_id: UUID) -> UploadView:
    """That upload of the actor's own; `NotFound` for anybody else's."""
    mine = (PeopleUpload.company == actor.company_id) & (PeopleUpload.person == actor.person_id)
    row: dict[str, Any] | None = await PeopleUpload.select().where(mine, PeopleUpload.id == upload_id).first()
    if row is None:
        raise NotFound("There is no such upload. Uploads are kept for a day.")
    verdicts = [Verdict(**one) for one in json.loads(row["problems"])]
    sheet = json.loads(row["rows"])
    return UploadView(
        row["id"],
        row["filename"],
        sheet,
        verdicts,
        clock.local(row["created_at"]),
        clock.local(row["applied_at"]) if row["applied_at"] else None,
    )


async def plan(actor: Actor, sheet: Sheet) -> Plan:
    """What the rows of that sheet would come to, as the company is now. `Unreadable` for a sheet that is no upload.

    A handful of statements, however many rows there are.
    """
    catalogue, allowed = await assignable(actor)
    rows = await asyncio.to_thread(rows_of, sheet, catalogue)
    taken = await db.fetch("SELECT sdes_taken_addresses($1) AS address", wanted_addresses(rows))
    functions = grantable(actor.market_roles)
    addresses = {row["address"] for row in taken}
    everybody = await people(actor)
    return await asyncio.to_thread(plan_of, actor, everybody, rows, catalogue, allowed, functions, addresses)
