"""What counts as a word, in texts and in what is looked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdes.sdep.search.terms import LONGEST_IDENTIFIER, SHORTEST_IDENTIFIER, Asked, asked, terms

MPAN = "1090000000010"


@pytest.mark.parametrize(
    "typed", ["1090000000010", "10 9000 0000 010", "10-9000-0000-010", "10.9000.0000.010", "10\u00a09000 0000010"]
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


@given(st.lists(st.integers(0, 99_999).map(str), min_size=2, max_size=6), st.sampled_from(" -./"))
def test_any_neighbouring_groups_are_found_as_one(groups: list[str], between: str) -> None:
    words = set(terms([between.join(groups)]).split())
    for start in range(len(groups)):
        for end in range(start + 2, len(groups) + 1):
            joined = "".join(groups[start:end])
            if SHORTEST_IDENTIFIER <= len(joined) <= LONGEST_IDENTIFIER:
                assert joined in words
