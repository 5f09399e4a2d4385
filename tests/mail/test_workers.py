"""Workers side by side and workers that die: here what is written is committed, as it is outside of tests."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from jobs.mail import mail_sweep
from sdes.embedded.postgres import Urls
from sdes.kit import clock, db
from sdes.mail.delivery import LEASE, deliver
from tests.mail.conftest import Write, row_of, state_of
from tests.support.mail_server import SILENCE, MailServer

pytestmark = pytest.mark.anyio

BOB = "bob@brightwatt.example"


@pytest.fixture(autouse=True)
async def mails_are_committed(pool: None) -> AsyncIterator[None]:
    yield
    await db.fetch("DELETE FROM mail")


async def told_nobody(*_: Any) -> None:
    raise AssertionError("nothing was given up, so nobody is to be told")


async def test_two_workers_send_each_mail_once(server: MailServer, write: Write) -> None:
    for number in range(20):
        await write(f"person{number}@brightwatt.example")
    server.at_data = lambda: time.sleep(0.01)
    counts = await asyncio.gather(*(deliver(server.as_client(), told_nobody) for _ in range(2)))
    assert sum(counts) == 20
    assert all(counts), "the other one had nothing to do, so nothing is proven"
    assert {row["attempts"] for row in await db.fetch("SELECT attempts FROM mail")} == {1}, "both tried the same one"
    assert sorted(got.recipients[0] for got in server.received) == sorted(
        f"person{n}@brightwatt.example" for n in range(20)
    )


async def test_that_it_goes_out_is_committed_before_it_does(server: MailServer, write: Write, urls: Urls) -> None:
    seen: list[Any] = []

    def look() -> None:
        with psycopg.connect(urls.owner_url) as connection:
            seen.extend(connection.execute("SELECT handed_over_at IS NOT NULL, sent_at IS NULL FROM mail").fetchall())

    await write()
    server.at_data = look
    assert await deliver(server.as_client(), told_nobody) == 1
    assert seen == [(True, True)]


async def test_a_worker_that_dies_before_the_content_leaves_the_mail_to_the_next(
    server: MailServer, write: Write
) -> None:
    mail_id, now = await write(), clock.now()
    server.to_rcpt[BOB] = [SILENCE]
    await _dies(server, lambda: f"RCPT {BOB}" in server.heard)
    assert state_of(await row_of(mail_id)) == "waiting"
    assert await deliver(server.as_client(), told_nobody) == 0, "it may be at it still"
    with clock.at(now + LEASE + timedelta(seconds=1)):
        assert await deliver(server.as_client(), told_nobody) == 1
    assert len(server.received) == 1


async def test_a_worker_that_dies_after_the_content_is_not_followed_by_another(
    server: MailServer, write: Write
) -> None:
    mail_id, came, goes_on = await write(), threading.Event(), threading.Event()

    def hold() -> None:
        came.set()
        goes_on.wait(10)

    server.at_data = hold
    await _dies(server, came.is_set)
    goes_on.set()
    row = await row_of(mail_id)
    assert state_of(row) == "unanswered"
    assert row["body"] is not None
    for later in (timedelta(0), LEASE + timedelta(minutes=1), timedelta(days=2)):
        with clock.at(clock.now() + later):
            await mail_sweep({"mail_server": server.as_client()})
    assert server.heard.count("DATA") == 1
    assert (await row_of(mail_id))["body"] is None, "nobody will need it any more"


async def _dies(server: MailServer, where: Any) -> None:
    """A worker that begins and ends where the condition comes true, without another word to the database."""
    worker = asyncio.create_task(deliver(server.as_client(), told_nobody))
    while not where():
        await asyncio.sleep(0.01)
    worker.cancel()
    with suppress(asyncio.CancelledError):
        await worker
