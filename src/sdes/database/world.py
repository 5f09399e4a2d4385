"""The cast: companies and people that tests and demo share, so that all trials speak of the same ones."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sdes.accounts.passwords import hashed
from sdes.accounts.tables import Assignment, Company, CompanyKind, MarketParticipant, Person
from sdes.catalogue.queries import process_types
from sdes.catalogue.rules import use_cases_of
from sdes.catalogue.views import ProcessTypeView
from sdes.kit import clock


@dataclass(frozen=True)
class CastPerson:
    name: str
    is_master_admin: bool = False

    @property
    def local_part(self) -> str:
        return self.name.split()[0].lower()


@dataclass(frozen=True)
class CastCompany:
    """`participants` are (role, MPID); `key` names the company in demo texts and is part of its mail domain."""

    key: str
    name: str
    kind: CompanyKind
    participants: tuple[tuple[str, str], ...]
    people: tuple[CastPerson, ...]

    @property
    def domain(self) -> str:
        return f"{self.key}.example"


MARKET = CompanyKind.MARKET
BEGUN = date(2021, 9, 1)

CAST = (
    CastCompany(
        "brightwatt",
        "Brightwatt Energy",
        MARKET,
        (("X", "BRWT"), ("G", "BWG")),
        (CastPerson("Asha Rahman"), CastPerson("Ben Carter"), CastPerson("Mo Sheikh", True)),
    ),
    CastCompany(
        "calder",
        "Calder Home Energy",
        MARKET,
        (("X", "CALD"), ("G", "CHG")),
        (CastPerson("Cleo Marsh"), CastPerson("Cora Lindqvist", True)),
    ),
    CastCompany(
        "northgrid",
        "Northgrid Networks",
        MARKET,
        (("R", "NORG"),),
        (CastPerson("Nils Andersen"), CastPerson("Nora Price", True)),
    ),
    CastCompany(
        "clearvolt", "Clearvolt", MARKET, (("X", "CLRV"),), (CastPerson("Otto Brandt"), CastPerson("Olga Novak", True))
    ),
    CastCompany(
        "fieldline",
        "Fieldline Metering",
        MARKET,
        (("M", "FLDM"),),
        (CastPerson("Mei Tanaka"), CastPerson("Marc Dubois", True)),
    ),
    CastCompany("codemanager", "Code Manager", CompanyKind.CODE_MANAGER, (), (CastPerson("Carys Bevan", True),)),
    CastCompany("provider", "SDES Provider", CompanyKind.PROVIDER, (), (CastPerson("Piet de Vries", True),)),
)


def cast_lines(password: str) -> Iterator[str]:
    """The sign-ins of the cast, for whoever starts the demo."""
    yield f"Everybody's password: {password}"
    for company in CAST:
        people = ", ".join(
            f"{person.local_part}@{company.domain}{' (MAU)' if person.is_master_admin else ''}"
            for person in company.people
        )
        yield f"  {company.name:20} {people}"


async def load_cast(password: str) -> None:
    """Inserts the cast, every person with `password` and assigned to every use case that the company can have."""
    hashed_once = await hashed(password)
    catalogue = await process_types()
    for company in CAST:
        await _load_company(company, catalogue, hashed_once)


async def _load_company(cast: CastCompany, catalogue: list[ProcessTypeView], password_hash: str) -> None:
    now = clock.now()
    made = await Company.insert(
        Company(
            name=cast.name,
            kind=cast.kind.value,
            is_qualified=True,
            applied_on=BEGUN,
            validated_on=BEGUN,
            agreement_signed_on=BEGUN,
            created_at=now,
        )
    )
    company = made[0]["id"]
    if cast.participants:
        await MarketParticipant.insert(
            *(
                MarketParticipant(company=company, mpid=mpid, role=role, effective_from=BEGUN)
                for role, mpid in cast.participants
            )
        )
    use_cases = use_cases_of(catalogue, {role for role, _ in cast.participants})
    for person in cast.people:
        email = f"{person.local_part}@{cast.domain}"
        inserted = await Person.insert(
            Person(
                company=company,
                email=email,
                email_key=email,
                name=person.name,
                is_master_admin=person.is_master_admin,
                password_hash=password_hash,
                email_verified_at=now,
                created_at=now,
            )
        )
        if use_cases:
            await Assignment.insert(
                *(
                    Assignment(company=company, person=inserted[0]["id"], process_type=process, level=level)
                    for process, level in use_cases
                )
            )
