"""Actor: who asks, for which company, with which roles. The first parameter of every query and action."""

from dataclasses import dataclass, field
from functools import cached_property

from sdes.permissions import Permission, Role, permissions_of


@dataclass(frozen=True)
class Actor:
    """A signed-in person, nobody, or the system itself. Made from the session, never from a request's words."""

    person_id: int | None = None
    company_id: int | None = None
    name: str = ""
    email: str = ""
    company_name: str = ""
    roles: frozenset[Role] = frozenset()
    market_roles: frozenset[str] = frozenset()  # those in effect today
    is_qualified: bool = False
    is_master_admin: bool = False
    functions: frozenset[str] = frozenset()  # sdes.accounts.functions
    method: str = ""  # how the session was begun
    assignments: frozenset[tuple[int, int]] = frozenset()  # (process type id, level)
    session_id: int | None = None
    request_id: str = ""
    overseer: "Actor | None" = field(default=None, repr=False)  # who acts here on another company's rows
    is_system: bool = field(default=False, repr=False)

    @classmethod
    def nobody(cls) -> "Actor":
        """Someone who has not signed in."""
        return cls()

    @classmethod
    def system(cls, name: str) -> "Actor":
        """The service itself, doing the job `name`; it belongs to no company."""
        return cls(name=name, is_system=True)

    @property
    def is_signed_in(self) -> bool:
        return self.person_id is not None

    @property
    def initials(self) -> str:
        return "".join(word[0] for word in self.name.split()[:2]).upper()

    @cached_property
    def permissions(self) -> frozenset[Permission]:
        return permissions_of(self.roles)

    def may(self, permission: str) -> bool:
        """Whether this kind of person may open a door that asks for `permission`."""
        return permission in self.permissions

    @cached_property
    def process_types(self) -> tuple[int, ...]:
        """The process types that this person is assigned to at any level (SD 11.1(a)), by id."""
        return tuple(sorted({process for process, _ in self.assignments}))
