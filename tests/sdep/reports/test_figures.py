"""Each figure of a company's reports against a slow count in Python, over random communications."""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from sdes.actor import Actor
from sdes.kit import clock, db
from sdes.sdep.queries.reports import dashboard, messages
from sdes.sdep.queries.reports.choices import choices
from sdes.sdep.queries.reports.reading import first_rows
from sdes.sdep.queries.reports.statements import statement_of
from sdes.sdep.reports import kinds
from sdes.sdep.reports.asked import Asked
from sdes.sdep.reports.kinds import Report
from tests.support.people import SignIn
from tests.support.reports import NOW, Talk, random_talks, reporter, store
from tests.support.world import as_web

pytestmark = pytest.mark.anyio

OWN = "Brightwatt Energy"
SPANS = [
    Asked({}, date(2026, 8, 20), date(2026, 11, 20)),
    Asked({}, date(2026, 10, 1), date(2026, 10, 31)),
    Asked({}, date(2026, 10, 25), date(2026, 10, 25)),  # the clocks go back: the day has 25 hours
    Asked({}, date(2026, 9, 1), date(2026, 11, 20), "BRWT"),
    Asked({}, date(2026, 9, 1), date(2026, 11, 20), "", "PT0131"),
    Asked({}, date(2027, 1, 1), date(2027, 1, 31)),
]


@pytest.fixture
def talks() -> list[Talk]:
    return random_talks(7, 120)


@pytest.fixture
async def ben(sign_in: SignIn, talks: list[Talk]) -> AsyncIterator[Actor]:
    with clock.at(NOW):
        await store(talks)
        yield await (await reporter(sign_in)).actor()


async def rows(actor: Actor, report: Report, asked: Asked) -> list[dict[str, object]]:
    async with as_web(actor.company_id):
        found = await first_rows(actor, statement_of(actor, report, asked, 1000))
    assert found.total == len(found.rows)
    return found.rows


def ours(talks: list[Talk], asked: Asked) -> list[Talk]:
    return [
        one
        for one in talks
        if one.is_of(OWN)
        and asked.mpid in ("", one.own_mpid(OWN))
        and asked.process in ("", one.process)
    ]  # fmt: skip


def is_in(asked: Asked, moment: datetime) -> bool:
    return asked.first <= clock.local(moment).date() <= asked.last


@pytest.mark.spec("SD 12.1a")
@pytest.mark.parametrize("asked", SPANS)
async def test_messages_sent_and_received(ben: Actor, talks: list[Talk], asked: Asked) -> None:
    wanted = {}
    for one in ours(talks, asked):
        said = [each for each in one.said if is_in(asked, each.sent_at)]
        if said:
            sent = sum(each.company == OWN for each in said)
            wanted[one.reference] = (sent, len(said) - sent)
    found = await rows(ben, kinds.MESSAGES, asked)
    assert {row["reference"]: (row["sent"], row["received"]) for row in found} == wanted
    by_reference = {one.reference: one for one in talks}
    for row in found:
        one = by_reference[str(row["reference"])]
        assert row["direction"] == ("Sent" if one.is_sent_by(OWN) else "Received")
        assert row["own_mpid"] == one.own_mpid(OWN)
        assert row["subject"] == ("Deleted" if one.is_deleted else f"Subject of {one.reference}")
        last = max(each.sent_at for each in one.said)
        assert _moments(row["created_at"], row["last_message_at"]) == _moments(one.created_at, last)
        assert _moments(row["due_at"], row["responded_at"]) == _moments(*one.levels[-1][1:])
        assert row["level"] == one.levels[-1][0]
        assert row["sender"] == one.said[0].person
        assert (row["owner"] or "") == ("" if one.is_deleted else one.owner)


@pytest.mark.parametrize("asked", SPANS)
async def test_messages_by_day(ben: Actor, talks: list[Talk], asked: Asked) -> None:
    wanted: dict[date, list[int]] = {}
    for one in ours(talks, asked):
        for each in one.said:
            if is_in(asked, each.sent_at):
                wanted.setdefault(clock.local(each.sent_at).date(), [0, 0])[each.company != OWN] += 1
    async with as_web(ben.company_id):
        assert {day: [sent, came] for day, sent, came in await messages.by_day(ben, asked)} == wanted
        weeks = await messages.by_day(ben, asked, "week")
    by_week: Counter[date] = Counter()
    for day, (sent, _) in wanted.items():
        by_week[day - timedelta(days=day.weekday())] += sent
    assert {day: sent for day, sent, _ in weeks if sent} == {day: n for day, n in by_week.items() if n}


@pytest.mark.spec("SD 12.1b")
@pytest.mark.parametrize("asked", SPANS)
@pytest.mark.parametrize("person", ["", "Asha Rahman"])
async def test_counts_of_sent_and_responded(ben: Actor, talks: list[Talk], asked: Asked, person: str) -> None:
    wanted: dict[tuple[str, str], list[int]] = {}
    for one in ours(talks, asked):
        if not is_in(asked, one.created_at):
            continue
        answer, is_sent = one.answer(), one.is_sent_by(OWN)
        theirs = one.said[0].person if is_sent else answer.person if answer else ""
        if person in ("", theirs):
            figures = wanted.setdefault((one.own_mpid(OWN), one.process), [0, 0, 0, 0])
            place = 0 if is_sent else 2
            figures[place] += 1
            figures[place + 1] += answer is not None
    asked = Asked({}, asked.first, asked.last, asked.mpid, asked.process, await _id_of(person) if person else None)
    found = await rows(ben, kinds.COUNTS, asked)
    codes = await _codes()
    assert {
        (str(row["own_mpid"]), codes[row["process_type"]]): [
            row["sent"], row["sent_answered"], row["received"], row["received_answered"]
        ]
        for row in found
    } == wanted  # fmt: skip


@pytest.mark.spec("SD 12.1c")
@pytest.mark.parametrize("asked", SPANS)
async def test_exceeding_response_time(ben: Actor, talks: list[Talk], asked: Asked) -> None:
    wanted = {
        (one.reference, number): ("Late" if responded else "Not answered", OWN if not one.is_sent_by(OWN) else None)
        for one in ours(talks, asked)
        for number, due, responded in one.levels
        if is_in(asked, due) and due < NOW and (responded is None or responded > due)
    }
    found = await rows(ben, kinds.LATE, asked)
    assert {(row["reference"], row["level"]): row["answer"] for row in found} == {k: v[0] for k, v in wanted.items()}
    for row in found:
        assert (row["due_from"] == OWN) == (wanted[str(row["reference"]), int(str(row["level"]))][1] == OWN)


@pytest.mark.parametrize(("side", "is_ours"), [("ours", True), ("theirs", False)])
async def test_late_responses_of_one_side(ben: Actor, talks: list[Talk], side: str, is_ours: bool) -> None:
    both = await rows(ben, kinds.LATE, SPANS[0])
    found = await rows(ben, kinds.LATE, replace(SPANS[0], side=side))
    wanted = [row for row in both if (row["due_from"] == OWN) is is_ours]
    assert 0 < len(wanted) < len(both)
    assert [(row["reference"], row["level"]) for row in found] == [(row["reference"], row["level"]) for row in wanted]


async def test_late_responses_of_a_person(ben: Actor, talks: list[Talk]) -> None:
    found = await rows(ben, kinds.LATE, replace(SPANS[0], person=await _id_of("Asha Rahman")))
    wanted = {
        (one.reference, number)
        for one in talks
        if one.is_of(OWN) and not one.is_sent_by(OWN)
        for number, due, done in one.levels
        if is_in(SPANS[0], due) and done and done > due
        if any(each.sent_at == done and each.person == "Asha Rahman" for each in one.said)
    }
    assert wanted
    assert {(row["reference"], row["level"]) for row in found} == wanted
    assert {(row["due_from"], row["answer"]) for row in found} == {(OWN, "Late")}


@pytest.mark.spec("SD 12.1d")
@pytest.mark.parametrize("asked", SPANS)
async def test_sent_without_response(ben: Actor, talks: list[Talk], asked: Asked) -> None:
    wanted = [
        one.reference
        for one in ours(talks, asked)
        if one.is_sent_by(OWN) and is_in(asked, one.created_at) and one.answer() is None
    ]
    found = await rows(ben, kinds.UNANSWERED, asked)
    assert sorted(str(row["reference"]) for row in found) == sorted(wanted)
    moments = [row["created_at"] for row in found]
    assert moments == sorted(moments, reverse=True)  # type: ignore[type-var]


@pytest.mark.parametrize("key", kinds.REPORTS)
async def test_each_asks_for_its_own_company_s_rows_itself(ben: Actor, key: str) -> None:
    """Without row-level security: as the owner of the tables, for whom no policy holds."""
    report, asked = kinds.REPORTS[key], SPANS[0]
    if key == kinds.OF_PERSON.key:
        asked = Asked({}, asked.first, asked.last, person=ben.person_id)
    bare = await first_rows(ben, statement_of(ben, report, asked, 1000))
    assert bare.rows
    assert bare.rows == await rows(ben, report, asked)


async def test_only_the_company_s_own_is_offered(ben: Actor) -> None:
    """The first lock alone."""
    offered = await choices(ben)
    assert len(offered.people) == 3
    assert all("@brightwatt.example)" in words for _, words in offered.people)
    assert offered.mpids == ["BRWT", "BWG"]


async def test_the_random_communications_are_of_every_kind(talks: list[Talk]) -> None:
    """Or else the counts above agree on nothing."""
    mine = [one for one in talks if one.is_of(OWN)]
    assert 20 < sum(one.is_deleted for one in mine) < len(mine)
    assert len(mine) < len(talks)
    assert any(done is None for one in mine for _, _, done in one.levels)
    assert any(done and done > due for one in mine for _, due, done in one.levels)
    assert any(is_in(SPANS[2], each.sent_at) for one in mine for each in one.said)


async def test_the_dashboard(ben: Actor, talks: list[Talk]) -> None:
    alive = [one for one in talks if one.is_of(OWN) and not one.is_deleted]
    waiting = [one for one in alive if not one.is_sent_by(OWN) and one.answer() is None]
    overdue = [one for one in waiting if one.levels[-1][1] < NOW]
    asked = SPANS[0]
    async with as_web(ben.company_id):
        standing = await dashboard.standing(ben)
        loads = await dashboard.workload(ben)
        processes, people = await dashboard.timeliness(ben, asked)
    assert (standing.waiting, standing.overdue) == (len(waiting), len(overdue))
    ages = [0] * 5
    for one in waiting:
        days = (NOW - max(each.sent_at for each in one.said)) / timedelta(days=1)
        ages[sum(days >= end for end in dashboard.AGES)] += 1
    assert standing.ages == ages
    theirs = [one for one in alive if one.is_sent_by(OWN) and one.answer() is None]
    assert (standing.theirs, standing.theirs_overdue) == (len(theirs), sum(o.levels[-1][1] < NOW for o in theirs))
    assert {load.name: load.active for load in loads} == Counter(one.owner for one in alive)
    assert {load.name: load.waiting for load in loads if load.waiting} == Counter(one.owner for one in waiting)
    assert {load.name: load.overdue for load in loads if load.overdue} == Counter(one.owner for one in overdue)
    due = [
        (one, at, done)
        for one in talks
        if one.is_of(OWN) and not one.is_sent_by(OWN)
        for _, at, done in one.levels
        if is_in(asked, at) and (done or at < NOW)
    ]
    in_time = [(one, done) for one, at, done in due if done and done <= at]
    assert sum(line.due for line in processes) == len(due)
    assert {line.key: line.in_time for line in processes if line.in_time} == Counter(one.process for one, _ in in_time)
    writers = Counter(
        each.person for one, done in in_time for each in one.said if each.company == OWN and each.sent_at == done
    )
    assert {line.name: line.in_time for line in people if line.in_time} == writers


def _moments(*given: object) -> list[float | None]:
    """Two times of different zones in the hour that there is twice are never equal."""
    return [one.timestamp() if isinstance(one, datetime) else None for one in given]


async def _id_of(name: str) -> int:
    return int((await db.fetch("SELECT id FROM person WHERE name = $1", name))[0]["id"])


async def _codes() -> dict[object, str]:
    return {row["id"]: row["code"] for row in await db.fetch("SELECT id, code FROM process_type")}
