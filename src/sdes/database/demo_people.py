"""The demo's people and companies beside the cast: one in every state that an administrator meets."""

from dataclasses import dataclass
from datetime import timedelta

from sdes.accounts.functions import SystemFunction
from sdes.accounts.passwords import hashed
from sdes.accounts.tables import Assignment, Company, CompanyKind, MarketParticipant, Person, PersonState
from sdes.kit import clock, db

COMPANY = "Brightwatt Energy"


@dataclass(frozen=True)
class _DemoPerson:
    """`away` is the number of days since the last sign-in, None for somebody who never was here; `warned` that since
    the first reminder before deletion."""

    name: str
    away: int | None
    state: PersonState = PersonState.ACTIVE
    functions: tuple[SystemFunction, ...] = ()
    is_proxy_address: bool = False
    levels: tuple[int, ...] = (1,)
    warned: int | None = None


_PEOPLE = (
    _DemoPerson("Dana Whyte", None),
    _DemoPerson("Euan Ross", 31, PersonState.SUSPENDED, levels=(1, 2)),
    _DemoPerson("Farida Noor", 86, functions=(SystemFunction.REPORTS,), levels=(2, 3), warned=3),
    _DemoPerson("Gwen Pugh", 2, functions=(SystemFunction.USER_ADMINISTRATION, SystemFunction.CMRP)),
    _DemoPerson("Switching Desk", 12, is_proxy_address=True),
)


async def load_demo_people(password: str) -> None:
    """Inserts them; runs as the owner, after the cast. Everybody's password is `password`, once for who is new."""
    await db.fetch("UPDATE person SET last_sign_in_at = $1 WHERE last_sign_in_at IS NULL", clock.now())
    (company,) = await db.fetch("SELECT id FROM company WHERE name = $1", COMPANY)
    password_hash = await hashed(password)
    for one in _PEOPLE:
        await _insert(company["id"], one, password_hash)
    await _company_under_way()


async def _insert(company: int, one: _DemoPerson, password_hash: str) -> None:
    now = clock.now()
    email = f"{one.name.split()[0].lower()}@brightwatt.example"
    made = await Person.insert(
        Person(
            company=company,
            email=email,
            email_key=email,
            name=one.name,
            state=one.state.value,
            functions=[function.value for function in one.functions],
            is_proxy_address=one.is_proxy_address,
            password_hash=password_hash,
            password_is_single_use=one.away is None,
            password_expires_at=now + timedelta(days=7) if one.away is None else None,
            email_verified_at=None if one.away is None else now - timedelta(days=200),
            created_at=now - timedelta(days=1 if one.away is None else 200),
            last_sign_in_at=None if one.away is None else now - timedelta(days=one.away),
            warned_from=None if one.warned is None else clock.local(now).date() - timedelta(days=one.warned),
        )
    )
    cases = await db.fetch(
        "SELECT DISTINCT process_type, level FROM assignment WHERE company = $1 AND level = ANY($2)"
        " ORDER BY process_type, level LIMIT 12",
        company,
        list(one.levels),
    )
    await Assignment.insert(
        *(
            Assignment(company=company, person=made[0]["id"], process_type=case["process_type"], level=case["level"])
            for case in cases
        )
    )


async def _company_under_way() -> None:
    """A company whose application has been validated, and whose Access Agreement is awaited (SL 20)."""
    today = clock.today()
    made = await Company.insert(
        Company(
            name="Dalesway Energy",
            kind=CompanyKind.MARKET.value,
            is_qualified=False,
            applied_on=today - timedelta(days=21),
            validated_on=today - timedelta(days=6),
            created_at=clock.now() - timedelta(days=21),
        )
    )
    await MarketParticipant.insert(
        MarketParticipant(company=made[0]["id"], mpid="DLSW", role="X", effective_from=today + timedelta(days=14))
    )
