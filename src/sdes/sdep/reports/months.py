"""Months as the Code Manager's reports count them, by London's calendar; and which of their reports there are."""

from dataclasses import dataclass
from datetime import date, datetime

from sdes.catalogue.dates import YEARS
from sdes.kit import clock
from sdes.sdep.reports.asked import midnight

KEPT_MONTHS = 24  # for which the reports of a month are kept
USERS, VOLUMES, AVAILABILITY = "users", "volumes", "availability"
TITLES = {
    USERS: "SDES Users and Authorised Persons",
    VOLUMES: "Messages and their processes",
    AVAILABILITY: "Availability of the service",  # SD 3.2
}


@dataclass(frozen=True)
class Month:
    """One month, by its first day."""

    first: date

    @classmethod
    def present(cls) -> "Month":
        return cls(clock.today().replace(day=1))

    @classmethod
    def read(cls, text: str) -> "Month | None":
        """From an address: 2026-11. What is no month, or of no year that dates have here, is None."""
        try:
            first = date.fromisoformat(f"{text}-01") if len(text) == 7 else None
        except ValueError:
            return None
        return cls(first) if first and first.year in YEARS else None

    @property
    def key(self) -> str:
        return f"{self.first:%Y-%m}"

    @property
    def title(self) -> str:
        return f"{self.first:%B %Y}"

    @property
    def since(self) -> datetime:
        return midnight(self.first)

    @property
    def until(self) -> datetime:
        return midnight(self.plus(1).first)

    def plus(self, months: int) -> "Month":
        """The month so many later; earlier where `months` is negative."""
        count = self.first.year * 12 + self.first.month - 1 + months
        return Month(date(count // 12, count % 12 + 1, 1))


def owed(made: set[Month], last: Month, most: int) -> list[Month]:
    """The months up to `last` whose report is missing: since the first that was made, and never more than `most`."""
    found: list[Month] = []
    month = last
    while len(found) < most and (month == last or any(one.first < month.first for one in made)):
        if month not in made:
            found.append(month)
        month = month.plus(-1)
    return found[::-1]
