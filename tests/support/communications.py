"""Communications through the doors: what a sender fills in, sending, replying, and the virus check that follows."""

import re
from collections.abc import Iterable
from html import unescape
from typing import Any
from uuid import uuid4

import httpx

from jobs.attachments import attachments_sweep
from sdes.attachments.scanner import Scanner
from sdes.attachments.vault import Vault
from sdes.kit import db
from tests.support.people import Browser

MPAN = "1090000000010"
MPRN = "4812345601"

Files = Iterable[tuple[str, bytes]]


async def participant(mpid: str) -> str:
    """The id of a market participant, as forms carry it."""
    return str((await db.fetch("SELECT id FROM market_participant WHERE mpid = $1", mpid))[0]["id"])


async def process(code: str) -> str:
    """The id of a process type, as forms carry it."""
    return str((await db.fetch("SELECT id FROM process_type WHERE code = $1", code))[0]["id"])


async def filled(code: str = "PT0130", sender: str = "BRWT", to: str = "NORG", **more: str | None) -> dict[str, Any]:
    """A new communication as its sender fills it in: an electricity disconnection from Brightwatt to Northgrid, unless
    said otherwise."""
    return {
        "draft_id": str(uuid4()),
        "sender": await participant(sender),
        "process": await process(code),
        "recipient": await participant(to),
        "subject": "Disconnection at 4 Mill Lane",
        "text": "Please tell us the date.",
        "mpan": MPAN,
        **more,
    }


async def post_new(browser: Browser, fields: dict[str, Any], files: Files = (), **words: Any) -> httpx.Response:
    """Posts a new communication."""
    return await browser.post("/sdep/communications", fields, files=_parts(files), **words)


async def sent(browser: Browser, files: Files = (), **changes: Any) -> str:
    """Sends a communication and gives its reference."""
    answer = await post_new(browser, await filled(**changes), files)
    assert answer.status_code == 303, told(answer)
    found = re.fullmatch(r"/sdep/communications/(SC\d{8})\?sent=1", answer.headers["location"])
    assert found, answer.headers["location"]
    return found[1]


async def post_reply(
    browser: Browser, reference: str, text: str = "Tuesday.", files: Files = (), *, words: Any = None, **more: Any
) -> httpx.Response:
    """Posts a reply."""
    fields = {"draft_id": str(uuid4()), "reference": reference, "text": text, **more}
    return await browser.post(
        f"/sdep/communications/{reference}/messages", fields, files=_parts(files), **(words or {})
    )


async def replied(browser: Browser, reference: str, text: str = "Tuesday.", files: Files = (), **more: Any) -> None:
    """Replies, and insists that it was sent."""
    answer = await post_reply(browser, reference, text, files, **more)
    assert answer.status_code == 303, told(answer)


async def post_escalation(
    browser: Browser, reference: str, text: str = "No answer yet.", files: Files = (), *, words: Any = None, **more: Any
) -> httpx.Response:
    """Posts an escalation from level 1, unless `from_level` says otherwise."""
    fields = {"draft_id": str(uuid4()), "reference": reference, "from_level": "1", "text": text, **more}
    return await browser.post(
        f"/sdep/communications/{reference}/escalation", fields, files=_parts(files), **(words or {})
    )


async def escalated(
    browser: Browser, reference: str, text: str = "No answer yet.", files: Files = (), **more: Any
) -> int:
    """Escalates, insists that it was done, and gives the number of the message that says why."""
    answer = await post_escalation(browser, reference, text, files, **more)
    assert answer.status_code == 303, told(answer)
    return int(answer.headers["location"].rpartition("#message-")[2])


async def checked(vault: Vault, scanner: Scanner | None) -> None:
    """What the worker does every minute: all pending files get their verdict."""
    await attachments_sweep({"vault": vault, "scanner": scanner})


async def attachment(name: str) -> Any:
    """The row of the only attachment of that name."""
    rows = await db.fetch("SELECT * FROM attachment WHERE name = $1", name)
    assert len(rows) == 1, f"{len(rows)} attachments are called {name}"
    return rows[0]


async def count(table: str, where: str = "true", *values: Any) -> int:
    """How many rows a table has, whoever asks."""
    return int((await db.fetch(f"SELECT count(*) AS n FROM {table} WHERE {where}", *values))[0]["n"])


def told(answer: httpx.Response) -> list[str]:
    """The sentences of a page's error summary, or what an error page says; empty where there are none."""
    summary = re.search(r'<div class="errors".*?</div>', answer.text, re.DOTALL)
    if summary:
        return [_plain(item) for item in re.findall(r"<li>(.*?)</li>", summary[0], re.DOTALL)]
    return [_plain(text) for text in re.findall(r"<p data-told>(.*?)</p>", answer.text, re.DOTALL)]


def _plain(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", html)).strip()


def _parts(files: Files) -> list[tuple[str, tuple[str, bytes]]] | None:
    return [("files", (name, content)) for name, content in files] or None
