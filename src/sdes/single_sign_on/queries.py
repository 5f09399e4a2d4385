"""Reads of the one sign-in: clients, the holders of grants, identity providers."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from sdes.accounts.sessions import act_for, token_hash
from sdes.actor import Actor
from sdes.kit import clock, db
from sdes.kit.errors import NotFound
from sdes.permissions import Permission
from sdes.single_sign_on.tables import IdentityProvider, OidcClient
from sdes.single_sign_on.views import Client, Holder, OfflineSignIn, Provider

_JOINED = """oidc_grant g JOIN person p ON p.id = g.person JOIN company c ON c.id = g.company
  JOIN session s ON s.id = g.session JOIN oidc_client k ON k.id = g.client"""
_NOT_ENDED = """g.revoked_at IS NULL AND k.revoked_at IS NULL AND p.state = 'active' AND s.stage = 'full'
   AND s.ended_at IS NULL
   AND (g.offline_mark IS NULL OR g.offline_mark = sha256(convert_to(p.password_hash, 'UTF8')))"""
_HOLDER = f"""
SELECT g.id, g.person, p.name, p.email, p.email_verified_at, p.is_master_admin, g.company, c.name AS company_name,
       s.method, g.auth_time, g.scope, g.nonce, k.client_id
  FROM {_JOINED}
 WHERE g.id = $1 AND {_NOT_ENDED} AND (g.offline_until > $2 OR s.expires_at > $2 AND s.last_seen_at > $3)
"""
_OFFLINE = f"""
SELECT g.id, k.name AS service, g.auth_time AS since, g.offline_until AS until FROM {_JOINED}
 WHERE g.person = $1 AND {_NOT_ENDED} AND (g.offline_until > $2
       OR g.used_at IS NULL AND g.expires_at > $2 AND 'offline_access' = ANY (string_to_array(g.scope, ' ')))
 ORDER BY g.id DESC
"""
_PARTICIPANTS = """
SELECT mpid, role FROM market_participant WHERE company = $1 AND effective_from <= $2
   AND (effective_to IS NULL OR effective_to >= $2) ORDER BY role, mpid
"""


async def clients(actor: Actor) -> list[Client]:
    """Every registered client, revoked ones last."""
    assert actor.may(Permission.SIGN_IN_CLIENTS)
    rows = await OidcClient.select().order_by(OidcClient.name, OidcClient.id)
    return sorted((_client(row) for row in rows), key=lambda one: one.revoked_at is not None)


async def client(actor: Actor, client_id: str) -> Client:
    """One registered client; NotFound where there is none."""
    assert actor.may(Permission.SIGN_IN_CLIENTS)
    row = await OidcClient.select().where(OidcClient.client_id == client_id).first()
    if not row:
        raise NotFound("There is no client of this name. Go back to the list.")
    return _client(row)


async def client_in_use(client_id: str) -> Client | None:
    """The client that goes by this name, unless it is unknown or revoked. Asked before anybody is known."""
    row = await OidcClient.select().where(OidcClient.client_id == client_id, OidcClient.revoked_at.is_null()).first()
    return _client(row) if row else None


async def holder_of_token(token: str, idle: timedelta) -> Holder | None:
    """The person behind an access token while it holds: not after its time, nor after the person's session, account or
    client has ended. `idle` is how long a session lives without a visit. Sets the company of the open transaction."""
    found = await db.fetch("SELECT * FROM sdes_find_grant($1)", token_hash(token))
    if not found:
        return None
    await act_for(found[0]["company_id"])
    live = await db.fetch(
        "SELECT 1 FROM oidc_grant WHERE id = $1 AND token_hash = $2 AND token_expires_at > $3",
        found[0]["grant_id"],
        token_hash(token),
        clock.now(),
    )
    return await holder_of_grant(found[0]["grant_id"], idle) if live else None


async def holder_of_grant(grant_id: int, idle: timedelta) -> Holder | None:
    """The person behind a grant of the open transaction's company, while their session, account and client last.

    One that was given for offline access outlives the session's time-outs, until `offline_until`, but neither its end
    (signed out, here or everywhere) nor the password that the person then had.
    """
    now = clock.now()
    rows = await db.fetch(_HOLDER, grant_id, now, now - idle)
    if not rows:
        return None
    row = rows[0]
    today: date = clock.local(now).date()
    participants = await db.fetch(_PARTICIPANTS, row["company"], today)
    return Holder(
        grant_id=row["id"],
        person_id=row["person"],
        name=row["name"],
        email=row["email"],
        email_is_verified=row["email_verified_at"] is not None,
        is_master_admin=row["is_master_admin"],
        company_id=row["company"],
        company_name=row["company_name"],
        participants=tuple((one["mpid"], one["role"]) for one in participants),
        method=row["method"],
        auth_time=row["auth_time"],
        scopes=tuple(row["scope"].split()),
        nonce=row["nonce"],
        client_id=row["client_id"],
    )


async def own_offline_sign_ins(actor: Actor) -> list[OfflineSignIn]:
    """The actor's own sign-ins at clients that may outlast their sessions, the newest first; with them codes that are
    not exchanged yet and would give such a one."""
    return [OfflineSignIn(**dict(row)) for row in await db.fetch(_OFFLINE, actor.person_id, clock.now())]


async def session_begun_at(actor: Actor) -> Any:
    """When the actor signed in."""
    (row,) = await db.fetch("SELECT created_at FROM session WHERE id = $1", actor.session_id)
    return row["created_at"]


async def own_provider(actor: Actor, *, of_enquiry_service: bool) -> Provider | None:
    """The identity provider that the actor looks after: their company's own, or the enquiry service's."""
    found = IdentityProvider.select().where(IdentityProvider.is_enquiry_service.eq(of_enquiry_service))
    if of_enquiry_service:
        assert actor.may(Permission.SIGN_IN_CLIENTS)
        found = found.where(IdentityProvider.company.is_null())
    else:
        found = found.where(IdentityProvider.company == actor.company_id)
    row = await found.order_by(IdentityProvider.id).first()
    return _provider(row) if row else None


async def enabled_providers() -> list[Provider]:
    """Every identity provider that may be used. Asked before anybody is known."""
    rows = await IdentityProvider.select().where(IdentityProvider.is_enabled.eq(True)).order_by(IdentityProvider.id)
    return [_provider(row) for row in rows]


async def provider_at(domain: str) -> Provider | None:
    """The sign-in of the company to which an e-mail domain belongs: one that claims it and has people there. Asked
    before anybody is known."""
    claiming = {row["id"] for row in await db.fetch("SELECT id FROM sdes_providers_at($1) AS id", domain)}
    return next((one for one in await enabled_providers() if one.id in claiming), None)


async def company_providers(actor: Actor) -> list[tuple[str, Provider]]:
    """Every company's own sign-in, with the company's name."""
    assert actor.may(Permission.SIGN_IN_CLIENTS)
    columns = IdentityProvider.all_columns()
    rows = (
        await IdentityProvider.select(*columns, IdentityProvider.company.name.as_alias("company_name"))
        .where(IdentityProvider.company.is_not_null())
        .order_by(IdentityProvider.company.name, IdentityProvider.id)
    )
    return [(row["company_name"], _provider(row)) for row in rows]


async def unproven_domains(actor: Actor, domains: Iterable[str]) -> set[str]:
    """At which of these e-mail domains nobody of the actor's company has an address that they have verified."""
    rows = await db.fetch(
        "SELECT DISTINCT substring(email_key from '[^@]*$') AS domain FROM person"
        " WHERE company = $1 AND state <> 'deleted' AND email_verified_at IS NOT NULL",
        actor.company_id,
    )
    return set(domains) - {row["domain"] for row in rows}


async def domains_of_others(actor: Actor, domains: Iterable[str]) -> set[str]:
    """Which of these e-mail domains are another company's than the actor's: by its identity provider, or because its
    people have addresses there."""
    rows = await db.fetch(
        "SELECT email_domains FROM identity_provider WHERE company IS NOT NULL AND company <> $1", actor.company_id
    )
    claimed = {domain for row in rows for domain in row["email_domains"]} & set(domains)
    lived_in = await db.fetch("SELECT domain FROM sdes_domains_of_others($1) AS domain", list(domains))
    return claimed | {row["domain"] for row in lived_in}


def _client(row: dict[str, Any]) -> Client:
    return Client(
        id=row["id"],
        client_id=row["client_id"],
        name=row["name"],
        redirect_uris=tuple(row["redirect_uris"]),
        post_logout_uris=tuple(row["post_logout_uris"]),
        created_at=row["created_at"],
        revoked_at=row["revoked_at"],
        secret_hash=row["secret_hash"],
    )


def _provider(row: dict[str, Any]) -> Provider:
    return Provider(
        id=row["id"],
        company_id=row["company"],
        name=row["name"],
        issuer=row["issuer"],
        client_id=row["client_id"],
        client_secret=row["client_secret"],
        email_domains=tuple(row["email_domains"]),
        is_enquiry_service=row["is_enquiry_service"],
        is_enabled=row["is_enabled"],
    )
