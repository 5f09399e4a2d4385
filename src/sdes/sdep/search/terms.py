"""Words as they are indexed and looked for: letters and digits only, and identifiers as one, however spaced."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, islice

from sdes.catalogue.identifiers import mpan_is_valid

MOST_ASKED = 200  # characters of a search
LONGEST_IDENTIFIER = 21  # digits: the supply number with its top line
SHORTEST_IDENTIFIER = 6  # an MPRN
LONGEST_WORD = 60  # characters: of what is longer, the beginning is found
MOST_JOINED = 2000  # identifiers of groups in a text

_WORD = re.compile(r"[^\W_]+")
_DIGITS = re.compile(r"\d+(?:[ \u2010-]\d+)+")  # NFKC makes a space of a no-break space, \u2010 of its hyphen


@dataclass(frozen=True)
class Asked:
    """What somebody looks for: `words`, all of which must be there, or `whole`, the same typed as one."""

    words: tuple[str, ...]
    whole: str


def terms(texts: Iterable[str]) -> str:
    """All that the texts can be found by, separated by spaces; nothing in it but letters and digits.

    Digits in groups ("10 9000 0000 010") are there one by one and as every identifier that neighbouring groups make
    together: of a text that has more than `MOST_JOINED` of these, MPANs whose last digit fits come first.
    """
    found: list[str] = []
    for text in texts:
        plain = _plain(text)
        found += _words(plain)
        joined = dict.fromkeys(joined for run in _DIGITS.findall(plain) for joined in _joined(_groups(run)))
        found += sorted(joined, key=_rank)[:MOST_JOINED]
    return " ".join(dict.fromkeys(found))


def asked(text: str) -> Asked:
    """What is looked for. Groups of digits that make an identifier are one word; `whole` is all of it without gaps, as
    meter serial numbers are kept, when it is short and has a digit in it."""
    plain = _plain(text)
    words = _words(_DIGITS.sub(_one_identifier, plain))
    whole = "".join(_words(plain))
    is_identifier = len(words) > 1 and len(whole) <= LONGEST_IDENTIFIER and any(map(str.isdigit, whole))
    return Asked(tuple(dict.fromkeys(words)), whole if is_identifier else "")


def length_asked(text: str) -> int:
    """How many characters are looked for: some that are typed stand for several."""
    return max(len(text), len(_plain(text)))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _words(plain: str) -> list[str]:
    return [word[:LONGEST_WORD] for word in _WORD.findall(plain)]


def _groups(run: str) -> list[str]:
    return re.findall(r"\d+", run)


def _joined(groups: list[str]) -> Iterator[str]:
    for start in range(len(groups)):
        for count, joined in enumerate(accumulate(islice(groups, start, start + LONGEST_IDENTIFIER)), start=1):
            if len(joined) > LONGEST_IDENTIFIER:
                break
            if count > 1 and _is_identifier(len(joined), count):
                yield joined


def _is_identifier(digits: int, groups: int) -> bool:
    """Whether so many digits, in so many groups, can be an MPAN, a supply number or, of few groups, an MPRN and such
    like. Not more: of readings and telephone numbers that stand side by side, all others would be made."""
    return digits in (13, LONGEST_IDENTIFIER) or (SHORTEST_IDENTIFIER <= digits <= 11 and groups <= 4)


def _rank(joined: str) -> int:
    if len(joined) == 13:
        return 0 if joined.isascii() and mpan_is_valid(joined) else 1
    return 1 if len(joined) == LONGEST_IDENTIFIER else 2


def _one_identifier(match: re.Match[str]) -> str:
    groups = _groups(match[0])
    joined = "".join(groups)
    return joined if _is_identifier(len(joined), len(groups)) else match[0]
