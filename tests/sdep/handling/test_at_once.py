"""Two at once on one communication: one wins, the other is told, and nothing is left in between."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
from litestar import Litestar

from sdes.embedded.postgres import EmbeddedPostgres
from sdes.settings import Settings
from tests.support.communications import post_reply, sent, told
from tests.support.handling import LIST, act, add_tag, archive, assign
from tests.support.own_database import they_commit
from tests.support.people import Browser

pytestmark = pytest.mark.anyio

DATABASE = "sdes_handling"
EMAILS = ["asha@brightwatt.example", "ben@brightwatt.example", "nils@northgrid.example"]

Three = tuple[Browser, Browser, Browser]


@pytest.fixture
async def three(postgres: EmbeddedPostgres, pool: None, app: Litestar, settings: Settings) -> AsyncIterator[Three]:
    """Asha, her colleague Ben and Nils of the other company, whose requests commit and can run at the same time."""
    async with they_commit(EMAILS, DATABASE, postgres, app, settings) as (asha, ben, nils):
        yield asha, ben, nils


@pytest.fixture
def owner(three: Three, postgres: EmbeddedPostgres) -> Any:
    """A connection of the database's owner, who sees and may do everything, each statement by itself."""
    with psycopg.connect(postgres.url("sdes_owner", DATABASE), autocommit=True) as connection:
        yield connection


def one(owner: Any, sql: str, *values: Any) -> Any:
    row = owner.execute(sql, values).fetchone()
    return row[0] if row else None


async def test_of_two_who_take_it_one_is_told_of_the_other(three: Three, owner: Any) -> None:
    asha, ben, _ = three
    for _ in range(4):
        reference = await sent(asha)
        answers = await asyncio.gather(
            *(browser.post(f"{LIST}/{reference}/owner", {"take": "1"}) for browser in (asha, ben))
        )
        assert sorted(answer.status_code for answer in answers) == [303, 409]
        events = "SELECT count(*) FROM audit_entry WHERE event = 'sdep.owner.taken' AND subject = %s"
        assert one(owner, events, reference) == 1


async def test_both_sides_archive_and_reply_at_once(three: Three, owner: Any) -> None:
    asha, _, nils = three
    for _ in range(4):
        reference = await sent(asha)
        archived, again, replied = await asyncio.gather(
            archive(asha, reference), archive(nils, reference), post_reply(nils, reference)
        )
        assert replied.status_code == 303
        assert {archived.status_code, again.status_code} <= {303, 409}
        row = owner.execute(
            "SELECT c.archived_at IS NULL, c.message_count, count(*) FILTER (WHERE p.archived_at IS NULL)"
            " FROM communication c JOIN communication_party p ON p.communication = c.id"
            " WHERE c.reference = %s GROUP BY c.id",
            (reference,),
        ).fetchone()
        assert row == (True, 2, 2), "the reply is never archived unseen, whoever came first"
        counts = "SELECT count(*) FROM audit_entry WHERE subject = %s AND event = %s"
        was_archived = one(owner, counts, reference, "sdep.communication.archived")
        assert was_archived == one(owner, counts, reference, "sdep.communication.reactivated")
        assert was_archived == [archived.status_code, again.status_code].count(303)


async def test_archived_from_both_sides_at_once_it_is_archived_once(three: Three, owner: Any) -> None:
    asha, _, nils = three
    reference = await sent(asha)
    answers = await asyncio.gather(archive(asha, reference), archive(nils, reference))
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    (refused,) = [answer for answer in answers if answer.status_code == 409]
    assert told(refused) == ["It is archived already."]


async def test_tags_added_at_once_are_all_kept(three: Three, owner: Any) -> None:
    asha, ben, nils = three
    reference = await sent(asha)
    writers = [(browser, f"{name} {n}") for n in range(4) for browser, name in ((asha, "a"), (ben, "b"), (nils, "n"))]
    answers = await asyncio.gather(*(add_tag(browser, reference, tag) for browser, tag in writers))
    assert {answer.status_code for answer in answers} == {303}
    rows = owner.execute("SELECT tags FROM communication_party ORDER BY side").fetchall()
    theirs, ours = ({*row[0]} for row in rows)
    assert ours == {f"{name} {n}" for n in range(4) for name in "ab"}
    assert theirs == {f"n {n}" for n in range(4)}


async def test_lists_acted_upon_at_once_in_opposite_order_do_not_lock_each_other_out(three: Three) -> None:
    asha, ben, _ = three
    references = [await sent(asha) for _ in range(6)]
    ticks = [f"{reference}-1-" for reference in references]
    first, second = await asyncio.gather(
        act(asha, "tag", ticks, tag="from Asha"), act(ben, "tag", reversed(ticks), tag="from Ben")
    )
    assert [page.text.count("circle-check") for page in (first, second)] == [6, 6]


async def test_whose_assignment_is_being_removed_does_not_become_the_owner(
    three: Three, owner: Any, postgres: EmbeddedPostgres
) -> None:
    """The removal is under way when somebody is assigned: whoever waits for it finds that it is gone."""
    asha, _, _ = three
    reference = await sent(asha)
    ben = one(owner, "SELECT id FROM person WHERE name = 'Ben Carter'")
    with psycopg.connect(postgres.url("sdes_owner", DATABASE)) as removing:
        removing.execute("DELETE FROM assignment WHERE person = %s", (ben,))
        assigning = asyncio.create_task(assign(asha, reference, ben))
        await _waits_for_a_lock(owner)
        assert not assigning.done()
        removing.commit()
        answer = await assigning
    assert answer.status_code == 409
    assert told(answer) == ["Ben Carter is not assigned to this process, so cannot own it. Choose somebody else."]
    assert one(owner, "SELECT count(*) FROM communication_party WHERE owner IS NOT NULL") == 0


async def test_who_is_assigned_first_and_then_removed_is_not_the_owner_either(
    three: Three, owner: Any, postgres: EmbeddedPostgres
) -> None:
    """The other way round: the removal waits for the assignment, and its trigger clears what was written."""
    asha, ben_himself, _ = three
    reference = await sent(asha)
    ben = one(owner, "SELECT id FROM person WHERE name = 'Ben Carter'")
    removal = "DELETE FROM assignment WHERE person = %s"
    answers = await asyncio.gather(
        ben_himself.post(f"{LIST}/{reference}/owner", {"take": "1"}),
        asyncio.to_thread(owner.execute, removal, (ben,)),
    )
    assert answers[0].status_code in (303, 404, 409)
    assert one(owner, "SELECT count(*) FROM communication_party WHERE owner IS NOT NULL") == 0


async def _waits_for_a_lock(owner: Any) -> None:
    """Returns as soon as a request waits for somebody's row."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = 'sdes_web'"
    for _ in range(500):
        if one(owner, waiting):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("nobody waits for a lock")
