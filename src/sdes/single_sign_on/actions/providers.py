"""Identity providers: set up, changed, removed; by a MAU for its company's people, by the provider for everybody."""

from dataclasses import dataclass, field
from typing import Any

from piccolo.columns import Column

from sdes import auditlog
from sdes.accounts.methods import elsewhere
from sdes.accounts.sessions import within
from sdes.accounts.tables import Session
from sdes.actor import Actor
from sdes.kit import clock, db, keyring
from sdes.kit.errors import Refused
from sdes.single_sign_on.queries import domains_of_others, own_provider, unproven_domains
from sdes.single_sign_on.tables import IdentityProvider
from sdes.single_sign_on.views import Provider

BIGGEST = 2**31  # what the number of an identity provider stays below
TAKEN = "{domain} is in use by another company. If it is yours, tell the service desk."
UNPROVEN = (
    "Nobody of your company has verified an e-mail address at {domain}. Somebody who has one there confirms it under"
    " their account first; then enter the domain again."
)


@dataclass(frozen=True)
class Details:
    """What is filled in about an identity provider. An empty `client_secret` keeps the one that is known."""

    name: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    email_domains: tuple[str, ...]
    is_enabled: bool


async def save_provider(actor: Actor, details: Details, *, of_enquiry_service: bool) -> None:
    """Sets up or changes the one identity provider that the actor looks after.

    Refuses (409) an e-mail domain that another company has claimed or has people at: they would be sent to a stranger;
    and a new one at which nobody of the company has a verified address. Once it is out of use or another's, the
    sessions that it began end.
    """
    await db.fetch("SELECT pg_advisory_xact_lock(hashtextextended('identity providers', 0))")
    taken = await domains_of_others(actor, details.email_domains)
    if taken and not of_enquiry_service:
        raise Refused(TAKEN.format(domain=min(taken)))
    known = await own_provider(actor, of_enquiry_service=of_enquiry_service)
    new = set(details.email_domains) - set(known.email_domains if known else ())
    if not of_enquiry_service and (unproven := await unproven_domains(actor, new)):
        raise Refused(UNPROVEN.format(domain=min(unproven)))
    values: dict[Column | str, Any] = {
        IdentityProvider.name: details.name,
        IdentityProvider.issuer: details.issuer,
        IdentityProvider.client_id: details.client_id,
        IdentityProvider.email_domains: list(details.email_domains),
        IdentityProvider.is_enabled: details.is_enabled,
    }
    if details.client_secret or not known:
        values[IdentityProvider.client_secret] = sealed(details.client_secret)
    if known:
        await IdentityProvider.update(values).where(IdentityProvider.id == known.id)
        if not details.is_enabled or _identity(known) != _identity(details):
            await _end_sessions(actor, known.company_id, known.name)
    else:
        row = IdentityProvider(
            company=None if of_enquiry_service else actor.company_id,
            is_enquiry_service=of_enquiry_service,
            created_at=clock.now(),
            **{column._meta.name: value for column, value in values.items()},  # type: ignore[union-attr]
        )
        await IdentityProvider.insert(row)
    state = "in use" if details.is_enabled else "not in use"
    detail = f"{details.name}: {details.issuer}, {state}"
    if details.email_domains:
        detail += f", for {', '.join(details.email_domains)}"
    await auditlog.record(
        actor, "single-sign-on.provider.saved", subject="sign-in", detail=detail, about_company=actor.company_id
    )


async def remove_provider(actor: Actor, *, of_enquiry_service: bool) -> None:
    """Removes the identity provider that the actor looks after. Refuses (409) where there is none."""
    known = await own_provider(actor, of_enquiry_service=of_enquiry_service)
    if not known:
        raise Refused("There is no other sign-in to remove.")
    await IdentityProvider.delete().where(IdentityProvider.id == known.id)
    await _end_sessions(actor, known.company_id, known.name)
    await auditlog.record(
        actor,
        "single-sign-on.provider.removed",
        subject="sign-in",
        detail=f"{known.name}: {known.issuer}",
        about_company=actor.company_id,
    )


async def disable_provider(actor: Actor, provider_id: int) -> None:
    """Takes a company's own identity provider out of use, at the hand of the SDES Provider; the sessions that it began
    end. Refuses (409) one that is not in use (any more)."""
    ask = "SELECT * FROM sdes_disable_identity_provider($1)"
    rows = await db.fetch(ask, provider_id) if abs(provider_id) < BIGGEST else []
    if not rows:
        raise Refused("That sign-in is not in use any more. Open the list again to see.")
    company, name, issuer = rows[0]["company_id"], rows[0]["name"], rows[0]["issuer"]
    async with within(actor, company):
        await _end_sessions(actor, company, name)
    await auditlog.record(
        actor,
        "single-sign-on.provider.disabled",
        subject=f"company {company}",
        audience=[company],
        detail=f"{name}: {issuer}, not in use",
        about_company=company,
    )


async def _end_sessions(actor: Actor, company_id: int | None, name: str) -> None:
    """Ends the sessions of a company that its own identity provider of this name began, but for the actor's present
    one. The open transaction must be of that company."""
    if company_id is None:
        return
    await Session.update({Session.ended_at: clock.now()}).where(
        Session.company == company_id,
        Session.method == elsewhere(name, by_one=False),
        Session.ended_at.is_null(),
        Session.id != (actor.session_id or 0),
    )


def _identity(one: Provider | Details) -> tuple[str, str, str]:
    """What makes an identity provider another when it changes."""
    return one.name, one.issuer, one.client_id


def sealed(secret: str) -> bytes:
    """The secret as it is kept; `unsealed` opens it."""
    return keyring.seal("identity provider", secret.encode())


def unsealed(kept: bytes) -> str:
    """The secret that `sealed` was given."""
    return keyring.unseal("identity provider", kept).decode()
