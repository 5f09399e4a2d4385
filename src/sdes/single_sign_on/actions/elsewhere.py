"""Signing in at another provider: begun here, proven there, ended here with a session (SD 2.2)."""

from datetime import timedelta
from typing import Any

from sdes.accounts.actions.refusals import record_refusal
from sdes.accounts.actions.sign_in import SUSPENDED, Device, Opened, open_session, person_of
from sdes.accounts.sessions import new_token, token_hash
from sdes.accounts.tables import PersonState
from sdes.kit import clock, db
from sdes.settings import Settings
from sdes.single_sign_on.actions.master_admin import become_master_admin
from sdes.single_sign_on.tables import OidcSignIn
from sdes.single_sign_on.views import Begun, Provider

LASTS = timedelta(minutes=15)
UNKNOWN = (
    "Your sign-in was accepted, but nobody with that e-mail address has an account for SDES. Ask your Master Admin"
    " User."
)

_TAKE = """
DELETE FROM oidc_sign_in WHERE state_hash = $1 AND browser_hash = $2
RETURNING provider, nonce, code_verifier, next, created_at
"""


class NotLetIn(Exception):
    """The sentence that says why somebody whom another provider knows does not come in."""


async def begin(provider: Provider, browser: str, next: str) -> Begun:
    """Remembers that the holder of the form cookie `browser` was sent to the provider, for `LASTS`."""
    begun = Begun(new_token(), new_token(), new_token(), next, provider.id)
    now = clock.now()
    async with db.transaction():
        await OidcSignIn.delete().where(OidcSignIn.created_at < now - LASTS)
        await OidcSignIn.insert(
            OidcSignIn(
                provider=provider.id,
                state_hash=token_hash(begun.state),
                browser_hash=token_hash(browser),
                nonce=begun.nonce,
                code_verifier=begun.code_verifier,
                next=begun.next,
                created_at=now,
            )
        )
    return begun


async def take(state: str, browser: str) -> Begun | None:
    """The sign-in that the same browser began under this state, once and in time; None for any other."""
    rows = await db.fetch(_TAKE, token_hash(state), token_hash(browser))
    if not rows or rows[0]["created_at"] < clock.now() - LASTS:
        return None
    row = rows[0]
    return Begun(state, row["nonce"], row["code_verifier"], row["next"], row["provider"])


async def finish(provider: Provider, claims: dict[str, Any], *, device: Device, settings: Settings) -> Opened:
    """A session for the person whom the provider's `claims` name by their e-mail address. Makes no account.

    Refuses (NotLetIn) an address that the provider does not answer for, that has no account, or whose account is of
    another company than the provider is for, all in the same words; and a suspended person. (SD 2.2, 2.4)
    """
    async with db.transaction():
        found = await _account(provider, claims)
        person = await person_of(found) if found else None
        if person is None:
            await record_refusal(None, f"from {device.address}, by way of {provider.name}")
        elif person["state"] == PersonState.ACTIVE:
            if provider.is_enquiry_service and claims.get("master_admin_user") is True:
                await become_master_admin(person, provider.name)
            return await open_session(person, f"sso:{provider.name}"[:60], device=device, settings=settings)
        else:
            await record_refusal(person, f"suspended, from {device.address}, by way of {provider.name}")
    raise NotLetIn(SUSPENDED if person else UNKNOWN)


async def _account(provider: Provider, claims: dict[str, Any]) -> Any:
    email = claims.get("email")
    if not isinstance(email, str) or not 3 <= len(email) <= 254 or not email.isprintable():
        return None
    key = email.strip().lower()
    is_theirs = provider.company_id is not None and key.rpartition("@")[2] in provider.email_domains
    if claims.get("email_verified") is not True and not is_theirs:
        return None
    rows = await db.fetch("SELECT * FROM sdes_find_account($1)", key)
    if not rows or provider.company_id not in (None, rows[0]["company_id"]):
        return None
    return rows[0]
