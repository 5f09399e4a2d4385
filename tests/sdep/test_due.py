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
            "Theirs: overdue",
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
            "Theirs: due today 18:00",
            "Response due today, 18:00",
            "5 operational hours left, from Northgrid Networks",
        ),
        (
            "2026-11-16 13:00",
            OURS,
            "soon",
            "Due today 18:00",
            "Response due today, 18:00",
            "5 operational hours left, from your company",
        ),
        (
            "2026-11-06 09:00",
            THEIRS,
            "ok",
            "Theirs: due Mon 16 Nov",
            "Response due Mon 16 Nov, 18:00",
            "6 working days left, from Northgrid Networks",
        ),
        (
            "2026-11-06 09:00",
            OURS,
            "ok",
            "Due Mon 16 Nov",
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


def test_a_name_without_an_s_takes_one() -> None:
    with clock.at(london("2026-11-18 09:00")):
        told = due_view(WorkingCalendar(), london("2026-11-16 18:00"), "WD", "Brightwatt Energy", is_ours=False)
    assert told
    assert told.detail == "Brightwatt Energy's response was due Mon 16 Nov, 18:00"
