"""The virus scanner as the web sees it: looked at by a task beside the requests, and the banner while it is away."""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sdes.attachments.scanner import Scanner, ScanUnavailable, signature_database
from sdes.settings import Settings
from sdes.status.parts import Part

log = logging.getLogger(__name__)

EVERY = 5.0  # seconds between two looks
OLD = timedelta(days=7)
NAME = "Virus scanner"
WAITS = "Attachments stay pending until it is back; nothing is lost."
AWAY = f"The virus scanner does not answer. {WAITS}"

_seen: list[tuple[Part, timedelta | None]] = []


async def watch(settings: Settings) -> None:
    """Looks at the virus scanner for ever, now and every few seconds."""
    while True:
        found = await asyncio.to_thread(look, settings.clamd_socket, settings.clamd_database)
        if not _seen or _seen[0][0].detail != found[0].detail:
            log.info("virus scanner: %s", found[0].detail)
        _seen[:] = [found]
        await asyncio.sleep(EVERY)


def look(socket: Path | None, database: Path) -> tuple[Part, timedelta | None]:
    """How the virus scanner is, and how old the signatures are that it uses, where that is known."""
    if socket is None:
        words = f"No virus scanner is installed here: apt-get install clamav-daemon. {WAITS}"
        return Part(NAME, "bad", "Not set up", words), None
    try:
        signatures = signature_database(Scanner(socket, timeout=5).version(), database)
    except ScanUnavailable:
        return Part(NAME, "bad", "Not answering", AWAY), None
    told = f"Signatures: {signatures.description}."
    if not signatures.is_official:
        return Part(NAME, "warn", "Test signatures", told), None
    if signatures.age and signatures.age > OLD:
        return Part(NAME, "warn", "Old signatures", told), signatures.age
    return Part(NAME, "ok", "Working", told), signatures.age


def part() -> Part:
    """As it was seen last, for those who run the service."""
    return _seen[0][0] if _seen else Part(NAME, "warn", "Not looked at yet", "Reload the page in a few seconds.")


def part_for_companies() -> Part:
    """As it was seen last, without what only those who run the service could do about it."""
    return replace(part(), words="Not answering", detail=AWAY) if part().state == "bad" else part()


def signature_age() -> timedelta | None:
    """How old the signatures in use are; None where nobody knows."""
    return _seen[0][1] if _seen else None


def banners() -> list[dict[str, str]]:
    """What every page says on top while something that people need does not work."""
    return [{"kind": "warn", "icon": "shield-alert", "text": AWAY} for one, _ in _seen if one.state == "bad"]
