"""Grants: a code for a person who has signed in, exchanged once for a token (OpenID Connect Core 3.1)."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sdes import auditlog
from sdes.accounts.sessions import act_for, new_token, token_hash
from sdes.actor import Actor
from sdes.kit import clock, db
from sdes.single_sign_on.asking import Asked, answers_challenge
from sdes.single_sign_on.queries import holder_of_grant, session_begun_at
from sdes.single_sign_on.tables import OidcGrant
from sdes.single_sign_on.views import Client, Holder

CODE_LASTS = timedelta(seconds=60)
TOKEN_LASTS = timedelta(hours=1)

_LOCKED = "SELECT * FROM oidc_grant WHERE id = $1 AND code_hash = $2 FOR UPDATE"


@dataclass(frozen=True)
class Exchanged:
    """What a code was exchanged for."""

    holder: Holder
    token: str = field(repr=False)


async def give_code(actor: Actor, client: Client, asked: Asked) -> str:
    """A code with which the client finds out who the actor is, for `CODE_LASTS` (SD 2.2)."""
    code, now = new_token(), clock.now()
    await OidcGrant.insert(
        OidcGrant(
            company=actor.company_id,
            person=actor.person_id,
            session=actor.session_id,
            client=client.id,
            code_hash=token_hash(code),
            redirect_uri=asked.redirect_uri,
            scope=" ".join(asked.scopes),
            nonce=asked.nonce,
            code_challenge=asked.code_challenge,
            auth_time=await session_begun_at(actor),
            expires_at=now + CODE_LASTS,
        )
    )
    await auditlog.record(
        actor,
        "single-sign-on.grant.given",
        subject=f"person {actor.person_id}",
        detail=f"{actor.name}: signed in to {client.name}",
        about_company=actor.company_id,
    )
    return code


async def exchange(client: Client, code: str, *, redirect_uri: str, verifier: str, idle: timedelta) -> Exchanged | None:
    """The code's token and person, or None for a code that does not hold. Runs in its own transaction, so that what is
    used up stays so.

    A code is used up by its client's first attempt, right or wrong; one that comes again ends the token it was
    exchanged for (RFC 6749 4.1.2). `idle` is how long a session lives without a visit.
    """
    async with db.transaction():
        found = await db.fetch("SELECT * FROM sdes_find_grant($1)", token_hash(code))
        if not found:
            return None
        await act_for(found[0]["company_id"])
        rows = await db.fetch(_LOCKED, found[0]["grant_id"], token_hash(code))
        if not rows or rows[0]["client"] != client.id:
            return None
        grant, now = rows[0], clock.now()
        if grant["used_at"]:
            await _end_replayed(grant, client)
            return None
        await _change(grant, {OidcGrant.used_at: now})
        right = grant["expires_at"] > now and grant["redirect_uri"] == redirect_uri
        if not right or not answers_challenge(verifier, grant["code_challenge"]):
            return None
        holder = await holder_of_grant(grant["id"], idle)
        if holder is None:
            return None
        token = new_token()
        await _change(grant, {OidcGrant.token_hash: token_hash(token), OidcGrant.token_expires_at: now + TOKEN_LASTS})
        return Exchanged(holder, token)


async def _end_replayed(grant: Any, client: Client) -> None:
    await _change(grant, {OidcGrant.revoked_at: clock.now()})
    await auditlog.record(
        Actor(company_id=grant["company"]),
        "single-sign-on.code.replayed",
        subject=f"person {grant['person']}",
        detail=f"A code of {client.name} came a second time, so that sign-in was ended there",
        about_company=grant["company"],
    )


async def _change(grant: Any, values: dict[Any, Any]) -> None:
    await OidcGrant.update(values).where(OidcGrant.id == grant["id"])
