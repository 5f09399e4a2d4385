"""Signing in at another provider: begun here, proven there, ended here with a session (SD 2.2)."""

import re
from datetime import timedelta
from typing import Any

from sdes.accounts import rate_limits
from sdes.accounts.actions.refusals import record_refusal, record_refusal_of
from sdes.accounts.actions.sign_in import SUSPENDED, Device, Opened, open_session, person_of
from sdes.accounts.methods import elsewhere
from sdes.accounts.queries import has_second_factor
from sdes.accounts.sessions import new_token, token_hash
from sdes.accounts.tables import PersonState, SessionStage
from sdes.kit import clock, db
from sdes.kit.errors import TooMany
from sdes.settings import Settings
from sdes.single_sign_on.actions.master_admin import become_master_admin
from sdes.single_sign_on.factors import proves_second_factor
from sdes.single_sign_on.tables import OidcSignIn
from sdes.single_sign_on.views import Begun, Provider

LASTS = timedelta(minutes=15)
BEGUN_PER_ADDRESS = 1000  # an hour: a company's people may share one address, and all sign in at nine
UNKNOWN = (
    "Your sign-in was accepted, but nobody with that e-mail address has an account for SDES. Ask your Master Admin"
    " User."
)

_ERROR = re.compile(r"[a-z_]{1,40}")
_TAKE = """
DELETE FROM oidc_sign_in WHERE state_hash = $1 AND browser_hash = $2
RETURNING provider, nonce, code_verifier, next, created_at
"""


class NotLetIn(Exception):
    """The sentence that says why somebody whom another provider knows does not come in."""


async def begin(provider: Provider, browser: str, next: str, *, address: str) -> Begun:
    """Remembers that the holder of the form cookie `browser` was sent to the provider, for `LASTS`.

    Refuses (429) a network address that begins very many. Runs in its own transactions.
    """
    async with db.transaction():
        may = await rate_limits.may_ask("sign-in elsewhere", {address: BEGUN_PER_ADDRESS})
    if not may:
        raise TooMany("Too many sign-ins were begun from your network. Try again later, or use your password.")
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
    another company than the provider is for, all in the same words; and a suspended person. Where the enquiry service
    does not say that a second factor was shown, ours is still asked for; a company's own directory is its MAU's choice.
    (SD 2.2, 2.4)
    """
    async with db.transaction():
        found = await _account(provider, claims)
        person = await person_of(found) if found else None
        if person is None:
            await record_refusal(None, f"from {device.address}, by way of {provider.name}")
        elif person["state"] == PersonState.ACTIVE:
            if provider.is_enquiry_service and claims.get("master_admin_user") is True:
                await become_master_admin(person, provider.name)
            by_one = provider.is_enquiry_service and not proves_second_factor(claims)
            is_asked = by_one and await has_second_factor(person["id"])
            return await open_session(
                person,
                elsewhere(provider.name, by_one=by_one),
                device=device,
                settings=settings,
                stage=SessionStage.SECOND_FACTOR if is_asked else SessionStage.FULL,
            )
        else:
            await record_refusal(person, f"suspended, from {device.address}, by way of {provider.name}")
    raise NotLetIn(SUSPENDED if person else UNKNOWN)


async def record_answer(provider: Provider, why: str, address: str) -> None:
    """Writes down that the provider's answer let nobody in, for the company whose provider it is or for ours. Runs in
    its own transaction."""
    async with db.transaction():
        await record_refusal_of(provider.company_id, f"By way of {provider.name}: {why}, from {address}")


def said(error: str) -> str:
    """The protocol's word for a refusal, where it is one and not anybody's text."""
    return f" ({error})" if _ERROR.fullmatch(error) else ""


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
