"""Whoever signs in by way of the enquiry service gave a second factor there, or gives it here (SD 2.2, 8.1)."""

from typing import Any

import pytest

from sdes.accounts.methods import LONGEST, elsewhere, in_words
from sdes.kit import db
from sdes.single_sign_on.discovery import forget
from sdes.single_sign_on.factors import proves_second_factor
from tests.support.oidc import provider_row, returning, rogue
from tests.support.people import Browser
from tests.support.second_factors import SECURITY, STEP, code_of, give, with_app
from tests.support.signing_in import is_signed_in

pytestmark = [pytest.mark.anyio, pytest.mark.spec("SD 2.2")]

NOT_TWO = [None, [], ["pwd"], ["otp"], ["pwd", "pin"], ["otp", "sms"], "mfa", {"mfa": True}, [["mfa"]], ["MFA"], 7]


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    forget()


@pytest.mark.parametrize("amr", [["mfa"], ["pwd", "otp"], ["hwk", "pin"], ["pop", "user", "mfa"], ["face", "swk"]])
def test_two_kinds_are_a_second_factor(amr: Any) -> None:
    assert proves_second_factor({"amr": amr})


@pytest.mark.parametrize("amr", NOT_TWO)
def test_anything_else_is_none(amr: Any) -> None:
    assert not proves_second_factor({"amr": amr})
    assert not proves_second_factor({})


async def test_without_one_there_the_person_s_own_is_asked_for_here(asha: Browser, nobody: Browser) -> None:
    secret, _ = await with_app(asha)
    async with rogue() as there:
        there.claims = {"amr": ["pwd"]}
        answer = await returning(nobody, there, await provider_row(there.issuer), "/status")
    assert answer.headers["location"] == f"{STEP}?next=%2Fstatus"
    assert not await is_signed_in(nobody)
    nobody.is_also(asha)
    assert (await give(nobody, "000000")).status_code == 422
    assert (await give(nobody, code_of(secret, 1))).status_code == 303
    assert await is_signed_in(nobody)
    assert "Sign-in of the Electricity Enquiry Service and code" in (await nobody.get("/account/sessions")).text


async def test_with_one_there_nothing_more_is_asked(asha: Browser, nobody: Browser) -> None:
    await with_app(asha)
    async with rogue() as there:
        there.claims = {"amr": ["pwd", "otp"]}
        await returning(nobody, there, await provider_row(there.issuer))
    assert await is_signed_in(nobody)


@pytest.mark.parametrize(("amr", "is_in"), [(["pwd"], False), (["mfa"], True)])
async def test_a_company_that_asks_everybody_for_one_asks_them_too(
    nobody: Browser, amr: list[str], is_in: bool
) -> None:
    await db.fetch("UPDATE company SET requires_second_factor = true WHERE name = 'Brightwatt Energy'")
    await db.fetch("UPDATE person SET password_is_single_use = true WHERE email_key = 'asha@brightwatt.example'")
    async with rogue() as there:
        there.claims = {"amr": amr}
        await returning(nobody, there, await provider_row(there.issuer))
    assert await is_signed_in(nobody) is is_in
    if not is_in:
        assert (await nobody.get("/")).headers["location"] == SECURITY
        await nobody.knows_who_signed_in("asha@brightwatt.example")
        await with_app(nobody)
        assert await is_signed_in(nobody)


async def test_without_one_anywhere_and_unasked_the_door_opens(nobody: Browser) -> None:
    async with rogue() as there:
        there.claims = {"amr": None}
        await returning(nobody, there, await provider_row(there.issuer))
    assert await is_signed_in(nobody)


async def test_a_company_s_own_sign_in_asks_by_its_own_rules(asha: Browser, nobody: Browser) -> None:
    await with_app(asha)
    async with rogue() as there:
        there.claims = {"amr": ["pwd"]}
        provider = await provider_row(there.issuer, company="Brightwatt Energy", email_domains=["brightwatt.example"])
        await returning(nobody, there, provider)
    assert await is_signed_in(nobody)


def test_a_long_name_leaves_room_for_the_factor() -> None:
    assert len(elsewhere("x" * 60, by_one=False)) == LONGEST
    assert len(elsewhere("x" * 60, by_one=True) + "+recovery") == LONGEST
    assert in_words(elsewhere("A+B", by_one=True)) == "Sign-in of A+B"
