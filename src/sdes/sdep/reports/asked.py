"""What a report is asked for, as an address carries it: days, MPID, process type, person, side (SD 12.1)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from sdes.catalogue.dates import read_date, show_date
from sdes.kit import clock
from sdes.kit.forms import without_control_characters

USUAL_DAYS = 30
MOST_DAYS = 366
MOST_TYPED = 60  # characters
NAMES = ("from", "to", "mpid", "process", "person", "by")
OURS, THEIRS = "ours", "theirs"  # whose responses
NOBODY_OF_OURS = (
    "Nobody of your company gives the other company’s responses. Choose “Us” for this person’s responses, or everybody."
)

Option = tuple[str, str]  # what the address carries, and what the page shows
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Choices:
    """What a company's reports may be narrowed to."""

    mpids: list[str] = field(default_factory=list)
    processes: list[tuple[str, list[Option]]] = field(default_factory=list)  # by business process; codes
    people: list[Option] = field(default_factory=list)


@dataclass(frozen=True)
class Asked:
    """What was typed, what it means, and what is wrong with it, by field. Days are London's, both included."""

    values: dict[str, str]
    first: date
    last: date
    mpid: str = ""
    process: str = ""  # a code
    person: int | None = None
    side: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def since(self) -> datetime:
        """The beginning of the first day."""
        return midnight(self.first)

    @property
    def until(self) -> datetime:
        """The end of the last day."""
        return midnight(self.last + DAY)

    @property
    def days_text(self) -> str:
        return f"{show_date(self.first)} to {show_date(self.last)}"

    def query(self, names: Collection[str] = NAMES, **more: str) -> str:
        """The part of an address that carries it, with its question mark; what was left open is left out."""
        words = {name: value for name, value in {**self.values, **more}.items() if value and name in names}
        return f"?{urlencode(words)}" if words else ""


def midnight(day: date) -> datetime:
    """The moment at which a day begins in London."""
    return datetime.combine(day, time(), clock.LONDON)


def read_asked(words: Mapping[str, str], choices: Choices, *, names: Collection[str] = NAMES) -> Asked:
    """What an address asks for, of the parameters `names`. Without days: the last 30, today included. With one of the
    two, the other lies 30 days off, in the past. Errors: no date, the first after the last, more than 366 days, an
    MPID, a process type or a person that there is not, a person of ours for the other company's responses."""
    values = {name: _typed(words, name) for name in NAMES}
    errors: dict[str, str] = {}
    first, last = _days(values, errors) if "from" in names else (clock.today(), clock.today())
    codes = [code for _, options in choices.processes for code, _ in options]
    _known(values, errors, "mpid", choices.mpids, "Your company has no MPID {}. Choose one of the list.")
    _known(values, errors, "process", codes, "There is no process type {}. Choose one of the list.")
    people = [key for key, _ in choices.people]
    _known(values, errors, "person", people, "Nobody of your company is number {}. Choose somebody of the list.")
    _known(values, errors, "by", (OURS, THEIRS), "There is no side {}. Choose one of the list.")
    if "by" in names and values["by"] == THEIRS and values["person"] and not errors:
        errors["by"] = NOBODY_OF_OURS
    person = int(values["person"]) if values["person"] and "person" not in errors else None
    return Asked(values, first, last, values["mpid"], values["process"], person, values["by"], errors)


def _typed(words: Mapping[str, str], name: str) -> str:
    return " ".join(without_control_characters(words.get(name, "")).split())[:MOST_TYPED]


def _days(values: dict[str, str], errors: dict[str, str]) -> tuple[date, date]:
    first, last = _date(values, errors, "from"), _date(values, errors, "to")
    if last is None:
        last = min(first + (USUAL_DAYS - 1) * DAY, clock.today()) if first else clock.today()
        last = max(last, first) if first else last
    if first is None:
        first = last - (USUAL_DAYS - 1) * DAY
    if not errors and first > last:
        errors["from"] = "The first day is after the last. Change one of them."
    elif not errors and (last - first).days >= MOST_DAYS:
        errors["to"] = f"A report covers {MOST_DAYS} days at most. Choose days that lie closer together."
    return first, last


def _date(values: dict[str, str], errors: dict[str, str], name: str) -> date | None:
    day, error = read_date(values[name]) if values[name] else (None, None)
    if error:
        errors[name] = error
    return day


def _known(values: dict[str, str], errors: dict[str, str], name: str, known: Iterable[str], sentence: str) -> None:
    if values[name] and values[name] not in known:
        errors[name] = sentence.format(f"“{values[name]}”")
