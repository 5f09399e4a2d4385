"""The functions that run past row-level security: each refuses what is not the calling company's."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from sdes.kit import clock, db
from tests.architecture.matter import Matter
from tests.support.world import as_web

pytestmark = pytest.mark.anyio

REFUSED = asyncpg.InsufficientPrivilegeError
OPEN = "SELECT * FROM sdep_open_communication($1, $2, $3, 'about', '[]', $4, $4)"
NO_ROUTE = "DELETE FROM process_route USING market_participant WHERE process_type = $1 AND"
TELL = "SELECT sdep_tell_parties($1, $2, $3)"


async def test_a_communication_is_opened_by_its_sender_only(matter: Matter) -> None:
    asha_s, nils_s = await _participant("BRWT"), await _participant("NORG")
    stranger = await _participant("CLRV")
    words = (matter.process_type, asha_s["id"], nils_s["id"], clock.now())
    for company in (stranger["company"], nils_s["company"], None):
        with pytest.raises(REFUSED, match="own company"):
            async with as_web(company):
                await db.fetch(OPEN, *words)
    async with as_web(asha_s["company"]):
        (opened,) = await db.fetch(OPEN, *words)
    parties = await db.fetch(
        "SELECT company FROM communication_party WHERE communication = $1", opened["communication_id"]
    )
    assert {row["company"] for row in parties} == {asha_s["company"], nils_s["company"]}


async def test_a_communication_goes_to_another_company_that_exists(matter: Matter) -> None:
    mine, own_gas = await _participant("BRWT"), await _participant("BWG")
    for recipient in (own_gas["id"], mine["id"], 10_000_000):
        with pytest.raises(REFUSED, match="to another"):
            async with as_web(mine["company"]):
                await db.fetch(OPEN, matter.process_type, mine["id"], recipient, clock.now())


async def test_the_catalogue_says_how_far_a_communication_can_be_escalated(matter: Matter) -> None:
    mine, theirs = await _participant("BRWT"), await _participant("NORG")
    processes = await db.fetch(
        "SELECT r.process_type AS id, max(l.number) AS levels FROM process_route r"
        " JOIN process_level l ON l.process_type = r.process_type"
        " WHERE r.from_role = $1 AND r.to_role = $2 GROUP BY r.process_type",
        mine["role"],
        theirs["role"],
    )
    assert len({process["levels"] for process in processes}) > 1
    for process in processes:
        async with as_web(mine["company"]):
            (opened,) = await db.fetch(OPEN, process["id"], mine["id"], theirs["id"], clock.now())
            (made,) = await db.fetch("SELECT max_level FROM communication WHERE id = $1", opened["communication_id"])
        assert made["max_level"] == process["levels"]


@pytest.mark.spec("SD 11.1(c)")
@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM process_route WHERE process_type = $1",
        f"{NO_ROUTE} mpid = 'BRWT' AND from_role = role",
        f"{NO_ROUTE} mpid = 'NORG' AND to_role = role",
        "UPDATE process_type SET effective_from = current_date + 2 WHERE id = $1",
        "UPDATE process_type SET effective_to = current_date - 2 WHERE id = $1",
        "UPDATE company SET is_qualified = false WHERE name = 'Brightwatt Energy' AND $1 > 0",
        "UPDATE company SET is_qualified = false WHERE name = 'Northgrid Networks' AND $1 > 0",
    ],
)
async def test_a_communication_is_opened_as_the_catalogue_allows_only(matter: Matter, change: str) -> None:
    mine, theirs = await _participant("BRWT"), await _participant("NORG")
    words = (matter.process_type, mine["id"], theirs["id"], clock.now())
    async with as_web(mine["company"]):
        assert await db.fetch(OPEN, *words)
    await db.fetch(change, matter.process_type)
    with pytest.raises(REFUSED, match="catalogue"):
        async with as_web(mine["company"]):
            await db.fetch(OPEN, *words)


async def test_only_the_writer_of_a_message_tells_the_parties(matter: Matter, other_matter: Matter) -> None:
    before = await _parties(matter)
    for company, number in (
        (matter.companies[1], 1),  # the recipient, of the sender's message
        (matter.companies[0], 99),  # a message that there is not
        (other_matter.companies[0], 1),
        (None, 1),
    ):
        with pytest.raises(REFUSED, match="added the message"):
            async with as_web(company):
                await db.fetch(TELL, matter.id, number, clock.now())
    assert await _parties(matter) == before


async def test_to_tell_again_takes_nothing_back(matter: Matter) -> None:
    """Neither an older time nor an older message makes anything read, or sends it down the lists."""
    sender = matter.companies[0]
    (first,) = await db.fetch(
        "SELECT to_jsonb(m) AS row FROM message m WHERE communication = $1 AND number = 1", matter.id
    )
    third = json.dumps({**json.loads(first["row"]), "id": 10_000_000, "number": 3, "draft": None})
    async with as_web(sender):
        await db.fetch("INSERT INTO message SELECT * FROM jsonb_populate_record(NULL::message, $1)", third)
        await db.fetch(TELL, matter.id, 3, clock.now() + timedelta(minutes=1))
    before = await _parties(matter)
    assert max(party["last_received"] for party in before) == 3
    async with as_web(sender):
        await db.fetch(TELL, matter.id, 1, clock.now() - timedelta(days=400))
    assert await _parties(matter) == before


async def test_an_address_gives_away_nothing_but_whose_account_it_is(matter: Matter) -> None:
    async with as_web(None):
        (found,) = await db.fetch("SELECT * FROM sdes_find_account('asha@brightwatt.example')")
        nobody = await db.fetch("SELECT * FROM sdes_find_account('nobody@brightwatt.example')")
    assert set(found.keys()) == {"person_id", "company_id"}
    assert nobody == []


async def test_two_figures_are_told_of_the_mails_that_wait_and_nothing_of_whom_they_are_for(matter: Matter) -> None:
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    (before,) = await db.fetch("SELECT waiting FROM mail_waiting()")
    for address, sent in (("a@calder.example", None), ("b@calder.example", long_ago)):
        await db.fetch(
            "INSERT INTO mail (kind, to_address, to_name, subject, created_at, next_attempt_at, sent_at)"
            " VALUES ('a.kind', $1, '', 'A secret', $2, $2, $3)",
            address,
            long_ago,
            sent,
        )
    for company in (matter.companies[0], None):
        async with as_web(company):
            (told,) = await db.fetch("SELECT * FROM mail_waiting()")
        assert dict(told) == {"waiting": before["waiting"] + 1, "oldest": long_ago}


async def test_of_e_mail_domains_it_is_told_only_that_others_have_them(matter: Matter) -> None:
    asked = ["brightwatt.example", "northgrid.example", "calder.exampl", "nobody.example"]
    ask = "SELECT domain FROM sdes_domains_of_others($1) AS domain"
    for company, others in ((matter.companies[0], ["northgrid.example"]), (None, [])):
        async with as_web(company):
            assert [row["domain"] for row in await db.fetch(ask, asked)] == others


async def test_a_code_or_token_of_a_client_gives_away_whose_it_is_and_only_whole(matter: Matter) -> None:
    (session,) = await db.fetch("SELECT * FROM session WHERE company = $1 LIMIT 1", matter.companies[0])
    (client,) = await db.fetch(
        "INSERT INTO oidc_client (client_id, name, secret_hash, redirect_uris, post_logout_uris, created_at)"
        " VALUES ('known', 'known', '', '{}', '{}', now()) RETURNING id"
    )
    (made,) = await db.fetch(
        "INSERT INTO oidc_grant (company, person, session, client, code_hash, token_hash, redirect_uri, scope, nonce,"
        " code_challenge, auth_time, expires_at) VALUES ($1, $2, $3, $4, 'a code', 'a token', '', '', '', '', now(),"
        " now()) RETURNING id",
        *(session["company"], session["person"], session["id"], client["id"]),
    )
    await db.fetch(
        "INSERT INTO oidc_refresh_token (company, sign_in, token_hash, created_at) VALUES ($1, $2, 'a refresh', now())",
        session["company"],
        made["id"],
    )
    async with as_web(None):
        for secret in (b"a code", b"a token", b"a refresh"):
            (found,) = await db.fetch("SELECT * FROM sdes_find_grant($1)", secret)
            assert dict(found) == {"grant_id": made["id"], "company_id": matter.companies[0]}
        for secret in (b"a cod", b"", b"A code", None):
            assert await db.fetch("SELECT * FROM sdes_find_grant($1)", secret) == []


async def test_a_key_of_a_company_enters_that_company_while_it_holds(matter: Matter) -> None:
    (key,) = await db.fetch("SELECT * FROM api_key WHERE id = $1", matter.api_key)
    now = clock.now()
    enter, company = "SELECT * FROM sdes_enter_by_key($1, $2, 2)", "SELECT sdes_company() AS id"
    async with as_web(None):
        for secret in (b"nobody's", b"", None):
            assert await db.fetch(enter, secret, now) == []
        assert (await db.fetch(company))[0]["id"] is None
        (found,) = await db.fetch(enter, key["secret_hash"], now)
        assert (found["key_id"], found["company_id"], found["wait"]) == (key["id"], key["company"], 0)
        assert (await db.fetch(company))[0]["id"] == key["company"]
    async with as_web(None):
        assert (await db.fetch(enter, key["secret_hash"], now))[0]["wait"] == 0
        (third,) = await db.fetch(enter, key["secret_hash"], now)
        assert third["wait"] == 60
    async with as_web(None):
        await db.fetch(enter, key["secret_hash"], now)
        assert (await db.fetch(company))[0]["id"] is None, "who asks too often is let into no company"
    for end in ("revoked_at = now()", "revoked_at = NULL, expires_at = now() - interval '1 day'"):
        await db.fetch(f"UPDATE api_key SET {end} WHERE id = $1", key["id"])
        async with as_web(None):
            assert await db.fetch(enter, key["secret_hash"], now) == []


async def test_of_addresses_it_is_told_only_that_they_are_taken(matter: Matter) -> None:
    asked = ["asha@brightwatt.example", "nils@northgrid.example", "nobody@nowhere.example"]
    for company in (matter.companies[0], None):
        async with as_web(company):
            taken = await db.fetch("SELECT * FROM sdes_taken_addresses($1) AS address", asked)
        assert sorted(row["address"] for row in taken) == asked[:2]
        assert set(taken[0].keys()) == {"address"}


async def test_a_passkey_gives_away_nothing_but_whose_it_is(matter: Matter) -> None:
    (held,) = await db.fetch("SELECT credential_id, person, company FROM passkey WHERE id = $1", matter.passkey)
    async with as_web(None):
        (found,) = await db.fetch("SELECT * FROM sdes_find_passkey($1)", held["credential_id"])
        assert await db.fetch("SELECT * FROM sdes_find_passkey($1)", b"nobody's") == []
    assert dict(found) == {"passkey_id": matter.passkey, "person_id": held["person"], "company_id": held["company"]}
    await db.fetch("UPDATE person SET state = 'deleted' WHERE id = $1", held["person"])
    async with as_web(None):
        assert await db.fetch("SELECT * FROM sdes_find_passkey($1)", held["credential_id"]) == []


async def _participant(mpid: str) -> Any:
    (row,) = await db.fetch("SELECT id, company, role FROM market_participant WHERE mpid = $1", mpid)
    return row


async def _parties(matter: Matter) -> list[Any]:
    return await db.fetch("SELECT * FROM communication_party WHERE communication = $1 ORDER BY id", matter.id)
