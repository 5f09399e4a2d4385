"""How the database finds a list among 20,000 communications: by an index, as the web's login, reading few pages."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from piccolo.querystring import QueryString

from sdes.actor import Actor
from sdes.kit import db
from sdes.sdep.filters import Asked, Filters
from sdes.sdep.queries import counts as counting
from sdes.sdep.queries.choices import _CHOICES, choices
from sdes.sdep.queries.counts import counts
from sdes.sdep.queries.filters import narrowed
from sdes.sdep.queries.lists import MOST_SORTED, Order, page_of
from sdes.sdep.queries.searching import searched
from sdes.sdep.tables import CommunicationParty
from tests.support.people import Browser
from tests.support.world import as_web

pytestmark = [pytest.mark.anyio, pytest.mark.spec("SD 11.1(a)f")]

MANY = 20_000

_COMMUNICATIONS = """
INSERT INTO communication (reference, process_type, sender, recipient, subject, items, level, max_level, message_count,
                           created_at, last_message_at, due_at, archived_at)
SELECT 'SC7' || lpad(n::text, 7, '0'), CASE WHEN n % 400 = 3 THEN t.ids[1] ELSE t.ids[2 + n % 11] END, s.id, r.id,
       'Matter ' || n, '[]', 1 + n % 3, 3, 1,
       now() - n * interval '1 minute', now() - n * interval '1 minute',
       CASE WHEN n % 10 = 0 THEN now() + (n - 200) * interval '1 minute' END, CASE WHEN n % 5 = 0 THEN now() END
  FROM generate_series(1, $1) n,
       (SELECT array_agg(DISTINCT a.process_type ORDER BY a.process_type) AS ids FROM assignment a
          JOIN person p ON p.id = a.person WHERE p.name = 'Asha Rahman') t,
       market_participant s, market_participant r
 WHERE s.mpid = 'BRWT' AND r.mpid = CASE WHEN n % 50 = 1 THEN 'CALD' ELSE 'NORG' END
"""
_PARTIES = """
INSERT INTO communication_party (communication, company, other_company, process_type, side, created_at, last_message_at,
                                 last_direction, last_received, last_read, level, due_at, archived_at, owner, tags,
                                 alert)
SELECT c.id, a.company, b.company, c.process_type, w.side, c.created_at, c.last_message_at,
       CASE WHEN c.id % 997 = 0 THEN w.rare ELSE w.usual END, 0, 0, c.level, c.due_at, c.archived_at,
       CASE WHEN c.id % 991 = 0 THEN NULL WHEN c.id % 499 = 1 THEN $1::int ELSE $2::int END, '{}', ''
  FROM communication c
 CROSS JOIN (VALUES ('sender', 'received', 'sent'), ('recipient', 'sent', 'received')) w(side, rare, usual)
  JOIN market_participant a ON a.id = CASE w.side WHEN 'sender' THEN c.sender ELSE c.recipient END
  JOIN market_participant b ON b.id = CASE w.side WHEN 'sender' THEN c.recipient ELSE c.sender END
"""
_SEARCH = """
INSERT INTO communication_search (communication, company, words)
SELECT p.communication, p.company, sdep_lexemes(p.company, ':', 'common' ||
       CASE WHEN p.communication % 499 = 0 THEN ' seldom' ELSE '' END) FROM communication_party p
"""


@pytest.fixture
async def crowd(db: None, asha: Browser, monkeypatch: pytest.MonkeyPatch) -> Actor:
    """Asha among 20,000 communications; whatever is asked of party rows can be explained."""
    people = {row["name"]: row["id"] for row in await _fetch("SELECT id, name FROM person")}
    await _fetch(_COMMUNICATIONS, MANY)
    await _fetch(_PARTIES, people["Asha Rahman"], people["Ben Carter"])
    await _fetch(_SEARCH)
    for table in ("communication", "communication_party", "communication_search"):
        await _fetch(f"ANALYZE {table}")
    ask = CommunicationParty.raw.__func__  # type: ignore[attr-defined]

    def raw(cls: Any, sql: str, *words: Any) -> Any:
        _asked.append((sql, words))
        return ask(cls, sql, *words)

    monkeypatch.setattr(CommunicationParty, "raw", classmethod(raw))
    _asked.clear()
    return await asha.actor()


_asked: list[tuple[str, tuple[Any, ...]]] = []
_fetch = db.fetch

LISTS = [
    ("the usual", Filters(), Order(), "party_list"),
    ("mine", Filters("mine"), Order(), "party_owner"),
    ("nobody's", Filters("unassigned"), Order(), "party_unowned"),
    ("ours", Filters("ours"), Order(), "party_turn"),
    ("theirs", Filters("theirs"), Order(), "party_turn or party_list"),  # nearly all
    ("archive", Filters("archive"), Order(), "party_archive"),
    ("newest", Filters(), Order("created"), "party_created"),
    ("first due", Filters(), Order("due", False), "party_due_first"),
    ("a process", Filters(process="{code}"), Order(), "party_process or party_counts"),
    ("a company", Filters(company="{company}"), Order(), "party_other"),
    ("an owner", Filters(owner="me"), Order(), "party_owner"),
    ("due today", Filters(due="today"), Order(), "party_due"),
]


async def test_lists_counts_and_choices_are_found_by_indexes(crowd: Actor) -> None:
    """In one test: so many rows take long to make."""
    await _every_list_is_found_by_its_index(crowd)
    await _no_order_looks_up_every_communication(crowd)
    await _rare_words_are_looked_up_and_common_ones_walked(crowd)
    await _counts_and_choices_read_no_more_than_they_tell(crowd)


async def _every_list_is_found_by_its_index(crowd: Actor) -> None:
    for name, filters, order, index in LISTS:
        nodes = await _plan(crowd, filters, order)
        (found,) = _indexes(nodes)
        assert found in index.split(" or "), (name, found)
        assert nodes[0]["Shared Hit Blocks"] + nodes[0]["Shared Read Blocks"] < 3000, name


async def _no_order_looks_up_every_communication(crowd: Actor) -> None:
    for key in ("level", "direction", "owner", "due"):
        nodes = await _plan(crowd, Filters(), Order(key, True))
        assert not [node for node in nodes if node.get("Relation Name") == "communication"], key
    nodes = await _plan(crowd, Filters(), Order("subject", False))
    looked_up = [node["Actual Rows"] * node["Actual Loops"] for node in nodes if node.get("Alias") == "c"]
    assert max(looked_up) <= MOST_SORTED < MANY * 4 / 5
    async with as_web(crowd.company_id):
        for filters, among in ((Filters(), MOST_SORTED), (Filters("mine"), 0)):
            found = narrowed(crowd, Asked(filters), await choices(crowd, filters))
            assert (await page_of(crowd, found.where, Order("subject", False), None, 25)).sorted_among == among


async def _rare_words_are_looked_up_and_common_ones_walked(crowd: Actor) -> None:
    for words, is_walked in (("seldom", False), ("common", True)):
        nodes = await _plan(crowd, Filters(q=words), Order())
        (found,) = _indexes(nodes)
        assert (found == "party_list") == is_walked, (words, found)
        assert nodes[0]["Shared Hit Blocks"] + nodes[0]["Shared Read Blocks"] < 3000


async def _counts_and_choices_read_no_more_than_they_tell(crowd: Actor) -> None:
    async with as_web(crowd.company_id):
        counted = await counts(crowd)
        assert counted.active == counted.folders["theirs"] == 1000
        assert counted.folders["mine"] > 0
        words = [crowd.company_id, list(crowd.process_types), crowd.person_id]
        for sql, given, most in ((counting._ALL, words[:1], counting.MOST_AT_ONCE + 1), (counting._EACH, words, 1000)):
            nodes = await _explained(sql, given)
            assert not [node for node in nodes if node["Node Type"] == "Seq Scan" and "party" in node["Relation Name"]]
            read = [node["Actual Rows"] for node in nodes if node.get("Relation Name") == "communication_party"]
            assert max(read) <= most
        nodes = await _explained(_CHOICES, [list(crowd.process_types), crowd.company_id, [], True, 0, True])
        read = [node for node in nodes if node.get("Relation Name") == "communication_party"]
        assert {node["Index Name"] for node in read} == {"party_other"}
        assert max(node["Actual Rows"] for node in read) <= 1


async def _plan(actor: Actor, filters: Filters, order: Order) -> list[dict[str, Any]]:
    """The nodes of the plan of a list's first page, the whole first."""
    (type_,) = await _fetch(
        "SELECT code FROM process_type WHERE id = ANY ($1) ORDER BY id LIMIT 1", list(actor.process_types)
    )
    (other,) = await _fetch("SELECT id FROM company WHERE name = 'Calder Home Energy'")
    named = {"{code}": type_["code"], "{company}": str(other["id"])}
    filters = Filters(**{name: named.get(value, value) for name, value in filters.words().items()})
    async with as_web(actor.company_id):
        clauses = [(await searched(actor, filters.q)).clause] if filters.q else []
        found = narrowed(actor, Asked(filters), await choices(actor, filters), [one for one in clauses if one])
        assert not found.problems
        assert (await page_of(actor, found.where, order, None, 25)).rows or filters.due
        return await _explained(*QueryString(_asked[-1][0], *_asked[-1][1]).compile_string())


async def _explained(sql: str, words: list[Any]) -> list[dict[str, Any]]:
    ((text,),) = await _fetch(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {sql}", *words)
    return list(_nodes(json.loads(text)[0]["Plan"]))


def _indexes(nodes: list[dict[str, Any]]) -> set[str]:
    """The indexes by which the list's own rows are found; the policies look up others."""
    return {node.get("Index Name", node["Node Type"]) for node in nodes if node.get("Alias") == "p"}


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for inner in node.get("Plans", []):
        yield from _nodes(inner)
