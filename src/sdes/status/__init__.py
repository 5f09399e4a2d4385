"""Service status: each part in words, looked at by a task beside the requests, and the banners that follow from it."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from litestar import Response, Router, get

from sdes.accounts.entrance import AnyRequest
from sdes.attachments.scanner import Scanner, ScanUnavailable, signature_database
from sdes.kit import clock, db
from sdes.kit.errors import Unavailable
from sdes.kit.rendering import page
from sdes.mail.queries import waiting
from sdes.permissions import Permission
from sdes.settings import Settings

log = logging.getLogger(__name__)

EVERY = 5.0  # seconds between two looks at the scanner
OLD = timedelta(days=7)
PATIENCE = timedelta(minutes=5)  # the worker looks for waiting files every minute

_QUEUE = """
SELECT count(*) AS waiting, count(*) FILTER (WHERE is_late) AS late, min(created_at) FILTER (WHERE is_late) AS oldest
  FROM (SELECT created_at, created_at < $2 AND (attempts > 0 OR next_attempt_at < $1) AS is_late
          FROM attachment WHERE state = 'pending') AS pending
"""


@dataclass(frozen=True)
class Part:
    """One part of the service: how it is (ok, warn, bad), in a word and in a sentence."""

    name: str
    state: str
    words: str
    detail: str


_scanner: list[Part] = []


def watch(settings: Settings) -> asyncio.Task[None]:
    """Starts looking at the virus scanner, now and every few seconds."""

    async def look_for_ever() -> None:
        while True:
            part = await asyncio.to_thread(scanner_part, settings.clamd_socket, settings.clamd_database)
            if not _scanner or _scanner[0].detail != part.detail:
                log.info("virus scanner: %s", part.detail)
            _scanner[:] = [part]
            await asyncio.sleep(EVERY)

    return asyncio.create_task(look_for_ever())


def scanner_part(socket: Path | None, database: Path) -> Part:
    """How the virus scanner is, and which signatures it uses and how old they are."""
    name = "Virus scanner"
    waits = "Attachments stay pending until it is back; nothing is lost."
    if socket is None:
        return Part(
            name, "bad", "Not set up", f"No virus scanner is installed here: apt-get install clamav-daemon. {waits}"
        )
    try:
        signatures = signature_database(Scanner(socket, timeout=5).version(), database)
    except ScanUnavailable:
        return Part(name, "bad", "Not answering", f"The virus scanner does not answer. {waits}")
    if not signatures.is_official:
        return Part(name, "warn", "Test signatures", f"Signatures: {signatures.description}.")
    state = "warn" if signatures.age and signatures.age > OLD else "ok"
    return Part(name, state, "Working" if state == "ok" else "Old signatures", f"Signatures: {signatures.description}.")


def banners() -> list[dict[str, str]]:
    """What every page says on top while something that people need does not work."""
    return [{"kind": "warn", "icon": "shield-alert", "text": part.detail} for part in _scanner if part.state == "bad"]


@get("/status", name="status", opt={"permission": Permission.STATUS_VIEW})
async def show(request: AnyRequest) -> Response[Any]:
    """Each part of the service in words."""
    parts = [
        Part("Database", "ok", "Working", "Communications can be read and sent."),
        await _store_part(request),
        *(_scanner or [Part("Virus scanner", "warn", "Not looked at yet", "Reload the page in a few seconds.")]),
        await _queue_part(),
        await _mail_part(),
    ]
    return page(request, "templates/status.html", parts=parts)


async def _store_part(request: AnyRequest) -> Part:
    try:
        await request.app.state.vault.blobs.ping()
    except Unavailable:
        return Part("Store of attachments", "bad", "Not answering", "Files can be neither sent nor downloaded now.")
    return Part("Store of attachments", "ok", "Working", "Files can be sent and downloaded.")


async def _queue_part() -> Part:
    """Whether the worker keeps up with one's own company's files: a file is late that has waited for long and that the
    worker has tried in vain or not come to in time. One that it is to leave alone for now is not."""
    now = clock.now()
    rows = await db.fetch(_QUEUE, now, now - PATIENCE)
    waiting, late, oldest = rows[0]["waiting"], rows[0]["late"], rows[0]["oldest"]
    name = "Virus checks"
    if late:
        minutes = int((now - oldest).total_seconds() // 60)
        return Part(name, "warn", f"{late} late", f"Of {waiting} waiting, the oldest has waited {minutes} minutes.")
    if waiting:
        return Part(name, "ok", f"{waiting} waiting", "Files are checked in the order in which they come.")
    return Part(name, "ok", "None waiting", "Every file of your company has been checked.")


async def _mail_part() -> Part:
    """Whether mails leave: the worker sends them, so what is to be seen here is how long they wait for it."""
    left = await waiting()
    if left.since is None:
        return Part("E-mail", "ok", "Working", "No e-mail waits to be sent.")
    words = f"{left.count} to be sent"
    if left.since > clock.now() - PATIENCE:
        return Part("E-mail", "ok", words, "E-mails are sent in the order in which they are written.")
    since = f"{left.since.day} {left.since:%b %Y, %H:%M}"
    why = "The mail server does not take them, or none is set up. They are kept, and tried again and again."
    return Part("E-mail", "warn", words, f"The oldest has waited since {since}. {why}")


router = Router(path="/", route_handlers=[show])
