"""What a company is to those who look after companies: its market participants, its accession, its MAU."""

from dataclasses import dataclass
from datetime import date, datetime

from sdes.accounts.tables import CompanyKind
from sdes.catalogue.roles import MarketRole

# The three steps before an SDES User has access (SL 20), in their order: column, what has happened, what to wait for.
STEPS = (
    ("applied_on", "Application received", "Application not received"),
    ("validated_on", "Application validated", "Application being validated"),
    ("agreement_signed_on", "Access Agreement signed", "Access Agreement not signed"),
)


@dataclass(frozen=True, slots=True)
class ParticipantView:
    """One market role under one MPID, from a day to a day, both included. No last day: until further notice."""

    id: int
    mpid: str
    role: MarketRole
    effective_from: date
    effective_to: date | None

    def state(self, today: date) -> str:
        """`now`, `later` or `ended`."""
        if self.effective_to and self.effective_to < today:
            return "ended"
        return "later" if self.effective_from > today else "now"


@dataclass(frozen=True, slots=True)
class Accession:
    """The days on which a company took the steps to its access (SL 20)."""

    applied_on: date | None = None
    validated_on: date | None = None
    agreement_signed_on: date | None = None

    @property
    def is_complete(self) -> bool:
        return all((self.applied_on, self.validated_on, self.agreement_signed_on))

    @property
    def words(self) -> str:
        """The last step that was taken, or that none was."""
        taken = [done for column, done, _ in STEPS if getattr(self, column)]
        return taken[-1] if taken else STEPS[0][2]


@dataclass(frozen=True, slots=True)
class MasterAdminView:
    """A company's MAU as the overseers see them: the one person of another company whom they see at all."""

    person_id: int
    name: str
    email: str
    last_sign_in_at: datetime | None  # London time


@dataclass(frozen=True, slots=True)
class CompanyView:
    """An SDES User, or the provider's or the Code Manager's own company."""

    id: int
    name: str
    kind: CompanyKind
    is_qualified: bool
    accession: Accession
    participants: tuple[ParticipantView, ...]
    master_admin: MasterAdminView | None
    people: int  # not deleted

    @property
    def is_market(self) -> bool:
        return self.kind is CompanyKind.MARKET

    @property
    def accession_words(self) -> str:
        return self.accession.words if self.is_market else ""

    def roles(self, today: date) -> frozenset[str]:
        """The market roles that have not ended: of today, and those that are to begin."""
        return frozenset(one.role.value for one in self.participants if one.state(today) != "ended")
