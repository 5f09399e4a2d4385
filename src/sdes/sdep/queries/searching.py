"""What a search finds: as a clause of the list, or the one communication whose reference was typed (SD 11.1(a))."""

from dataclasses import dataclass

from piccolo.querystring import QueryString

from sdes.actor import Actor
from sdes.kit import db
from sdes.sdep.access import deleted_visible_to, visible_to
from sdes.sdep.filters import REFERENCE
from sdes.sdep.search.terms import asked
from sdes.sdep.tables import CommunicationParty

MOST_LISTED = 2000  # hits by which a list is narrowed; a list with more of them is walked

_FOUND = """
WITH wanted AS MATERIALIZED (SELECT sdep_query($1, $2) AS query)
SELECT query::text AS query, ARRAY(SELECT sdep_found(query, $3)) AS ids FROM wanted
"""
NOTHING_TO_FIND = "Nothing was searched for: type a word or a number."
TOO_COMMON = "Nothing was searched for: these words are in nearly every text. Add one that is not."


@dataclass(frozen=True)
class Search:
    """The clause of a search, or the sentence that says why there is none."""

    clause: QueryString | None
    problem: str = ""
    is_walked: bool = False  # too many are found for a list of them


async def searched(actor: Actor, text: str) -> Search:
    """What the actor's company finds by all words of `text`, the last of which may be begun; other companies' words
    are not looked at."""
    wanted = asked(text)
    if not wanted.words:
        return Search(None, NOTHING_TO_FIND)
    (row,) = await db.fetch(_FOUND, list(wanted.words), wanted.whole, MOST_LISTED + 1)
    if row["query"] is None:
        return Search(None, TOO_COMMON)
    if len(row["ids"]) <= MOST_LISTED:
        return Search(QueryString("p.communication = ANY ({})", sorted(set(row["ids"]))))
    return Search(QueryString("sdep_matches(p.communication, {}::text::tsquery)", row["query"]), is_walked=True)


async def tagged(actor: Actor, tag: str) -> QueryString | None:
    """The clause that finds a tag by its words, so that not every row's tags are read; None where it has no words."""
    return (await searched(actor, tag)).clause


async def reference_of(actor: Actor, text: str) -> str | None:
    """The reference that was typed, however spaced, or its digits alone, when such a communication exists for the
    actor, or did: what is left of it is found by its reference (SD 13.1)."""
    if not (typed := REFERENCE.fullmatch(text)):
        return None
    reference = f"SC{typed[2]}{typed[3]}"
    rows = await CommunicationParty.raw(
        "SELECT 1 AS one FROM communication_party p JOIN communication c ON c.id = p.communication"
        " WHERE {} AND c.reference = {}"
        " UNION ALL SELECT 1 FROM deleted_communication d WHERE {} AND d.reference = {}",
        visible_to(actor).querystring,
        reference,
        deleted_visible_to(actor).querystring,
        reference,
    )
    return reference if rows else None
