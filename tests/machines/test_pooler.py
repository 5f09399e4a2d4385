"""The web application behind pgbouncer in transaction mode: the main journey, by many at once on few connections."""

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx
import psycopg
import pytest

from sdes.embedded.clamd import EmbeddedClamd
from sdes.embedded.postgres import EmbeddedPostgres
from sdes.embedded.supervisor import web_command
from sdes.kit.queue import queue_at
from tests.browser.sites import PASSWORD, Site, until
from tests.machines.pooler import Pooler, given
from tests.support.people import hidden

pytestmark = pytest.mark.drill

DATABASE = "sdes_pooled"
ASHA, NILS = "asha@brightwatt.example", "nils@northgrid.example"
LIST = "/sdep/communications"


@pytest.fixture(scope="module")
def pooler(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pooler]:
    with psycopg.connect(postgres.url("sdes_owner", "postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {DATABASE} OWNER sdes_owner")
    made = Pooler(tmp_path_factory.mktemp("pgbouncer"), postgres.url("sdes_web", DATABASE))
    yield made
    made.stop()


@pytest.fixture(scope="module")
def site(
    postgres: EmbeddedPostgres, clamd: EmbeddedClamd, pooler: Pooler, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    made = Site(tmp_path_factory.mktemp("pooled"), postgres, clamd.socket, DATABASE)
    made.prepare()
    pooler.start()
    made._environment |= {"DATABASE_URL": pooler.url, "DATABASE_POOLER": "1", "SDES_PROCESSES": "2"}
    made.web = made.program("web", web_command(made.port))
    made.start()
    yield made
    made.stop()


def test_somebody_signs_in_sends_is_answered_and_told(site: Site) -> None:
    with site.client(NILS) as nils, httpx.Client(base_url=site.address) as ben:
        form = {"email": "ben@brightwatt.example", "password": PASSWORD}
        token = hidden(ben.get("/sign-in").text, "csrf_token")
        assert ben.post("/sign-in", data={"csrf_token": token, **form}).status_code == 303
        assert ben.get(LIST).status_code == 200
        reference = site.send(ASHA, "Through the pooler", {"a.txt": b"pooled"})
        until(lambda: site.states(reference) == ["clean"], "the worker was nudged and has checked the file")
        opened = nils.get(f"{LIST}/{reference}")
        assert "Through the pooler" in opened.text
        (file,) = re.findall(rf'href="({LIST}/{reference}/attachments/[^"]+)"', opened.text)[:1]
        assert nils.get(file).content == b"pooled"
        with site.client(ASHA) as asha:
            token = hidden(nils.get(f"{LIST}/{reference}").text, "csrf_token")
            answer = nils.post(f"{LIST}/{reference}/messages", data={"csrf_token": token, "text": "Xylophonic."})
            assert answer.status_code == 303, answer.text
            assert "Xylophonic" in asha.get(f"{LIST}/{reference}").text
            assert reference in asha.get(LIST, params={"q": "xylophonic"}).text


@pytest.mark.anyio
@pytest.mark.usefixtures("site")
async def test_every_nudge_goes_through(pooler: Pooler) -> None:
    """The queue's connections would prepare what they have said five times, and then say it to another one."""
    nudges = queue_at(pooler.url, through_pooler=True)
    await nudges.connect()

    async def some() -> None:
        for _ in range(20):
            await nudges.enqueue("attachments_check", attachment=str(uuid4()))

    try:
        await asyncio.gather(*(some() for _ in range(6)))
    finally:
        await nudges.disconnect()


def test_many_share_few_connections_and_nobody_sees_another_s(site: Site, pooler: Pooler) -> None:
    """Transactions of both companies and reads outside of any go by turns over the same connections."""
    secret = site.send(ASHA, "Wombatine")
    cleo = "cleo@calder.example"

    def ask(number: int) -> None:
        email = (ASHA, NILS, cleo)[number % 3]
        with site.client(email) as client:
            for _ in range(15):
                page = client.get(LIST)
                assert page.status_code == 200, page.text
                assert (secret in page.text) is (email != cleo), email
                assert client.get("/health/ready").status_code == 200

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(ask, range(12)))
    (web,) = (one for one in pooler.pools() if one["database"] == DATABASE)
    servers = web["sv_active"] + web["sv_idle"] + web["sv_used"]
    assert servers <= int(given()["default_pool_size"]) < web["cl_active"], web
