"""When an account lapses: the arithmetic of SD 2.7 and 2.8, in calendar days of London."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from sdes.kit import clock

LASTS = 90  # days without a sign-in after which an account is deleted (SD 2.7)
REMINDERS = 7  # days before it on each of which the person is reminded (SD 2.7(b))


@dataclass(frozen=True, slots=True)
class Activity:
    """What tells how long somebody has been away. `warned_from` is the day of the first reminder since."""

    created_at: datetime
    last_sign_in_at: datetime | None = None
    reinstated_at: datetime | None = None
    warned_from: date | None = None

    @property
    def since(self) -> date:
        """The day from which inactivity counts: of the last sign-in, or of the account where there was none."""
        known = (self.created_at, self.last_sign_in_at, self.reinstated_at)
        return clock.local(max(moment for moment in known if moment)).date()

    @property
    def counts_from(self) -> Literal["account", "sign-in", "reinstatement"]:
        """What happened on the day from which inactivity counts."""
        if self.reinstated_at and self.reinstated_at > (self.last_sign_in_at or self.created_at):
            return "reinstatement"
        return "sign-in" if self.last_sign_in_at else "account"

    @property
    def deleted_on(self) -> date:
        """The day of deletion after the reminders that went out: seven days of them, whatever nights were missed."""
        due = self.since + timedelta(days=LASTS)
        return max(due, self.warned_from + timedelta(days=REMINDERS)) if self.warned_from else due

    def reminded_first(self, today: date) -> "Activity":
        """The same after a reminder on that day, unless there was one before."""
        return self if self.warned_from else replace(self, warned_from=today)

    def lapses_on(self, today: date) -> date:
        """The day of deletion as it is known today: reminders that were missed are still to come, all seven."""
        return (self.reminded_first(today) if self._is_due(today) else self).deleted_on

    def days_left(self, today: date) -> int:
        """How many days until deletion; 0 on the day itself, less when it is overdue."""
        return (self.lapses_on(today) - today).days

    def is_reminded(self, today: date) -> bool:
        """Whether a reminder goes out on that day."""
        return self._is_due(today) and not self.is_over(today)

    def is_over(self, today: date) -> bool:
        """Whether the account is to be deleted on that day: reminded for seven days, and ninety have passed."""
        return self.warned_from is not None and today >= self.deleted_on

    def _is_due(self, today: date) -> bool:
        return today >= self.since + timedelta(days=LASTS - REMINDERS)
