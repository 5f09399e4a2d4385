"""When an account lapses, counted in days of London."""

from datetime import UTC, date, datetime, timedelta

import pytest

from sdes.administration.inactivity import Activity

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.spec("SD 2.7")
def test_ninety_days_after_the_last_sign_in_seven_of_them_with_reminders() -> None:
    activity = Activity(NOON - timedelta(days=400), last_sign_in_at=NOON)
    reminded, deleted = [], None
    for day in (date(2026, 3, 2) + timedelta(days=n) for n in range(200)):
        if activity.is_over(day):
            deleted = day
            break
        if activity.is_reminded(day):
            activity = activity.reminded_first(day)
            reminded.append(day)
    assert deleted == date(2026, 5, 31) == NOON.date() + timedelta(days=90)
    assert reminded == [deleted - timedelta(days=n) for n in range(7, 0, -1)]


def test_who_never_signed_in_counts_from_the_account_and_who_was_reinstated_from_then() -> None:
    assert Activity(NOON).since == date(2026, 3, 2)
    assert Activity(NOON, None, NOON + timedelta(days=5)).since == date(2026, 3, 7)
    assert Activity(NOON, NOON + timedelta(days=9), NOON + timedelta(days=5)).since == date(2026, 3, 11)


def test_the_day_is_london_s() -> None:
    late = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)  # half past midnight, the 2nd
    assert Activity(late).since == date(2026, 7, 2)


@pytest.mark.spec("SD 2.7(b)")
def test_nights_that_were_missed_delete_nobody_unwarned() -> None:
    activity = Activity(NOON)
    late = NOON.date() + timedelta(days=120)
    assert not activity.is_over(late)
    assert activity.is_reminded(late)
    warned = activity.reminded_first(late)
    assert warned.deleted_on == late + timedelta(days=7)
    assert warned.is_reminded(late + timedelta(days=6))
    assert not warned.is_over(late + timedelta(days=6))
    assert warned.is_over(late + timedelta(days=7))


def test_days_left() -> None:
    activity = Activity(NOON)
    assert activity.days_left(NOON.date()) == 90
    assert activity.days_left(NOON.date() + timedelta(days=83)) == 7
    warned = Activity(NOON, warned_from=NOON.date() + timedelta(days=83))
    assert warned.days_left(NOON.date() + timedelta(days=86)) == 4
    assert warned.days_left(NOON.date() + timedelta(days=91)) == -1


@pytest.mark.spec("SD 2.7(b)")
@pytest.mark.parametrize("days", [84, 86, 90, 120])
def test_reminders_that_were_missed_are_still_to_come(days: int) -> None:
    today = NOON.date() + timedelta(days=days)
    activity = Activity(NOON)
    assert (activity.days_left(today), activity.lapses_on(today)) == (7, today + timedelta(days=7))
    assert activity.lapses_on(today) == activity.reminded_first(today).deleted_on, "what the night will do"


def test_from_what_inactivity_counts() -> None:
    earlier, later = NOON + timedelta(days=5), NOON + timedelta(days=9)
    assert Activity(NOON).counts_from == "account"
    assert Activity(NOON, earlier).counts_from == "sign-in"
    assert Activity(NOON, earlier, later).counts_from == "reinstatement"
    assert Activity(NOON, later, earlier).counts_from == "sign-in"
    assert Activity(NOON, None, earlier).counts_from == "reinstatement"
