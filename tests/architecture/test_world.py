"""The cast and the demo world load whole, and the demo shows every state that a user meets."""

from collections import Counter

import pytest

from sdes.attachments.vault import Vault
from sdes.database.demo import load_demo
from sdes.database.demo_notifications import load_demo_notifications
from sdes.database.world import CAST, cast_lines
from sdes.kit import clock, db

pytestmark = pytest.mark.anyio


async def test_the_cast_is_there_and_can_sign_in(db: None) -> None:
    people = {row["email"]: row for row in await _fetch("SELECT * FROM person")}
    for company in CAST:
        for person in company.people:
            row = people[f"{person.local_part}@{company.domain}"]
            assert (row["name"], row["state"], row["is_master_admin"]) == (
                person.name,
                "active",
                person.is_master_admin,
            )
            assert row["password_hash"].startswith("$argon2id$")
            assert not row["password_is_single_use"]


async def test_everybody_of_the_market_is_assigned_and_nobody_else(db: None) -> None:
    rows = await _fetch(
        "SELECT c.name, count(a.id) AS n FROM company c LEFT JOIN assignment a ON a.company = c.id GROUP BY 1"
    )
    assigned = {row["name"] for row in rows if row["n"]}
    assert assigned == {"Brightwatt Energy", "Calder Home Energy", "Northgrid Networks", "Clearvolt"}


def test_each_company_of_the_market_has_one_master_admin_user() -> None:
    for company in CAST:
        assert sum(person.is_master_admin for person in company.people) == 1, company.name


def test_the_sign_ins_are_told() -> None:
    told = "\n".join(cast_lines("the-password"))
    assert "the-password" in told
    assert "asha@brightwatt.example" in told
    assert "olga@clearvolt.example (MAU)" in told


async def test_the_demo_shows_every_state(db: None, vault: Vault) -> None:
    await load_demo(vault)
    rows = await _fetch("SELECT c.*, t.fuel FROM communication c JOIN process_type t ON t.id = c.process_type")
    now = clock.now()
    assert 35 <= len(rows) <= 60
    assert all(row["last_message_at"] <= now for row in rows), "the demo speaks of the future"
    shown = {
        "active": sum(row["archived_at"] is None for row in rows),
        "archived": sum(row["archived_at"] is not None for row in rows),
        "overdue": sum(
            row["archived_at"] is None and row["due_at"] is not None and row["due_at"] < now for row in rows
        ),
        "due later": sum(row["due_at"] is not None and row["due_at"] >= now for row in rows),
        "answered": sum(row["due_at"] is None for row in rows),
        "escalated": sum(row["level"] > 1 for row in rows),
        "for gas": sum(row["fuel"] == "G" for row in rows),
        "for electricity": sum(row["fuel"] == "E" for row in rows),
    }
    files = Counter(row["state"] for row in await _fetch("SELECT state FROM attachment"))
    unread = await _fetch("SELECT 1 FROM communication_party WHERE last_received > last_read")
    shown |= {f"{state} files": files[state] for state in ("pending", "clean", "failed")} | {"unread": len(unread)}
    missing = [state for state, count in shown.items() if not count]
    assert not missing, f"database/demo_texts.toml: tell of one that is {missing}"


async def test_the_demo_s_people_have_been_told_of_its_messages(db: None, vault: Vault) -> None:
    await load_demo(vault)
    await load_demo_notifications()
    rows = await _fetch(
        "SELECT n.*, p.email FROM notification n JOIN person p ON p.id = n.person ORDER BY n.created_at DESC"
    )
    hers = [row for row in rows if row["email"] == "asha@brightwatt.example"]
    assert any(row["read_at"] is None and not row["closed_by"] for row in hers), "the bell of the demo shows nothing"
    assert any(row["read_at"] for row in hers)
    assert any(row["closed_by"] for row in rows)
    assert not any(row["wants_mail"] for row in rows), "the demo begins with mails about the past"
    assert all(row["created_at"] <= clock.now() for row in rows)


async def test_the_demo_keeps_the_outsider_out(db: None, vault: Vault) -> None:
    await load_demo(vault)
    rows = await _fetch(
        "SELECT x.name AS one, y.name AS other FROM communication_party p JOIN company x ON x.id = p.company"
        " JOIN company y ON y.id = p.other_company WHERE x.name = 'Clearvolt'"
    )
    assert rows
    assert {row["other"] for row in rows} == {"Calder Home Energy"}


_fetch = db.fetch
