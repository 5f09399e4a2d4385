"""Characters that no text of ours may hold. Light: processes that are bounded load it."""

import re

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\ufffe\uffff]|[\ud800-\udfff]")


def without_control_characters(text: str) -> str:
    """The text without characters that no one can see or store; tabs and line breaks stay."""
    return _CONTROL.sub("", text)
