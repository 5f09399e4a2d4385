"""Whoever is the MAU at the enquiry service is the MAU here (SD 2.4)."""

from typing import Any

import pytest

from sdes.kit import db
from sdes.single_sign_on.discovery import forget
from tests.support.oidc import provider_row, returning, rogue
from tests.support.people import Browser

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    forget()


@pytest.mark.spec("SD 2.4")
async def test_the_mau_of_the_enquiry_service_becomes_the_mau_here(nobody: Browser) -> None:
    await signed_in(nobody, {"master_admin_user": True})
    asha, mo = await person("asha"), await person("mo")
    assert (asha["is_master_admin"], mo["is_master_admin"]) == (True, False)
    assert mo["functions"] == ["user-administration"]
    (entry,) = await db.fetch("SELECT * FROM audit_entry WHERE event = 'administration.master-admin.replaced'")
    assert entry["about_company"] == asha["company"]
    assert entry["detail"] == (
        "Asha Rahman is the Master Admin User, in place of Mo Sheikh, by the word of the Electricity Enquiry Service"
    )
    mails = await db.fetch("SELECT to_address, subject FROM mail WHERE kind = 'master_admin_changed' ORDER BY id")
    assert [tuple(mail) for mail in mails] == [
        ("asha@brightwatt.example", "You are now the Master Admin User of Brightwatt Energy in SDES"),
        ("mo@brightwatt.example", "Asha Rahman is now the Master Admin User of Brightwatt Energy in SDES"),
    ]
    assert (await nobody.get("/users/sign-in-provider")).status_code == 200


@pytest.mark.spec("SD 2.7(c)")
async def test_the_new_one_stands_in_where_the_former_did(nobody: Browser) -> None:
    asha, mo, ben = [(await person(name))["id"] for name in ("asha", "mo", "ben")]
    types = [row["id"] for row in await db.fetch("SELECT id FROM process_type ORDER BY id LIMIT 4")]
    await db.fetch("DELETE FROM assignment WHERE company = (SELECT company FROM person WHERE id = $1)", mo)
    held = [
        *((mo, types[0], True), (mo, types[1], False), (mo, types[2], True), (mo, types[3], True)),
        *((asha, types[2], False), (ben, types[3], False)),
    ]
    for holder, process, is_default in held:
        await db.fetch(
            "INSERT INTO assignment (company, person, process_type, level, is_default_contact)"
            " SELECT company, id, $2, 1, $3 FROM person WHERE id = $1",
            *(holder, process, is_default),
        )
    await signed_in(nobody, {"master_admin_user": True})
    rows = await db.fetch("SELECT * FROM assignment WHERE person = ANY($1)", [asha, mo, ben])
    assert {(row["person"], row["process_type"], row["is_default_contact"]) for row in rows} == {
        *((asha, types[0], True), (mo, types[1], False), (asha, types[2], False)),
        *((asha, types[3], False), (ben, types[3], False)),
    }


@pytest.mark.parametrize("email", ["piet@provider.example", "carys@codemanager.example"])
async def test_who_looks_after_the_service_is_not_the_enquiry_service_s_to_say(nobody: Browser, email: str) -> None:
    await db.fetch(
        "UPDATE person SET is_master_admin = false WHERE company = (SELECT company FROM person WHERE email_key = $1)",
        email,
    )
    await signed_in(nobody, {"master_admin_user": True, "email": email})
    assert not await db.fetch("SELECT 1 FROM person WHERE is_master_admin AND email_key = $1", email)


async def test_a_company_without_a_mau_gets_one(nobody: Browser) -> None:
    await db.fetch("UPDATE person SET is_master_admin = false WHERE email_key = 'mo@brightwatt.example'")
    await signed_in(nobody, {"master_admin_user": True})
    assert (await person("asha"))["is_master_admin"]
    assert len(await db.fetch("SELECT 1 FROM mail WHERE kind = 'master_admin_changed'")) == 1


async def test_who_is_the_mau_already_stays_it_without_a_word(nobody: Browser) -> None:
    await signed_in(nobody, {"master_admin_user": True, "email": "mo@brightwatt.example"})
    assert (await person("mo"))["is_master_admin"]
    assert not await db.fetch("SELECT 1 FROM mail WHERE kind = 'master_admin_changed'")


@pytest.mark.parametrize("claim", [False, None, "true", 1, ["true"]])
async def test_any_other_word_changes_nothing(nobody: Browser, claim: Any) -> None:
    for email in ("asha@brightwatt.example", "mo@brightwatt.example"):
        await signed_in(nobody, {"master_admin_user": claim, "email": email})
        assert ((await person("asha"))["is_master_admin"], (await person("mo"))["is_master_admin"]) == (False, True)


async def test_a_shared_address_is_no_named_person_s(nobody: Browser) -> None:
    await db.fetch("UPDATE person SET is_proxy_address = true WHERE email_key = 'asha@brightwatt.example'")
    await signed_in(nobody, {"master_admin_user": True})
    assert ((await person("asha"))["is_master_admin"], (await person("mo"))["is_master_admin"]) == (False, True)


async def test_a_company_s_own_sign_in_makes_nobody_the_mau(nobody: Browser) -> None:
    await signed_in(
        nobody, {"master_admin_user": True}, company="Brightwatt Energy", email_domains=["brightwatt.example"]
    )
    assert ((await person("asha"))["is_master_admin"], (await person("mo"))["is_master_admin"]) == (False, True)


async def signed_in(browser: Browser, claims: dict[str, Any], **provider: Any) -> None:
    async with rogue() as there:
        there.claims = claims
        answer = await returning(browser, there, await provider_row(there.issuer, **provider))
        assert answer.status_code == 303, answer.text


async def person(name: str) -> Any:
    (row,) = await db.fetch("SELECT * FROM person WHERE email_key = $1", f"{name}@brightwatt.example")
    return row
