"""Each part of the service in words: what concerns everybody, and what concerns those who run it."""

import asyncio

from sdes.attachments.vault import Vault
from sdes.kit import clock
from sdes.kit.errors import Full, Unavailable
from sdes.mail.queries import Waiting
from sdes.status.parts import Part, counted, moment, size, spoken
from sdes.status.queries import PATIENCE, Busy, Figures, Late, Workers

ANSWERS_WITHIN = 3.0  # seconds; a store that takes longer is as good as gone


async def store_part(vault: Vault) -> Part:
    """Whether the store of files answers."""
    name = "Store of attachments"
    try:
        async with asyncio.timeout(ANSWERS_WITHIN):
            await vault.blobs.ping()
    except Full:
        return Part(name, "bad", "Full", "There is no room for new files. Those that are there can be downloaded.")
    except (Unavailable, TimeoutError):
        return Part(name, "bad", "Not answering", "Files can be neither sent nor downloaded now.")
    return Part(name, "ok", "Working", "Files can be sent and downloaded.")


def database_part(figures: Figures | None = None, busy: Busy | None = None) -> Part:
    """The page was made, so it answers; those who run it are told how large and how busy it is."""
    if figures is None or busy is None:
        return Part("Database", "ok", "Working", "Communications can be read and sent.")
    used = f"{busy.in_use} of {counted(busy.at_most, 'connection', 'connections')} in use"
    detail = f"{size(figures.database_bytes)}; {used}"
    if busy.waiting:
        waiting = counted(busy.waiting, "request waits", "requests wait")
        return Part("Database", "warn", "Busy", f"{detail}, and {waiting} for one.")
    return Part("Database", "ok", "Working", f"{detail}.")


def checks_part(found: Late) -> Part:
    """Whether the worker keeps up with one's own company's files."""
    name = "Virus checks"
    if found.late and found.oldest:
        minutes = int((clock.now() - found.oldest).total_seconds() // 60)
        words = f"Of {found.waiting} waiting, the oldest has waited {minutes} minutes."
        return Part(name, "warn", f"{found.late} late", words)
    if found.waiting:
        return Part(name, "ok", f"{found.waiting} waiting", "Files are checked in the order in which they come.")
    return Part(name, "ok", "None waiting", "Every file of your company has been checked.")


def all_checks_part(figures: Figures) -> Part:
    """The same of all companies together."""
    name = "Virus checks"
    if not figures.files_pending:
        return Part(name, "ok", "None waiting", "Every file of every company has been checked.")
    detail = f"The oldest came {spoken(figures.file_age)} ago."
    if figures.files_late:
        return Part(name, "warn", f"{figures.files_late:,} late", f"{figures.files_pending:,} wait. {detail}")
    return Part(name, "ok", f"{figures.files_pending:,} waiting", detail)


def worker_part(found: Workers) -> Part:
    """Whether what runs beside the requests is alive."""
    name = "Worker"
    waits = "Virus checks, e-mails and the nightly work wait for it; nothing is lost."
    if found.alive:
        does = "Virus checks, e-mails and the nightly work are done."
        return Part(name, "ok", "Working" if found.alive == 1 else f"{found.alive} working", does)
    if found.seen_at is None:
        return Part(name, "bad", "No sign of life", f"It has not been started yet. {waits}")
    return Part(name, "bad", "No sign of life", f"No sign of life since {moment(found.seen_at)}. {waits}")


def mail_part(left: Waiting) -> Part:
    """Whether mails leave: the worker sends them, so what is to be seen here is how long they wait for it."""
    if left.since is None:
        return Part("E-mail", "ok", "Working", "No e-mail waits to be sent.")
    words = f"{left.count} to be sent"
    if left.since > clock.now() - PATIENCE:
        return Part("E-mail", "ok", words, "E-mails are sent in the order in which they are written.")
    why = "The mail server does not take them, or none is set up. They are kept, and tried again and again."
    return Part("E-mail", "warn", words, f"The oldest has waited since {moment(left.since)}. {why}")


def queue_part(figures: Figures) -> Part:
    """Whether the worker keeps up with what it is asked for."""
    name = "Queue of jobs"
    if not figures.jobs_waiting:
        return Part(name, "ok", "Empty", "Whatever was asked for has been taken up.")
    state = "warn" if figures.job_age > PATIENCE.total_seconds() else "ok"
    return Part(name, state, f"{figures.jobs_waiting:,} waiting", f"The oldest for {spoken(figures.job_age)}.")


def notifications_part(figures: Figures) -> Part:
    """What people have not been mailed about yet: most of it is not due before they have had the time to look."""
    name = "Notifications"
    if not figures.notifications_waiting:
        return Part(name, "ok", "None waiting", "Whatever people wanted to be told by e-mail has been written to them.")
    detail = f"They are mailed when they are due; the oldest came {spoken(figures.notification_age)} ago."
    return Part(name, "ok", f"{figures.notifications_waiting:,} not mailed yet", detail)
