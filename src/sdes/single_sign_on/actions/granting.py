"""Grants: a code for a person who has signed in, exchanged once for a token (OpenID Connect Core 3.1), and where that
was asked for, a first refresh token (11)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sdes import auditlog
from sdes.accounts.sessions import act_for, new_token, token_hash
from sdes.actor import Actor
from sdes.kit import clock, db
from sdes.single_sign_on.asking import Asked, answers_challenge
from sdes.single_sign_on.queries import holder_of_grant, session_begun_at
from sdes.single_sign_on.tables import OidcGrant, OidcRefreshToken
from sdes.single_sign_on.views import Client, Holder

CODE_LASTS = timedelta(seconds=60)
TOKEN_LASTS = timedelta(hours=1)
OFFLINE_LASTS = timedelta(days=7)  # from the sign-in; its session's row is kept for longer
OFFLINE = "offline_access"

_LOCKED = "SELECT * FROM oidc_grant WHERE id = $1 AND code_hash = $2 FOR UPDATE"
_GO_OFFLINE = """
UPDATE oidc_grant SET offline_until = $2,
       offline_mark = (SELECT sha256(convert_to(password_hash, 'UTF8')) FROM person WHERE id = oidc_grant.person)
 WHERE id = $1
"""


@dataclass(frozen=True)
class Exchanged:
    """What a code or a refresh token was exchanged for; `refresh` is the next refresh token, if there is any."""

    holder: Holder
    token: str = field(repr=False)
    refresh: str = field(repr=False, default="")


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
        if OFFLINE not in holder.scopes:
            return Exchanged(holder, token)
        await db.fetch(_GO_OFFLINE, grant["id"], grant["auth_time"] + OFFLINE_LASTS)
        return Exchanged(holder, token, await next_refresh_token(grant, now))


async def next_refresh_token(grant: Any, now: datetime) -> str:
    """The refresh token that comes next in the family of that grant's row."""
    secret = new_token()
    await OidcRefreshToken.insert(
        OidcRefreshToken(company=grant["company"], sign_in=grant["id"], token_hash=token_hash(secret), created_at=now)
    )
    return secret


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
