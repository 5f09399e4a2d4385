"""Search tags: how many there may be, and which are the same (SD 11.1(b)v). Pure."""

import unicodedata
from collections.abc import Iterable, Sequence

MOST_TAGS = 20  # of one company on one communication


def same_tag(tags: Iterable[str], tag: str) -> str:
    """The one among `tags` that is `tag`, whatever their case; empty when there is none."""
    wanted = _key(tag)
    return next((one for one in tags if _key(one) == wanted), "")


def why_not_tag(tags: Sequence[str], tag: str) -> str:
    """Why `tag` cannot be added to `tags`; empty when it can."""
    if known := same_tag(tags, tag):
        return f"It has the search tag {known} already."
    if len(tags) >= MOST_TAGS:
        return f"It has {MOST_TAGS} search tags, the most that are kept. Remove one before you add another."
    return ""


def _key(tag: str) -> str:
    return unicodedata.normalize("NFKC", tag).casefold()
