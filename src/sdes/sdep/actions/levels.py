"""Beginning a level of a communication, and until when its recipient has to respond (SD 11.1(e))."""

from datetime import datetime

from sdes.actor import Actor
from sdes.catalogue.views import LevelView
from sdes.sdep.tables import CommunicationLevel
from sdes.workingdays.queries import exact_calendar


async def response_due(actor: Actor, level: LevelView, at: datetime) -> datetime:
    """Until when a response is due at `level` to what is sent at `at`; both UTC."""
    return (await exact_calendar()).due_at(at, level.response_amount, level.response_unit)


async def begin(actor: Actor, communication_id: int, level: LevelView, at: datetime, due: datetime) -> None:
    """Notes that the actor has brought the communication to `level`."""
    await CommunicationLevel.insert(
        CommunicationLevel(
            communication=communication_id,
            number=level.number,
            name=level.name,
            started_at=at,
            started_by=actor.company_name,
            person_name=actor.name,
            due_at=due,
        )
    )
