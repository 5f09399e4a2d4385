"""Reads the demo's communications from `demo_texts.toml`, with their times counted from the moment of loading."""

import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from typing import Any

from sdes.catalogue.dates import show_date
from sdes.kit.clock import LONDON
from sdes.sdep.retention import archives_at
from sdes.workingdays.calendar import WorkingCalendar


@dataclass(frozen=True)
class DemoFile:
    """A file by name; its content is the loader's matter."""

    name: str
    state: str
    reason: str


@dataclass(frozen=True)
class DemoMessage:
    """A message; `by` is the part of the e-mail address before the @, `raises_to` the level that it escalates to."""

    by: str
    sent_at: datetime
    text: str
    raises_to: int | None
    files: tuple[DemoFile, ...]


@dataclass(frozen=True)
class DemoCommunication:
    """A communication; companies are keys of the cast, roles are codes of `MarketRole`, times are aware UTC."""

    subject: str
    process: str
    sender: str
    sender_role: str
    recipient: str
    recipient_role: str
    items: dict[str, str]
    tags: dict[str, list[str]]
    owner: dict[str, str]
    unread: frozenset[str]
    archived_at: datetime | None
    archived_by: str | None
    shows: frozenset[str]
    messages: tuple[DemoMessage, ...]


def demo_communications(now: datetime, calendar: WorkingCalendar | None = None) -> list[DemoCommunication]:
    """All of them in the order of the file, as of `now` (aware)."""
    told = tomllib.loads(files("sdes.database").joinpath("demo_texts.toml").read_text(encoding="utf-8"))
    moment = _Moment(now, calendar or WorkingCalendar())
    return [_communication(entry, moment) for entry in told["communication"]]


class _Moment:
    """The moment of loading, from which the file counts."""

    def __init__(self, now: datetime, calendar: WorkingCalendar) -> None:
        self.now = now.astimezone(UTC)
        self.today = now.astimezone(LONDON).date()
        self._calendar = calendar

    def at(self, text: str) -> datetime:
        """Of "45m", 45 minutes ago; of "6 09:42", 09:42 London time six Working Days before today."""
        if text.endswith("m"):
            return self.now - timedelta(minutes=int(text[:-1]))
        days, wall = text.split()
        return datetime.combine(self._day_before(int(days)), time.fromisoformat(wall), LONDON).astimezone(UTC)

    def day(self, before: int) -> date:
        """The date that many calendar days ago."""
        return self.today - timedelta(days=before)

    def _day_before(self, amount: int) -> date:
        day = self.today
        while amount:
            day -= timedelta(days=1)
            amount -= self._calendar.is_working_day(day)
        return day


def _communication(entry: dict[str, Any], moment: _Moment) -> DemoCommunication:
    sender, _, sender_role = entry["from"].partition("/")
    recipient, _, recipient_role = entry["to"].partition("/")
    messages = tuple(_message(message, moment) for message in entry["message"])
    archived = entry.get("archived")
    archived_at = archives_at(messages[-1].sent_at).astimezone(UTC) if archived else None
    return DemoCommunication(
        subject=entry["subject"],
        process=entry["process"],
        sender=sender,
        sender_role=sender_role,
        recipient=recipient,
        recipient_role=recipient_role,
        items={key: _item(value, moment) for key, value in entry["items"].items()},
        tags=entry.get("tags", {}),
        owner=entry.get("owner", {}),
        unread=frozenset(entry.get("unread", ())),
        archived_at=moment.at(archived["at"]) if isinstance(archived, dict) else archived_at,
        archived_by=archived["by"] if isinstance(archived, dict) else None,
        shows=frozenset(entry["shows"]),
        messages=messages,
    )


def _message(entry: dict[str, Any], moment: _Moment) -> DemoMessage:
    text = re.sub(r"\{day (-?\d+)\}", lambda match: show_date(moment.day(int(match[1]))), entry["text"].strip())
    attached = (DemoFile(f["name"], f.get("state", "clean"), f.get("reason", "")) for f in entry.get("files", ()))
    return DemoMessage(entry["by"], moment.at(entry["at"]), text, entry.get("raises_to"), tuple(attached))


def _item(value: str | int, moment: _Moment) -> str:
    return moment.day(value).isoformat() if isinstance(value, int) else value
