"""Delivery to a real mail server: once, encrypted, tried again when it is put off, given up when it is rejected."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import Any

import pytest
import trustme

from jobs.mail import _tell, mail_deliver, mail_sweep
from sdes.auditlog.queries import entries_about
from sdes.kit import clock, db
from sdes.mail import delivery
from sdes.mail.delivery import LEASE, WAITS, deliver
from tests.mail.conftest import Write, row_of, state_of
from tests.support.mail_server import HANG_UP, MailServer
from tests.support.people import SignIn

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]

BOB = "bob@brightwatt.example"


async def told_nobody(*_: Any) -> None:
    raise AssertionError("nothing was given up, so nobody is to be told")


@pytest.mark.spec("SD 2.3")
async def test_a_mail_arrives_once_encrypted_with_text_and_html(server: MailServer, write: Write) -> None:
    mail_id = await write(password="Xy<12>")
    ctx = {"mail_server": server.as_client()}
    await mail_deliver(ctx)
    await mail_sweep(ctx)
    (got,) = server.received
    assert got.was_encrypted
    assert (got.sender, got.recipients) == ("no-reply@sdes.example", [BOB])
    message = got.message
    assert message["From"] == "SDES <no-reply@sdes.example>"
    assert message["To"] == f"Bob Oduya <{BOB}>"
    assert message["Subject"] == "Your account for SDES"
    assert message["Message-ID"].startswith(f"<mail-{mail_id}-")
    assert message["Auto-Submitted"] == "auto-generated"
    assert abs(message["Date"].datetime - clock.now()) < timedelta(minutes=1)
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    assert "    Xy<12>" in text
    assert "Xy&lt;12&gt;" in html
    assert '<a href="https://sdes.example/sign-in"' in html
    row = await row_of(mail_id)
    assert state_of(row) == "sent"
    assert row["body"] is None, "what it said is forgotten"


async def test_many_mails_go_over_one_connection(server: MailServer, write: Write) -> None:
    for number in range(5):
        await write(f"person{number}@brightwatt.example")
    assert await deliver(server.as_client(), told_nobody) == 5
    assert [got.recipients for got in server.received] == [[f"person{n}@brightwatt.example"] for n in range(5)]
    assert server.connections == 1


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
async def test_a_server_that_speaks_tls_at_once(server: MailServer, write: Write) -> None:
    server.stop()
    server.at_once, server.port = True, 0
    server.start()
    await write()
    assert await deliver(server.as_client(), told_nobody) == 1
    assert len(server.received) == 1


async def test_a_certificate_of_another_authority_is_refused(server: MailServer, write: Write) -> None:
    mail_id = await write()
    assert await deliver(server.as_client(ca=trustme.CA()), told_nobody) == 0
    row = await row_of(mail_id)
    assert (state_of(row), row["attempts"]) == ("waiting", 1)
    assert "certificate" in row["last_error"].lower()
    assert server.heard == []


async def test_a_server_without_starttls_is_told_nothing(server: MailServer, write: Write) -> None:
    server.stop()
    server.offers_tls, server.port = False, 0
    server.start()
    mail_id = await write()
    assert await deliver(server.as_client(), told_nobody) == 0
    assert server.heard == []
    assert "STARTTLS" in (await row_of(mail_id))["last_error"]


async def test_a_wrong_password_of_ours_loses_no_mail(server: MailServer, write: Write) -> None:
    ids = [await write(), await write("eve@brightwatt.example")]
    assert await deliver(server.as_client(password="wrong"), told_nobody) == 0
    assert set(server.heard) == {"AUTH"}
    rows = [await row_of(mail_id) for mail_id in ids]
    assert [(state_of(row), row["attempts"]) for row in rows] == [("waiting", 1), ("waiting", 0)]
    assert rows[0]["last_error"].startswith("535")


async def test_a_sender_that_the_server_refuses_loses_no_mail(server: MailServer, write: Write) -> None:
    mail_id = await write()
    server.to_mail = ["550 5.7.1 you may not send as no-reply"]
    assert await deliver(server.as_client(), told_nobody) == 0
    assert state_of(await row_of(mail_id)) == "waiting"


@pytest.mark.parametrize("place", ["to_rcpt", "to_data"])
async def test_what_is_put_off_is_delivered_once_later(server: MailServer, write: Write, place: str) -> None:
    mail_id, now = await write(), clock.now()
    getattr(server, place)[BOB] = ["450 4.2.0 greylisted", "451 4.3.0 not yet"]
    with clock.at(now):
        assert await deliver(server.as_client(), told_nobody) == 0
        assert await deliver(server.as_client(), told_nobody) == 0, "not before its time"
    row = await row_of(mail_id)
    assert (state_of(row), row["attempts"]) == ("waiting", 1)
    assert row["next_attempt_at"] == now + timedelta(minutes=1)
    assert row["last_error"] == "450 4.2.0 greylisted"
    with clock.at(now + timedelta(minutes=1)):
        assert await deliver(server.as_client(), told_nobody) == 0
    assert (await row_of(mail_id))["next_attempt_at"] == now + timedelta(minutes=3)
    with clock.at(now + timedelta(minutes=3)):
        assert await deliver(server.as_client(), told_nobody) == 1
        assert await deliver(server.as_client(), told_nobody) == 0
    assert len(server.received) == 1


async def test_a_mail_that_is_put_off_does_not_hold_up_the_others(server: MailServer, write: Write) -> None:
    for name in ("bob", "eve"):
        await write(f"{name}@brightwatt.example")
    server.to_rcpt[BOB] = ["450 4.2.0 greylisted"]
    assert await deliver(server.as_client(), told_nobody) == 1
    assert [got.recipients for got in server.received] == [["eve@brightwatt.example"]]


@pytest.mark.parametrize("place", ["to_rcpt", "to_data"])
async def test_what_is_rejected_is_given_up_and_the_mau_sees_it(
    server: MailServer, write: Write, sign_in: SignIn, place: str
) -> None:
    mo, cora = await sign_in("mo@brightwatt.example"), await sign_in("cora@calder.example")
    company = (await mo.actor()).company_id
    mail_id = await write(company_id=company, person_id=17)
    getattr(server, place)[BOB] = ["550 5.1.1 no such\tuser " + "x" * 400]
    await mail_sweep({"mail_server": server.as_client()})
    row = await row_of(mail_id)
    assert state_of(row) == "given up"
    assert row["body"] is None
    (entry,) = await entries_about(await mo.actor(), "person 17")
    assert entry.event == "mail.message.refused"
    assert entry.detail.startswith(f"{BOB}: 550 5.1.1 no such user xxx")
    assert len(entry.detail) == 200
    (about,) = await db.fetch("SELECT about_company FROM audit_entry WHERE event = 'mail.message.refused'")
    assert about["about_company"] == company
    assert await entries_about(await cora.actor(), "person 17") == []
    with clock.at(clock.now() + timedelta(days=1)):
        assert await deliver(server.as_client(), told_nobody) == 0
    assert server.received == []


async def test_down_for_a_day_loses_nothing_and_sends_nothing_twice(server: MailServer, write: Write) -> None:
    client, began = server.as_client(), clock.now()
    ids = [await write(f"person{number}@brightwatt.example") for number in range(3)]
    server.stop()
    moment = began
    while moment < began + timedelta(days=1):
        with clock.at(moment):
            assert await deliver(client, told_nobody) == 0
        (due,) = await db.fetch("SELECT min(next_attempt_at) AS at FROM mail")
        moment = max(moment + timedelta(minutes=1), due["at"])
    attempts = [(await row_of(mail_id))["attempts"] for mail_id in ids]
    assert all(20 < count <= 29 for count in attempts), f"an hour apart at most, and at last at least: {attempts}"
    server.start()
    with clock.at(began + timedelta(days=1, hours=1)):
        assert await deliver(client, told_nobody) == 3
        assert await deliver(client, told_nobody) == 0
    assert {state_of(await row_of(mail_id)) for mail_id in ids} == {"sent"}
    assert sorted(got.recipients[0] for got in server.received) == [f"person{n}@brightwatt.example" for n in range(3)]


async def test_after_three_days_it_is_given_up(server: MailServer, write: Write, sign_in: SignIn) -> None:
    mo = await sign_in("mo@brightwatt.example")
    mail_id, client = await write(company_id=(await mo.actor()).company_id), server.as_client()
    server.stop()
    row = await row_of(mail_id)
    while state_of(row) == "waiting":
        with clock.at(row["next_attempt_at"]):
            assert await deliver(client, _tell) == 0
        row = await row_of(mail_id)
    assert timedelta(days=3) < row["given_up_at"] - row["created_at"] < timedelta(days=3, hours=2)
    assert row["attempts"] == len(WAITS) + 1
    assert row["body"] is None
    (entry,) = await entries_about(await mo.actor(), f"mail {mail_id}")
    assert entry.event == "mail.message.given-up"


async def test_what_was_put_off_by_a_clock_that_was_ahead_goes_out_now(server: MailServer, write: Write) -> None:
    now, client = clock.now(), server.as_client()
    await write()
    server.stop()
    with clock.at(now + timedelta(days=1)):
        assert await deliver(client, told_nobody) == 0
        await write("nils@northgrid.example")
        assert await delivery._taken(), "a worker takes the other one, and dies"
    server.start()
    with clock.at(now + timedelta(minutes=1)):
        assert await deliver(client, told_nobody) == 2
    assert len(server.received) == 2


async def test_a_connection_cut_before_the_content_is_tried_again(server: MailServer, write: Write) -> None:
    mail_id, now = await write(), clock.now()
    server.to_rcpt[BOB] = [HANG_UP]
    assert await deliver(server.as_client(), told_nobody) == 0
    assert state_of(await row_of(mail_id)) == "waiting"
    with clock.at(now + timedelta(minutes=2)):
        assert await deliver(server.as_client(), told_nobody) == 1
    assert len(server.received) == 1


async def test_a_connection_cut_after_the_content_is_the_end_of_it(server: MailServer, write: Write) -> None:
    mail_id, now = await write(), clock.now()
    server.to_data[BOB] = [HANG_UP]
    assert await deliver(server.as_client(), told_nobody) == 0
    row = await row_of(mail_id)
    assert state_of(row) == "unanswered"
    assert row["body"] is None
    assert row["last_error"]
    for later in (timedelta(minutes=2), LEASE, timedelta(days=2)):
        with clock.at(now + later):
            await mail_sweep({"mail_server": server.as_client()})
    assert len(server.received) == 1


async def test_a_worker_that_was_overtaken_sends_nothing(
    server: MailServer, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that stood still for longer than its lease, while another took the mail and sent it."""
    mail_id = await write()
    taken = await _taken_long_ago(monkeypatch)
    assert await deliver(server.as_client(), told_nobody) == 1
    with taken():
        assert await deliver(server.as_client(), told_nobody) == 0
    assert len(server.received) == 1
    assert state_of(await row_of(mail_id)) == "sent"


@pytest.mark.parametrize("answer", ["450 4.2.0 not now", "550 5.1.1 never", HANG_UP])
async def test_a_worker_that_was_overtaken_says_nothing_of_the_mail(
    server: MailServer, write: Write, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    """The other handed it over, and nobody knows whether it arrived: no later failure makes it wait again."""
    mail_id = await write()
    taken = await _taken_long_ago(monkeypatch)
    server.to_data[BOB] = [HANG_UP]
    assert await deliver(server.as_client(), told_nobody) == 0
    server.to_rcpt[BOB] = [answer]
    with taken():
        assert await deliver(server.as_client(), told_nobody) == 0
    assert server.to_rcpt[BOB] == []
    assert state_of(await row_of(mail_id)) == "unanswered"


async def _taken_long_ago(monkeypatch: pytest.MonkeyPatch) -> Callable[[], AbstractContextManager[None]]:
    """A worker takes the mail and stands still until its lease is over; inside what is given, it goes on."""
    with clock.at(clock.now() - LEASE - timedelta(seconds=1)):
        await db.fetch("UPDATE mail SET next_attempt_at = $1", clock.now())
        taken = await delivery._taken()
    assert taken
    given = [taken]

    async def the_one_taken_before() -> Any:
        return given.pop() if given else None

    @contextmanager
    def go_on() -> Iterator[None]:
        with monkeypatch.context() as patched:
            patched.setattr(delivery, "_taken", the_one_taken_before)
            yield

    return go_on
