"""The outbox around its delivery: who may touch it, what waits, what is said of it, what is forgotten."""

import logging
from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest

from jobs.mail import mail_forget, mail_sweep
from sdes import mail
from sdes.kit import clock, db
from sdes.settings import Settings
from tests.mail.conftest import WORDS, Write, row_of, state_of
from tests.support.people import Browser
from tests.support.world import as_web

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT id FROM mail",
        "UPDATE mail SET to_address = 'eve@calder.example'",
        "UPDATE mail SET sent_at = now()",
        "DELETE FROM mail",
        "INSERT INTO mail SELECT * FROM mail",
        "INSERT INTO demo_mail (to_address, to_name, subject, text, html, at) VALUES ('', '', '', '', '', now())",
    ],
)
async def test_the_web_application_can_neither_read_nor_change_mails(
    write: Write, asha: Browser, statement: str
) -> None:
    company = (await asha.actor()).company_id
    async with as_web(company):
        await db.fetch("SELECT waiting FROM mail_waiting()")
    await write(company_id=company)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with as_web(company):
            await db.fetch(statement)


async def test_the_web_application_can_write_one_that_waits_and_no_other(write: Write, asha: Browser) -> None:
    async with as_web((await asha.actor()).company_id):
        await mail.post("single_use_password", to_address="bob@b.example", to_name="Bob", **WORDS)
    (row,) = await db.fetch("SELECT * FROM mail")
    assert state_of(row) == "waiting"
    for column in ("sent_at", "handed_over_at", "given_up_at"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            async with as_web(None):
                await db.fetch(
                    f"INSERT INTO mail (kind, to_address, to_name, subject, created_at, next_attempt_at, {column})"
                    " VALUES ('a.kind', 'a@b.example', '', '', now(), now(), now())"
                )


async def test_a_mail_written_as_at_another_time_goes_out_now(write: Write) -> None:
    now = clock.now()
    for moment in (now + timedelta(days=99), now - timedelta(days=99)):
        with clock.at(moment):
            row = await row_of(await write())
        assert row["created_at"] == moment
        assert row["next_attempt_at"] <= clock.now()


async def test_of_many_mails_none_is_written_twice_that_is_to_be_written_once(write: Write) -> None:
    def letters(*addresses: str) -> list[mail.Letter]:
        return [mail.Letter(address, "", words=WORDS, once_key=f"once:{address}") for address in addresses]

    await mail.post_all("single_use_password", letters("a@b.example", "c@b.example"))
    await mail.post_all("single_use_password", letters("c@b.example", "d@b.example"))
    rows = await db.fetch("SELECT to_address FROM mail ORDER BY id")
    assert [row["to_address"] for row in rows] == ["a@b.example", "c@b.example", "d@b.example"]


async def test_without_a_server_mails_wait_and_the_log_says_so(
    write: Write, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    ctx = {"mail_server": None, "settings": settings}
    with caplog.at_level(logging.WARNING):
        await mail_sweep(ctx)
    assert caplog.messages == [], "nothing waits"
    mail_id = await write()
    with caplog.at_level(logging.WARNING):
        await mail_sweep(ctx)
    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith("1 mails wait since ")
    row = await row_of(mail_id)
    assert (state_of(row), row["attempts"]) == ("waiting", 0)


async def test_the_status_page_says_how_many_wait_and_since_when(write: Write, asha: Browser) -> None:
    assert "No e-mail waits to be sent." in (await asha.get("/status")).text
    first = await write()
    await write()
    page = (await asha.get("/status")).text
    assert "2 to be sent" in page
    assert "E-mails are sent in the order in which they are written." in page
    await db.fetch("UPDATE mail SET created_at = '2026-07-01 12:00+00' WHERE id = $1", first)
    page = (await asha.get("/status")).text
    assert "2 to be sent" in page
    assert "The oldest has waited since 1 Jul 2026, 13:00." in page
    await db.fetch("UPDATE mail SET handed_over_at = now() WHERE id = $1", first)
    assert "1 to be sent" in (await asha.get("/status")).text


async def test_old_mails_are_forgotten(write: Write, settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    now = clock.now()
    ids = [await write(name) for name in ("old@b.example", "sent@b.example", "new@b.example")]
    for mail_id, days in zip(ids, (31, 31, 29), strict=True):
        await db.fetch("UPDATE mail SET created_at = $2 WHERE id = $1", mail_id, now - timedelta(days=days))
    await db.fetch("UPDATE mail SET sent_at = now() WHERE id = $1", ids[1])
    await db.fetch(
        "INSERT INTO demo_mail (to_address, to_name, subject, text, html, at) VALUES ('', '', '', '', '', $1)",
        now - timedelta(days=400),
    )
    await mail_forget({"settings": replace(settings, demo=True)})
    assert [row["id"] for row in await db.fetch("SELECT id FROM mail")] == ids[2:]
    assert len(await db.fetch("SELECT id FROM demo_mail")) == 1
    assert caplog.messages == ["1 mails had waited for 30 days and were dropped unsent"]
