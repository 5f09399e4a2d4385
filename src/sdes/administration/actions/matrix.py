"""Saving a matrix of people by use cases: the differences only, and only where nobody was faster (SD 2.5)."""

from collections.abc import Collection

from sdes.actor import Actor
from sdes.administration.actions.assignments import change, lock_people
from sdes.administration.matrix.seen import Cell, Changes, Meanwhile, Seen, changes, meanwhile, shown
from sdes.administration.queries.assignments import changed_by
from sdes.administration.queries.people import assignable, people
from sdes.administration.views.people import PersonView
from sdes.administration.words import use_case_title
from sdes.catalogue.views import ProcessTypeView
from sdes.kit.errors import Refused

MOST_NAMED = 10  # of the changes by others that are told one by one


class ChangedMeanwhile(Refused):
    """Somebody else changed what the form showed: `sentences` say what and who, `now` is how things are."""

    def __init__(self, now: Seen, sentences: list[str]) -> None:
        super().__init__("This was changed while you were looking at it. Nothing was saved.")
        self.now = now
        self.sentences = sentences


async def save(actor: Actor, seen: Seen, ticked: frozenset[Cell], *, mau_takes: bool = False) -> Changes:
    """Makes the assignments what the form's boxes say; gives what was changed.

    Refuses (`ChangedMeanwhile`) when what the form showed is no longer so, and what `change` refuses.
    """
    await lock_people(actor)
    present = await people(actor, seen.people)
    now = shown(present, seen.use_cases)
    if others := meanwhile(seen, now):
        catalogue, _ = await assignable(actor)
        raise ChangedMeanwhile(now, await _told(actor, others, catalogue, present))
    own = changes(seen.ticked, ticked)
    if own:
        await change(actor, own.added, own.removed, mau_takes=mau_takes)
    return own


async def _told(
    actor: Actor, others: Meanwhile, catalogue: list[ProcessTypeView], present: Collection[PersonView]
) -> list[str]:
    """What others did, e.g. "Nora Price was put in Crossed Meters ..., level 2 by Mo Sheikh"."""
    names = {one.id: one.name for one in present}
    cells = [(cell, "was put in") for cell in sorted(others.changes.added)]
    cells += [(cell, "was taken out of") for cell in sorted(others.changes.removed)]
    told = []
    for (person, case), words in cells[:MOST_NAMED]:
        title = use_case_title(catalogue, case)
        who = await changed_by(actor, person, title)
        told.append(f"{names[person]} {words} {title}{f' by {who}' if who else ''}.")
    if more := len(cells) - len(told):
        told.append(f"{more} more {'change' if more == 1 else 'changes'} by others.")
    if gone := len(others.gone):
        told.append(f"{gone} of the people who were shown {'is' if gone == 1 else 'are'} no longer in your company.")
    return told
