"""Send pressed twice: one communication, one message, one set of files, whichever request comes first."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import psycopg
import pytest
from litestar import Litestar

from sdes.attachments.vault import Vault
from sdes.embedded.postgres import EmbeddedPostgres
from sdes.settings import Settings
from tests.support.communications import count, filled, post_new, post_reply, sent
from tests.support.own_database import who_commits
from tests.support.people import HTMX, Browser
from tests.support.signing_in import ASHA

pytestmark = pytest.mark.anyio

FILES = [("plan.txt", b"The plan."), ("more.txt", b"More of it.")]
DATABASE = "sdes_twice"


async def blobs(vault: Vault) -> int:
    return len([blob async for blob in vault.blobs.keys()])  # noqa: SIM118 (no dictionary)


async def test_a_second_click_gives_the_same_communication(asha: Browser, vault: Vault) -> None:
    fields = await filled()
    first, second = [await post_new(asha, fields, FILES) for _ in range(2)]
    assert first.status_code == second.status_code == 303
    assert first.headers["location"] == second.headers["location"]
    assert await count("communication") == await count("message") == 1
    assert await count("attachment") == await count("message_attachment") == await blobs(vault) == 2
    assert await count("draft") == 0


async def test_a_second_click_on_a_reply_adds_nothing(asha: Browser, nils: Browser, vault: Vault) -> None:
    reference = await sent(asha)
    draft = str(uuid4())
    first, second = [await post_reply(nils, reference, files=FILES, draft_id=draft) for _ in range(2)]
    assert first.headers["location"] == second.headers["location"] == f"/sdep/communications/{reference}#message-2"
    htmx = await post_reply(nils, reference, draft_id=draft, words={"headers": HTMX})
    assert htmx.status_code == 200
    assert htmx.text.count('id="message-2"') == 1
    assert await count("message") == 2
    assert await count("attachment") == await blobs(vault) == 2
    assert await count("draft") == 0


async def test_another_persons_draft_id_opens_and_sends_nothing(asha: Browser, ben: Browser, cleo: Browser) -> None:
    fields = await filled()
    await asha.post(f"/sdep/drafts/{fields['draft_id']}", {"text": "Asha's own words"})
    for browser, ours in ((ben, {}), (cleo, {"sender": "CALD"})):
        theirs = {**await filled(**ours), "draft_id": fields["draft_id"]}
        assert (await post_new(browser, theirs, FILES)).status_code == 404
    assert await count("communication") == await count("attachment") == 0
    assert await count("draft", "fields->>'text' = 'Asha''s own words'") == 1


@pytest.fixture
async def asha_who_commits(
    postgres: EmbeddedPostgres, pool: None, app: Litestar, settings: Settings
) -> AsyncIterator[Browser]:
    """Asha at a database of its own, where requests commit and can run at the same time."""
    async with who_commits(ASHA, DATABASE, postgres, app, settings) as asha:
        yield asha


async def test_clicks_at_once_send_one_message_and_different_ones_all(
    asha_who_commits: Browser, postgres: EmbeddedPostgres, vault: Vault
) -> None:
    asha, fields = asha_who_commits, await filled()
    answers = await asyncio.gather(*(post_new(asha, fields, FILES) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    reference = answers[0].headers["location"].split("/")[-1].removesuffix("?sent=1")

    draft = str(uuid4())
    replies = await asyncio.gather(*(post_reply(asha, reference, "One", FILES, draft_id=draft) for _ in range(4)))
    assert {answer.headers["location"] for answer in replies} == {f"/sdep/communications/{reference}#message-2"}
    others = await asyncio.gather(*(post_reply(asha, reference, f"Another {n}") for n in range(4)))
    assert sorted(answer.headers["location"][-1] for answer in others) == ["3", "4", "5", "6"]

    tables = ("communication", "message", "attachment", "message_attachment", "draft", "draft_attachment")
    with psycopg.connect(postgres.url("sdes_owner", DATABASE)) as owner:
        rows = owner.execute("SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in tables)).fetchone()
    assert dict(zip(tables, rows or (), strict=True)) == {
        "communication": 1,
        "message": 6,
        "attachment": 4,
        "message_attachment": 4,
        "draft": 0,
        "draft_attachment": 0,
    }
    assert await blobs(vault) == 4
