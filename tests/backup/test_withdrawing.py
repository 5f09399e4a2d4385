"""A restored house made to forget whom it must not let in: by the doors that they would come in by (SD 2.6, 8.1)."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from litestar import Litestar

from sdes.backup.roll import Roll, called
from sdes.backup.withdrawing import withdraw
from sdes.kit import db
from sdes.kit.errors import Refused
from tests.support.authenticators import Authenticator
from tests.support.communications import sent
from tests.support.people import Browser
from tests.support.programs import Program, key_of
from tests.support.second_factors import challenge, passkey_sign_in, with_app, with_passkey
from tests.support.signing_in import ASHA, person_with, signing_in

pytestmark = pytest.mark.anyio

BEN = "ben@brightwatt.example"
BACKUP = "20261102T010000Z-aaaaaa"


class _Restored(Exception):
    """The older backup is back."""


async def roll_after(*statements: str, act: Callable[[], Awaitable[Any]] | None = None) -> Roll:
    """The roll as it was kept after something was taken away; the house itself is as it was before."""
    with suppress(_Restored):
        async with db.transaction():
            for statement in statements:
                await db.fetch(statement)
            if act:
                await act()
            kept = await called()
            raise _Restored
    return kept


@pytest.mark.spec("SD 2.6")
@pytest.mark.usefixtures("db")
async def test_a_revoked_api_key_stays_revoked(app: Litestar) -> None:
    ours, theirs = Program(app, await key_of("Brightwatt Energy")), Program(app, await key_of("Brightwatt Energy"))
    kept = await roll_after("UPDATE api_key SET revoked_at = now() WHERE id = (SELECT min(id) FROM api_key)")
    assert (await ours.get("/people")).status_code == 200, "the backup has brought it back"
    assert str(await withdraw(kept, BACKUP)) == "1 API key revoked"
    assert (await ours.get("/people")).status_code == 401
    assert (await theirs.get("/people")).status_code == 200


@pytest.mark.spec("SD 2.6")
async def test_who_was_deleted_does_not_sign_in(nobody: Browser, mo: Browser) -> None:
    number = (await person_with(BEN))["id"]
    kept = await roll_after(act=lambda: mo.post(f"/users/{number}/deletion"))
    assert kept.people[number].state == "deleted"
    assert (await person_with(BEN))["state"] == "active", "the backup has brought him back"
    assert str(await withdraw(kept, BACKUP)) == "1 person deleted"
    assert (await signing_in(nobody, BEN)).status_code == 422
    (row,) = await db.fetch("SELECT * FROM person WHERE id = $1", number)
    assert (row["name"], row["state"], row["password_hash"]) == ("Deleted person", "deleted", "")


async def test_who_was_suspended_does_not_sign_in(nobody: Browser) -> None:
    kept = await roll_after(f"UPDATE person SET state = 'suspended' WHERE email_key = '{ASHA}'")
    await withdraw(kept, BACKUP)
    answer = await signing_in(nobody)
    assert answer.status_code == 422
    assert "suspended" in answer.text


@pytest.mark.spec("SD 8.1")
async def test_an_old_password_opens_nothing(nobody: Browser) -> None:
    kept = await roll_after("UPDATE person SET password_hash = 'another' WHERE email_key LIKE 'asha@%'")
    assert str(await withdraw(kept, BACKUP)) == "1 password void"
    assert (await signing_in(nobody)).status_code == 422
    assert (await signing_in(nobody, BEN)).status_code == 303, "only hers"


@pytest.mark.spec("SD 8.1")
async def test_a_removed_passkey_opens_nothing(asha: Browser, nobody: Browser) -> None:
    device = await with_passkey(asha)
    phone = await with_passkey(asha, Authenticator(credential_id=b"another passkey"), "Phone")
    kept = await roll_after("DELETE FROM passkey WHERE name = 'Laptop'")
    assert str(await withdraw(kept, BACKUP)) == "1 passkey removed"
    refused = await passkey_sign_in(nobody, device.prove(await challenge(nobody)))
    assert refused.status_code == 422
    assert (await passkey_sign_in(nobody, phone.prove(await challenge(nobody)))).status_code == 303


async def test_a_changed_second_factor_leaves_no_way_in_by_the_password(asha: Browser, nobody: Browser) -> None:
    await with_app(asha)
    kept = await roll_after("UPDATE person SET totp_secret = 'another' WHERE totp_secret IS NOT NULL")
    assert str(await withdraw(kept, BACKUP)) == "1 password void, 1 authenticator removed"
    assert (await signing_in(nobody)).status_code == 422


async def test_what_somebody_lost_inside_is_lost_again(asha: Browser) -> None:
    number = (await person_with())["id"]
    await db.fetch("UPDATE person SET functions = '{reports,cmrp}' WHERE id = $1", number)
    (before,) = await db.fetch("SELECT count(*) AS n FROM assignment WHERE person = $1", number)
    kept = await roll_after(
        f"DELETE FROM assignment WHERE id = (SELECT min(id) FROM assignment WHERE person = {number})",
        f"UPDATE person SET functions = '{{reports}}' WHERE id = {number}",
    )
    told = await withdraw(kept, BACKUP)
    assert str(told) == "1 assignment removed, 1 person with fewer system functions"
    assert (await person_with())["functions"] == ["reports"]
    (after,) = await db.fetch("SELECT count(*) AS n FROM assignment WHERE person = $1", number)
    assert after["n"] == before["n"] - 1 > 0


@pytest.mark.usefixtures("db")
async def test_clients_and_providers_of_the_one_sign_in() -> None:
    for name in ("kept", "revoked", "renewed"):
        await db.fetch(
            "INSERT INTO oidc_client (client_id, name, secret_hash, redirect_uris, post_logout_uris, created_at)"
            " VALUES ($1, $1, sha256('a'), '{}', '{}', now())",
            name,
        )
    await db.fetch(
        "INSERT INTO identity_provider (name, issuer, client_id, client_secret, email_domains, is_enquiry_service,"
        " is_enabled, created_at) VALUES ('EES', 'https://ees.example', 'us', 'sealed', '{}', true, true, now())"
    )
    kept = await roll_after(
        "UPDATE oidc_client SET revoked_at = now() WHERE client_id = 'revoked'",
        "UPDATE oidc_client SET secret_hash = sha256('b') WHERE client_id = 'renewed'",
        "UPDATE identity_provider SET is_enabled = false",
    )
    await withdraw(kept, BACKUP)
    rows = await db.fetch("SELECT name, revoked_at, secret_hash = sha256('a') AS is_old FROM oidc_client")
    found = {row["name"]: (row["revoked_at"] is not None, row["is_old"]) for row in rows}
    assert {name: found[name] for name in ("kept", "revoked", "renewed")} == {
        "kept": (False, True),
        "revoked": (True, True),
        "renewed": (False, False),
    }
    assert await db.fetch("SELECT 1 FROM identity_provider WHERE is_enabled") == []


async def test_the_master_admin_user_is_the_one_of_the_roll(mo: Browser, asha: Browser) -> None:
    kept = await roll_after(
        "UPDATE person SET is_master_admin = false WHERE email_key LIKE 'mo@%'",
        "UPDATE person SET is_master_admin = true WHERE email_key LIKE 'asha@%'",
    )
    await withdraw(kept, BACKUP)
    own = (await person_with())["company"]
    rows = await db.fetch("SELECT email_key FROM person WHERE company = $1 AND is_master_admin", own)
    assert [row["email_key"] for row in rows] == [ASHA]


@pytest.mark.parametrize("how", ["deleted", "under another address"])
async def test_the_former_master_admin_user_makes_room_whatever_became_of_them(how: str, mo: Browser) -> None:
    former = (await person_with("mo@brightwatt.example"))["id"]
    kept = await roll_after(
        "UPDATE person SET is_master_admin = false WHERE email_key LIKE 'mo@%'",
        "UPDATE person SET is_master_admin = true WHERE email_key LIKE 'asha@%'",
        f"UPDATE person SET email_key = 'deleted:{former}', state = 'deleted' WHERE id = {former}"
        if how == "deleted"
        else f"UPDATE person SET email_key = 'another@brightwatt.example' WHERE id = {former}",
    )
    await withdraw(kept, BACKUP)
    own = (await person_with())["company"]
    rows = await db.fetch("SELECT email_key FROM person WHERE company = $1 AND is_master_admin", own)
    assert [row["email_key"] for row in rows] == [ASHA]


@pytest.mark.spec("SD 2.5(b)")
@pytest.mark.parametrize(
    "since",
    [
        "UPDATE person SET state = 'suspended' WHERE email_key LIKE 'asha@%'",
        "UPDATE person SET state = 'deleted', email_key = 'deleted:' || id WHERE email_key LIKE 'asha@%'",
        "DELETE FROM assignment WHERE person = (SELECT id FROM person WHERE email_key LIKE 'asha@%')",
    ],
)
async def test_no_use_case_is_left_with_nobody(since: str, mo: Browser) -> None:
    asha, mau = await person_with(), await person_with("mo@brightwatt.example")
    await db.fetch("DELETE FROM assignment WHERE company = $1 AND person <> $2", asha["company"], asha["id"])
    held = await use_cases_of(asha["id"])
    told = await withdraw(await roll_after(since), BACKUP)
    assert held
    assert held <= await use_cases_of(mau["id"])
    assert told.filled >= len(held)


@pytest.mark.spec("SL 21")
@pytest.mark.usefixtures("db")
async def test_a_market_participant_that_ended_stays_ended() -> None:
    one = (await db.fetch("SELECT * FROM market_participant WHERE effective_to IS NULL ORDER BY id"))[0]
    lent = "AND mpid = 'ZZZZ'"
    await db.fetch(
        "INSERT INTO market_participant (company, mpid, role, effective_from) VALUES ($1, 'ZZZZ', $2, '2026-01-01')",
        *(one["company"], one["role"]),
    )
    kept = await roll_after(
        f"DELETE FROM market_participant WHERE company = {one['company']} {lent}",
        f"UPDATE market_participant SET effective_to = '2026-10-31' WHERE id = {one['id']}",
    )
    assert str(await withdraw(kept, BACKUP)) == "2 market participants ended"
    (row,) = await db.fetch("SELECT effective_to::text FROM market_participant WHERE id = $1", one["id"])
    assert row["effective_to"] == "2026-10-31"
    assert await db.fetch(f"SELECT 1 FROM market_participant WHERE company = $1 {lent}", one["company"]) == []


async def test_one_that_was_removed_and_is_named_ends_before_the_roll(asha: Browser) -> None:
    await sent(asha)
    (one,) = await db.fetch(
        "SELECT * FROM market_participant WHERE id = (SELECT sender FROM communication ORDER BY id DESC LIMIT 1)"
    )
    kept = await called()
    company = kept.companies[one["company"]]
    others = [held for held in company.participants or [] if not held.startswith(f"{one['mpid']} {one['role']} ")]
    kept.companies[one["company"]] = replace(company, participants=others)
    assert str(await withdraw(kept, BACKUP)) == "1 market participant ended"
    (row,) = await db.fetch("SELECT effective_to FROM market_participant WHERE id = $1", one["id"])
    assert row["effective_to"] == kept.at.date() - timedelta(days=1)


@pytest.mark.usefixtures("db")
async def test_most_people_are_shut_out_only_where_that_is_asked_for() -> None:
    before = await called()
    kept = await roll_after("UPDATE person SET state = 'suspended'")
    with pytest.raises(Refused, match="--shut-out-most"):
        await withdraw(kept, BACKUP)
    assert replace(await called(), at=before.at) == before, "nothing is done"
    assert "people suspended" in str(await withdraw(kept, BACKUP, shut_out_most=True))


async def use_cases_of(person: int) -> set[tuple[int, int]]:
    rows = await db.fetch("SELECT process_type, level FROM assignment WHERE person = $1", person)
    return {(row["process_type"], row["level"]) for row in rows}


async def test_each_company_reads_in_its_audit_what_it_has_lost(mo: Browser, asha: Browser) -> None:
    await key_of("Clearvolt")
    kept = await roll_after(
        "UPDATE person SET state = 'suspended' WHERE email_key LIKE 'asha@%'", "UPDATE api_key SET revoked_at = now()"
    )
    await withdraw(kept, BACKUP)
    rows = await db.fetch("SELECT detail, about_company FROM audit_entry WHERE event = 'backup.access.withdrawn'")
    said = {row["about_company"]: row["detail"] for row in rows}
    begins = "Taken away after this backup, and so again now"
    assert said[(await person_with())["company"]] == f"{begins}: 1 person suspended"
    assert f"{begins}: 1 API key revoked" in said.values()
    page = (await mo.get("/audit")).text
    assert "Access taken away again after a restore" in page
    assert "1 API key revoked" not in page, "that is another company's"


@pytest.mark.usefixtures("db")
async def test_without_a_newer_roll_nothing_is_touched() -> None:
    before = await called()
    assert str(await withdraw(None, BACKUP)) == ""
    assert replace(await called(), at=before.at) == before
    assert str(await withdraw(before, BACKUP)) == "", "nor by one that says the same"
    assert await db.fetch("SELECT 1 FROM audit_entry WHERE event = 'backup.access.withdrawn'") == []
