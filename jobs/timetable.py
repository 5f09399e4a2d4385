"""The timetable, Europe/London: every job, when it runs, how long it may take, how often it is tried, and why."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from jobs import accounts, attachments, mail

Job = Callable[..., Awaitable[None]]


@dataclass(frozen=True)
class Entry:
    """One job. `cron` is None for jobs that run only when asked; `timeout` is in seconds."""

    job: Job
    cron: str | None
    timeout: int
    attempts: int
    why: str

    @property
    def name(self) -> str:
        return self.job.__name__


TIMETABLE = (
    Entry(attachments.attachments_check, None, 600, 3, "a file was received"),
    Entry(attachments.attachments_sweep, "* * * * * */10", 900, 1, "every 10 s: files whose nudge or verdict was lost"),
    Entry(attachments.attachments_tidy, "20 3 * * *", 3600, 1, "blobs of uploads that were cut off or never sent"),
    Entry(
        accounts.accounts_forget_sessions, "50 2 * * *", 600, 2, "sessions are kept a week after their end, not longer"
    ),
    Entry(mail.mail_deliver, None, 600, 1, "a mail was written"),
    Entry(mail.mail_sweep, "* * * * *", 600, 1, "every minute: mails whose nudge was lost or that are tried again"),
    Entry(mail.mail_forget, "10 3 * * *", 600, 2, "mails are kept for 30 days, to see whether they were sent"),
    Entry(accounts.accounts_inactivity, "30 4 * * *", 1800, 3, "90 days without a sign-in delete an account (SD 2.7)"),
    Entry(accounts.accounts_forget_uploads, "40 2 * * *", 600, 2, "uploads of people are kept for a day"),
    Entry(accounts.accounts_default_contacts, "10 5 * * *", 1800, 2, "no use case is left with nobody (SD 2.5(b))"),
)

WORDS: dict[str, Any] = {entry.name: entry for entry in TIMETABLE}
