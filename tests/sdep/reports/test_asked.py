"""What a report is asked for: days as people type them, London's days, and only what the company has."""

from datetime import UTC, date, datetime

import pytest

from sdes.kit import clock
from sdes.sdep.reports.asked import NOBODY_OF_OURS, Asked, Choices, read_asked
from sdes.sdep.reports.charts import Point, chart, every_day

OFFERED = Choices(["BRWT"], [("Disconnection", [("PT0130", "General Query (Electricity)")])], [("7", "Asha Rahman")])


def test_without_days_it_is_the_last_thirty_by_london_s_calendar() -> None:
    with clock.at(datetime(2026, 6, 30, 23, 30, tzinfo=UTC)):  # half past midnight in London
        asked = read_asked({}, OFFERED)
    assert (asked.first, asked.last) == (date(2026, 6, 2), date(2026, 7, 1))
    assert asked.query() == ""


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ({"from": "1 11 2026"}, ("2026-11-01", "2026-11-20")),
        ({"from": "1/9/2026"}, ("2026-09-01", "2026-09-30")),
        ({"to": "30 Sept 2026"}, ("2026-09-01", "2026-09-30")),
        ({"from": "21 11 2026"}, ("2026-11-21", "2026-11-21")),
        ({"from": "2026-10-25", "to": "2026-10-25"}, ("2026-10-25", "2026-10-25")),
        ({"from": "1 1 2024", "to": "31 12 2024"}, ("2024-01-01", "2024-12-31")),  # 366 days
    ],
)
def test_days(typed: dict[str, str], days: tuple[str, str]) -> None:
    with clock.at(datetime(2026, 11, 20, 12, tzinfo=UTC)):
        asked = read_asked(typed, OFFERED)
    assert not asked.errors
    assert (asked.first.isoformat(), asked.last.isoformat()) == days


@pytest.mark.parametrize(("day", "hours"), [("29 3 2026", 23), ("25 10 2026", 25), ("26 10 2026", 24)])
def test_a_day_is_as_long_as_it_is_in_london(day: str, hours: int) -> None:
    asked = read_asked({"from": day, "to": day}, OFFERED)
    assert (asked.until.astimezone(UTC) - asked.since.astimezone(UTC)).total_seconds() == hours * 3600


def test_a_report_is_asked_only_for_what_it_takes() -> None:
    asked = read_asked({"from": "x", "mpid": "BRWT"}, OFFERED, names=("person", "mpid"))
    assert not asked.errors
    assert asked.query(("person", "mpid")) == "?mpid=BRWT"


@pytest.mark.parametrize("name", ["mpid", "process", "person"])
@pytest.mark.parametrize("typed", ["ZZZZ", "0", "7 OR 1=1", "\x00", "x" * 10_000])
def test_what_the_company_has_not_is_refused(name: str, typed: str) -> None:
    asked = read_asked({name: typed}, OFFERED)
    assert list(asked.errors) == ([name] if typed.strip("\x00") else [])
    assert (asked.person, asked.query(("from",))) == (None, "")


def test_the_other_company_s_responses_are_nobody_s_of_ours() -> None:
    words = {"person": "7", "by": "theirs"}
    assert read_asked(words, OFFERED).errors == {"by": NOBODY_OF_OURS}
    assert not read_asked({**words, "by": "ours"}, OFFERED).errors
    assert not read_asked({"person": "7"}, OFFERED).errors
    assert not read_asked({"by": "theirs"}, OFFERED).errors
    assert not read_asked(words, OFFERED, names=("person", "mpid")).errors  # of reports that take no side


def test_what_was_typed_is_carried_on() -> None:
    asked = read_asked({"from": " 1  11 2026 ", "process": "PT0130", "person": "7"}, OFFERED)
    assert asked.person == 7
    assert asked.query() == "?from=1+11+2026&process=PT0130&person=7"


def test_a_chart_of_nothing_and_of_much() -> None:
    empty = chart("Nothing", ("Sent", "Received"), "Day", [])
    assert empty.bars == []
    asked = Asked({}, date(2026, 1, 1), date(2026, 12, 31))
    points = every_day([(date(2026, 3, 1), 7, 1_000_000)], asked.first, asked.last)
    assert len(points) == 365
    assert points[59] == Point(date(2026, 3, 1), 7, 1_000_000)
    full = chart("Much", ("Sent", "Received"), "Day", points)
    assert all(0 <= bar.y <= full.height and bar.x + bar.width <= full.width + 1 for bar in full.bars)
    assert len(full.labels) <= 10
    assert [line.text for line in full.lines] == ["0", "500,000", "1,000,000"]
