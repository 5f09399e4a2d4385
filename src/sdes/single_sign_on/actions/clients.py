"""Clients: registered, changed, given a new secret, revoked; by the provider."""

import secrets
from dataclasses import dataclass, field

from sdes import auditlog
from sdes.accounts.sessions import new_token, token_hash
from sdes.actor import Actor
from sdes.kit import clock
from sdes.kit.errors import Refused
from sdes.single_sign_on.queries import client
from sdes.single_sign_on.tables import OidcClient

REVOKED = "This client was revoked, so it can no longer be changed. Add it anew if it is to sign people in again."


@dataclass(frozen=True)
class Registered:
    """A client as its makers are told of it, once: the secret is not kept."""

    client_id: str
    name: str
    secret: str = field(repr=False)


async def add_client(actor: Actor, name: str, redirect_uris: list[str], post_logout_uris: list[str]) -> Registered:
    """Registers a client under a new name and secret (SD 2.2)."""
    made = Registered(secrets.token_urlsafe(12), name, new_token())
    await OidcClient.insert(
        OidcClient(
            client_id=made.client_id,
            name=name,
            secret_hash=token_hash(made.secret),
            redirect_uris=redirect_uris,
            post_logout_uris=post_logout_uris,
            created_at=clock.now(),
        )
    )
    await _record(actor, "single-sign-on.client.added", made.client_id, f"{name}: {', '.join(redirect_uris)}")
    return made


async def change_client(
    actor: Actor, client_id: str, name: str, redirect_uris: list[str], post_logout_uris: list[str]
) -> None:
    """Changes what a client is called and where people are sent back to. Refuses a revoked one (409)."""
    await _in_use(actor, client_id)
    await OidcClient.update(
        {
            OidcClient.name: name,
            OidcClient.redirect_uris: redirect_uris,
            OidcClient.post_logout_uris: post_logout_uris,
        }
    ).where(OidcClient.client_id == client_id)
    await _record(actor, "single-sign-on.client.changed", client_id, f"{name}: {', '.join(redirect_uris)}")


async def renew_secret(actor: Actor, client_id: str) -> Registered:
    """Gives the client a new secret; the old one ends at once. Refuses a revoked client (409)."""
    name = await _in_use(actor, client_id)
    renewed = Registered(client_id, name, new_token())
    await OidcClient.update({OidcClient.secret_hash: token_hash(renewed.secret)}).where(
        OidcClient.client_id == client_id
    )
    await _record(actor, "single-sign-on.client.given-secret", client_id, f"{name}: new secret")
    return renewed


async def revoke_client(actor: Actor, client_id: str) -> None:
    """Ends the client, and with it every token that it holds. Refuses one that is revoked already (409)."""
    name = await _in_use(actor, client_id)
    await OidcClient.update({OidcClient.revoked_at: clock.now()}).where(OidcClient.client_id == client_id)
    await _record(actor, "single-sign-on.client.revoked", client_id, name)


async def _in_use(actor: Actor, client_id: str) -> str:
    found = await client(actor, client_id)
    if found.revoked_at:
        raise Refused(REVOKED)
    return found.name


async def _record(actor: Actor, event: str, client_id: str, detail: str) -> None:
    await auditlog.record(actor, event, subject=f"client {client_id}", detail=detail, about_company=actor.company_id)
