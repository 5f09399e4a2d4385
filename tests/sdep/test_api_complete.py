"""What a program has been told of is whole up to the moment that the answer names, changes and deletions alike."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from litestar import Litestar

from sdes.accounts.sessions import token_hash
from sdes.embedded.postgres import EmbeddedPostgres
from sdes.kit import clock, db
from sdes.permissions import Role
from sdes.sdep.queries import changes
from sdes.settings import Settings
from tests.support.communications import sent
from tests.support.own_database import who_commits
from tests.support.people import Browser
from tests.support.programs import Program, key_of, page

pytestmark = pytest.mark.anyio

READER = Role.API_COMMUNICATIONS_READER
HALF = timedelta(minutes=30)


async def test_nothing_is_missed_that_is_still_being_written(
    app: Litestar, settings: Settings, postgres: EmbeddedPostgres
) -> None:
    """A change that is stamped before the program asks and committed after: whoever goes on from `complete_until` gets
    it."""
    async with who_commits("asha@brightwatt.example", "changes_apart", postgres, app, settings) as asha:
        one, two = await sent(asha), await sent(asha)
        with psycopg.connect(postgres.url("sdes_owner", "changes_apart")) as slow:
            secret = await _key_by(slow)
            program = Program(app, secret)
            slow.execute(
                "UPDATE communication_party SET tags = '{late}' WHERE company = (SELECT id FROM company WHERE name ="
                " 'Brightwatt Energy') AND communication = (SELECT id FROM communication WHERE reference = %s)",
                [one],
            )
            (stamp,) = slow.execute("SELECT max(changed_at) FROM communication_party").fetchone() or (None,)
            assert stamp
            before = await page(program)
            assert datetime.fromisoformat(before["complete_until"]) <= stamp
            assert all(item["tags"] == [] for item in before["communications"])
            slow.commit()
        after = await page(program, updated_since=before["complete_until"])
        told = {item["reference"]: item["tags"] for item in after["communications"]}
        assert told[one] == ["late"]
        assert datetime.fromisoformat(after["complete_until"]) > stamp
        assert set(told) <= {one, two}


async def test_a_deletion_is_told_after_it_is_committed(
    app: Litestar, settings: Settings, postgres: EmbeddedPostgres
) -> None:
    async with who_commits("asha@brightwatt.example", "deletions_apart", postgres, app, settings):
        with psycopg.connect(postgres.url("sdes_owner", "deletions_apart")) as slow:
            program = Program(app, await _key_by(slow))
            slow.execute(_DELETED, ["SC00000900", "Brightwatt Energy", "Northgrid Networks"])
            before = await page(program, "/deletions")
            assert before["deletions"] == []
            slow.commit()
        after = await page(program, "/deletions", since=before["complete_until"])
        assert [one["reference"] for one in after["deletions"]] == ["SC00000900"]


async def test_nobody_holds_exports_back_for_longer_than_an_hour(
    app: Litestar, settings: Settings, postgres: EmbeddedPostgres
) -> None:
    """By locks such as a transaction takes that stamps a change, from whoever has the web's login."""
    async with who_commits("asha@brightwatt.example", "held_back", postgres, app, settings):
        with psycopg.connect(postgres.url("sdes_owner", "held_back")) as owner:
            program = Program(app, await _key_by(owner))
        with psycopg.connect(postgres.url("sdes_web", "held_back")) as hostile:
            for ago, counts in ((timedelta(days=365), False), (timedelta(minutes=61), False), (HALF, True)):
                second = int((datetime.now(UTC) - ago - datetime(2020, 1, 1, tzinfo=UTC)).total_seconds())
                hostile.execute("SELECT pg_advisory_lock_shared(hashtext('sdep changes'), %s)", [second])
                told = datetime.fromisoformat((await page(program))["complete_until"])
                assert (datetime.now(UTC) - told > timedelta(minutes=5)) is counts, ago
            assert datetime.now(UTC) - told < timedelta(minutes=31)


_DELETED = """
INSERT INTO deleted_communication (communication, reference, process_type, companies, sender, recipient, level,
                                   created_at, archived_at, deleted_at, facts)
SELECT substr(one.reference, 3)::int, one.reference, 1,
       ARRAY(SELECT id FROM company WHERE name = one.first UNION ALL SELECT id FROM company WHERE name = one.second),
       1, 2, 1, now(), now(), now() - interval '1 hour', '{}'
  FROM (SELECT %s::text AS reference, %s::text AS first, %s::text AS second) one
"""


async def _key_by(connection: psycopg.Connection[Any]) -> str:
    """A key that is made on another connection, the web's own login being bound."""
    secret = f"sdes_{secrets.token_urlsafe(24)}"
    connection.execute(
        "INSERT INTO api_key (company, name, prefix, secret_hash, scopes, made_by, created_at)"
        " SELECT id, 'archive', 'sdes_', %s, %s, '', now() FROM company WHERE name = 'Brightwatt Energy'",
        [token_hash(secret), [READER.value]],
    )
    connection.commit()
    return secret


async def test_the_first_lock_alone_keeps_strangers_out(asha: Browser, otto: Browser) -> None:
    """Asked by the owner of the tables, for whom no policy holds."""
    reference = await sent(asha)
    await db.fetch("UPDATE communication SET archived_at = now() WHERE reference = $1", reference)
    await db.fetch(_numbered(_DELETED), "SC00000904", "Brightwatt Energy", "Northgrid Networks")
    soon, late = clock.now() - timedelta(days=1), clock.now() + timedelta(days=99)
    for browser, seen in ((asha, 1), (otto, 0)):
        actor = await browser.actor()
        assert len(await changes.changed_page(actor, soon, late, None, 9)) == seen
        assert len(await changes.deleting_page(actor, late, None, 9)) == seen
        assert len(await changes.deletions(actor, soon, late, None, 9)) == seen
        assert len(await changes.changed_ids(actor, None)) == len(await changes.deleting_ids(actor, late)) == seen


def _numbered(sql: str) -> str:
    for number in ("$1", "$2", "$3"):
        sql = sql.replace("%s", number, 1)
    return sql


@pytest.mark.usefixtures("db")
async def test_deletions_are_one_s_own(app: Litestar) -> None:
    program = Program(app, await key_of("Brightwatt Energy", READER))
    for reference, first, second in (
        ("SC00000901", "Brightwatt Energy", "Northgrid Networks"),
        ("SC00000902", "Calder Home Energy", "Northgrid Networks"),
        ("SC00000903", "Northgrid Networks", "Brightwatt Energy"),
    ):
        await db.fetch(_numbered(_DELETED), reference, first, second)
    body = await page(program, "/deletions", limit=1)
    assert [one["reference"] for one in body["deletions"]] == ["SC00000901"]
    assert datetime.fromisoformat(body["deletions"][0]["deleted_at"]) < clock.now() - timedelta(minutes=50)
    rest = await page(program, "/deletions", limit=1, cursor=body["next_cursor"])
    assert ([one["reference"] for one in rest["deletions"]], rest["next_cursor"]) == (["SC00000903"], None)
    stranger = Program(app, await key_of("Clearvolt", READER))
    assert (await page(stranger, "/deletions"))["deletions"] == []
