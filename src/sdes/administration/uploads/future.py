"""A person as an upload would make them, and what is said of each of its rows. No database."""

from dataclasses import asdict, dataclass, field
from typing import Any

from sdes.administration.matrix.seen import assigned
from sdes.administration.uploads.rows import Row
from sdes.administration.views.people import PersonView
from sdes.administration.words import cases_text, functions_text
from sdes.catalogue.rules import UseCase
from sdes.catalogue.views import ProcessTypeView


@dataclass
class Future:
    """A person as they would be. `before` is None for somebody new."""

    name: str
    email: str
    is_proxy_address: bool = False
    functions: frozenset[str] = frozenset()
    use_cases: set[UseCase] = field(default_factory=set)
    stands_in: set[UseCase] = field(default_factory=set)  # the MAU, where nobody else is (SD 2.7(c))
    is_active: bool = True
    is_deleted: bool = False
    before: PersonView | None = None
    row: Row | None = None

    @property
    def key(self) -> str:
        return self.email.lower()

    @property
    def keys(self) -> set[str]:
        """The addresses by which a row may name them: the present one and the one that they are given."""
        return {self.key, self.before.email.lower()} if self.before else {self.key}

    @property
    def is_moved(self) -> bool:
        """Whether their address becomes another."""
        return self.before is not None and self.before.email != self.email

    @property
    def held_before(self) -> frozenset[UseCase]:
        return self.before.use_cases if self.before and self.before.is_active else frozenset()

    @property
    def holds(self) -> set[UseCase]:
        return self.use_cases | self.stands_in if self.is_active and not self.is_deleted else set()


@dataclass(frozen=True)
class Verdict:
    """What becomes of one row: `outcome` is created, changed, suspended, reinstated, deleted or unchanged, and `words`
    say what changes; where there is a `problem`, neither counts."""

    number: int
    email: str
    name: str
    outcome: str
    words: str
    problem: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def as_they_are(one: PersonView) -> Future:
    """A person whom no row has changed yet."""
    return Future(
        one.name,
        one.email,
        one.is_proxy_address,
        frozenset(one.functions),
        set(assigned(one)),
        set(one.default_for),
        one.is_active,
        before=one,
    )


def changes_of(catalogue: list[ProcessTypeView], one: Future) -> list[str]:
    """What becomes different about a person, each in words that the audit log keeps."""
    before, said = one.before, []
    if before and before.name != one.name:
        said.append(f"{before.name} is now {one.name}")
    if before and one.is_moved:
        said.append(f"address {before.email} is now {one.email}")
    if one.is_proxy_address != (before.is_proxy_address if before else False):
        said.append(f"proxy address: {'yes' if one.is_proxy_address else 'no'}")
    if one.functions != frozenset(before.functions if before else ()):
        said.append(f"system functions: {functions_text(one.functions) or 'none'}")
    held = assigned(before) if before else frozenset()
    if gained := one.use_cases - held:
        said.append(f"put in {cases_text(catalogue, gained)}")
    if lost := held - one.use_cases:
        said.append(f"taken out of {cases_text(catalogue, lost)}")
    stood_in = before.default_for if before else frozenset()
    if gained := one.stands_in - stood_in:
        said.append(f"becomes default contact of {cases_text(catalogue, gained)}")
    if lost := stood_in - one.stands_in - one.use_cases:
        said.append(f"stands in no longer in {cases_text(catalogue, lost)}")
    return said
