"""Pages that only read: each statement is a transaction of its own that sees one company's rows and changes nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg
import psycopg
import pytest
from litestar import Litestar

from sdes.embedded.postgres import EmbeddedPostgres, Urls
from sdes.kit import db as database
from sdes.sdep.tables import CommunicationParty
from sdes.settings import Settings
from tests.support.communications import sent
from tests.support.own_database import pool_of_its_own, who_commits
from tests.support.signing_in import ASHA

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("pool")]

COMPANY = (
    "SELECT current_setting('sdes.company_id', true) AS company, current_setting('transaction_read_only') AS reads"
)
VIEWED = "SELECT count(*) FROM audit_entry WHERE event = 'sdep.communication.viewed'"


@asynccontextmanager
async def reading_for(company_id: int, url: str) -> AsyncIterator[database.Reading]:
    """A page that reads for that company, and has the one connection that there is."""
    async with pool_of_its_own(url, size=1), asyncio.timeout(20):
        reading = database.Reading()
        await reading.begin()
        reading.see(company_id)
        try:
            yield reading
        finally:
            await reading.end()


async def asked(sql: str, *arguments: object) -> list[dict[str, object]]:
    return [dict(row) for row in await database.fetch(sql, *arguments)]


async def test_each_statement_reads_for_one_company_and_leaves_nothing_behind(urls: Urls) -> None:
    async with reading_for(7, urls.web_url) as reading:
        assert await asked(COMPANY) == [{"company": "7", "reads": "on"}]
        assert await CommunicationParty.raw(COMPANY) == [{"company": "7", "reads": "on"}], "Piccolo's statements too"
        reading.see(None)
        assert await asked(f"{COMPANY} WHERE 1 = $1", 1) == [{"company": "", "reads": "on"}]
        await reading.end()
        assert await asked(COMPANY) == [{"company": "", "reads": "off"}]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ("INSERT INTO reading DEFAULT VALUES RETURNING id", asyncpg.PostgresSyntaxError),
        ("SELECT lo_create(0)", asyncpg.ReadOnlySQLTransactionError),
        ("SELECT nextval('message_id_seq')", asyncpg.ReadOnlySQLTransactionError),
    ],
)
async def test_nothing_can_be_changed(urls: Urls, change: str, error: type[Exception]) -> None:
    async with reading_for(7, urls.owner_url):
        with pytest.raises(error):
            await database.fetch(change)


async def test_what_has_to_be_written_is_a_transaction_of_the_same_company(urls: Urls) -> None:
    async with reading_for(7, urls.owner_url) as reading:
        told: list[str] = []

        async def tell() -> None:
            told.append("committed")

        async with database.transaction():
            assert await asked(COMPANY) == [{"company": "7", "reads": "off"}]
            await database.fetch("CREATE TEMPORARY TABLE written (n int)")
            database.after_commit(tell)
        assert told == ["committed"]
        assert await asked(COMPANY) == [{"company": "7", "reads": "on"}], "it goes on reading"
        with suppress(ZeroDivisionError):
            async with database.transaction():
                await database.fetch("INSERT INTO written VALUES (1)")
                raise ZeroDivisionError
        assert await asked("SELECT n FROM written") == []
        await reading.end()
        async with database.transaction():  # the one connection has come back
            assert await asked(COMPANY) == [{"company": "", "reads": "off"}]


async def test_where_a_transaction_is_open_it_is_used(urls: Urls) -> None:
    async with pool_of_its_own(urls.owner_url, size=1), asyncio.timeout(10), database.transaction():
        reading = database.Reading()
        await reading.begin()
        await database.fetch("SELECT set_config('sdes.company_id', '5', true)")
        reading.see(7)
        assert await asked(COMPANY) == [{"company": "5", "reads": "off"}]
        await reading.end()
        assert await asked(COMPANY) == [{"company": "5", "reads": "off"}], "it is still open"


async def test_pages_that_read_see_their_company_s_rows_alone(
    postgres: EmbeddedPostgres, app: Litestar, settings: Settings
) -> None:
    """With the web's own login and row-level security: a page that forgot to say whose rows it reads would be empty."""
    async with who_commits(ASHA, "sdes_reading", postgres, app, settings) as asha:
        reference = await sent(asha)
        page = await asha.get("/sdep/communications")
        assert (page.status_code, "Showing <b>1</b>" in page.text) == (200, True)
        for path in ("", "/attachments", "/audit", "/news?after=0"):
            answer = await asha.get(f"/sdep/communications/{reference}{path}")
            assert answer.status_code == 200, path
        with psycopg.connect(postgres.url("sdes_owner", "sdes_reading")) as owner:
            assert owner.execute(VIEWED).fetchone() == (1,), "that she looked is written, once a visit"
        assert database.DB.pool
        assert database.DB.pool.get_idle_size() == database.DB.pool.get_size(), "every connection has come back"
