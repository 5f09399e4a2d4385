"""People and their assignments as files (SD 2.6): the export, the template of an upload, and its result."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from sdes.accounts.functions import SystemFunction
from sdes.administration.matrix.seen import assigned
from sdes.administration.queries.uploads import UploadView
from sdes.administration.uploads.rows import COLUMNS, TOLD
from sdes.administration.views.people import PersonView
from sdes.administration.words import cases_code
from sdes.catalogue.rules import UseCase
from sdes.catalogue.views import ProcessTypeView

Line = tuple[Any, ...]
_EXPORTED = TOLD[:-2]  # what is told of people besides; the last two are of an upload's rows
_RULES = (
    ("Action", "create, change, suspend, reinstate or delete. Empty: create or change, as the address has an account"),
    ("Email", "Whose row it is. Needed in every row"),
    ("Name", "Needed for new people. Empty: as it is"),
    ("Proxy address", "yes for an address that is shared or no mailbox: no notifications are sent to it"),
    ("System functions", "Separated by ; and all that the person is to have. Leave the column out to change none"),
    ("Use cases", "Like PT0103:1; PT0103:2 or PT0103:all, and all that the person is to be in. As above"),
    ("Take over by", "With suspend and delete: who takes what would be left with nobody. MAU: the Master Admin User"),
    ("New email", "The address that the person is to have instead"),
    (
        "Other columns",
        "Those of an export are not read. suspend, reinstate and delete read no more than their own columns",
    ),
)


def people_lines(people: Iterable[PersonView], catalogue: list[ProcessTypeView], today: date) -> Iterator[Line]:
    """The heading and a row a person; an upload of it changes nothing."""
    yield (*COLUMNS, *_EXPORTED)
    for one in people:
        yield (
            "",
            one.email,
            one.name,
            "yes" if one.is_proxy_address else "no",
            "; ".join(function.value for function in SystemFunction if function in one.functions),
            cases_code(catalogue, assigned(one)),
            "",
            "",
            "yes" if one.is_master_admin else "no",
            one.state.value,
            one.last_sign_in_at or "",
            "" if one.is_master_admin else max(one.activity.days_left(today), 0),
            "yes" if one.has_second_factor else "no",
        )


def template_lines(catalogue: list[ProcessTypeView], allowed: list[UseCase]) -> Iterator[Line]:
    """The heading and an example, which nobody would upload unchanged: its address can have no mailbox."""
    yield COLUMNS
    example = cases_code(catalogue, allowed[:2])
    yield ("create", "first.last@company.example", "First Last", "no", SystemFunction.REPORTS.value, example, "", "")


def rules_lines() -> Iterator[Line]:
    """What belongs in which column."""
    yield ("Column", "What belongs in it")
    yield from _RULES


def use_case_lines(catalogue: list[ProcessTypeView], allowed: list[UseCase]) -> Iterator[Line]:
    """The use cases that the company's people can be in, with their codes."""
    yield ("Code", "Process type", "Level", "Name of the level")
    held = set(allowed)
    for process in catalogue:
        for level in process.levels:
            if (process.id, level.number) in held:
                yield (f"{process.code}:{level.number}", process.full_title, level.number, level.name)


def function_lines(functions: Iterable[SystemFunction]) -> Iterator[Line]:
    """The system functions that the company's people can be granted."""
    yield ("System function", "Name", "What it allows")
    for one in functions:
        yield (one.value, one.label, one.hint)


def result_lines(upload: UploadView) -> Iterator[Line]:
    """The rows as they were uploaded, with what became of each, or would, in two columns more. While any row has a
    problem nothing becomes of any, so that only problems are told."""
    heading = upload.sheet[0]
    kept = [place for place, title in enumerate(heading) if title.lower() not in ("result", "problem")]
    yield (*(heading[place] for place in kept), "Result", "Problem")
    for verdict in upload.verdicts:
        cells = upload.sheet[verdict.number - 1]
        outcome = upload.told(verdict.outcome)
        result = ": ".join(part for part in (outcome, verdict.words) if part) if outcome else ""
        yield (*(cells[place] if place < len(cells) else "" for place in kept), result, verdict.problem)
