"""Bespoke data items: what is taken, in which form it is kept and shown, and the sentence for what is not taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdes.catalogue.items import advice, display, is_identifier, validate, validate_all
from sdes.catalogue.tables import ItemKind
from sdes.catalogue.views import ItemView

pytestmark = pytest.mark.spec("SD 11.1(c)")

CHOICES = ("Domestic", "Non-domestic")


def item(kind: str, label: str = "Thing", mandatory: bool = True, key: str = "thing") -> ItemView:
    return ItemView(key, label, "", ItemKind(kind), mandatory, CHOICES if kind == "choice" else ())


@pytest.mark.parametrize(
    ("kind", "typed", "kept", "shown"),
    [
        ("mpan", "1090000000010", "1090000000010", "10 9000 0000 010"),
        ("mpan", "\u202a 10 9000 0000 010\u202c\t", "1090000000010", "10 9000 0000 010"),
        ("mpan", "10-9000-0000-010", "1090000000010", "10 9000 0000 010"),
        ("mpan", "\uff11090000000010", "1090000000010", "10 9000 0000 010"),
        ("mprn", "3938 4244 03", "3938424403", "3938424403"),
        ("msn", "s95a 12345", "S95A12345", "S95A12345"),
        ("msn", "E6S12345671960", "E6S12345671960", "E6S12345671960"),
        ("date", "3/11/2026", "2026-11-03", "3 November 2026"),
        ("date", "03-11-2026", "2026-11-03", "3 November 2026"),
        ("date", "3.11.2026", "2026-11-03", "3 November 2026"),
        ("date", "3 11 2026", "2026-11-03", "3 November 2026"),
        ("date", "3 Nov 2026", "2026-11-03", "3 November 2026"),
        ("date", "3rd NOVEMBER, 2026", "2026-11-03", "3 November 2026"),
        ("date", "2026-11-03", "2026-11-03", "3 November 2026"),
        ("date", "29 Feb 2028", "2028-02-29", "29 February 2028"),
        ("date", "1 Sept 2026", "2026-09-01", "1 September 2026"),
        ("choice", " Domestic ", "Domestic", "Domestic"),
        ("text", "a\u0000b\r\n  c\u202e", "a b c", "a b c"),
        ("textarea", " 4 Mill Lane \r\nLeeds\u0000\r\n", "4 Mill Lane\nLeeds", "4 Mill Lane\nLeeds"),
        ("amount", "£1,234.50", "1234.50", "£1,234.50"),
        ("amount", "20", "20.00", "£20.00"),
        ("amount", "£ 0.5", "0.50", "£0.50"),
        ("amount", "1234567", "1234567.00", "£1,234,567.00"),
        ("digits", "0012 345", "0012345", "0012345"),
        ("phone", "01632 960123", "01632960123", "01632960123"),
        ("phone", "+44 (0)1632 960-123 ext. 12", "01632960123 ext 12", "01632960123 ext 12"),
        ("phone", "(020) 7946 0123", "02079460123", "02079460123"),
        ("phone", "0044 7700 900123", "07700900123", "07700900123"),
        ("eui64", "90-b3-d5-1f-30-01-02-03", "90-B3-D5-1F-30-01-02-03", "90-B3-D5-1F-30-01-02-03"),
        ("eui64", "90:b3:d5:1f:30:01:02:03", "90-B3-D5-1F-30-01-02-03", "90-B3-D5-1F-30-01-02-03"),
        ("eui64", "90b3d51f30010203", "90-B3-D5-1F-30-01-02-03", "90-B3-D5-1F-30-01-02-03"),
        ("utrn", "7312 3456 7890 1234 5678", "73123456789012345678", "7312 3456 7890 1234 5678"),
    ],
)
def test_taken(kind: str, typed: str, kept: str, shown: str) -> None:
    assert validate(item(kind), typed) == (kept, None)
    assert validate(item(kind), shown)[0] == kept
    assert display(kind, kept) == shown


@pytest.mark.parametrize(
    ("kind", "typed", "sentence"),
    [
        ("mpan", "109000000001", "Enter an MPAN with 13 digits. You entered 12."),
        ("mpan", "1090000000011", "Check the MPAN: its last digit does not match the others."),
        ("mpan", "10900000000I0", "Enter an MPAN with 13 digits and nothing else."),
        ("mpan", "018011001090000000010", "leave out the 8 of the top line."),
        ("mprn", "39384", "Enter an MPRN with 6 to 10 digits. You entered 5."),
        ("mprn", "39384244031", "Enter an MPRN with 6 to 10 digits. You entered 11."),
        ("mprn", "3938424404", "Check the MPRN: its last two digits do not match the others."),
        ("mprn", "abc", "Enter an MPRN with 6 to 10 digits and nothing else."),
        ("msn", "E12/345", "letters, digits and spaces only."),
        ("msn", "E6S123456719601", "at most 14 characters. You entered 15."),
        ("date", "tomorrow", "Enter a date with day, month and year"),
        ("date", "3/11/26", "Enter a date with day, month and year"),
        ("date", "11/13/2026", "“13” is not a month. Enter the day first"),
        ("date", "3 Nev 2026", "“nev” is not a month."),
        ("date", "31/2/2026", "February 2026 has no day 31. Check the date."),
        ("date", "29 Feb 2027", "February 2027 has no day 29."),
        ("date", "3/11/0026", "Check the year: 26 is not between 1900 and 2100."),
        ("date", "3/11/٢٠٢٦", "Enter a date"),
        ("choice", "domestic", "Choose Domestic or Non-domestic."),
        ("text", "x" * 201, "Enter at most 200 characters. You entered 201."),
        ("textarea", "x" * 2001, "Enter at most 2,000 characters. You entered 2,001."),
        ("amount", "-3", "Enter an amount in pounds and pence, for example 1,234.50."),
        ("amount", "1.234,50", "Enter an amount"),
        ("amount", "12,34", "Enter an amount"),
        ("amount", "NaN", "Enter an amount"),
        ("digits", "12a", "Enter digits only."),
        ("digits", "1" * 41, "Enter at most 40 digits. You entered 41."),
        ("phone", "555-1234", "Enter a UK telephone number"),
        ("phone", "+33 1 23 45 67 89", "Enter a UK telephone number"),
        ("eui64", "90-B3-D5-1F-30-01-02", "eight pairs"),
        ("eui64", "90-B3:D5-1F-30-01-02-03", "eight pairs"),
        ("utrn", "7312345678901234567", "Enter a UTRN with 20 digits. You entered 19."),
    ],
)
def test_not_taken(kind: str, typed: str, sentence: str) -> None:
    value, said = validate(item(kind), typed)
    assert value is None
    assert said is not None
    assert sentence in said
    assert said.endswith(".")


@pytest.mark.parametrize("kind", list(ItemKind))
def test_nothing_typed(kind: ItemKind) -> None:
    assert validate(item(kind, mandatory=False), " \u200b\n\t") == (None, None)
    value, sentence = validate(item(kind), " ")
    assert value is None
    assert sentence == ("Choose Domestic or Non-domestic." if kind is ItemKind.CHOICE else "Enter the thing.")


def test_the_missing_are_named_as_on_the_form() -> None:
    assert validate(item("mpan", "MPAN"), "")[1] == "Enter the MPAN."
    assert validate(item("date", "Supply start date (SSD)"), "")[1] == "Enter the supply start date (SSD)."


def test_all_at_once() -> None:
    items = [item("mpan", "MPAN", key="mpan"), item("msn", key="msn", mandatory=False), item("date", "Day", key="day")]
    values, errors = validate_all(items, {"mpan": "10 9000 0000 010", "msn": "", "day": "31 4 2026", "other": "x"})
    assert values == {"mpan": "1090000000010"}
    assert errors == {"day": "April 2026 has no day 31. Check the date."}


def test_an_unknown_distributor_is_a_hint_only() -> None:
    assert validate(item("mpan"), "0190000000002")[0] == "0190000000002"
    assert (
        advice("mpan", "0190000000002")
        == "No distributor with the number 01 is known here. Check the first two digits."
    )
    assert advice("mpan", "1090000000010") is None
    assert advice("mprn", "3938424403") is None


def test_identifiers_are_told_from_prose() -> None:
    assert is_identifier("mpan")
    assert not is_identifier("date")


@given(st.sampled_from(list(ItemKind)), st.text(max_size=60))
def test_any_text_gives_a_value_that_can_be_stored_or_a_sentence(kind: ItemKind, typed: str) -> None:
    value, sentence = validate(item(kind), typed)
    assert (value is None) != (sentence is None)
    if value is not None:
        assert value.encode()
        assert "\0" not in value
        assert validate(item(kind), display(kind, value)) == (value, None)
