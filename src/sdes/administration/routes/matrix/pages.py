"""What the pages of the matrix are given: the part that is shown, what is unsaved, and why it could not be saved."""

from dataclasses import dataclass, replace
from typing import Any

from litestar import Response

from sdes.accounts.entrance import AnyRequest, actor_of, cookie_of
from sdes.administration.actions.assignments import LeftWithNobody
from sdes.administration.actions.matrix import ChangedMeanwhile, save
from sdes.administration.matrix.seen import MOST_FIELDS, Cell, Changes, Seen, Unreadable, changes, on_top, ticks
from sdes.catalogue.rules import UseCase
from sdes.kit.errors import Refused
from sdes.kit.forms import Form, read_form
from sdes.kit.numbers import whole_number
from sdes.kit.rendering import page

UNREADABLE = "The page could not be read as it was sent. Nothing was saved. Here is the matrix as it is now."
YOURS_ARE_KEPT = "Your own changes are still ticked below: look them through and save again."


@dataclass(frozen=True)
class Problem:
    """Why nothing was saved, and what it is about, one by one; `offers_mau` when the MAU could take what is left."""

    text: str
    items: tuple[str, ...] = ()
    offers_mau: bool = False


@dataclass(frozen=True)
class Shown:
    """What to show, when it is not things as they are: what was posted, with what is ticked and not saved."""

    seen: Seen
    ticked: frozenset[Cell]
    problem: Problem | None = None
    status: int = 200

    @property
    def unsaved(self) -> int:
        return len(changes(self.seen.ticked, self.ticked))


async def read_matrix(request: AnyRequest) -> tuple[Form, Seen, frozenset[Cell]]:
    """The posted form with what it showed and what was ticked in it; `Unreadable` for what no page of ours sends."""
    form = await read_form(request, cookie_of(request), most_fields=MOST_FIELDS)
    seen = Seen.read(form.raw("seen"))
    return form, seen, ticks(form, seen)


async def saved_or_shown(
    request: AnyRequest, seen: Seen, ticked: frozenset[Cell], *, mau_takes: bool
) -> tuple[Changes | None, Shown | None]:
    """What was saved, or what to show because nothing was."""
    try:
        return await save(actor_of(request), seen, ticked, mau_takes=mau_takes), None
    except ChangedMeanwhile as refusal:
        own = on_top(refusal.now, changes(seen.ticked, ticked))
        shown = Shown(refusal.now, own, Problem(f"{refusal} {YOURS_ARE_KEPT}", tuple(refusal.sentences)), 409)
    except LeftWithNobody as refusal:
        shown = Shown(seen, ticked, Problem(str(refusal), tuple(refusal.titles), offers_mau=True), 409)
    except Refused as refusal:
        shown = Shown(seen, ticked, Problem(f"{refusal} {YOURS_ARE_KEPT}"), 409)
    return None, shown


def whole(seen: Seen, ticked: frozenset[Cell], choice: str) -> frozenset[Cell]:
    """The boxes with a whole row ("row.12.on") or column ("column.7.2.off") ticked or cleared."""
    kind, _, rest = choice.partition(".")
    key, _, switch = rest.rpartition(".")
    cells = frozenset(
        (one, case)
        for one in seen.people
        for case in seen.use_cases
        if key == (str(one) if kind == "row" else f"{case[0]}.{case[1]}")
    )
    if not cells or switch not in ("on", "off"):
        raise Unreadable("there is no such row or column")
    return ticked | cells if switch == "on" else ticked - cells


def within(shown: Shown, allowed: list[UseCase]) -> Shown:
    """The same in the order of the catalogue, without columns that the company cannot have (any more)."""
    wide = set(shown.seen.use_cases)
    return replace(shown, seen=replace(shown.seen, use_cases=tuple(case for case in allowed if case in wide)))


def saved_words(request: AnyRequest) -> list[dict[str, Any]]:
    """The message after saving, if the address says that something was."""
    number = whole_number(request.query_params.get("saved"), 6)
    if number is None:
        return []
    words = "Nothing to save." if not number else f"Saved: {number} {'change' if number == 1 else 'changes'}."
    return [{"text": words, "href": None, "link": None}]


def matrix_page(request: AnyRequest, name: str, shown: Shown, **words: Any) -> Response[str]:
    """A page with a matrix, or a part of one, in its form."""
    return page(
        request,
        name,
        shown.status,
        section="assignments",
        shown=shown,
        problem=shown.problem,
        flashes=saved_words(request) if request.method == "GET" else [],
        **words,
    )
