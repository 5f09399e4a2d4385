"""How a response time is told: short in a list, in full beside the thread, and to each side as its own or theirs."""

from datetime import datetime

import pytest

from sdes.kit import clock
from sdes.kit.clock import LONDON
from sdes.sdep.due import due_view
from sdes.workingdays.calendar import WorkingCalendar

OURS, THEIRS = True, False


def london(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=LONDON)


@pytest.mark.parametrize(
    ("now", "is_ours", "state", "text", "title", "detail"),
    [
        (
            "2026-11-18 09:00",
            THEIRS,
            "late",
            "Theirs: overdue by 2 working days",
            "Overdue by 2 working days",
            "Northgrid Networks' response was due Mon 16 Nov, 18:00",
        ),
        (
            "2026-11-18 09:00",
            OURS,
            "late",
            "Overdue by 2 working days",
            "Overdue by 2 working days",
            "Your response was due Mon 16 Nov, 18:00",
        ),
        ("2026-11-16 19:00", OURS, "late", "Overdue", "Overdue", "Your response was due today, 18:00"),
        (
            "2026-11-16 13:00",
            THEIRS,
            "soon",
            "Theirs: 5 op. hours left, due today 18:00",
            "Response due today, 18:00",
            "5 operational hours left, from Northgrid Networks",
        ),
        (
            "2026-11-16 13:00",
            OURS,
            "soon",
            "5 op. hours left, due today 18:00",
            "Response due today, 18:00",
            "5 operational hours left, from your company",
        ),
        (
            "2026-11-06 09:00",
            THEIRS,
            "ok",
            "Theirs: 6 working days left, due Mon 16 Nov",
            "Response due Mon 16 Nov, 18:00",
            "6 working days left, from Northgrid Networks",
        ),
        (
            "2026-11-06 09:00",
            OURS,
            "ok",
            "6 working days left, due Mon 16 Nov",
            "Response due Mon 16 Nov, 18:00",
            "6 working days left, from your company",
        ),
    ],
)
def test_each_side_is_told_once_whose_and_when(
    now: str, is_ours: bool, state: str, text: str, title: str, detail: str
) -> None:
    due = london("2026-11-16 18:00")
    with clock.at(london(now)):
        told = due_view(WorkingCalendar(), due, "WD", "Northgrid Networks", is_ours=is_ours)
    assert told
    assert (told.state, told.text, told.title, told.detail) == (state, text, title, detail)


@pytest.mark.spec("SD 11.1(e)")
@pytest.mark.parametrize(
    ("now", "due", "state", "text"),
    [
        # Monday afternoon to Tuesday morning
        ("2026-11-16 16:00", "2026-11-17 11:00", "soon", "5 op. hours left, due Tue 11:00"),
        # over a weekend, with minutes since they matter
        ("2026-11-13 17:20", "2026-11-16 09:30", "soon", "2 op. hours 10 minutes left, due Mon 09:30"),
        # at night nothing passes
        ("2026-11-17 03:00", "2026-11-17 08:45", "soon", "45 op. minutes left, due today 08:45"),
        # both changes of the clock
        ("2026-03-27 17:00", "2026-03-30 10:00", "soon", "3 op. hours left, due Mon 10:00"),
        ("2026-10-23 17:00", "2026-10-26 10:00", "soon", "3 op. hours left, due Mon 10:00"),
        # Christmas, the weekend, the substitute day; further than a name of a day tells
        ("2026-12-24 17:00", "2026-12-29 10:00", "soon", "3 op. hours left, due Tue 10:00"),
        ("2026-12-23 17:00", "2026-12-30 10:00", "ok", "23 op. hours left, due Wed 30 Dec 10:00"),
        # a whole day of hours away is not soon yet
        ("2026-11-16 11:00", "2026-11-17 11:00", "ok", "10 op. hours left, due Tue 11:00"),
        ("2026-11-17 11:00", "2026-11-17 11:00", "soon", "1 op. minute left, due today 11:00"),
    ],
)  # fmt: skip
def test_hours_are_told_with_the_time_at_which_they_are_over(now: str, due: str, state: str, text: str) -> None:
    with clock.at(london(now)):
        ours = due_view(WorkingCalendar(), london(due), "OH", "Northgrid Networks", is_ours=True)
        theirs = due_view(WorkingCalendar(), london(due), "OH", "Northgrid Networks", is_ours=False)
    assert ours
    assert theirs
    assert (ours.state, ours.text) == (theirs.state, theirs.text.removeprefix("Theirs: ")) == (state, text)
    left = text.partition(",")[0].replace("op.", "operational")
    assert (ours.detail, theirs.detail) == (f"{left}, from your company", f"{left}, from Northgrid Networks")


@pytest.mark.parametrize(("unit", "text"), [("OH", "overdue by 5 op. hours"), ("WD", "overdue by 1 working day")])
def test_both_sides_are_told_by_how_much_it_is_overdue(unit: str, text: str) -> None:
    with clock.at(london("2026-11-17 13:00")):
        views = [
            due_view(WorkingCalendar(), london("2026-11-16 18:00"), unit, "Northgrid Networks", is_ours=is_ours)
            for is_ours in (True, False)
        ]
    assert [view.text for view in views if view] == [f"O{text[1:]}", f"Theirs: {text}"]


def test_without_a_clock_nothing_is_told() -> None:
    assert due_view(WorkingCalendar(), None, "WD", "Northgrid Networks", is_ours=True) is None


def test_a_name_without_an_s_takes_one() -> None:
    with clock.at(london("2026-11-18 09:00")):
        told = due_view(WorkingCalendar(), london("2026-11-16 18:00"), "WD", "Brightwatt Energy", is_ours=False)
    assert told
    assert told.detail == "Brightwatt Energy's response was due Mon 16 Nov, 18:00"
