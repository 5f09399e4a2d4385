"""What an upload of people would come to (SD 2.5, 2.6): a company's list as it would be after all rows, and all that
stands against it. No database: the same people and rows give the same plan."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sdes.actor import Actor
from sdes.administration.access import (
    why_functions_are_fixed,
    why_no_proxy,
    why_not_changed,
    why_not_removed,
    why_user_administration_stays,
)
from sdes.administration.uploads.future import Future, Verdict, as_they_are, changes_of
from sdes.administration.uploads.rows import MAU, Action, Row
from sdes.administration.views.people import PersonView
from sdes.administration.words import cases_text, functions_text
from sdes.catalogue.rules import UseCase
from sdes.catalogue.views import ProcessTypeView

TAKEN = "This e-mail address already has an account. Each address belongs to one person of one company only."


@dataclass(frozen=True)
class Plan:
    """The list as it would be (`futures`, people without a row included) and a verdict on each row."""

    futures: list[Future]
    verdicts: list[Verdict]
    taken: int = 0  # addresses of rows that have an account in another company

    @property
    def is_good(self) -> bool:
        return not any(verdict.problem for verdict in self.verdicts)


def wanted_addresses(rows: Iterable[Row]) -> list[str]:
    """The addresses, in lower case, that somebody may be given by these rows."""
    return sorted({text.lower() for row in rows for text in (row.email, row.new_email) if text})


def plan_of(
    actor: Actor,
    people: Iterable[PersonView],
    rows: list[Row],
    catalogue: list[ProcessTypeView],
    allowed: Collection[UseCase],
    grantable: Collection[str],
    taken: Collection[str],
) -> Plan:
    """The plan of these rows on top of these people. `allowed` and `grantable` are the use cases and the functions
    that the company's market roles include, `taken` the addresses that have an account in whatever company."""
    return _Planning(actor, people, catalogue, allowed, grantable, taken).plan(rows)


class _Planning:
    """One plan in the making: each rule in a method of its own, in the order in which `plan` asks them."""

    def __init__(
        self,
        actor: Actor,
        people: Iterable[PersonView],
        catalogue: list[ProcessTypeView],
        allowed: Collection[UseCase],
        grantable: Collection[str],
        taken: Collection[str],
    ) -> None:
        self.actor, self.catalogue, self.allowed, self.grantable = actor, catalogue, set(allowed), grantable
        self.futures = [as_they_are(one) for one in people]
        self.now = {one.key: one for one in self.futures}
        self.taken = set(taken) - self.now.keys()
        self.problems: dict[int, list[str]] = defaultdict(list)
        self.handed: dict[int, list[tuple[Future, UseCase]]] = defaultdict(list)  # by the number of the leaver's row
        self.of_row: dict[int, Future] = {}

    def plan(self, rows: list[Row]) -> Plan:
        first: dict[str, int] = {}
        for row in rows:
            self.problems[row.number].extend(row.problems)
            if (other := first.setdefault(row.key, row.number)) != row.number and row.key:
                self._say(row, f"Row {other} is about the same address. Put all of it in one row.")
                self._say_of(other, f"Row {row.number} is about the same address. Put all of it in one row.")
            elif row.key:
                self._take(row)
        self._addresses()
        self._hand_over()
        self._relieve()
        self._nobody_left()
        taken = {one.key for one in self.futures if one.row and one.key in self.taken}
        return Plan(self.futures, [self._verdict(row) for row in rows], len(taken))

    def _say(self, row: Row, problem: str) -> None:
        self._say_of(row.number, problem)

    def _say_of(self, number: int, problem: str) -> None:
        if problem and problem not in self.problems[number]:
            self.problems[number].append(problem)

    def _take(self, row: Row) -> None:
        one = self.now.get(row.key)
        if one is None:
            if row.action not in (Action.NONE, Action.CREATE):
                self._say(row, f"Nobody in your company has this address, so there is nobody to {row.action}.")
                return
            self._create(row)
            return
        one.row, self.of_row[row.number] = row, one
        match row.action:
            case Action.CREATE:
                self._say(row, f"{one.name} has this address already. Write change, or leave Action empty.")
            case Action.SUSPEND | Action.DELETE:
                assert one.before
                self._say(row, why_not_removed(self.actor, one.before))
                one.is_active = False
                one.is_deleted = row.action is Action.DELETE
            case Action.REINSTATE:
                one.is_active = True
                self._change(row, one)
            case _:
                self._change(row, one)
        if row.take_over_by and row.action not in (Action.SUSPEND, Action.DELETE):
            self._say(row, "Take over by goes with suspend and delete only.")

    def _create(self, row: Row) -> None:
        if not row.name and not row.problems:
            self._say(row, "Nobody in your company has this address yet. Enter a name to create them.")
        if row.new_email:
            self._say(row, "New email is for people who have an account already. Put the address under Email.")
        if row.take_over_by:
            self._say(row, "Take over by goes with suspend and delete only.")
        one = Future(row.name, row.email, bool(row.is_proxy_address), row=row)
        self._grant(row, one, row.functions or frozenset())
        self._assign(row, one, row.use_cases or frozenset())
        self.futures.append(one)
        self.of_row[row.number] = one

    def _change(self, row: Row, one: Future) -> None:
        assert one.before
        one.name = row.name or one.name
        one.email = row.new_email or one.email
        one.is_proxy_address = one.is_proxy_address if row.is_proxy_address is None else row.is_proxy_address
        details = (one.before.name, one.before.email, one.before.is_proxy_address)
        if details != (one.name, one.email, one.is_proxy_address):
            self._say(row, why_not_changed(self.actor, one.before))
        if one.is_proxy_address and not one.before.is_proxy_address:
            self._say(row, why_no_proxy(one.before))
        if row.functions is not None and row.functions != one.functions:
            self._say(row, why_functions_are_fixed(self.actor, one.before))
            self._grant(row, one, row.functions)
        if row.use_cases is not None:
            self._assign(row, one, row.use_cases)

    def _grant(self, row: Row, one: Future, functions: frozenset[str]) -> None:
        if outside := functions - one.functions - set(self.grantable):
            self._say(row, f"Your company's market roles do not include {functions_text(outside)}.")
        self._say(row, why_user_administration_stays(self.actor, functions ^ one.functions))
        one.functions = functions

    def _assign(self, row: Row, one: Future, use_cases: frozenset[UseCase]) -> None:
        if outside := use_cases - one.use_cases - one.stands_in - self.allowed:
            text = cases_text(self.catalogue, outside)
            self._say(row, f"Your company's market roles do not include {text}.")
        one.use_cases = set(use_cases)
        one.stands_in -= use_cases

    def _addresses(self) -> None:
        """Each address has one person once all rows are done."""
        holders: dict[str, list[Future]] = defaultdict(list)
        for one in self.futures:
            if not one.is_deleted:
                holders[one.key].append(one)
        for key, those in holders.items():
            for one in those:
                if one.row and (one.before is None or one.is_moved):
                    self._say(one.row, TAKEN if key in self.taken or len(those) > 1 else "")

    def _hand_over(self) -> None:
        """What leavers are the last of goes to whom their row names (SD 2.5(b))."""
        held = {case for one in self.futures for case in one.holds}
        for one in self.futures:
            row = one.row
            if row is None or not row.take_over_by or row.action not in (Action.SUSPEND, Action.DELETE):
                continue
            heir = self._heir(row, one)
            if heir is None:
                self._say(row, f"“{row.take_over_by[:60]}” is no active person of your company who could take over.")
                continue
            for case in sorted(one.held_before - held):
                as_default = row.take_over_by.upper() == MAU
                (heir.stands_in if as_default else heir.use_cases).add(case)
                held.add(case)
                self.handed[row.number].append((heir, case))

    def _heir(self, row: Row, leaver: Future) -> Future | None:
        wanted = row.take_over_by.lower()
        for one in self.futures:
            is_meant = one.before is not None and one.before.is_master_admin if wanted == MAU.lower() else False
            if (is_meant or wanted in one.keys) and one is not leaver and one.is_active and not one.is_deleted:
                return one
        return None

    def _relieve(self) -> None:
        """The MAU stands in no longer where somebody else is (SD 2.7(c))."""
        others = {case for one in self.futures if one.is_active and not one.is_deleted for case in one.use_cases}
        for one in self.futures:
            one.stands_in -= others

    def _nobody_left(self) -> None:
        had = {case for one in self.futures for case in one.held_before}
        empty = had - {case for one in self.futures for case in one.holds}
        for one in self.futures:
            if one.row and (left := one.held_before & empty):
                text = cases_text(self.catalogue, left)
                way = (
                    "name under Take over by who takes it, or write MAU"
                    if one.row.action in (Action.SUSPEND, Action.DELETE)
                    else "put somebody else there first"
                )
                self._say(one.row, f"Nobody else would be left in {text}: {way}.")

    def _verdict(self, row: Row) -> Verdict:
        problem = " ".join(self.problems[row.number])
        one = self.of_row.get(row.number)
        if problem or one is None:
            return Verdict(row.number, row.email, one.name if one else row.name, "", "", problem)
        outcome, words = self._told(one)
        for heir in dict.fromkeys(id(heir) for heir, _ in self.handed[row.number]):
            cases = [case for other, case in self.handed[row.number] if id(other) == heir]
            name = next(other.name for other, _ in self.handed[row.number] if id(other) == heir)
            words = f"{words}{'; ' if words else ''}{name} takes over {cases_text(self.catalogue, cases)}"
        return Verdict(row.number, row.email, one.name, outcome, words, "")

    def _told(self, one: Future) -> tuple[str, str]:
        words = "; ".join(changes_of(self.catalogue, one))
        if one.before is None:
            return "created", words
        if one.is_deleted:
            return "deleted", ""
        if one.is_active != one.before.is_active:
            return ("reinstated" if one.is_active else "suspended"), words
        return ("changed", words) if words else ("unchanged", "")
