"""Workers that die and workers side by side: nobody is mailed twice, and nobody is forgotten (SD 11.1(f)).

Here what is written is committed, as it is outside of tests.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import psycopg
import pytest

from sdes import mail
from sdes.actor import Actor
from sdes.attachments.vault import Vault
from sdes.embedded.postgres import Urls
from sdes.kit import db, keyring
from sdes.notifications import actions
from tests.notifications.conftest import ASHA, BEN, NILS, NORA, london, told, wants

pytestmark = pytest.mark.anyio

CAME = london("2026-11-20", "09:20")
EVERYBODY = (ASHA, BEN, NILS, NORA)
SYSTEM = Actor.system("Notifications")

# The job in a process of its own, which stops for ever between marking the rows and writing the mail.
HALTS = """
import asyncio, os, sys
from pathlib import Path
from sdes import mail
from sdes.actor import Actor
from sdes.kit import db
from sdes.notifications import actions

async def halts(*_, **__):
    Path(sys.argv[2]).touch()
    await asyncio.sleep(600)

async def main():
    await db.open_pool(sys.argv[1], size=2)
    mail.post_all = halts
    await actions.mail_what_is_due(Actor.system("Notifications"))

asyncio.run(main())
"""


@pytest.fixture(autouse=True)
async def kept(pool: None, vault: Vault) -> AsyncIterator[None]:
    keyring.use(vault.master)
    mail.use("https://sdes.example")
    for email in EVERYBODY:
        await wants(email, "immediately")
        await told(email, CAME)
        await told(email, CAME, "SC00000002")
    yield
    for table in ("mail", "notification", "notification_setting"):
        await db.fetch(f"DELETE FROM {table}")


async def _state() -> tuple[int, int]:
    """How many mails there are, and how many notifications say that they were mailed."""
    (row,) = await db.fetch(
        "SELECT (SELECT count(*) FROM mail) AS mails,"
        " (SELECT count(*) FROM notification WHERE mailed_at IS NOT NULL) AS n"
    )
    return row["mails"], row["n"]


async def test_a_crash_between_the_mark_and_the_mail_leaves_both_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    async def crash(*_: Any, **__: Any) -> None:
        raise SystemError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(mail, "post_all", crash)
        with pytest.raises(SystemError):
            await actions.mail_what_is_due(SYSTEM)
    assert await _state() == (0, 0)
    assert await actions.mail_what_is_due(SYSTEM) == 4
    assert await _state() == (4, 8)
    assert await actions.mail_what_is_due(SYSTEM) == 0
    assert await _state() == (4, 8)


async def test_a_worker_killed_in_the_middle_sends_nothing_twice_and_loses_nothing(urls: Urls, tmp_path: Path) -> None:
    stopped = tmp_path / "stopped"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(["src", "."])}
    worker = Popen([sys.executable, "-c", HALTS, urls.owner_url, str(stopped)], env=environment, stderr=PIPE)
    try:
        give_up = time.monotonic() + 30
        while not stopped.exists():
            assert worker.poll() is None, worker.stderr and worker.stderr.read()
            assert time.monotonic() < give_up
            await asyncio.sleep(0.05)
        assert await actions.mail_what_is_due(SYSTEM) == 0, "the other one holds them all"
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    await _until_nobody_holds_them(urls)
    assert await actions.mail_what_is_due(SYSTEM) == 4
    assert await _state() == (4, 8)


async def test_workers_side_by_side_mail_everybody_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sdes.notifications.actions.mailing.PEOPLE_AT_ONCE", 1)
    counts = await asyncio.gather(*(actions.mail_what_is_due(SYSTEM) for _ in range(3)))
    assert sum(counts) == 4
    assert await _state() == (4, 8)
    rows = await db.fetch("SELECT count(DISTINCT to_address) AS people FROM mail")
    assert rows[0]["people"] == 4


async def test_thousands_are_mailed_in_few_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    fetch = db.fetch

    async def counted(sql: str, *words: Any) -> list[Any]:
        asked.append(sql)
        return await fetch(sql, *words)

    monkeypatch.setattr(db, "fetch", counted)
    await actions.mail_what_is_due(SYSTEM)
    few = len(asked)
    await fetch("DELETE FROM mail")
    await fetch("UPDATE notification SET mailed_at = NULL, wants_mail = true")
    await fetch(
        "INSERT INTO notification (company, person, created_at, subject, title, process, kind, number, from_name,"
        " closed_by, is_quick, wants_mail) SELECT company, person, created_at, 'SC' || g, title, process, kind, number,"
        " from_name, '', false, true FROM notification, generate_series(1, 500) g"
    )
    asked.clear()
    assert await actions.mail_what_is_due(SYSTEM) == 4
    assert len(asked) == few


async def _until_nobody_holds_them(urls: Urls) -> None:
    """The server notices within moments that the worker is gone."""
    with psycopg.connect(urls.owner_url, autocommit=True) as connection:
        give_up = time.monotonic() + 10
        while connection.execute("SELECT count(*) FROM (SELECT 1 FROM person FOR UPDATE SKIP LOCKED) p").fetchone() != (
            connection.execute("SELECT count(*) FROM person").fetchone()
        ):
            assert time.monotonic() < give_up
            await asyncio.sleep(0.05)
