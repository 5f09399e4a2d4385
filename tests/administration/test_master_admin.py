"""Each company has one Master Admin User, whom the provider appoints, replaces and helps back in (SD 2.4, SL 20)."""

import json
import re
from typing import Any

import pytest

from sdes.accounts.tables import Passkey
from sdes.kit import clock, db, keyring
from tests.support.communications import count, told
from tests.support.companies import recorded
from tests.support.people import PASSWORD, Browser, SignIn
from tests.support.signing_in import is_signed_in, signing_in

pytestmark = pytest.mark.anyio

NIA = {"name": "Nia Hughes", "email": "Nia@Newcomer.example"}
LEFT = {**NIA, "former": "leaves", "reason": "Mo Sheikh left; letter of 20 November"}


async def page_of(name: str = "Brightwatt Energy") -> str:
    return f"/companies/{(await db.fetch('SELECT id FROM company WHERE name = $1', name))[0]['id']}"


async def person(email: str) -> Any:
    return (await db.fetch("SELECT * FROM person WHERE email_key = $1", email.lower()))[0]


async def replacing(piet: Browser, fields: dict[str, str], former: str = "mo@brightwatt.example") -> Any:
    """Replaces Brightwatt's MAU with what the form is filled with, as the page that shows `former` would."""
    seen = {"instead_of": str((await person(former))["id"])}
    return await piet.post(f"{await page_of()}/master-admin", {**seen, **fields})


async def mails(address: str) -> list[tuple[str, str]]:
    """What was posted to an address: subject and text."""
    rows = await db.fetch("SELECT * FROM mail WHERE to_address = $1 ORDER BY id", address)
    return [(row["subject"], json.loads(keyring.unseal(f"mail:{address}", row["body"]))["text"]) for row in rows]


async def held(email: str) -> set[tuple[int, int, bool]]:
    rows = await db.fetch(
        "SELECT a.* FROM assignment a JOIN person p ON p.id = a.person WHERE p.email_key = $1", email.lower()
    )
    return {(row["process_type"], row["level"], row["is_default_contact"]) for row in rows}


async def newcomer(piet: Browser, *, signed: bool = True) -> str:
    """A company with an electricity supplier; gives its page."""
    page = str((await piet.post("/companies", {"name": "Newcomer Energy"})).headers["location"]).partition("?")[0]
    role = {"mpid": "NEWC", "role": "X", "effective_from": "1/9/2024"}
    assert (await piet.post(f"{page}/participants", role)).status_code == 303
    if signed:
        days = {"applied_on": "1/9/2024", "validated_on": "2/9/2024", "agreement_signed_on": "3/9/2024"}
        assert (await recorded(piet, page, days)).status_code == 303
    return page


@pytest.mark.spec("SD 2.4")
@pytest.mark.spec("SL 20")
async def test_a_new_company_gets_its_master_admin_user(piet: Browser, nobody: Browser) -> None:
    page = await newcomer(piet)
    answer = await piet.post(f"{page}/master-admin", NIA)
    assert answer.status_code == 303, told(answer)
    nia = await person("nia@newcomer.example")
    assert nia["is_master_admin"]
    assert nia["email"] == "Nia@Newcomer.example"
    ((subject, text),) = await mails("Nia@Newcomer.example")
    assert subject == "Your account for SDES"
    assert "You are the Master Admin User of Newcomer Energy" in text
    assert "The SDES Provider has made your account." in text
    assert re.search(r"^https?://[^/]+/users$", text, re.MULTILINE)
    assert "tell the service desk." in text
    assert "your Master Admin User" not in text, "it is themselves"
    found = re.search(r"^    (\S+)$", text, re.MULTILINE)
    assert found
    assert (await signing_in(nobody, "nia@newcomer.example", found[1])).status_code == 303
    assert (await nobody.get("/users")).headers["location"] == "/new-password?next=%2Fusers"
    assert "Nia Hughes" in (await piet.get("/companies?q=newcomer")).text


@pytest.mark.spec("SD 2.4")
async def test_the_master_admin_user_stands_in_wherever_there_is_nobody(piet: Browser) -> None:
    page = await newcomer(piet)
    await piet.post(f"{page}/master-admin", NIA)
    first = await held("nia@newcomer.example")
    mo = {(process, level) for process, level, _ in await held("mo@brightwatt.example")}
    assert first
    assert all(is_default for _, _, is_default in first)
    assert {(process, level) for process, level, _ in first} < mo, "Brightwatt is a gas supplier, too"
    gas = {"mpid": "NWG", "role": "G", "effective_from": "1/9/2024"}
    assert (await piet.post(f"{page}/participants", gas)).status_code == 303
    assert {(process, level) for process, level, _ in await held("nia@newcomer.example")} == mo


@pytest.mark.spec("SL 20")
async def test_nobody_is_appointed_before_the_access_agreement_is_signed(piet: Browser) -> None:
    page = await newcomer(piet, signed=False)
    sentence = "The Master Admin User is appointed after the Access Agreement is signed."
    assert sentence in (await piet.get(page)).text
    assert f"{page}/master-admin" not in (await piet.get(page)).text
    for answer in (await piet.get(f"{page}/master-admin"), await piet.post(f"{page}/master-admin", NIA)):
        assert (answer.status_code, told(answer)) == (409, [sentence])
    assert await count("person", "email_key = 'nia@newcomer.example'") == await count("mail") == 0


@pytest.mark.spec("SD 2.4")
async def test_there_is_no_second_one(piet: Browser, sign_in: SignIn) -> None:
    """Two at the provider appoint at once: the second is told, and nothing is overwritten."""
    page = await newcomer(piet)
    assert (await piet.post(f"{page}/master-admin", NIA)).status_code == 303
    answer = await piet.post(f"{page}/master-admin", {"name": "Owen Lloyd", "email": "owen@newcomer.example"})
    assert answer.status_code == 422
    assert told(answer)[0].startswith("Nia Hughes is the company's Master Admin User now: there is one for each")
    assert 'value="Owen Lloyd"' in answer.text
    stale = {**LEFT, "name": "Owen Lloyd", "email": "owen@newcomer.example", "instead_of": "1"}
    assert (await piet.post(f"{page}/master-admin", stale)).status_code == 422
    assert await count("person", "email_key LIKE '%@newcomer.example'") == 1
    assert (await person("nia@newcomer.example"))["is_master_admin"]


@pytest.mark.spec("SD 2.4")
@pytest.mark.spec("SL 21")
@pytest.mark.parametrize("address", ["asha@brightwatt.example", "ASHA@Brightwatt.Example", "piet@provider.example"])
async def test_an_address_of_another_company_is_taken_not_told_by_whom(piet: Browser, address: str) -> None:
    page = await newcomer(piet)
    answer = await piet.post(f"{page}/master-admin", {"name": "Somebody", "email": address})
    assert answer.status_code == 422
    assert told(answer) == [
        "This e-mail address already has an account. Each address belongs to one person of one company only."
    ]
    assert "Brightwatt Energy" not in answer.text
    assert await count("person", "is_master_admin") == 7
    assert await count("mail") == 0


@pytest.mark.parametrize(
    ("fields", "sentences"),
    [
        ({"name": "", "email": ""}, ["Enter a name", "Enter an e-mail address"]),
        ({**NIA, "email": "nia"}, ["Enter an e-mail address like name@company.example"]),
        ({**NIA, "name": "x" * 121}, ["Shorten the name to 120 characters. It has 121."]),
    ],
)
async def test_a_bad_form_comes_back(piet: Browser, fields: dict[str, str], sentences: list[str]) -> None:
    page = await newcomer(piet)
    answer = await piet.post(f"{page}/master-admin", fields)
    assert (answer.status_code, told(answer)) == (422, sentences)


async def test_replacing_has_a_reason_and_says_what_becomes_of_the_former(piet: Browser) -> None:
    answer = await replacing(piet, NIA)
    assert answer.status_code == 422
    assert told(answer) == [
        "Choose what happens to the former Master Admin User's account",
        "Enter the reason. It is kept in the audit log, where the company reads it.",
    ]
    assert (await person("mo@brightwatt.example"))["is_master_admin"]


@pytest.mark.spec("SD 2.4")
async def test_one_who_left_is_replaced_and_everything_is_handed_over(
    piet: Browser, mo: Browser, nobody: Browser
) -> None:
    was = await held("mo@brightwatt.example")
    (alone,) = [case for case in was if case[:2] == min(was)[:2]]
    await db.fetch(
        "DELETE FROM assignment a USING person p WHERE p.id = a.person AND p.is_master_admin = false"
        " AND a.process_type = $1 AND a.level = $2 AND p.email_key LIKE '%@brightwatt.example'",
        *alone[:2],
    )
    former = await person("mo@brightwatt.example")
    answer = await replacing(piet, LEFT)
    assert answer.status_code == 303, told(answer)
    assert await held("nia@newcomer.example") == (was - {alone}) | {(alone[0], alone[1], True)}
    assert await count("assignment", "person = $1", former["id"]) == 0
    gone = (await db.fetch("SELECT * FROM person WHERE id = $1", former["id"]))[0]
    assert (gone["state"], gone["is_master_admin"], gone["name"], gone["email"]) == (
        "deleted",
        False,
        "Deleted person",
        "",
    )
    assert not await is_signed_in(mo)
    assert (await signing_in(nobody, "mo@brightwatt.example", PASSWORD)).status_code == 422
    assert (await person("nia@newcomer.example"))["is_master_admin"]
    (entry,) = await db.fetch("SELECT * FROM audit_entry WHERE event = 'administration.master-admin.replaced'")
    assert entry["person_name"] == "Piet de Vries"
    assert "Mo Sheikh <mo@brightwatt.example> has left and was deleted" in entry["detail"]
    assert entry["detail"].endswith("Reason: Mo Sheikh left; letter of 20 November")


@pytest.mark.spec("SD 2.4")
async def test_a_colleague_is_promoted_and_keeps_the_account(piet: Browser, ben: Browser, mo: Browser) -> None:
    before = await person("ben@brightwatt.example")
    assert (await ben.get("/users")).status_code == 403
    fields = {**LEFT, "name": "Whoever", "email": " BEN@brightwatt.example", "former": "stays"}
    answer = await replacing(piet, fields)
    assert answer.status_code == 303, told(answer)
    after = await person("ben@brightwatt.example")
    assert after["is_master_admin"]
    assert (after["id"], after["name"], after["password_hash"]) == (
        before["id"],
        "Ben Carter",
        before["password_hash"],
    )
    assert (await ben.get("/users")).status_code == 200
    assert (await mo.get("/users")).status_code == 403
    assert await is_signed_in(mo)
    assert [subject for subject, _ in await mails("ben@brightwatt.example")] == [
        "You are now the Master Admin User of Brightwatt Energy"
    ]
    ((subject, text),) = await mails("mo@brightwatt.example")
    assert subject == "You are no longer the Master Admin User of Brightwatt Energy"
    assert "Ben Carter is now the Master Admin User" in text


async def test_one_who_stays_keeps_the_assignments_but_stands_in_no_more(piet: Browser) -> None:
    was = await held("mo@brightwatt.example")
    stood = min(was)[:2]
    await db.fetch(
        "DELETE FROM assignment a USING person p WHERE p.id = a.person AND a.process_type = $1 AND a.level = $2"
        " AND p.email_key IN ('asha@brightwatt.example', 'ben@brightwatt.example')",
        *stood,
    )
    await db.fetch(
        "UPDATE assignment a SET is_default_contact = true FROM person p WHERE p.id = a.person AND p.name = 'Mo Sheikh'"
        " AND a.process_type = $1 AND a.level = $2",
        *stood,
    )
    assert (await replacing(piet, {**LEFT, "former": "stays"})).status_code == 303
    assert await held("nia@newcomer.example") == {(*stood, True)}
    assert {case[:2] for case in await held("mo@brightwatt.example")} == {case[:2] for case in was} - {stood}


async def test_a_suspended_colleague_who_is_promoted_is_let_in_again(piet: Browser, ben: Browser) -> None:
    await db.fetch("UPDATE person SET state = 'suspended' WHERE email_key = 'ben@brightwatt.example'")
    assert (await replacing(piet, {**LEFT, "email": "ben@brightwatt.example"})).status_code == 303
    promoted = await person("ben@brightwatt.example")
    assert promoted["state"] == "active"
    assert promoted["reinstated_at"]


@pytest.mark.spec("SD 2.4")
async def test_a_shared_address_is_no_master_admin_user(piet: Browser) -> None:
    await db.fetch("UPDATE person SET is_proxy_address = true WHERE email_key = 'ben@brightwatt.example'")
    answer = await replacing(piet, {**LEFT, "email": "ben@brightwatt.example"})
    assert answer.status_code == 422
    assert told(answer)[0].startswith("ben@brightwatt.example is marked as shared or as no mailbox.")
    assert (await person("mo@brightwatt.example"))["is_master_admin"]


async def test_the_same_person_again_is_no_replacement(piet: Browser) -> None:
    answer = await replacing(piet, {**LEFT, "email": "mo@brightwatt.example"})
    assert told(answer) == ["Mo Sheikh is the Master Admin User already."]
    assert (await person("mo@brightwatt.example"))["is_master_admin"]


async def test_an_address_of_somebody_deleted_is_free_again(piet: Browser) -> None:
    assert (await replacing(piet, LEFT)).status_code == 303
    back = {**LEFT, "name": "Mo Sheikh", "email": "mo@brightwatt.example"}
    assert (await replacing(piet, back, former="nia@newcomer.example")).status_code == 303
    assert (await person("mo@brightwatt.example"))["is_master_admin"]


@pytest.mark.spec("SD 2.4")
async def test_the_provider_helps_a_master_admin_user_back_in(piet: Browser, mo: Browser, nobody: Browser) -> None:
    one = await person("mo@brightwatt.example")
    await Passkey.insert(
        Passkey(
            company=one["company"], person=one["id"], name="Key", credential_id=b"1", public_key=b"2",
            created_at=clock.now(),
        )
    )  # fmt: skip
    assert (await piet.post(f"{await page_of()}/master-admin/reset")).status_code == 303
    assert not await is_signed_in(mo)
    assert await count("passkey") == 0
    texts = [text for _, text in await mails("mo@brightwatt.example")]
    found = next(found for text in texts if (found := re.search(r"^    (\S+)$", text, re.MULTILINE)))
    assert (await signing_in(nobody, "mo@brightwatt.example", PASSWORD)).status_code == 422
    assert (await signing_in(nobody, "mo@brightwatt.example", found[1])).status_code == 303
    (entry,) = await db.fetch("SELECT * FROM audit_entry WHERE event = 'administration.master-admin.reset'")
    assert (entry["person_name"], entry["company_name"]) == ("Piet de Vries", "SDES Provider")


async def test_a_company_without_one_has_nothing_to_reset(piet: Browser) -> None:
    page = await newcomer(piet)
    assert (await piet.post(f"{page}/master-admin/reset")).status_code == 409


async def test_the_overseers_see_the_master_admin_user_and_nobody_else(piet: Browser, carys: Browser) -> None:
    for browser in (piet, carys):
        for path in (await page_of(), "/companies?q=bright"):
            text = (await browser.get(path)).text
            assert "mo@brightwatt.example" in text
            assert "asha@" not in text
            assert "Ben Carter" not in text
