"""What the overseers post about companies, turned into values or sentences. No database."""

import re
from dataclasses import dataclass, field
from datetime import date

from sdes.administration.forms.people import address_problem, clean_name, mark_of, name_problem
from sdes.administration.views.companies import STEPS, Accession
from sdes.catalogue.dates import read_date, show_date
from sdes.catalogue.entries import one_line
from sdes.catalogue.roles import MarketRole
from sdes.kit.forms import Form

NAME_LIMIT = 120  # characters
REASON_LIMIT = 500

_MPIDS = {"E": (re.compile(r"[A-Z0-9]{4}"), "four"), "G": (re.compile(r"[A-Z0-9]{3}"), "three")}


@dataclass
class Filled:
    """A form as typed, and what is wrong with it by field. `values` outlive a mistake."""

    values: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)


def name_mark(name: str) -> str:
    """Tells in a hidden field which name the form showed, so that a change made meanwhile is noticed."""
    return mark_of([name])


def accession_mark(steps: Accession) -> str:
    """Tells in a hidden field which days the form showed."""
    return mark_of(str(getattr(steps, column)) for column, _, _ in STEPS)


def dates_mark(first: date, last: date | None) -> str:
    """Tells in a hidden field which first and last day the form showed."""
    return mark_of([str(first), str(last)])


def company_name(form: Form) -> tuple[str, Filled]:
    """The name of a company."""
    name = one_line(form.raw("name"))
    filled = Filled({"name": name})
    if not name:
        filled.errors["name"] = "Enter the company's name"
    elif len(name) > NAME_LIMIT:
        filled.errors["name"] = f"Shorten the name to {NAME_LIMIT} characters. It has {len(name)}."
    return name, filled


@dataclass(frozen=True)
class Period:
    """From a day to a day, both included; no last day: until further notice."""

    first: date
    last: date | None


def participant(form: Form) -> tuple[tuple[str, MarketRole, Period] | None, Filled]:
    """An MPID in a market role for a time (SL 21, 22); None where something is wrong."""
    mpid = "".join(form.text("mpid").split()).upper()
    filled = Filled({"mpid": mpid, "role": form.text("role")})
    role = MarketRole(form.text("role")) if form.text("role") in list(MarketRole) else None
    if role is None:
        filled.errors["role"] = "Choose the market role"
    pattern, count = _MPIDS[role.fuel if role else "E"]
    if not mpid:
        filled.errors["mpid"] = "Enter the MPID"
    elif role and not pattern.fullmatch(mpid):
        fuel = "A gas" if role.fuel == "G" else "An electricity"
        filled.errors["mpid"] = f"{fuel} MPID has {count} letters or digits, and nothing else"
    period = _period(form, filled)
    return ((mpid, role, period) if role and period and not filled.errors else None), filled


def participant_dates(form: Form) -> tuple[Period | None, Filled]:
    """The first and the last day of a market participant."""
    filled = Filled({})
    return _period(form, filled), filled


def _period(form: Form, filled: Filled) -> Period | None:
    first = _date(form, filled, "effective_from", "the first day")
    last = _date(form, filled, "effective_to", None)
    if first and last and last < first:
        filled.errors["effective_to"] = f"The last day is before the first, {show_date(first)}"
    if filled.errors.keys() & {"effective_from", "effective_to"} or first is None:
        return None
    return Period(first, last)


def accession(form: Form, today: date) -> tuple[Accession, Filled]:
    """The days of the three steps: in their order, none in the future, none left out (SL 20)."""
    filled = Filled({})
    days = {column: _date(form, filled, column, None) for column, _, _ in STEPS}
    before: tuple[str, date] | None = None
    missing = ""
    for column, done, _ in STEPS:
        day = days[column]
        if day and missing:
            filled.errors.setdefault(missing, "Enter this date too: the steps follow each other")
        if day and day > today:
            filled.errors[column] = f"{done}: {show_date(day)} is in the future"
        elif day and before and day < before[1]:
            filled.errors[column] = f"{done}: this is before “{before[0]}”, {show_date(before[1])}"
        if day:
            before = (done, day)
        else:
            missing = missing or column
    return Accession(**days), filled


def qualification(form: Form) -> tuple[tuple[bool, str], Filled]:
    """Whether the company is Qualified, and why (SD 10.2)."""
    wanted, reason = form.text("qualified"), one_line(form.raw("reason"))
    filled = Filled({"qualified": wanted, "reason": reason})
    if wanted not in ("yes", "no"):
        filled.errors["qualified"] = "Choose yes or no"
    _insist_on_reason(filled)
    return (wanted == "yes", reason), filled


@dataclass(frozen=True)
class NewMasterAdmin:
    """Who is to be a company's MAU. Where another was before: whether they have left it, and why they are replaced."""

    name: str
    email: str
    former_leaves: bool = True
    reason: str = ""


def master_admin(form: Form, *, replaces: bool) -> tuple[NewMasterAdmin, Filled]:
    """A MAU by name and address (SD 2.4); one who replaces another needs a reason."""
    new = NewMasterAdmin(
        clean_name(form.raw("name")),
        form.raw("email").strip(),
        form.text("former") != "stays",
        one_line(form.raw("reason")),
    )
    filled = Filled({"name": new.name, "email": new.email, "former": form.text("former"), "reason": new.reason})
    problems = {"name": name_problem(new.name), "email": address_problem(new.email)}
    filled.errors.update({field: sentence for field, sentence in problems.items() if sentence})
    if replaces and form.text("former") not in ("leaves", "stays"):
        filled.errors["former"] = "Choose what happens to the former Master Admin User's account"
    if replaces:
        _insist_on_reason(filled)
    return new, filled


def _insist_on_reason(filled: Filled) -> None:
    reason = filled.values["reason"]
    if not reason:
        filled.errors["reason"] = "Enter the reason. It is kept in the audit log, where the company reads it."
    elif len(reason) > REASON_LIMIT:
        filled.errors["reason"] = f"Shorten the reason to {REASON_LIMIT} characters. It has {len(reason)}."


def _date(form: Form, filled: Filled, name: str, missing: str | None) -> date | None:
    """The date in a field; `missing` says what it is where it may not be left empty."""
    typed = form.text(name)
    filled.values[name] = typed
    if not typed:
        if missing:
            filled.errors[name] = f"Enter {missing}"
        return None
    day, error = read_date(typed)
    if error:
        filled.errors[name] = error
    return day
