"""Capacity against the 16,000 that are asked for, and growth with what is to be done about it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from sdes.status.capacity import ADD, OVER, capacity
from sdes.status.queries import Busy, Figures, Sample

QUIET = Figures(*(0 for _ in range(12)))
IDLE = Busy(processes=2, requests_per_second=10.0, in_use=3, at_most=32, waiting=0)
BEGUN = date(2026, 9, 1)


def samples(people: list[int], communications: int = 0, a_day: int = 0) -> list[Sample]:
    """A sample a day, with `a_day` more communications each."""
    return [
        Sample(
            day=BEGUN + timedelta(days=number),
            people_at_most=most,
            requests_per_second_at_most=1.0,
            communications=communications + number * a_day,
            messages=0,
            files=0,
            file_bytes=0,
            database_bytes=0,
            counted_at=datetime(2026, 9, 1, tzinfo=UTC),
        )
        for number, most in enumerate(people)
    ]


@pytest.mark.spec("SD 6.1")
@pytest.mark.parametrize(
    ("people", "state", "says"),
    [(0, "ok", ""), (12_799, "ok", "12,799 people"), (12_800, "warn", ADD), (16_000, "bad", OVER)],
)
def test_the_state_says_how_many_are_here_of_those_that_are_asked_for(people: int, state: str, says: str) -> None:
    part = capacity(replace(QUIET, people=people), IDLE, []).part
    assert part.state == state
    assert says in part.detail
    assert "of 16,000" in part.detail


@pytest.mark.spec("SD 6.1")
def test_requests_that_wait_are_told_of_before_people_are_many() -> None:
    assert capacity(QUIET, replace(IDLE, waiting=3), []).part.words == "Requests wait"


@pytest.mark.spec("SD 6.2")
def test_growth_is_reckoned_a_day_and_for_a_year() -> None:
    (communications, *_) = capacity(QUIET, IDLE, samples([1] * 11, communications=1000, a_day=100)).growth
    assert (communications.now, communications.a_day, communications.in_a_year) == ("2,000", "+100", "38,500")


def test_growth_is_not_known_on_the_first_day() -> None:
    (communications, *_) = capacity(QUIET, IDLE, samples([1], communications=1000)).growth
    assert (communications.now, communications.a_day, communications.in_a_year) == ("1,000", "", "")


def test_less_is_told_as_less() -> None:
    (communications, *_) = capacity(QUIET, IDLE, samples([1] * 3, communications=100, a_day=-40)).growth
    assert (communications.a_day, communications.in_a_year) == ("−40", "0")


@pytest.mark.spec("SD 6.1")
@pytest.mark.spec("SD 6.2")
def test_growth_that_affects_capacity_is_told_with_a_measure() -> None:
    (many,) = capacity(QUIET, IDLE, samples([100, 13_000, 200])).measures
    assert many.startswith("13,000 people")
    assert ADD in many
    (soon,) = capacity(QUIET, IDLE, samples([8_000] * 15 + [11_000] * 15)).measures
    assert "in about 25 days" in soon
    assert ADD in soon


@pytest.mark.parametrize("people", [[], [5_000], [5_000] * 30, [8_000] * 15 + [7_000] * 15, [100] * 15 + [110] * 15])
def test_nothing_is_asked_for_while_nothing_comes_near(people: list[int]) -> None:
    assert capacity(QUIET, IDLE, samples(people)).measures == []
