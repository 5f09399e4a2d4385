"""Passwords: the single-use one comes first, rules, and what a change ends (SD 2.2, 2.3)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from sdes.accounts import passwords
from sdes.kit import clock, db
from sdes.permissions import Permission
from tests.support.communications import count, told
from tests.support.people import PASSWORD, Browser
from tests.support.signing_in import ASHA, is_signed_in, signing_in

pytestmark = pytest.mark.anyio

NEW = "a wholly different phrase 7"
OWN_DOORS = {Permission.ANYONE, Permission.ACCOUNT_NEW_PASSWORD}


async def give_single_use(password: str = "single-use-7Kq2x", until: datetime | None = None) -> str:
    """Asha is a newcomer whose single-use password is `password`."""
    await db.fetch(
        "UPDATE person SET password_hash = $1, password_is_single_use = true, password_expires_at = $2"
        " WHERE email_key = $3",
        await passwords.hashed(password),
        until,
        ASHA,
    )
    return password


def doors(app: Litestar) -> list[tuple[str, str]]:
    """Method and address of every door but those that a newcomer may open."""
    values: dict[str, Any] = {"reference": "SC12345678", "number": 1, "draft_id": "0" * 32, "attachment_id": "0" * 32}
    return [
        (method, "".join(f"/{part if isinstance(part, str) else values[part.name]}" for part in route.path_components))
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
        assert (answer.status_code, answer.headers.get("location")) == (303, "/new-password"), f"{method} {path}"
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
    with clock.at(ends + timedelta(seconds=1)):
        assert (await signing_in(nobody, password=password)).status_code == 422
    with clock.at(ends - timedelta(seconds=1)):
        assert (await signing_in(nobody, password=password)).status_code == 303


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
    assert (await nobody.get("/status")).headers["location"] == "/new-password"


def test_a_long_phrase_with_blanks_and_any_letters_is_fine() -> None:
    assert all(ok for _, ok in passwords.rules("zwölf große Elefanten 大象", "Asha Rahman", ASHA))


async def test_a_change_needs_the_present_password(asha: Browser) -> None:
    form = {"current": "not it", "password": NEW, "password_again": NEW}
    answer = await asha.post("/account/password", form)
    assert (answer.status_code, told(answer)) == (422, ["This is not your present password"])
    assert NEW not in answer.text


async def test_a_change_ends_the_other_sessions_and_keeps_this_one(
    asha: Browser, nobody: Browser, ben: Browser
) -> None:
    await signing_in(nobody)
    form = {"current": PASSWORD, "password": NEW, "password_again": NEW}
    assert (await asha.post("/account/password", form)).status_code == 303
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
