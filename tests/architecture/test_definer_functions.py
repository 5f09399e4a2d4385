"""The functions that run past row-level security: each refuses what is not the calling company's."""

from typing import Any

import asyncpg
import pytest

from sdes.kit import clock, db
from tests.architecture.matter import Matter
from tests.support.world import as_web

pytestmark = pytest.mark.anyio

REFUSED = asyncpg.InsufficientPrivilegeError
OPEN = "SELECT * FROM sdep_open_communication($1, $2, $3, 'about', '[]', 1, $4, $4)"
TELL = "SELECT sdep_tell_parties($1, $2, $3)"


async def test_a_communication_is_opened_by_its_sender_only(matter: Matter) -> None:
    asha_s, nils_s = await _participant("BRWT"), await _participant("NORG")
    stranger = await _participant("CLRV")
    words = (matter.process_type, asha_s["id"], nils_s["id"], clock.now())
    for company in (stranger["company"], nils_s["company"], None):
        with pytest.raises(REFUSED, match="own company"):
            async with as_web(company):
                await db.fetch(OPEN, *words)
    async with as_web(asha_s["company"]):
        (opened,) = await db.fetch(OPEN, *words)
    parties = await db.fetch(
        "SELECT company FROM communication_party WHERE communication = $1", opened["communication_id"]
    )
    assert {row["company"] for row in parties} == {asha_s["company"], nils_s["company"]}


async def test_a_communication_goes_to_another_company_that_exists(matter: Matter) -> None:
    mine, own_gas = await _participant("BRWT"), await _participant("BWG")
    for recipient in (own_gas["id"], mine["id"], 10_000_000):
        with pytest.raises(REFUSED, match="to another"):
            async with as_web(mine["company"]):
                await db.fetch(OPEN, matter.process_type, mine["id"], recipient, clock.now())


async def test_only_the_writer_of_a_message_tells_the_parties(matter: Matter, other_matter: Matter) -> None:
    before = await _parties(matter)
    for company, number in (
        (matter.companies[1], 1),  # the recipient, of the sender's message
        (matter.companies[0], 99),  # a message that there is not
        (other_matter.companies[0], 1),
        (None, 1),
    ):
        with pytest.raises(REFUSED, match="added the message"):
            async with as_web(company):
                await db.fetch(TELL, matter.id, number, clock.now())
    assert await _parties(matter) == before


async def test_an_address_gives_away_nothing_but_whose_account_it_is(matter: Matter) -> None:
    async with as_web(None):
        (found,) = await db.fetch("SELECT * FROM sdes_find_account('asha@brightwatt.example')")
        nobody = await db.fetch("SELECT * FROM sdes_find_account('nobody@brightwatt.example')")
    assert set(found.keys()) == {"person_id", "company_id"}
    assert nobody == []


async def _participant(mpid: str) -> Any:
    (row,) = await db.fetch("SELECT id, company FROM market_participant WHERE mpid = $1", mpid)
    return row


async def _parties(matter: Matter) -> list[Any]:
    return await db.fetch("SELECT * FROM communication_party WHERE communication = $1 ORDER BY id", matter.id)
