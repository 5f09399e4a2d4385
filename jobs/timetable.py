"""The timetable, Europe/London: every job, when it runs, how long it may take, how often it is tried, and why."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from croniter import croniter

from jobs import accounts, attachments, backup, catalogue, mail, notifications, sdep, status
from sdes.kit import clock

Job = Callable[..., Awaitable[None]]


@dataclass(frozen=True)
class Entry:
    """One job. `cron` is None for jobs that run only when asked, by a nudge with its words or, with `is_for_hands`, by
    an operator; `timeout` is in seconds."""

    job: Job
    cron: str | None
    timeout: int
    attempts: int
    why: str
    is_for_hands: bool = False

    @property
    def name(self) -> str:
        return self.job.__name__

    @property
    def goes_by_the_date(self) -> bool:
        """Whether it destroys what its date says is old, or decides by it: no clock that may be wrong begins it."""
        return self.job in _BY_THE_DATE

    def next_after(self, moment: datetime) -> datetime | None:
        """When it begins by itself next, in UTC; None for what runs only when asked."""
        if self.cron is None:
            return None
        found: datetime = croniter(self.cron, clock.local(moment)).get_next(datetime)
        return found.astimezone(UTC)


TIMETABLE = (
    Entry(attachments.attachments_check, None, 600, 3, "checks a file when it comes"),
    Entry(attachments.attachments_sweep, "* * * * * */10", 900, 1, "every 10 s: files whose nudge or verdict was lost"),
    Entry(attachments.attachments_tidy, "20 3 * * *", 3600, 1, "blobs of uploads that were cut off or never sent"),
    Entry(
        accounts.accounts_forget_sessions, "50 2 * * *", 600, 2, "sessions are kept a week after their end, not longer"
    ),
    Entry(mail.mail_deliver, None, 600, 1, "sends a mail when it has been written"),
    Entry(mail.mail_sweep, "* * * * *", 600, 1, "every minute: mails whose nudge was lost or that are tried again"),
    Entry(mail.mail_forget, "10 3 * * *", 600, 2, "mails are kept for 30 days, to see whether they were sent"),
    Entry(notifications.notifications_mail, "* * * * *", 600, 1, "every minute: some answers are due in hours"),
    Entry(notifications.notifications_forget, "20 2 * * *", 600, 2, "what was read is kept for 60 days"),
    Entry(accounts.accounts_inactivity, "30 4 * * *", 1800, 3, "90 days without a sign-in delete an account (SD 2.7)"),
    Entry(accounts.accounts_forget_uploads, "40 2 * * *", 600, 2, "uploads of people are kept for a day"),
    Entry(accounts.accounts_default_contacts, "10 5 * * *", 1800, 2, "no use case is left with nobody (SD 2.5(b))"),
    Entry(catalogue.catalogue_apply, "1-59/10 * * * *", 600, 1, "from 00:01: changes of process types, on their day"),
    Entry(sdep.sdep_archive, "30 23 * * *", 1800, 3, "30 days after its last message a communication rests (SD 14.1)"),
    Entry(sdep.sdep_delete, "45 23 * * *", 3600, 3, "30 days after archiving it is forgotten for good (SD 14.4)"),
    Entry(sdep.sdep_replay_deletions, None, 3600, 1, "after a restore: what was deleted since is deleted again", True),
    Entry(sdep.sdep_monthly_reports, "30 2 * * *", 1800, 3, "on the 1st, or the next night that can (SD 12.2)"),
    Entry(backup.backup_keep_roll, "* * * * *", 300, 1, "every minute: what a restore must not bring back (SD 7.2)"),
    Entry(backup.backup_take, "15 1 * * *", 3600, 2, "each night, where SDES_BACKUP_TO names a folder (SD 7.2)"),
    Entry(
        status.status_sample, "* * * * *", 300, 1, "every minute: how many are here; every hour: growth (SD 6.1, 6.2)"
    ),
    Entry(status.status_forget_minutes, "5 3 * * *", 600, 2, "minutes are kept as long as monthly reports (SD 3.2)"),
)

_BY_THE_DATE = frozenset[Job](
    {
        *(attachments.attachments_tidy, accounts.accounts_forget_sessions, accounts.accounts_forget_uploads),
        *(accounts.accounts_inactivity, mail.mail_forget, notifications.notifications_forget),
        *(sdep.sdep_archive, sdep.sdep_delete, sdep.sdep_monthly_reports, catalogue.catalogue_apply),
        status.status_forget_minutes,
    }
)

WORDS: dict[str, Any] = {entry.name: entry for entry in TIMETABLE}
