"""The functions that the Code Manager alone may call, past row-level security; and that a change is waited for."""

import asyncio

import asyncpg
import pytest

from sdes.embedded.postgres import Urls
from sdes.kit import db
from tests.architecture.matter import Matter
from tests.support.world import as_web

pytestmark = pytest.mark.anyio

REFUSED = asyncpg.InsufficientPrivilegeError
COUNT = "SELECT sdep_open_count($1, $2, $3, $4) AS n"
OPEN = "SELECT * FROM sdep_open_communication($1, $2, $3, 'about', '[]', now(), now())"
WAITING = "SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND wait_event_type = 'Lock'"
END = "SELECT * FROM catalogue_end_levels($1)"


async def test_communications_are_counted_for_the_code_manager_alone(matter: Matter) -> None:
    for company in await db.fetch("SELECT id, kind FROM company"):
        if company["kind"] == "code-manager":
            async with as_web(company["id"]):
                for words, found in (
                    ((None, None, None), 1),
                    ((1, None, None), 1),
                    ((9, None, None), 0),
                    ((None, "X", "R"), 1),
                    ((None, "R", "X"), 0),
                ):
                    assert (await db.fetch(COUNT, matter.process_type, *words))[0]["n"] == found, words
            continue
        with pytest.raises(REFUSED, match="only the Code Manager"):
            async with as_web(company["id"]):
                await db.fetch(COUNT, matter.process_type, None, None, None)
    with pytest.raises(REFUSED, match="only the Code Manager"):
        async with as_web(None):
            await db.fetch(COUNT, matter.process_type, None, None, None)


async def test_whether_it_was_used_is_for_the_code_manager_alone(matter: Matter) -> None:
    used = "SELECT sdep_was_used($1) AS is_so"
    for company in [*await db.fetch("SELECT id, kind FROM company"), {"id": None, "kind": ""}]:
        if company["kind"] == "code-manager":
            async with as_web(company["id"]):
                for process, is_so in ((matter.process_type, True), (matter.gas_process, False), (0, False)):
                    assert (await db.fetch(used, process))[0]["is_so"] == is_so
            continue
        with pytest.raises(REFUSED, match="only the Code Manager"):
            async with as_web(company["id"]):
                await db.fetch(used, matter.process_type)


async def test_levels_are_ended_by_the_code_manager_alone_and_only_those_that_are_gone(matter: Matter) -> None:
    held = "SELECT count(*) AS n FROM assignment WHERE process_type = $1"
    (code_manager,) = await db.fetch("SELECT id FROM company WHERE kind = 'code-manager'")
    others = await db.fetch("SELECT id FROM company WHERE kind <> 'code-manager'")
    before = await db.fetch(held, matter.gas_process)
    await db.fetch("INSERT INTO assignment (company, person, process_type, level) SELECT company, id, $1, 7 FROM person"
                   " WHERE is_master_admin", matter.gas_process)  # fmt: skip
    for company in others:
        with pytest.raises(REFUSED, match="only the Code Manager"):
            async with as_web(company["id"]):
                await db.fetch(END, matter.gas_process)
    async with as_web(code_manager["id"]):
        ended = await db.fetch(END, matter.gas_process)
    assert {row["people"] for row in ended} == {1}
    assert await db.fetch(held, matter.gas_process) == before


async def test_a_level_that_a_communication_can_reach_is_not_ended(matter: Matter) -> None:
    (code_manager,) = await db.fetch("SELECT id FROM company WHERE kind = 'code-manager'")
    await db.fetch("DELETE FROM process_level WHERE process_type = $1", matter.process_type)
    await db.fetch("UPDATE communication SET max_level = 2 WHERE id = $1", matter.id)
    held = "SELECT DISTINCT level FROM assignment WHERE process_type = $1 ORDER BY level"
    async with as_web(code_manager["id"]):
        await db.fetch(END, matter.process_type)
    assert [row["level"] for row in await db.fetch(held, matter.process_type)] in ([1], [1, 2])


async def test_who_sends_waits_for_a_change_of_the_process_type_and_sends_by_its_rules(pool: None, urls: Urls) -> None:
    """Or else a communication could come to have a level that nobody can be assigned to any more."""
    changing, sending = [await asyncpg.connect(urls.owner_url) for _ in range(2)]
    (process,) = await changing.fetch("SELECT id FROM process_type WHERE code = 'PT0131'")
    level = "process_type = $1 AND number = 3"
    try:
        who = "SELECT id, company FROM market_participant WHERE mpid = ANY ($1) ORDER BY mpid"
        mine, theirs = await sending.fetch(who, ["BRWT", "NORG"])
        before = changing.transaction()
        await before.start()
        await changing.execute("SELECT 1 FROM process_type WHERE id = $1 FOR UPDATE", process["id"])
        (kept,) = await changing.fetch(f"DELETE FROM process_level WHERE {level} RETURNING *", process["id"])
        await sending.execute("BEGIN")
        await sending.execute("SELECT set_config('sdes.company_id', $1, true)", str(mine["company"]))
        opens = asyncio.create_task(sending.fetch(OPEN, process["id"], mine["id"], theirs["id"]))
        while not await changing.fetch(WAITING, sending.get_server_pid()):
            assert not opens.done(), "it was sent in the middle of the change"
        await before.commit()
        (opened,) = await opens
        found = "SELECT max_level FROM communication WHERE id = $1"
        assert await sending.fetchval(found, opened["communication_id"]) == 2
    finally:
        await sending.close()
        await changing.execute(
            "INSERT INTO process_level (id, process_type, number, name, response_amount, response_unit)"
            " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
            *(kept[name] for name in ("id", "process_type", "number", "name", "response_amount", "response_unit")),
        )
        await changing.close()
