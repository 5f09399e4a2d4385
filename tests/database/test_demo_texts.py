"""The demo's communications are possible: the rules of catalogue and escalation hold, whatever the day of loading."""

from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from sdes.catalogue.items import validate_all
from sdes.catalogue.load import DefaultProcess, default_processes
from sdes.catalogue.views import RouteView
from sdes.database.demo_texts import DemoCommunication, demo_communications
from sdes.sdep.retention import archives_at, deletes_at
from sdes.workingdays.calendar import WorkingCalendar

PEOPLE = {
    "asha": "brightwatt", "ben": "brightwatt", "mo": "brightwatt", "cleo": "calder", "cora": "calder",
    "nils": "northgrid", "nora": "northgrid", "otto": "clearvolt", "olga": "clearvolt",
}  # fmt: skip
PROCESSES = {process.code: process for process in default_processes()}
CALENDAR = WorkingCalendar()
LOADED = [
    datetime(2026, 11, 24, 10, 42, tzinfo=UTC),  # an ordinary Tuesday
    datetime(2026, 11, 21, 23, 30, tzinfo=UTC),  # a Saturday night
    datetime(2026, 12, 29, 7, 5, tzinfo=UTC),  # after Christmas, before the day's work
    datetime(2027, 3, 29, 12, 0, tzinfo=UTC),  # Easter Monday, the day after the clocks changed
]

pytestmark = pytest.mark.parametrize("now", LOADED)


def process_of(communication: DemoCommunication) -> DefaultProcess:
    return PROCESSES[communication.process]


def test_each_may_be_sent_as_it_was(now: datetime) -> None:
    for it in demo_communications(now):
        process = process_of(it)
        assert RouteView(it.sender_role, it.recipient_role) in process.routes, it.subject  # type: ignore[arg-type]
        assert validate_all(process.items, it.items) == (it.items, {}), it.subject
        assert it.sender != it.recipient
        assert len(it.subject) <= 200
        people = {message.by for message in it.messages} | set(it.owner.values())
        people |= {it.archived_by} if it.archived_by else set()
        assert {PEOPLE[person] for person in people} <= {it.sender, it.recipient}, it.subject
        assert PEOPLE[it.messages[0].by] == it.sender
        assert all(PEOPLE[person] == company for company, person in it.owner.items())
        assert {*it.tags, *it.owner} <= {it.sender, it.recipient}
        unread = {name[1:] if name.startswith("*") else PEOPLE[name] for name in it.unread}
        assert unread <= {it.sender, it.recipient} - {PEOPLE[it.messages[-1].by]}, it.subject


def test_clearvolt_writes_with_calder_only(now: datetime) -> None:
    pairs = Counter(frozenset({it.sender, it.recipient}) for it in demo_communications(now))
    assert {pair for pair in pairs if "clearvolt" in pair} == {frozenset({"clearvolt", "calder"})}
    assert pairs[frozenset({"brightwatt", "northgrid"})] >= 10


def test_times_go_forward_and_lie_behind(now: datetime) -> None:
    for it in demo_communications(now):
        times = [message.sent_at for message in it.messages]
        assert all(earlier < later for earlier, later in pairwise(times)), it.subject
        assert times[-1] < now
        if it.archived_at:
            assert times[-1] < it.archived_at < now, it.subject
            assert now < deletes_at(it.archived_at), it.subject
        else:
            assert now < archives_at(times[-1]), it.subject


def test_each_escalation_was_allowed(now: datetime) -> None:
    for it in demo_communications(now):
        level, since, responded = 1, it.messages[0].sent_at, False
        for message in it.messages[1:]:
            if message.raises_to is None:
                responded = responded or PEOPLE[message.by] == it.recipient
                continue
            assert PEOPLE[message.by] == it.sender, it.subject
            assert message.raises_to == level + 1 <= len(process_of(it).levels), it.subject
            assert responded or due(it, level, since) < message.sent_at, it.subject
            level, since, responded = message.raises_to, message.sent_at, False
        assert (level > 1) == ("escalated" in it.shows), it.subject


def test_asha_can_escalate_some_now_and_waits_with_others(now: datetime) -> None:
    found: Counter[str] = Counter()
    for it in demo_communications(now):
        raised = [(message.raises_to, message.sent_at) for message in it.messages if message.raises_to]
        level, since = raised[-1] if raised else (1, it.messages[0].sent_at)
        if it.sender != "brightwatt" or it.archived_at or (level or 1) >= len(process_of(it).levels):
            continue
        is_answered = any(PEOPLE[m.by] == it.recipient for m in it.messages if m.sent_at > since)
        found["answered" if is_answered else "lapsed" if due(it, level or 1, since) <= now else "waiting"] += 1
    assert found.keys() == {"answered", "lapsed", "waiting"}


def test_each_shows_what_it_says(now: datetime) -> None:
    found: Counter[str] = Counter()
    for it in demo_communications(now):
        found.update(it.shows)
        raised = [(message.raises_to, message.sent_at) for message in it.messages if message.raises_to]
        level, since = raised[-1] if raised else (1, it.messages[0].sent_at)
        is_answered = any(PEOPLE[m.by] == it.recipient for m in it.messages if m.sent_at > since)
        is_late = not is_answered and not it.archived_at and due(it, level or 1, since) < now
        if "due-soon" not in it.shows:  # on a Working Day evening these have fallen due
            assert is_late == ("overdue" in it.shows), it.subject
        states = {file.state for message in it.messages for file in message.files}
        assert states <= {"clean", "pending", "failed"}
        assert {"pending", "failed"} & states == {"pending", "failed"} & it.shows, it.subject
        assert bool(it.archived_at) == ("archived" in it.shows), it.subject
        assert not ("new" in it.shows and len(it.messages) > 1), it.subject
    assert min(found[state] for state in ("new", "overdue", "due-soon", "escalated", "archived", "conversation")) >= 5
    assert found["pending"] >= 2
    assert found["failed"] >= 1


def due(it: DemoCommunication, level: int, since: datetime) -> datetime:
    time = process_of(it).levels[level - 1]
    return CALENDAR.due_at(since, time.response_amount, time.response_unit)
