"""When an account lapses: the arithmetic of SD 2.7 and 2.8, in calendar days of London."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

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
    def deleted_on(self) -> date:
        """The day of deletion. Nobody is deleted before seven days of reminders, whatever nights were missed."""
        due = self.since + timedelta(days=LASTS)
        return max(due, self.warned_from + timedelta(days=REMINDERS)) if self.warned_from else due

    def reminded_first(self, today: date) -> "Activity":
        """The same after a reminder on that day, unless there was one before."""
        return self if self.warned_from else replace(self, warned_from=today)

    def days_left(self, today: date) -> int:
        """How many days until deletion; 0 on the day itself, less when it is overdue."""
        return (self.deleted_on - today).days

    def is_reminded(self, today: date) -> bool:
        """Whether a reminder goes out on that day."""
        return today >= self.since + timedelta(days=LASTS - REMINDERS) and not self.is_over(today)

    def is_over(self, today: date) -> bool:
        """Whether the account is to be deleted on that day: reminded for seven days, and ninety have passed."""
        return self.warned_from is not None and today >= self.deleted_on
