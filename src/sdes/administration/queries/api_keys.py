"""Reads of a company's API keys."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sdes.actor import Actor
from sdes.administration.tables import ApiKey
from sdes.kit import clock
from sdes.kit.errors import NotFound


@dataclass(frozen=True)
class ApiKeyView:
    """A key as its company's MAU sees it; times are London time."""

    id: int
    name: str
    prefix: str
    scopes: tuple[str, ...]
    made_by: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= clock.now()

    @property
    def is_valid(self) -> bool:
        return not self.is_expired and self.revoked_at is None


async def api_keys(actor: Actor) -> list[ApiKeyView]:
    """The keys of the actor's company, the newest first."""
    rows = await ApiKey.select().where(ApiKey.company == actor.company_id).order_by(ApiKey.id, ascending=False)
    return [_view(row) for row in rows]


async def api_key(actor: Actor, key_id: int) -> ApiKeyView:
    """That key of the actor's company; `NotFound` for any other."""
    mine = (ApiKey.company == actor.company_id) & (ApiKey.id == key_id)
    row = await ApiKey.select().where(mine).first() if 0 < key_id < 2**63 else None
    if row is None:
        raise NotFound("There is no such API key in your company.")
    return _view(row)


def _view(row: dict[str, Any]) -> ApiKeyView:
    words: dict[str, Any] = {name: row[name] for name in ("id", "name", "prefix", "made_by")}
    for name in ("created_at", "expires_at", "last_used_at", "revoked_at"):
        words[name] = clock.local(row[name]) if row[name] else None
    return ApiKeyView(**words, scopes=tuple(row["scopes"] or ()))
