"""Sessions: the token that a browser holds, what the server knows by its hash, and the actor whom it stands for."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sdes.accounts import roles
from sdes.actor import Actor
from sdes.kit import clock, db
from sdes.kit.errors import TooMany
from sdes.permissions import Permission, Role

KEY_REQUESTS = 600  # that an API key may make in a minute


@dataclass(frozen=True)
class Display:
    """How one person wants the pages."""

    theme: str = ""
    density: str = "comfortable"
    keys: bool = True
    page_size: int = 25


@dataclass(frozen=True)
class Bell:
    """How many notifications somebody has not read (100 stands for more), and the id of the newest one, 0 for none."""

    unread: int = 0
    newest: int = 0


@dataclass(frozen=True)
class Visit:
    """What a request's cookie turned out to be. `expired` holds whose session it was until its time-out."""

    actor: Actor
    display: Display = Display()
    expired: Actor | None = None
    ends_at: datetime | None = None  # the absolute time-out, whatever happens until then
    bell: Bell = Bell()


def new_token() -> str:
    """A token that nobody can guess (256 bits)."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    return sha256(token.encode()).digest()


async def enter(token: str, idle: timedelta, *, is_visit: bool, request_id: str) -> Visit:
    """Looks the token up and sets the company of the open transaction, in one round trip (SD 8.1).

    `idle` is how long a session lives without a visit; polls are no visit and do not lengthen it.
    """
    if not token:
        return Visit(Actor.nobody())
    rows = await db.fetch("SELECT * FROM sdes_enter($1, $2, $3, $4)", token_hash(token), clock.now(), idle, is_visit)
    if not rows:
        return Visit(Actor.nobody())
    row = rows[0]
    actor = _actor(row, request_id)
    if row["expired"]:
        return Visit(Actor.nobody(), expired=actor)
    return Visit(
        actor,
        Display(row["theme"], row["density"], row["has_keys"], row["page_size"]),
        ends_at=row["ends_at"],
        bell=Bell(row["unread"], row["newest"]),
    )


async def enter_by_key(secret: str, request_id: str) -> Actor:
    """The program behind an API key, with the key's scopes as its roles; nobody for a key that does not hold (any
    more). Sets the company of the open transaction, and counts the request: commit it whatever the answer will be.

    Refuses (429) more than `KEY_REQUESTS` in a minute.
    """
    if not secret:
        return Actor.nobody()
    rows = await db.fetch("SELECT * FROM sdes_enter_by_key($1, $2, $3)", token_hash(secret), clock.now(), KEY_REQUESTS)
    if not rows:
        return Actor.nobody()
    row = rows[0]
    if row["wait"]:
        raise TooMany(
            f"This key has made {KEY_REQUESTS} requests within a minute. Go on in {row['wait']} seconds.", row["wait"]
        )
    return Actor(
        company_id=row["company_id"],
        name=f"API key {row['name']}",
        company_name=row["company_name"],
        roles=frozenset(Role(scope) for scope in row["scopes"]),
        market_roles=frozenset(row["market_roles"]),
        is_qualified=row["is_qualified"],
        request_id=request_id,
    )


async def act_for(company_id: int | None) -> None:
    """Sets the company of the open transaction, whose rows alone it then sees."""
    await db.fetch("SELECT set_config('sdes.company_id', $1, true)", str(company_id or ""))


@asynccontextmanager
async def within(actor: Actor, company_id: int) -> AsyncIterator[None]:
    """Inside the block, the provider or the Code Manager acts on the rows of the company that they look after."""
    assert actor.may(Permission.COMPANY_VIEW), "only those who look after companies act on another's rows"
    await act_for(company_id)
    try:
        yield
    finally:
        await act_for(actor.company_id)


def _actor(row: Any, request_id: str) -> Actor:
    actor = Actor(
        person_id=row["person_id"],
        company_id=row["company_id"],
        name=row["name"],
        email=row["email"],
        company_name=row["company_name"],
        market_roles=frozenset(row["market_roles"]),
        is_qualified=row["is_qualified"],
        is_master_admin=row["is_master_admin"],
        functions=frozenset(row["functions"]),
        method=row["method"],
        assignments=frozenset((number // 16, number % 16) for number in row["assignments"]),
        session_id=row["session_id"],
        request_id=request_id,
    )
    unfinished = roles.unfinished(
        stage=row["stage"],
        method=row["method"],
        must_change_password=row["must_change_password"],
        requires_second_factor=row["requires_second_factor"],
        has_second_factor=row["has_second_factor"],
    )
    whole = roles.of_person(
        row["company_kind"], row["roles_so_far"], actor.functions, is_master_admin=row["is_master_admin"]
    )
    return replace(actor, roles=unfinished or whole)
