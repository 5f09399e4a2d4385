"""The nightly jobs beside people at work, and killed in the middle: nothing half done, nobody's message lost."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from litestar import Litestar

from sdes.embedded.postgres import EmbeddedPostgres
from sdes.kit import clock
from sdes.sdep.actions.deletion import TOUCHED
from sdes.settings import Settings
from tests.support.communications import post_reply, replied, sent
from tests.support.many import multiply, owner_of
from tests.support.own_database import who_commits
from tests.support.people import Browser

pytestmark = pytest.mark.anyio

DATABASE = "sdes_nightly"
ASHA = "asha@brightwatt.example"
PAST_ARCHIVING = timedelta(days=31)
PAST_DELETION = timedelta(days=62)
MANY = 700  # more than one batch

_WHOLE = """
SELECT c.id,
       (SELECT count(*) FROM communication_party p WHERE p.communication = c.id) AS parties,
       (SELECT count(*) FROM message m WHERE m.communication = c.id) AS messages,
       (SELECT count(*) FROM message_attachment x JOIN attachment a ON a.id = x.attachment
         WHERE x.communication = c.id) AS files,
       (SELECT count(*) FROM communication_search s WHERE s.communication = c.id) AS searches,
       (SELECT count(*) FROM deleted_communication d WHERE d.communication = c.id) AS gone
  FROM communication c
"""
_GONE = """
SELECT d.communication,
       (SELECT count(*) FROM audit_entry e WHERE e.subject = d.reference
           AND e.event = 'sdep.communication.deleted' AND e.audience = d.companies) AS told
  FROM deleted_communication d
"""

Owner = psycopg.Connection[dict[str, Any]]


@pytest.fixture
async def asha_who_commits(
    postgres: EmbeddedPostgres, pool: None, app: Litestar, settings: Settings
) -> AsyncIterator[Browser]:
    async with who_commits(ASHA, DATABASE, postgres, app, settings) as asha:
        yield asha


@pytest.fixture
def owner(asha_who_commits: Browser, postgres: EmbeddedPostgres) -> Any:
    with owner_of(postgres.url("sdes_owner", DATABASE)) as connection:
        yield connection


@pytest.fixture
def job(asha_who_commits: Browser, postgres: EmbeddedPostgres, settings: Settings) -> Any:
    """Begins a job of the timetable in a process of its own, as so long from now."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("SDES_", "BLOB_", "DATABASE_"))},
        "SDES_HOME": str(settings.home),
        "BLOB_URL": settings.blob_url,
        "DATABASE_OWNER_URL": postgres.url("sdes_owner", DATABASE),
    }

    def begin(name: str, later: timedelta) -> subprocess.Popen[str]:
        at = (clock.now() + later).isoformat()
        return subprocess.Popen(
            [sys.executable, "-m", "sdes", "jobs", "run", name, "--at", at],
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    return begin


def ended(process: subprocess.Popen[str]) -> str:
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 0, said
    return said


def until(condition: Any, what: str, seconds: float = 60) -> None:
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, what
        time.sleep(0.01)


def number(owner: Owner, sql: str) -> int:
    (row,) = owner.execute(sql).fetchall()
    return int(row["n"])


def blobs_of(settings: Settings) -> set[str]:
    """The files of the store; what was deleted is told beside them."""
    folder = settings.home / "blobs"
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("??/*")
        if path.is_file() and "deletions" not in str(path)
    }


def nothing_is_half_done(owner: Owner, settings: Settings) -> None:
    for row in owner.execute(_WHOLE):
        whole = {"parties": 2, "messages": 1, "files": 1, "searches": 2, "gone": 0}
        assert {name: row[name] for name in whole} == whole, f"communication {row['id']} is half deleted"
    for row in owner.execute(_GONE):
        assert row["told"] == 1, f"the deletion of {row['communication']} is not told once"
    lost = {row["blob"] for row in owner.execute("SELECT blob FROM attachment")} - blobs_of(settings)
    assert not lost, "a communication that is still there has lost a file"
    noted = {row["blob"] for row in owner.execute("SELECT unnest(blobs) AS blob FROM deleted_communication")}
    known = noted | {row["blob"] for row in owner.execute("SELECT blob FROM attachment")}
    assert not blobs_of(settings) - known, "a blob is left that nobody would remove"
    for table in ("message", "reading", "communication_party", "communication_search", "message_attachment"):
        orphans = f"SELECT count(*) AS n FROM {table} WHERE communication NOT IN (SELECT id FROM communication)"
        assert number(owner, orphans) == 0, table


@pytest.mark.spec("SD 14.4")
async def test_a_worker_killed_while_it_deletes_leaves_nothing_half_done(
    asha_who_commits: Browser, owner: Owner, job: Any, settings: Settings
) -> None:
    reference = await sent(asha_who_commits, [("plan.txt", b"the plan")])
    multiply(owner, reference, MANY - 1, settings.home / "blobs")
    said = ended(job("sdep_archive", PAST_ARCHIVING))
    assert f"{MANY} communications archived" in said
    assert number(owner, "SELECT count(*) AS n FROM audit_entry WHERE event = 'sdep.communication.archived'") == MANY
    assert len(blobs_of(settings)) == MANY
    seen = [0]

    def is_further() -> bool:
        seen.append(number(owner, "SELECT count(*) AS n FROM deleted_communication"))
        return seen[-1] > max(seen[:-1])

    deleting = job("sdep_delete", PAST_DELETION)
    until(is_further, "the first batch is deleted")
    deleting.send_signal(signal.SIGKILL)
    deleting.wait(30)
    assert 0 < seen[-1] < MANY, "killed in the middle"
    nothing_is_half_done(owner, settings)

    deleting = job("sdep_delete", PAST_DELETION)
    until(lambda: len(blobs_of(settings)) < MANY, "blobs are being removed")
    deleting.send_signal(signal.SIGKILL)
    deleting.wait(30)
    nothing_is_half_done(owner, settings)

    ended(job("sdep_delete", PAST_DELETION))
    nothing_is_half_done(owner, settings)
    assert number(owner, "SELECT count(*) AS n FROM communication") == 0
    assert number(owner, "SELECT count(*) AS n FROM deleted_communication WHERE blobs = '{}'") == MANY
    assert blobs_of(settings) == set()
    assert number(owner, "SELECT count(*) AS n FROM audit_entry WHERE event = 'sdep.communication.deleted'") == MANY


@pytest.mark.spec("SD 14.1")
async def test_a_message_that_arrives_while_the_nightly_job_archives_wins(
    asha_who_commits: Browser, owner: Owner, job: Any, postgres: EmbeddedPostgres
) -> None:
    """It is on its way, not yet committed, when the job looks."""
    late, other = await sent(asha_who_commits), await sent(asha_who_commits)
    with psycopg.connect(postgres.url("sdes_owner", DATABASE)) as writing:
        writing.execute("SELECT 1 FROM communication WHERE reference = %s FOR NO KEY UPDATE", [late])
        then = clock.now() + PAST_ARCHIVING
        writing.execute("UPDATE communication SET last_message_at = %s WHERE reference = %s", [then, late])
        assert "1 communications archived" in ended(job("sdep_archive", PAST_ARCHIVING))
    archived = {row["reference"]: row["archived_at"] for row in owner.execute("SELECT * FROM communication")}
    assert archived[late] is None
    assert archived[other] is not None
    assert "0 communications archived" in ended(job("sdep_archive", PAST_ARCHIVING + timedelta(minutes=1)))


@pytest.mark.spec("SD 14.1")
async def test_a_reply_that_is_being_sent_keeps_a_communication_from_deletion(
    asha_who_commits: Browser, owner: Owner, job: Any, postgres: EmbeddedPostgres
) -> None:
    """A sender holds the draft before the communication: the job does not wait for them, nor they for it."""
    late, other = await sent(asha_who_commits), await sent(asha_who_commits)
    await asha_who_commits.post(f"/sdep/drafts/{'1' * 8}-1111-4111-8111-{'1' * 12}", {"reference": late, "text": "x"})
    ended(job("sdep_archive", PAST_ARCHIVING))
    with psycopg.connect(postgres.url("sdes_owner", DATABASE)) as writing:
        writing.execute("UPDATE draft SET updated_at = updated_at")
        assert "1 communications deleted" in ended(job("sdep_delete", PAST_DELETION))
        writing.execute("SELECT 1 FROM communication WHERE reference = %s FOR NO KEY UPDATE", [late])
    assert [row["reference"] for row in owner.execute("SELECT * FROM communication")] == [late]
    assert (await asha_who_commits.get(f"/sdep/communications/{other}")).status_code == 410
    await replied(asha_who_commits, late, "In time")
    assert "0 communications deleted" in ended(job("sdep_delete", PAST_DELETION)), "it is active again"


async def test_who_opens_or_answers_what_is_being_deleted_is_told_so(
    asha_who_commits: Browser, owner: Owner, postgres: EmbeddedPostgres
) -> None:
    reference = await sent(asha_who_commits)
    with psycopg.connect(postgres.url("sdes_owner", DATABASE)) as deleting:
        deleting.execute("SELECT 1 FROM communication FOR UPDATE")
        async with AsyncExitStack() as stack:
            group = await stack.enter_async_context(asyncio.TaskGroup())
            answering = group.create_task(post_reply(asha_who_commits, reference, "Too late"))
            looking = group.create_task(asha_who_commits.get(f"/sdep/communications/{reference}"))
            await asyncio.to_thread(until, lambda: number(owner, _WAITING) == 2, "both wait")
            for table in ("message", "reading", "communication"):
                column = "id" if table == "communication" else "communication"
                deleting.execute(f"DELETE FROM {table} WHERE {column} IN (SELECT id FROM communication)")
            deleting.commit()
    for answer in (answering.result(), looking.result()):
        assert answer.status_code == 410
        assert "has just been deleted" in answer.text


_WAITING = "SELECT count(*) AS n FROM pg_locks WHERE NOT granted"


def index_of_words(owner: Owner) -> int:
    return number(owner, "SELECT 'communication_search_words'::regclass::oid AS n")


@pytest.mark.spec("SD 14.4")
async def test_what_a_killed_run_has_left_is_taken_by_the_next(
    asha_who_commits: Browser, owner: Owner, job: Any, postgres: EmbeddedPostgres
) -> None:
    """Killed when it has deleted, before the tables are cleared; there is nothing to delete for the next one. Beside
    them lies what a rebuild of the index of words has left that was killed, too."""
    await sent(asha_who_commits)
    ended(job("sdep_archive", PAST_ARCHIVING))
    owner.execute("CREATE INDEX communication_search_words_ccnew ON communication_search USING gin (words)")
    before = index_of_words(owner)
    with psycopg.connect(postgres.url("sdes_owner", DATABASE)) as holding:
        holding.execute("LOCK TABLE communication IN SHARE UPDATE EXCLUSIVE MODE")  # for deletion no obstacle
        deleting = job("sdep_delete", PAST_DELETION)
        until(lambda: number(owner, _WAITING) == 1, "it is about to clear the tables")
        deleting.send_signal(signal.SIGKILL)
        deleting.wait(30)
        owner.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted")
        until(lambda: number(owner, _WAITING) == 0, "its connection has ended")
    assert number(owner, "SELECT count(*) AS n FROM communication") == 0
    assert cleared(owner) == set()
    assert "0 communications deleted" in ended(job("sdep_delete", PAST_DELETION))
    until(lambda: cleared(owner) == set(TOUCHED.split(", ")), "every table is cleared")
    assert index_of_words(owner) != before, "it is made anew"
    words = "SELECT count(*) AS n FROM pg_index WHERE indrelid = 'communication_search'::regclass AND {}"
    assert number(owner, words.format("NOT indisvalid")) == 0
    assert number(owner, words.format("indexrelid::regclass::text LIKE '%%_cc%%'")) == 0


async def test_a_night_that_has_nothing_to_forget_leaves_the_index_of_words(
    asha_who_commits: Browser, owner: Owner, job: Any
) -> None:
    await sent(asha_who_commits)
    before = index_of_words(owner)
    ended(job("sdep_delete", PAST_DELETION))
    assert index_of_words(owner) == before


def cleared(owner: Owner) -> set[str]:
    """The tables that somebody, not PostgreSQL by itself, has had cleared."""
    return {row["relname"] for row in owner.execute("SELECT relname FROM pg_stat_user_tables WHERE vacuum_count > 0")}
