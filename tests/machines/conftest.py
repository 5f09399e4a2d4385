"""Two machines behind nginx, which share the database, the store of files and the master key, and nothing else."""

import base64
import os
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest

from sdes.embedded.postgres import EmbeddedPostgres
from sdes.kit.blobstores import create_container
from tests.azurite import azurite
from tests.browser.sites import PROCESS
from tests.machines.machine import Machine
from tests.machines.proxy import Proxy
from tests.machines.visitor import Visitor
from tests.support.mail_server import PASSWORD, USER, MailServer

DATABASE = "sdes_machines"


@dataclass(frozen=True)
class Park:
    """The whole: machine `a`, machine `b`, nginx before them, and the one mail server."""

    a: Machine
    b: Machine
    proxy: Proxy
    mails: MailServer

    @property
    def machines(self) -> tuple[Machine, Machine]:
        return self.a, self.b

    def visitor(self, email: str = "", at: Machine | None = None) -> Visitor:
        """Somebody at a browser, signed in if an address is given."""
        visitor = Visitor(self.proxy)
        if email:
            answer = visitor.sign_in(email, at=at)
            assert answer.status_code == 303, answer.text
        return visitor

    def ids(self) -> dict[str, str]:
        """What a communication from Brightwatt to Northgrid names."""
        mpids = {row["mpid"]: str(row["id"]) for row in self.a.rows("SELECT id, mpid FROM market_participant")}
        process = self.a.rows("SELECT id FROM process_type WHERE code = %s", PROCESS)[0]["id"]
        return {"sender": mpids["BRWT"], "recipient": mpids["NORG"], "process": str(process)}


@pytest.fixture(scope="package")
def park(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Park]:
    key = base64.b64encode(os.urandom(64)).decode()
    with psycopg.connect(postgres.url("sdes_owner", "postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {DATABASE} OWNER sdes_owner")
    mails = MailServer(tmp_path_factory.mktemp("mails"))
    proxy = Proxy(tmp_path_factory.mktemp("nginx"))
    mails.start()
    mails.as_client()
    with azurite.running(key) as store:
        create_container(store, key)
        shared = {
            "BLOB_URL": store,
            "BLOB_ACCOUNT_KEY": key,
            "SDES_MASTER_KEY": base64.b64encode(os.urandom(32)).decode(),
            "SDES_PUBLIC_URL": proxy.address,
            "SMTP_URL": f"smtp://{USER}:{PASSWORD.replace(' ', '%20')}@localhost:{mails.port}",
            "SMTP_CERTIFICATES": str(mails.folder / "authorities.pem"),
        }
        a, b = (
            Machine(tmp_path_factory.mktemp(name), postgres, DATABASE, shared, processes)
            for name, processes in (("one", 1), ("two", 2))
        )
        try:
            a.prepare()
            proxy.start([a, b])
            a.start()
            b.start()
            yield Park(a, b, proxy, mails)
        finally:
            for part in (proxy, a, b, mails):
                part.stop()
