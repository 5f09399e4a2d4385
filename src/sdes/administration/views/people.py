"""What pages and the interface for programs are given of people and use cases."""

from dataclasses import dataclass, field
from datetime import date, datetime

from sdes.accounts.tables import PersonState
from sdes.administration.inactivity import REMINDERS, Activity
from sdes.catalogue.rules import UseCase


@dataclass(frozen=True, slots=True)
class PersonView:
    """An Authorised Person as their administrators see them. `activity` tells how long they have been away."""

    id: int
    name: str
    email: str
    state: PersonState
    is_master_admin: bool
    functions: tuple[str, ...]
    is_proxy_address: bool
    email_verified_at: datetime | None
    last_sign_in_at: datetime | None
    is_waiting: bool  # has a single-use password that was not changed yet
    has_second_factor: bool
    activity: Activity = field(repr=False)
    use_cases: frozenset[UseCase] = frozenset()
    default_for: frozenset[UseCase] = frozenset()  # where the MAU stands in for nobody (SD 2.7(c))

    @property
    def is_active(self) -> bool:
        return self.state is PersonState.ACTIVE

    def days_left(self, today: date) -> int | None:
        """Days to deletion while they are fewer than the reminders last; otherwise, and for a MAU, None."""
        left = self.activity.days_left(today)
        return max(left, 0) if left <= REMINDERS and not self.is_master_admin else None


@dataclass(frozen=True, slots=True)
class Gaps:
    """Where use cases hang on one person: by person, those whose only active user they are; and those where nobody is
    but the MAU, who stands in as default contact (SD 2.5(b), 2.7(c))."""

    only: dict[int, list[UseCase]]
    stood_in: list[UseCase]
