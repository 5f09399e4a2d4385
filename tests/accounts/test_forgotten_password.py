"""Forgotten passwords: a link by e-mail, used once, and nothing told to those who guess addresses (SD 2.3, 8.1)."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from litestar import Litestar

from sdes.accounts import rate_limits
from sdes.kit import clock, csrf, db
from sdes.settings import Settings
from tests.support.communications import count, told
from tests.support.mails import mails_to
from tests.support.people import PASSWORD, Browser
from tests.support.signing_in import ASHA, give_single_use, is_signed_in, person_with, signing_in, unverify

pytestmark = pytest.mark.anyio

NEW = "a wholly different phrase 7"
OVER = "Each link works once, for a limited time, and only while it is the newest. Nothing was changed."


async def ask(browser: Browser, email: str = ASHA) -> httpx.Response:
    return await browser.post("/forgotten-password", {"email": email})


async def link_for(browser: Browser, email: str = ASHA) -> str:
    """Asks, and gives the path of the newest link."""
    await ask(browser, email)
    return (await mails_to(email, "password_reset"))[-1].path


async def choose(browser: Browser, path: str, password: str = NEW, again: str = "") -> httpx.Response:
    return await browser.post(path, {"password": password, "password_again": again or password})


async def lock_out(browser: Browser) -> None:
    for _ in range(rate_limits.PER_ACCOUNT):
        await signing_in(browser, password="wrong")
    assert (await signing_in(browser)).status_code == 429


@pytest.mark.spec("SD 2.2")
@pytest.mark.spec("SD 8.1")
async def test_a_link_by_mail_sets_a_new_password_and_signs_out_everywhere(nobody: Browser, asha: Browser) -> None:
    await unverify()
    path = await link_for(nobody)
    assert (await nobody.get(path)).status_code == 200
    answer = await choose(nobody, path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?why=reset")
    assert "Your password has been changed" in (await nobody.get(answer.headers["location"])).text
    assert not await is_signed_in(nobody), "a link signs nobody in"
    assert not await is_signed_in(asha), "the session of before still opens doors"
    assert (await signing_in(nobody, password=PASSWORD)).status_code == 422
    assert (await signing_in(nobody, password=NEW)).status_code == 303
    assert "was changed on" in (await mails_to(ASHA, "password_changed"))[0].text
    assert (await person_with())["email_verified_at"], "the link reached the address, so it is theirs"
    assert await count("audit_entry", "event = 'accounts.password.reset' AND person_name = 'Asha Rahman'") == 1


async def test_a_link_works_once(nobody: Browser) -> None:
    path = await link_for(nobody)
    assert (await choose(nobody, path)).status_code == 303
    for answer in (await nobody.get(path), await choose(nobody, path, "another phrase altogether 8")):
        assert (answer.status_code, told(answer)) == (404, [OVER])
        assert 'href="/forgotten-password"' in answer.text
    assert (await signing_in(nobody, password=NEW)).status_code == 303


async def test_to_look_at_a_link_or_to_choose_badly_does_not_use_it_up(nobody: Browser) -> None:
    path = await link_for(nobody)
    for _ in range(3):
        assert (await nobody.get(path)).status_code == 200
    for password, again, sentence in (
        ("", "", "Enter a new password"),
        ("too short", "", "Choose a password that meets every rule below"),
        ("asha likes long words", "", "Choose a password that meets every rule below"),
        (NEW, "something else", "The two passwords are not the same"),
    ):
        answer = await choose(nobody, path, password, again)
        assert (answer.status_code, told(answer)) == (422, [sentence])
    assert (await choose(nobody, path)).status_code == 303


async def test_a_link_ends_after_an_hour(nobody: Browser) -> None:
    start = clock.now()
    with clock.at(start):
        path = await link_for(nobody)
    with clock.at(start + timedelta(minutes=59)):
        assert (await nobody.get(path)).status_code == 200
    with clock.at(start + timedelta(hours=1)):
        assert (await nobody.get(path)).status_code == 404
        assert (await choose(nobody, path)).status_code == 404


async def test_only_the_newest_link_works(nobody: Browser) -> None:
    first = await link_for(nobody)
    second = await link_for(nobody)
    assert (await nobody.get(first)).status_code == 404
    assert (await nobody.get(second)).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        "email = 'new@brightwatt.example', email_key = 'new@brightwatt.example'",
        "state = 'suspended'",
        "state = 'deleted', email_key = 'deleted:1'",
    ],
)
async def test_a_link_is_worthless_once_the_account_is_another(nobody: Browser, change: str) -> None:
    path = await link_for(nobody)
    await db.fetch(f"UPDATE person SET {change} WHERE email_key = $1", ASHA)
    assert (await nobody.get(path)).status_code == (await choose(nobody, path)).status_code == 404


async def test_a_password_that_was_set_otherwise_voids_the_link(nobody: Browser, asha: Browser) -> None:
    path = await link_for(nobody)
    await asha.post("/account/password", {"current": PASSWORD, "password": NEW, "password_again": NEW})
    assert (await nobody.get(path)).status_code == 404


@pytest.mark.parametrize("token", ["x", "a" * 43, "%00", "a" * 3000, "%F0%9F%94%91"])
async def test_a_link_that_nobody_sent_is_none(nobody: Browser, token: str) -> None:
    for answer in (await nobody.get(f"/reset-password/{token}"), await choose(nobody, f"/reset-password/{token}")):
        assert (answer.status_code, told(answer)) == (404, [OVER])


async def test_a_link_to_verify_an_address_resets_nothing(nobody: Browser, asha: Browser) -> None:
    await unverify()
    await asha.post("/account/address/verification")
    (mail,) = await mails_to(ASHA, "verify_address")
    token = mail.path.rpartition("/")[2]
    assert (await choose(nobody, f"/reset-password/{token}")).status_code == 404
    assert (await nobody.get(mail.path)).status_code == 200


async def test_the_secret_of_a_link_is_told_to_no_other_site_and_not_kept(nobody: Browser) -> None:
    path = await link_for(nobody)
    token = path.rpartition("/")[2]
    for answer in (await nobody.get(path), await choose(nobody, path, "x")):
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert token not in answer.text
    await choose(nobody, path)
    assert (await nobody.get(path)).headers["referrer-policy"] == "no-referrer"
    for table in ("account_link", "audit_entry", "mail"):
        rows = await db.fetch(f"SELECT t::text AS everything FROM {table} t")
        assert not any(token in row["everything"] for row in rows), table


async def test_after_a_lock_a_link_opens_the_account_again(nobody: Browser) -> None:
    await lock_out(nobody)
    await choose(nobody, await link_for(nobody))
    assert (await signing_in(nobody, password=NEW)).status_code == 303


async def test_a_second_factor_is_still_asked_for(nobody: Browser) -> None:
    await db.fetch("UPDATE person SET totp_confirmed_at = now() WHERE email_key = $1", ASHA)
    await choose(nobody, await link_for(nobody))
    answer = await signing_in(nobody, password=NEW)
    assert answer.headers["location"].startswith("/sign-in/second-factor")
    assert not await is_signed_in(nobody)


async def test_a_newcomer_who_lost_the_single_use_password_asks_for_a_link(nobody: Browser) -> None:
    await give_single_use(until=clock.now() - timedelta(days=1))
    await choose(nobody, await link_for(nobody))
    assert (await signing_in(nobody, password=NEW)).status_code == 303
    assert await is_signed_in(nobody)


async def test_a_suspended_person_is_told_so_by_mail_alone(nobody: Browser) -> None:
    await db.fetch("UPDATE person SET state = 'suspended' WHERE email_key = $1", ASHA)
    before = await ask(nobody, "no-such-person@brightwatt.example")
    answer = await ask(nobody)
    assert answer.text.replace(ASHA, "") == before.text.replace("no-such-person@brightwatt.example", "")
    (mail,) = await mails_to(ASHA)
    assert (mail.kind, mail.subject) == ("password_reset", "Your account for SDES is suspended")
    assert "ask Mo Sheikh" in mail.text
    assert "/reset-password/" not in mail.text
    assert await count("account_link") == 0


OF_EACH_ANSWER = ("content-length", "x-request-id")


@pytest.mark.spec("SD 8.1")
async def test_nobody_learns_whether_there_is_an_account(
    nobody: Browser, ben: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same page, headers and statements before it, whoever's address it is."""
    await db.fetch("UPDATE person SET state = 'suspended' WHERE email_key = 'ben@brightwatt.example'")
    for _ in range(rate_limits.MAILS_PER_ACCOUNT):
        await ask(nobody, "cleo@calder.example")
    seen = []
    for email in (ASHA, "no-such-person@brightwatt.example", "ben@brightwatt.example", "cleo@calder.example"):
        statements, answer = await _watched(nobody, email, monkeypatch)
        headers = {name: value for name, value in answer.headers.items() if name not in OF_EACH_ANSWER}
        seen.append((answer.status_code, headers, answer.text.replace(email, "ADDRESS"), statements))
    assert all(one == seen[0] for one in seen[1:])
    assert seen[0][0] == 200
    assert "If there is an account with this address" in seen[0][2]
    assert len(await mails_to(ASHA)) == len(await mails_to("ben@brightwatt.example")) == 1
    assert len(await mails_to("cleo@calder.example")) == rate_limits.MAILS_PER_ACCOUNT


async def _watched(browser: Browser, email: str, monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], httpx.Response]:
    """The answer, and what was asked of the database before it was begun."""
    asked: list[str] = []
    begun: list[int] = []
    fetch, app = db.fetch, browser.client._transport.app  # type: ignore[attr-defined]

    async def noting(sql: str, *arguments: Any) -> list[Any]:
        if not begun:
            asked.append(sql)
        return await fetch(sql, *arguments)

    async def telling(scope: Any, receive: Any, send: Any) -> None:
        async def sending(message: Any) -> None:
            begun.append(1)
            await send(message)

        await app(scope, receive, sending)

    with monkeypatch.context() as patch:
        patch.setattr(db, "fetch", noting)
        patch.setattr(browser.client._transport, "app", telling)
        answer = await ask(browser, email)
    assert begun
    return asked, answer


async def test_mails_are_limited_by_account_and_hour_in_silence(nobody: Browser) -> None:
    start = clock.now()
    for minutes in (0, 1, 2, 3, 59):
        with clock.at(start + timedelta(minutes=minutes)):
            assert (await ask(nobody)).status_code == 200
    assert len(await mails_to(ASHA)) == rate_limits.MAILS_PER_ACCOUNT
    with clock.at(start + timedelta(minutes=60)):
        await ask(nobody)
    assert len(await mails_to(ASHA)) == rate_limits.MAILS_PER_ACCOUNT + 1
    await ask(nobody, "ben@brightwatt.example")
    assert len(await mails_to("ben@brightwatt.example")) == 1, "one person's mails were counted as another's"


async def test_an_address_that_asks_for_many_gets_no_more_sent(nobody: Browser) -> None:
    for n in range(rate_limits.MAILS_PER_ADDRESS):
        assert await rate_limits.may_ask("reset", {"address 192.0.2.7": rate_limits.MAILS_PER_ADDRESS}), n
    assert (await ask(nobody)).status_code == 200
    assert await mails_to(ASHA) == []


async def test_asking_for_a_link_counts_as_no_wrong_password(nobody: Browser) -> None:
    for _ in range(rate_limits.PER_ACCOUNT):
        await ask(nobody)
    assert (await signing_in(nobody)).status_code == 303


@pytest.mark.parametrize(
    ("email", "sentence"),
    [
        (" ", "Enter your e-mail address"),
        ("a\x00sha", "Enter your e-mail address again: it contained characters that cannot be seen"),
    ],
)
async def test_an_address_is_needed(nobody: Browser, email: str, sentence: str) -> None:
    answer = await ask(nobody, email)
    assert (answer.status_code, told(answer)) == (422, [sentence])
    assert await count("mail") == 0


async def test_who_asked_is_written_down_for_the_company_and_for_the_provider(nobody: Browser, ben: Browser) -> None:
    await ask(nobody)
    await ask(nobody, "no-such-person@brightwatt.example")
    rows = await db.fetch(
        "SELECT e.detail, c.name FROM audit_entry e JOIN company c ON c.id = e.about_company"
        " WHERE event = 'accounts.password.reset-asked' ORDER BY e.id"
    )
    assert [tuple(row) for row in rows] == [
        ("Asha Rahman: a new password was asked for, from 192.0.2.7", "Brightwatt Energy"),
        ("No such account: a new password was asked for, from 192.0.2.7", "SDES Provider"),
    ]


async def test_forged_forms_send_and_set_nothing(nobody: Browser, app: Litestar, settings: Settings) -> None:
    path = await link_for(nobody)
    for csrf_token in (None, "wrong", csrf.token_for("another browser's.")):
        fields = {"csrf_token": csrf_token, "email": ASHA, "password": NEW, "password_again": NEW}
        assert (await nobody.post("/forgotten-password", fields)).status_code == 403
        assert (await nobody.post(path, fields)).status_code == 403
    assert len(await mails_to(ASHA)) == 1
    assert (await signing_in(nobody, password=PASSWORD)).status_code == 303
