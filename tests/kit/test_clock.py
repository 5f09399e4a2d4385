"""The clock: one moment, in UTC inside and in London time for people."""

from datetime import UTC, datetime, timedelta, timezone

from sdes.kit import clock

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


def test_it_is_aware_and_utc() -> None:
    assert clock.now().tzinfo is UTC


def test_it_can_be_held_and_goes_on_afterwards() -> None:
    with clock.at(NOON):
        assert clock.now() == NOON
        with clock.at(NOON + timedelta(hours=1)):
            assert clock.now() == NOON + timedelta(hours=1)
        assert clock.now() == NOON
    assert clock.now() != NOON


def test_another_offset_is_the_same_moment() -> None:
    with clock.at(NOON.astimezone(timezone(timedelta(hours=5)))):
        assert clock.now() == NOON
        assert clock.now().tzinfo is UTC


def test_london_is_an_hour_ahead_in_summer_and_level_in_winter() -> None:
    assert clock.local(NOON).hour == 13
    assert clock.local(NOON.replace(month=12)).hour == 12
