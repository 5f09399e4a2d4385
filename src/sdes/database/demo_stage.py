"""Who and what is there when the demo's communications are told: companies, people, process types, the calendar."""

from dataclasses import dataclass
from typing import Any

from sdes.accounts.tables import Company, MarketParticipant, Person
from sdes.attachments.vault import Vault
from sdes.catalogue.queries import process_types
from sdes.catalogue.views import ProcessTypeView
from sdes.database.world import CAST
from sdes.workingdays.calendar import WorkingCalendar
from sdes.workingdays.queries import calendar


@dataclass
class Stage:
    vault: Vault
    days: WorkingCalendar
    processes: dict[str, ProcessTypeView]
    companies: dict[str, dict[str, Any]]
    people: dict[str, dict[str, Any]]
    participants: dict[tuple[int, str], dict[str, Any]]


async def set_stage(vault: Vault) -> Stage:
    rows = {row["name"]: row for row in await Company.select()}
    people = {row["email"].partition("@")[0]: row for row in await Person.select()}
    participants = {(row["company"], row["role"]): row for row in await MarketParticipant.select()}
    return Stage(
        vault,
        await calendar(),
        {process.code: process for process in await process_types()},
        {company.key: rows[company.name] for company in CAST},
        people,
        participants,
    )
