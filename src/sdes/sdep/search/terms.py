"""Words as they are indexed and looked for: letters and digits only, and identifiers as one, however spaced."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

MOST_ASKED = 200  # characters of a search
LONGEST_IDENTIFIER = 21  # digits: the supply number with its top line
SHORTEST_IDENTIFIER = 6  # an MPRN

_WORD = re.compile(r"[^\W_]+")
_DIGITS = re.compile(r"\d+(?:[ \u00a0./-]\d+)+")


@dataclass(frozen=True)
class Asked:
    """What somebody looks for: `words`, all of which must be there, or `whole`, the same typed as one."""

    words: tuple[str, ...]
    whole: str


def terms(texts: Iterable[str]) -> str:
    """All that the texts can be found by, separated by spaces; nothing in it but letters and digits.

    Digits in groups ("10 9000 0000 010") are there one by one and as every identifier of 6 to 21 digits that
    neighbouring groups make together.
    """
    found: list[str] = []
    for text in texts:
        plain = _plain(text)
        found += _WORD.findall(plain)
        for run in _DIGITS.findall(plain):
            found += _joined(re.findall(r"\d+", run))
    return " ".join(dict.fromkeys(found))


def asked(text: str) -> Asked:
    """What is looked for. Groups of digits that make an identifier are one word; `whole` is all of it without gaps, as
    meter serial numbers are kept, when it is short and has a digit in it."""
    plain = _plain(text)
    words = _WORD.findall(_DIGITS.sub(_one_identifier, plain))
    whole = "".join(_WORD.findall(plain))
    is_identifier = len(words) > 1 and len(whole) <= LONGEST_IDENTIFIER and any(map(str.isdigit, whole))
    return Asked(tuple(dict.fromkeys(words)), whole if is_identifier else "")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _joined(groups: list[str]) -> list[str]:
    made = []
    for start in range(len(groups)):
        joined = groups[start]
        for group in groups[start + 1 :]:
            joined += group
            if len(joined) > LONGEST_IDENTIFIER:
                break
            if len(joined) >= SHORTEST_IDENTIFIER:
                made.append(joined)
    return made


def _one_identifier(match: re.Match[str]) -> str:
    joined = re.sub(r"\D", "", match[0])
    return joined if SHORTEST_IDENTIFIER <= len(joined) <= LONGEST_IDENTIFIER else match[0]
