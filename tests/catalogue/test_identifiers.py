"""Check digits: the worked examples, and what the arithmetic can and cannot find."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sdes.catalogue.identifiers import (
    MPAN_WEIGHTS,
    distributor_is_known,
    format_mpan,
    mpan_check_digit,
    mpan_is_valid,
    mprn_check_digits,
    mprn_is_valid,
)

MPANS = [  # one per distributor, then the two edges
    "1090000000010", "1190000000014", "1290000000019", "1390000000013", "1490000000018", "1590000000012",
    "1690000000017", "1790000000011", "1890000000016", "1990000000010", "2090000000012", "2190000000017",
    "2290000000011", "2390000000016", "2490000000010", "2590000000015", "2690000000010", "2790000000014",
    "2890000000019", "2990000000013", "3090000000015", "3190000000010", "3290000000014", "3390000000019",
    "3490000000013", "3590000000018", "3690000000012", "3790000000017", "3890000000011", "2099999999993",
    "2000000000070",
]  # fmt: skip
WRONG_MPANS = ["1012345678901", "1200000000008", "1312345678111", "1312345678222", "1312345678333"]
MPRNS = [
    "3938424403", "9000000107", "9000000208", "9000000309", "9000001008", "1234567810", "8765432106", "9000000410",
]  # fmt: skip

digits = st.integers(0, 9)
mpans = st.text("0123456789", min_size=12, max_size=12).map(lambda twelve: twelve + mpan_check_digit(twelve))
mprns = st.text("0123456789", min_size=4, max_size=8).map(lambda leading: leading + mprn_check_digits(leading))


def with_digit(number: str, place: int, digit: int) -> str:
    return f"{number[:place]}{digit}{number[place + 1 :]}"


def swapped(number: str, one: int, other: int) -> str:
    return with_digit(with_digit(number, one, int(number[other])), other, int(number[one]))


def remainder(mpan: str) -> int:
    """The sum modulo 11, before 10 becomes 0."""
    return sum(int(digit) * weight for digit, weight in zip(mpan[:12], MPAN_WEIGHTS, strict=True)) % 11


@pytest.mark.parametrize("mpan", MPANS)
def test_good_mpans(mpan: str) -> None:
    assert mpan_is_valid(mpan)
    assert distributor_is_known(mpan)


@pytest.mark.parametrize(
    "mpan", [*WRONG_MPANS, "", "209999999999", "20999999999930", " 2099999999993", "²099999999993"]
)
def test_wrong_mpans(mpan: str) -> None:
    assert not mpan_is_valid(mpan)


def test_worked_check_digits() -> None:
    assert mpan_check_digit("209999999999") == "3"
    assert remainder("200000000007") == 10
    assert mpan_check_digit("200000000007") == "0"
    assert mpan_check_digit("101234567890") == "3"
    assert mpan_check_digit("120000000000") == "2"
    assert mprn_check_digits("39384244") == "03"
    assert mprn_check_digits("90000004") == "10"


@given(mpans, st.integers(0, 11), digits)
def test_one_wrong_digit_is_found_unless_the_remainders_are_0_and_10(mpan: str, place: int, digit: int) -> None:
    assume(int(mpan[place]) != digit)
    changed = with_digit(mpan, place, digit)
    assert mpan_is_valid(changed) == ({remainder(mpan), remainder(changed)} == {0, 10})


@given(mpans, digits)
def test_a_wrong_last_digit_is_always_found(mpan: str, digit: int) -> None:
    assert mpan_is_valid(with_digit(mpan, 12, digit)) == (digit == int(mpan[12]))


@given(mpans, st.integers(0, 10))
def test_neighbours_exchanged_are_found_unless_the_remainders_are_0_and_10(mpan: str, place: int) -> None:
    assume(mpan[place] != mpan[place + 1])
    changed = swapped(mpan, place, place + 1)
    assert mpan_is_valid(changed) == ({remainder(mpan), remainder(changed)} == {0, 10})


@given(mpans)
def test_what_cannot_be_found_two_pairs_of_places_weigh_the_same(mpan: str) -> None:
    assert mpan_is_valid(swapped(mpan, 2, 7))
    assert mpan_is_valid(swapped(mpan, 5, 10))


def test_a_known_collision() -> None:
    assert mpan_is_valid("2000000000070")
    assert mpan_is_valid("2000001000070")  # one digit differs: remainder 0 instead of 10


@pytest.mark.parametrize("mprn", MPRNS)
def test_good_mprns(mprn: str) -> None:
    assert mprn_is_valid(mprn)


@pytest.mark.parametrize("mprn", ["", "00000", "3938424404", "39384244", "39384244003", "393842440x", "٣938424403"])
def test_wrong_mprns(mprn: str) -> None:
    assert not mprn_is_valid(mprn)


@given(mprns, st.integers(0, 9), digits)
def test_one_wrong_digit_of_an_mprn_is_always_found(mprn: str, place: int, digit: int) -> None:
    assume(place < len(mprn))
    assert mprn_is_valid(with_digit(mprn, place, digit)) == (digit == int(mprn[place]))


@given(mprns, st.integers(0, 7), st.integers(0, 7))
def test_two_leading_digits_of_an_mprn_exchanged_are_always_found(mprn: str, one: int, other: int) -> None:
    assume(max(one, other) < len(mprn) - 2 and mprn[one] != mprn[other])
    assert not mprn_is_valid(swapped(mprn, one, other))


def test_mpan_is_printed_in_four_groups() -> None:
    assert format_mpan("1090000000010") == "10 9000 0000 010"
    assert format_mpan("109000000001") == "109000000001"


def test_distributors() -> None:
    assert not distributor_is_known("0990000000010")
    assert not distributor_is_known("3990000000010")
    assert not distributor_is_known("10")
