"""Use cases, system functions and changes made meanwhile in words."""

from collections import defaultdict
from collections.abc import Iterable

from sdes.accounts.functions import SystemFunction
from sdes.catalogue.rules import UseCase
from sdes.catalogue.views import ProcessTypeView

MEANWHILE = "Somebody else changed this while you were looking at it. Nothing was saved."


def use_case_title(catalogue: list[ProcessTypeView], use_case: UseCase) -> str:
    """A use case, e.g. "Erroneous Transfer - Initial Contact (Gas), level 2"."""
    return cases_text(catalogue, [use_case]) or f"an unknown process type, level {use_case[1]}"


def cases_text(catalogue: list[ProcessTypeView], use_cases: Iterable[UseCase]) -> str:
    """For example "Erroneous Transfer - Escalation (Gas), levels 1 and 2; ...", in the catalogue's order."""
    return "; ".join(cases_lines(catalogue, use_cases))


def cases_lines(catalogue: list[ProcessTypeView], use_cases: Iterable[UseCase]) -> list[str]:
    """The same, a process type with its levels at a time."""
    levels: dict[int, list[int]] = defaultdict(list)
    for process, level in sorted(set(use_cases)):
        levels[process].append(level)
    return [f"{one.full_title}, {_levels_text(levels[one.id])}" for one in catalogue if one.id in levels]


def titles(catalogue: list[ProcessTypeView], use_cases: Iterable[UseCase]) -> list[str]:
    """Each use case by its title, in the catalogue's order."""
    places = {one.id: place for place, one in enumerate(catalogue)}
    ordered = sorted(use_cases, key=lambda case: (places.get(case[0], len(places)), case))
    return [use_case_title(catalogue, case) for case in ordered]


def cases_code(catalogue: list[ProcessTypeView], use_cases: Iterable[UseCase]) -> str:
    """As an upload reads them: "PT0103:1; PT0103:2", in the catalogue's order."""
    held = set(use_cases)
    return "; ".join(
        f"{one.code}:{level.number}" for one in catalogue for level in one.levels if (one.id, level.number) in held
    )


def functions_text(functions: Iterable[str]) -> str:
    """The labels of system functions, in their order on the page."""
    held = set(functions)
    return ", ".join(one.label for one in SystemFunction if one.value in held)


def _levels_text(levels: list[int]) -> str:
    if len(levels) == 1:
        return f"level {levels[0]}"
    return f"levels {', '.join(map(str, levels[:-1]))} and {levels[-1]}"
