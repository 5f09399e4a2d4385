"""The roll: who may sign in and with what, at one moment, and how it is written down (SD 2.6, 8.1).

Numbers and digests, sealed; nobody's name, address, password or key. Two rolls are compared in `striking`.
"""

import json
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sdes.kit import clock, db
from sdes.kit.crypto import CHUNK, TAG, MasterKey, Sealer, open_chunk, sealed_ranges, unwrap, wrap

_WRAPPED_KEY = 60  # bytes, before what it has sealed


def digest(column: str) -> str:
    """In SQL, what stands on the roll for a column of bytes: enough to tell it from another."""
    return f"left(encode(sha256({column}), 'hex'), 16)"


ACCOUNT = digest("convert_to(concat_ws('|', email_key, extract(epoch FROM created_at)), 'UTF8')")
_BEGAN = "convert_to(min(ran_on)::text, 'UTF8')"
PROVIDER = digest("convert_to(concat_ws('|', id, issuer, client_id), 'UTF8')")

_PEOPLE = f"""
SELECT id, company, state, is_master_admin, functions, {ACCOUNT} AS account,
       CASE WHEN password_hash = '' THEN '' ELSE {digest("convert_to(password_hash, 'UTF8')")} END AS password,
       CASE WHEN totp_confirmed_at IS NULL THEN '' ELSE {digest("totp_secret")} END AS totp
  FROM person ORDER BY id
"""
_PASSKEYS = (
    f"SELECT person AS of, array_agg({digest('credential_id')} ORDER BY id) AS them FROM passkey GROUP BY person"
)
_USE_CASES = """
SELECT person AS of, array_agg(process_type * 16 + level ORDER BY process_type, level) AS them
  FROM assignment GROUP BY person ORDER BY 1
"""
_KEYS = f"""
SELECT company AS of, array_agg({digest("secret_hash")} ORDER BY id) AS them
  FROM api_key WHERE revoked_at IS NULL GROUP BY company ORDER BY 1
"""
_CLIENTS = f"SELECT client_id, {digest('secret_hash')} AS secret FROM oidc_client WHERE revoked_at IS NULL ORDER BY id"
_PROVIDERS = f"SELECT {PROVIDER} AS one FROM identity_provider WHERE is_enabled ORDER BY id"
_PARTICIPANTS = """
SELECT company AS of, array_agg(concat_ws(' ', mpid, role, effective_from, coalesce(effective_to, 'infinity'))
                                ORDER BY mpid, role, effective_from) AS them
  FROM market_participant GROUP BY company ORDER BY 1
"""
_COMPANIES = "SELECT id, is_qualified, requires_second_factor FROM company ORDER BY id"
_ALL = (_PEOPLE, _PASSKEYS, _USE_CASES, _KEYS, _CLIENTS, _PROVIDERS, _PARTICIPANTS, _COMPANIES)
# No two databases came into being at the same microsecond, and a restore brings that moment back.
_HOUSE = f"SELECT {digest(_BEGAN)} AS house FROM migration"


@dataclass(frozen=True)
class Person:
    """One person as the roll has them. `account`, `password` and `totp` are digests, the last two empty for none."""

    company: int
    state: str
    is_master_admin: bool
    functions: list[str]
    account: str
    password: str
    totp: str
    passkeys: list[str]
    use_cases: list[int]  # the process type times 16, and the level

    @property
    def has_second_factor(self) -> bool:
        return bool(self.totp or self.passkeys)


@dataclass(frozen=True)
class Company:
    """What a company is, and by digests what its programs sign in with."""

    is_qualified: bool
    requires_second_factor: bool
    keys: list[str]
    participants: list[str] | None = None  # each an MPID, its role, its first and last day; None on earlier rolls


@dataclass(frozen=True)
class Roll:
    """Everybody and everything by its id, as it was at `at`; `providers` by their digests. `house` is whose roll it is,
    empty on those of earlier versions."""

    at: datetime
    people: dict[int, Person]
    companies: dict[int, Company]
    clients: dict[str, str]
    providers: list[str]
    house: str = ""


async def says() -> str:
    """A digest of what the roll would tell: two that tell the same have the same. Costs a fraction of `called`."""
    words = [f"(SELECT string_agg(one::text, '|') FROM ({query}) AS one)" for query in _ALL]
    told = f"convert_to(concat_ws('/', {', '.join(words)}), 'UTF8')"
    return str((await db.fetch(f"SELECT {digest(told)} AS says"))[0]["says"])


async def house() -> str:
    """Which house this database is: the same after a restore, another after it was made anew."""
    return str((await db.fetch(_HOUSE))[0]["house"])


async def called() -> Roll:
    """The roll as the database shows it at one moment; `at` is before all that it tells."""
    at, is_outermost = clock.now(), db.DB.current_transaction.get() is None
    async with db.transaction():
        if is_outermost:
            await db.fetch("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        passkeys, use_cases, keys = await _lists(_PASSKEYS), await _lists(_USE_CASES), await _lists(_KEYS)
        participants, ours = await _lists(_PARTICIPANTS), await house()
        people = {
            row["id"]: Person(
                **_but_id(row), passkeys=passkeys.get(row["id"], []), use_cases=use_cases.get(row["id"], [])
            )
            for row in await db.fetch(_PEOPLE)
        }
        companies = {
            row["id"]: Company(
                **_but_id(row), keys=keys.get(row["id"], []), participants=participants.get(row["id"], [])
            )
            for row in await db.fetch(_COMPANIES)
        }
        clients = {row["client_id"]: row["secret"] for row in await db.fetch(_CLIENTS)}
        providers = sorted(row["one"] for row in await db.fetch(_PROVIDERS))
    return Roll(at, people, companies, clients, providers, ours)


def as_bytes(roll: Roll) -> bytes:
    return zlib.compress(json.dumps(vars(roll), default=_told).encode())


def from_bytes(words: bytes) -> Roll:
    told = json.loads(zlib.decompress(words))
    return Roll(
        at=datetime.fromisoformat(told["at"]),
        people={int(number): Person(**one) for number, one in told["people"].items()},
        companies={int(number): Company(**one) for number, one in told["companies"].items()},
        clients=told["clients"],
        providers=told["providers"],
        house=told.get("house", ""),
    )


def sealed(master: MasterKey, name: str, roll: Roll) -> bytes:
    """The roll as it lies in the store under `name`, under a key of its own."""
    key, wrapped = wrap(master, f"roll:{name}")
    sealer = Sealer(key)
    return b"".join([wrapped, *sealer.push(as_bytes(roll)), sealer.finish()])


def opened(master: MasterKey, name: str, content: bytes) -> Roll:
    """What `sealed` was given; SealBroken for another name, another master key or altered bytes."""
    key, body = unwrap(master, f"roll:{name}", content[:_WRAPPED_KEY]), content[_WRAPPED_KEY:]
    ranges = list(sealed_ranges(len(body) - TAG * -(-len(body) // (CHUNK + TAG))))
    pieces = (open_chunk(key, n, n == len(ranges) - 1, body[start:end]) for n, (start, end) in enumerate(ranges))
    return from_bytes(b"".join(pieces))


async def _lists(sql: str) -> dict[int, list[Any]]:
    return {row["of"]: row["them"] for row in await db.fetch(sql)}


def _told(one: Any) -> Any:
    """What JSON does not know: a moment as text, a person or a company as what they have."""
    return one.isoformat() if isinstance(one, datetime) else vars(one)


def _but_id(row: Any) -> dict[str, Any]:
    return {name: value for name, value in dict(row).items() if name != "id"}
