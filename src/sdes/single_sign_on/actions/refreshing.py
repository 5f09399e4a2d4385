"""Refresh tokens: a client is told of a person anew, by a new one each time, after the session has timed out too."""

from datetime import timedelta
from typing import Any

from sdes import auditlog
from sdes.accounts.sessions import act_for, new_token, token_hash
from sdes.actor import Actor
from sdes.kit import clock, db
from sdes.single_sign_on.actions.granting import TOKEN_LASTS, Exchanged, next_refresh_token
from sdes.single_sign_on.queries import holder_of_grant
from sdes.single_sign_on.tables import OidcGrant, OidcRefreshToken
from sdes.single_sign_on.views import Client

_LOCKED = """
SELECT g.*, r.id AS refresh_token, r.used_at AS refreshed_at FROM oidc_grant g
  JOIN oidc_refresh_token r ON r.sign_in = g.id WHERE g.id = $1 AND r.token_hash = $2 FOR UPDATE OF g, r
"""


async def refresh(client: Client, secret: str, *, idle: timedelta) -> Exchanged | None:
    """A new access token and a new refresh token for the refresh token `secret`, or None for one that does not hold.

    It is used up by this. One that comes again was copied: all that came of that sign-in at the client ends, whoever
    holds it (RFC 9700 4.14.2). Another client's attempt changes nothing. Runs in its own transaction, so that what is
    used up stays so. `idle` is how long a session lives without a visit.
    """
    async with db.transaction():
        found = await db.fetch("SELECT * FROM sdes_find_grant($1)", token_hash(secret))
        if not found:
            return None
        await act_for(found[0]["company_id"])
        rows = await db.fetch(_LOCKED, found[0]["grant_id"], token_hash(secret))
        if not rows or rows[0]["client"] != client.id:
            return None
        grant, now = rows[0], clock.now()
        if grant["refreshed_at"]:
            await _end_replayed(grant, client)
            return None
        holder = await holder_of_grant(grant["id"], idle)
        if holder is None:
            return None
        await OidcRefreshToken.update({OidcRefreshToken.used_at: now}).where(
            OidcRefreshToken.id == grant["refresh_token"]
        )
        token = new_token()
        await OidcGrant.update(
            {OidcGrant.token_hash: token_hash(token), OidcGrant.token_expires_at: now + TOKEN_LASTS}
        ).where(OidcGrant.id == grant["id"])
        return Exchanged(holder, token, await next_refresh_token(grant, now))


async def _end_replayed(grant: Any, client: Client) -> None:
    if grant["revoked_at"]:
        return
    await OidcGrant.update({OidcGrant.revoked_at: clock.now()}).where(OidcGrant.id == grant["id"])
    await auditlog.record(
        Actor(company_id=grant["company"]),
        "single-sign-on.refresh-token.replayed",
        subject=f"person {grant['person']}",
        detail=f"A refresh token of {client.name} came a second time, so that sign-in was ended there",
        about_company=grant["company"],
    )
