"""Numbers in addresses: digits alone, and not too many of them."""

import pytest

from sdes.kit.numbers import whole_number


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("7", 7), ("007", 7), ("123", 123)])
def test_plain_digits_are_a_number(text: str, number: int) -> None:
    assert whole_number(text, 3) == number


@pytest.mark.parametrize("text", [None, "", " ", "1234", "-1", "+1", "1.0", "1 ", "٣", "²", "１", "1e2", "x"])
def test_anything_else_is_none(text: str | None) -> None:
    assert whole_number(text, 3) is None
