"""Passwords: the single-use one comes first, rules, and what a change ends (SD 2.2, 2.3)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from sdes.accounts import passwords, rate_limits
from sdes.accounts.actions.links import send_verification
from sdes.accounts.actions.passwords import send_single_use_password
from sdes.accounts.actions.sign_in import USED_UP, WRONG
from sdes.actor import Actor
from sdes.kit import clock, db
from sdes.permissions import Permission
from sdes.settings import Settings
from tests.support.communications import count, told
from tests.support.mails import mails_to
from tests.support.people import PASSWORD, Browser
from tests.support.signing_in import ASHA, give_single_use, is_signed_in, person_with, signing_in

pytestmark = pytest.mark.anyio

NEW = "a wholly different phrase 7"
OWN_DOORS = {Permission.ANYONE, Permission.ACCOUNT_NEW_PASSWORD}


def doors(app: Litestar) -> list[tuple[str, str]]:
    """Method and address of every door but those that a newcomer may open."""
    values: dict[Any, Any] = {int: 1, str: "SC12345678", UUID: "0" * 32}
    return [
        (method, "".join(f"/{part if isinstance(part, str) else values[part.type]}" for part in route.path_components))
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        for method in handler.http_methods
        if method in ("GET", "POST") and handler.opt.get("permission") not in OWN_DOORS
    ]


@pytest.mark.spec("SD 2.3")
async def test_a_single_use_password_opens_nothing_but_its_own_change(app: Litestar, nobody: Browser) -> None:
    assert (await signing_in(nobody, password=await give_single_use())).status_code == 303
    assert (await nobody.get("/")).headers["location"] == "/new-password"
    tried = doors(app)
    assert len(tried) > 20
    for method, path in tried:
        answer = await (nobody.get(path) if method == "GET" else nobody.post(path))
        if path.startswith("/api/"):  # opened by keys alone, whoever is signed in
            assert answer.status_code == 401, f"{method} {path}"
            continue
        led = answer.headers.get("location", "").partition("?next=")[0]
        assert (answer.status_code, led) == (303, "/new-password"), f"{method} {path}"
    assert (await nobody.get("/new-password")).status_code == 200


@pytest.mark.spec("SD 2.3")
async def test_after_its_change_every_door_opens_and_it_never_works_again(nobody: Browser) -> None:
    first = await give_single_use()
    await signing_in(nobody, password=first)
    answer = await nobody.post("/new-password", {"password": NEW, "password_again": NEW})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert await is_signed_in(nobody)
    assert (await nobody.get("/new-password")).status_code == 403
    nobody.client.cookies.delete(nobody.settings.cookie)
    assert (await signing_in(nobody, password=first)).status_code == 422
    assert (await signing_in(nobody, password=NEW)).status_code == 303
    assert await count("audit_entry", "event = 'accounts.password.changed' AND person_name = 'Asha Rahman'") == 1


@pytest.mark.spec("SD 2.3")
async def test_a_single_use_password_that_is_too_old_is_refused(nobody: Browser) -> None:
    ends = clock.now() + timedelta(days=7)
    password = await give_single_use(until=ends)
    with clock.at(ends):
        assert told(await signing_in(nobody, password=password)) == [USED_UP.format(helper="Mo Sheikh")]
        assert told(await signing_in(nobody, password="not it")) == [WRONG], (
            "only its holder is told that it is too old"
        )
    with clock.at(ends - timedelta(seconds=1)):
        assert (await signing_in(nobody, password=password)).status_code == 303


async def test_a_master_admin_user_is_sent_to_the_service_desk_for_another(nobody: Browser) -> None:
    await db.fetch("UPDATE person SET is_master_admin = false WHERE email_key = 'mo@brightwatt.example'")
    await db.fetch("UPDATE person SET is_master_admin = true WHERE email_key = $1", ASHA)
    password = await give_single_use(until=clock.now())
    assert told(await signing_in(nobody, password=password)) == [USED_UP.format(helper="the service desk")]


@pytest.mark.spec("SD 2.3")
@pytest.mark.parametrize("until", [None, timedelta(days=7)])
async def test_a_single_use_password_opens_one_session_and_no_second(
    app: Litestar, settings: Settings, nobody: Browser, until: timedelta | None
) -> None:
    password = await give_single_use(until=until and clock.now() + until)
    assert (await signing_in(nobody, password=password)).status_code == 303
    thief = Browser(app, settings)
    assert told(await signing_in(thief, password=password)) == [USED_UP.format(helper="Mo Sheikh")]
    assert not await is_signed_in(thief)
    assert (await nobody.post("/new-password", {"password": NEW, "password_again": NEW})).status_code == 303
    assert await is_signed_in(nobody), "the first session may still choose a password"


async def test_a_single_use_password_is_used_up_before_the_second_factor_is_given(
    app: Litestar, settings: Settings, nobody: Browser
) -> None:
    await db.fetch("UPDATE person SET totp_confirmed_at = now() WHERE email_key = $1", ASHA)
    password = await give_single_use()
    assert (await signing_in(nobody, password=password)).headers["location"].startswith("/sign-in/second-factor")
    assert told(await signing_in(Browser(app, settings), password=password)) == [USED_UP.format(helper="Mo Sheikh")]


async def test_the_single_use_password_cannot_be_kept(nobody: Browser) -> None:
    first = await give_single_use()
    await signing_in(nobody, password=first)
    answer = await nobody.post("/new-password", {"password": first, "password_again": first})
    assert (answer.status_code, told(answer)) == (422, ["Choose a password other than the one that you were given"])
    assert (await person_with())["password_is_single_use"]


@pytest.mark.spec("SD 11.1(f)")
async def test_a_mailed_password_that_is_used_verifies_the_address_it_was_sent_to(nobody: Browser, mo: Browser) -> None:
    await _sent_by_mail(nobody)
    assert (await signing_in(nobody, password=await _mailed())).status_code == 303
    assert (await person_with())["email_verified_at"]


async def test_a_mailed_password_verifies_no_address_that_was_changed_after(nobody: Browser) -> None:
    await _sent_by_mail(nobody)
    await send_verification((await person_with())["id"])
    assert (await signing_in(nobody, password=await _mailed())).status_code == 303
    assert (await person_with())["email_verified_at"] is None


async def test_a_new_single_use_password_replaces_all_that_was(nobody: Browser, asha: Browser) -> None:
    for _ in range(rate_limits.PER_ACCOUNT):
        await signing_in(nobody, password="wrong")
    await nobody.post("/forgotten-password", {"email": ASHA})
    link = (await mails_to(ASHA, "password_reset"))[0].path
    await _sent_by_mail(nobody)
    assert not await is_signed_in(asha)
    assert (await nobody.get(link)).status_code == 404
    assert told(await signing_in(nobody, password=PASSWORD)) == [WRONG]
    assert (await signing_in(nobody, password=await _mailed())).status_code == 303, "the lock of before still holds"


async def _sent_by_mail(browser: Browser) -> None:
    await db.fetch("UPDATE person SET email_verified_at = NULL WHERE email_key = $1", ASHA)
    person = dict(await person_with())
    await send_single_use_password(Actor.system("a test"), person, "Brightwatt Energy", again=True)


async def _mailed() -> str:
    """The password in the newest mail, which stands on a line apart."""
    text = (await mails_to(ASHA, "single_use_password"))[-1].text
    return next(line.strip() for line in text.splitlines() if line.startswith("    "))


def test_a_single_use_password_is_long_and_random() -> None:
    made = {passwords.single_use() for _ in range(20)}
    assert len(made) == 20
    assert all(len(password) >= 16 for password in made)


REFUSED = [
    ("", "", ["Enter a new password"]),
    ("short1!", "short1!", ["Choose a password that meets every rule below"]),
    ("x" * 257, "x" * 257, ["Choose a password that meets every rule below"]),
    ("passw0rd123456", "passw0rd123456", ["Choose a password that meets every rule below"]),
    ("aaaaaaaaaaaaaaab", "aaaaaaaaaaaaaaab", ["Choose a password that meets every rule below"]),
    ("123456789012345", "123456789012345", ["Choose a password that meets every rule below"]),
    ("Summer2026!!!!", "Summer2026!!!!", ["Choose a password that meets every rule below"]),
    ("qwertyuiop123456", "qwertyuiop123456", ["Choose a password that meets every rule below"]),
    ("Correct Horse Battery Staple", "Correct Horse Battery Staple", ["Choose a password that meets every rule below"]),
    ("sdes sdes sdes 12", "sdes sdes sdes 12", ["Choose a password that meets every rule below"]),
    ("my-name-is-asha-77", "my-name-is-asha-77", ["Choose a password that meets every rule below"]),
    ("I work at BrightWatt", "I work at BrightWatt", ["Choose a password that meets every rule below"]),
    (NEW, NEW + " ", ["The two passwords are not the same"]),
]


@pytest.mark.parametrize(("password", "again", "sentences"), REFUSED)
async def test_a_bad_new_password_is_refused_with_the_rules(
    nobody: Browser, password: str, again: str, sentences: list[str]
) -> None:
    first = await give_single_use()
    await signing_in(nobody, password=first)
    answer = await nobody.post("/new-password", {"password": password, "password_again": again})
    assert (answer.status_code, told(answer)) == (422, sentences)
    assert "At least 12 characters" in answer.text
    assert not password or password not in answer.text
    assert (await nobody.get("/status")).headers["location"] == "/new-password?next=%2Fstatus"


def test_a_long_phrase_with_blanks_and_any_letters_is_fine() -> None:
    assert all(ok for _, ok in passwords.rules("zwölf große Elefanten 大象", "Asha Rahman", ASHA))


def test_the_company_is_a_word_by_which_a_password_is_guessed() -> None:
    def guessable(company: str) -> bool:
        return not dict(passwords.rules("clear-volt-2026", company=company))[
            "Not a common password, nor one that is easily guessed"
        ]

    assert guessable("Clear-Volt")
    assert not guessable("Brightwatt")


def test_no_rule_asks_for_kinds_of_letters_or_an_age() -> None:
    for password in ("nine wooden spoons", "NINE WOODEN SPOONS", "917 382 465 0183 77"):
        assert all(ok for _, ok in passwords.rules(password, "Asha Rahman", ASHA)), password


@pytest.mark.parametrize("unit", ["4@8({[<36@9#!1|50$+7%2", "a", "p@$$w0rd", "🔑"])
def test_an_odd_long_password_is_judged_by_its_first_letters_alone(unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    judged: list[str] = []
    estimate = passwords.zxcvbn
    monkeypatch.setattr(passwords, "zxcvbn", lambda text, words: judged.append(text) or estimate(text, words))
    passwords.rules((unit * 256)[: passwords.MAXIMUM], "Asha Rahman", ASHA)
    assert [len(text) for text in judged] == [passwords.ESTIMATED]


async def test_a_change_needs_the_present_password(asha: Browser) -> None:
    form = {"current": "not it", "password": NEW, "password_again": NEW}
    answer = await asha.post("/account/password", form)
    assert (answer.status_code, told(answer)) == (422, ["This is not your present password"])
    assert NEW not in answer.text


async def test_a_new_password_is_another_one(asha: Browser) -> None:
    answer = await asha.post(
        "/account/password", {"current": PASSWORD, "password": PASSWORD, "password_again": PASSWORD}
    )
    assert (answer.status_code, told(answer)) == (422, ["Choose a password other than the present one"])


async def test_a_change_is_told_by_mail_and_the_first_choice_is_not(asha: Browser, nobody: Browser) -> None:
    await asha.post("/account/password", {"current": PASSWORD, "password": NEW, "password_again": NEW})
    (mail,) = await mails_to(ASHA)
    assert (mail.kind, mail.subject) == ("password_changed", "Your password for SDES was changed")
    assert "tell Mo Sheikh" in mail.text
    assert NEW not in mail.text
    await signing_in(nobody, password=await give_single_use())
    await nobody.post(
        "/new-password", {"password": "another phrase altogether 8", "password_again": "another phrase altogether 8"}
    )
    assert len(await mails_to(ASHA, "password_changed")) == 1


async def test_a_change_ends_the_other_sessions_and_keeps_this_one(
    asha: Browser, nobody: Browser, ben: Browser
) -> None:
    await signing_in(nobody)
    form = {"current": PASSWORD, "password": NEW, "password_again": NEW}
    answer = await asha.post("/account/password", form)
    assert answer.headers["location"] == "/account/sessions?done=password"
    assert "Your password was changed." in (await asha.get(answer.headers["location"])).text
    assert "Your password was changed." not in (await asha.get("/account/sessions?done=nonsense")).text
    assert await is_signed_in(asha)
    assert not await is_signed_in(nobody)
    assert await is_signed_in(ben)
    assert (await signing_in(nobody, password=PASSWORD)).status_code == 422
    assert (await signing_in(nobody, password=NEW)).status_code == 303


@pytest.mark.spec("SD 2.2")
async def test_passwords_are_kept_as_argon2id_only() -> None:
    hashed = await passwords.hashed(NEW)
    assert hashed.startswith("$argon2id$")
    assert NEW not in hashed
    assert await passwords.is_right(NEW, hashed)
    assert not await passwords.is_right(NEW + "x", hashed)
    assert not await passwords.is_right(NEW, "")
    assert not await passwords.is_right(NEW, "no hash at all")
    assert await passwords.hashed(NEW) != hashed
