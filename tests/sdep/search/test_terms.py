"""What counts as a word, in texts and in what is looked for."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdes.catalogue.identifiers import mpan_check_digit
from sdes.sdep.search.terms import LONGEST_WORD, MOST_JOINED, Asked, asked, length_asked, terms

MPAN = "1090000000010"


@pytest.mark.parametrize(
    "typed", [MPAN, "10 9000 0000 010", "10-9000-0000-010", "10\u20119000\u20110000\u2011010", "10\u00a09000 0000010"]
)
def test_an_identifier_is_one_word_however_it_is_spaced(typed: str) -> None:
    assert asked(typed).words == (MPAN,)
    assert MPAN in terms([f"The MPAN {typed}, please."]).split()


def test_an_identifier_is_found_among_other_numbers() -> None:
    words = terms(["Level 2 of 10 9000 0000 010 12345 and 3"]).split()
    assert MPAN in words
    assert {"level", "10", "12345", "3"} <= set(words), "each group can still be found alone"


def test_a_serial_number_is_looked_for_as_words_and_as_one() -> None:
    assert asked("S95A 12345") == Asked(("s95a", "12345"), "s95a12345")
    assert asked("meter exchange") == Asked(("meter", "exchange"), ""), "words without a digit are no identifier"
    assert asked("readings of the fifth quarter 6") == Asked(("readings", "of", "the", "fifth", "quarter", "6"), "")


@pytest.mark.parametrize("typed", ["", "   ", "%", "_", "\\", "'", "&|!()", "'; --", "\0"])
def test_what_has_no_letter_looks_for_nothing(typed: str) -> None:
    assert asked(typed) == Asked((), "")
    assert terms([typed]) == ""


def test_accents_and_case_and_width_do_not_count_as_other_letters() -> None:
    assert terms(["STRASSE １２３"]) == "strasse 123"
    assert asked("Straße").words == ("strasse",)


@given(st.lists(st.text(max_size=80), max_size=4))
def test_whatever_is_indexed_is_letters_and_digits(texts: list[str]) -> None:
    assert all(word.isalnum() for word in terms(texts).split(" ") if word)


@given(st.lists(st.integers(0, 99_999).map(str), min_size=2, max_size=6), st.sampled_from(" -\u00a0"))
def test_neighbouring_groups_that_can_be_an_identifier_are_found_as_one(groups: list[str], between: str) -> None:
    words = set(terms([between.join(groups)]).split())
    for start in range(len(groups)):
        for end in range(start + 2, len(groups) + 1):
            joined = "".join(groups[start:end])
            if len(joined) in (13, 21) or (6 <= len(joined) <= 11 and end - start <= 4):
                assert joined in words
                assert asked(between.join(groups[start:end])).words == (joined,)


@given(st.lists(st.integers(0, 99_999).map(str), min_size=1, max_size=9), st.sampled_from([*" -./,\n", "  ", " - "]))
def test_whatever_was_written_is_found_as_it_was_written(groups: list[str], between: str) -> None:
    text = between.join(groups)
    assert set(asked(text).words) <= set(terms([text]).split())


@pytest.mark.parametrize("between", [".", "/", ",", "\n", "  "])
def test_numbers_that_stand_side_by_side_are_no_identifier(between: str) -> None:
    groups = ["10", "9000", "0000", "010"]
    assert asked(between.join(groups)).words == ("10", "9000", "0000", "010")
    assert set(terms([between.join(groups)]).split()) == set(groups)


@given(st.integers(1000, 2500), st.integers())
def test_a_text_has_no_more_identifiers_than_are_bearable(number: int, seed: int) -> None:
    chance = Random(seed)  # drawn by hypothesis one by one, so many take longer than it likes
    groups = [str(chance.randrange(10_000)) for _ in range(number)]
    assert len(terms([" ".join(groups)]).split()) <= len(set(groups)) + MOST_JOINED


def test_of_many_identifiers_the_mpans_are_found() -> None:
    mpans = [f"{twelve}{mpan_check_digit(twelve)}" for twelve in (f"10{number:010}" for number in range(1240))]
    spaced = " ".join(f"{mpan[:2]} {mpan[2:6]} {mpan[6:10]} {mpan[10:]}" for mpan in mpans)
    assert set(mpans) <= set(terms([spaced]).split())


def test_of_a_long_word_the_beginning_is_found() -> None:
    assert terms(["x" * 20_000]) == asked("x" * 90).words[0] == "x" * LONGEST_WORD


def test_a_search_is_as_long_as_what_it_stands_for() -> None:
    assert length_asked("㍿" * 170) == 680
    assert length_asked("ß" * 3) == 6
    assert length_asked("e\u0301" * 3) == 6, "or as what was typed"
