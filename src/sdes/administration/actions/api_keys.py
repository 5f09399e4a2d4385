"""API keys are made and revoked by the MAU, for the company's own programs (SD 2.6)."""

from datetime import timedelta

from sdes import auditlog
from sdes.accounts.sessions import new_token, token_hash
from sdes.actor import Actor
from sdes.administration.forms.keys import NewKey
from sdes.administration.queries.api_keys import api_key, api_keys
from sdes.administration.tables import ApiKey
from sdes.kit import clock, db
from sdes.kit.errors import Refused

MOST = 20  # valid keys of a company
PREFIX = "sdes_"
SHOWN = 12  # first characters by which people tell keys apart: 7 of 43 that nobody can guess


class NameTaken(Refused):
    """Another valid key of the company is called so."""


async def make(actor: Actor, new: NewKey) -> str:
    """Makes a key of the actor's company; gives its secret, which is kept by its hash alone and cannot be told again.

    Refuses more than `MOST` valid keys, and two of one name: the audit log names what a key does by it.
    """
    await db.fetch("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"keys of {actor.company_id}")
    valid = [key for key in await api_keys(actor) if key.is_valid]
    if any(key.name.casefold() == new.name.casefold() for key in valid):
        raise NameTaken(f"There is a valid key called {new.name}. Revoke that one first, or choose another name.")
    if len(valid) >= MOST:
        raise Refused(f"Your company has {MOST} API keys already. Revoke one that is no longer used first.")
    secret = PREFIX + new_token()
    now = clock.now()
    await ApiKey.insert(
        ApiKey(
            company=actor.company_id,
            name=new.name,
            prefix=secret[:SHOWN],
            secret_hash=token_hash(secret),
            scopes=[scope.value for scope in new.scopes],
            made_by=actor.name,
            created_at=now,
            expires_at=now + timedelta(days=new.days),
        )
    )
    scopes = ", ".join(new.scopes)
    await _record(actor, "made", f"{new.name} ({secret[:SHOWN]}…) may {scopes}, for {new.days} days")
    return secret


async def revoke(actor: Actor, key_id: int) -> None:
    """Makes a key worthless at once and for good."""
    key = await api_key(actor, key_id)
    if key.revoked_at:
        return
    await ApiKey.update({ApiKey.revoked_at: clock.now()}).where(ApiKey.id == key_id)
    await _record(actor, "revoked", f"{key.name} ({key.prefix}…)")


async def _record(actor: Actor, verb: str, detail: str) -> None:
    await auditlog.record(actor, f"administration.api-key.{verb}", detail=detail, about_company=actor.company_id)
