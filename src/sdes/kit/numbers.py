"""Numbers as they come in addresses and hidden fields: plain digits, or nothing that is meant."""


def whole_number(text: str | None, digits: int) -> int | None:
    """The number that `text` is, written in at most `digits` of the digits 0 to 9; None for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= digits else None
