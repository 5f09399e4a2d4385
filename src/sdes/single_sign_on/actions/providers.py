"""Identity providers: set up, changed, removed; by a MAU for its company's people, by the provider for everybody."""

from dataclasses import dataclass, field
from typing import Any

from piccolo.columns import Column

from sdes import auditlog
from sdes.actor import Actor
from sdes.kit import clock, db, keyring
from sdes.kit.errors import Refused
from sdes.single_sign_on.queries import domains_of_others, own_provider
from sdes.single_sign_on.tables import IdentityProvider

TAKEN = "{domain} is in use by another company. If it is yours, tell the service desk."


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

    Refuses (409) an e-mail domain that another company has claimed or has people at: they would be sent to a stranger.
    """
    await db.fetch("SELECT pg_advisory_xact_lock(hashtextextended('identity providers', 0))")
    taken = await domains_of_others(actor, details.email_domains)
    if taken and not of_enquiry_service:
        raise Refused(TAKEN.format(domain=min(taken)))
    known = await own_provider(actor, of_enquiry_service=of_enquiry_service)
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
    await auditlog.record(
        actor,
        "single-sign-on.provider.removed",
        subject="sign-in",
        detail=f"{known.name}: {known.issuer}",
        about_company=actor.company_id,
    )


def sealed(secret: str) -> bytes:
    """The secret as it is kept; `unsealed` opens it."""
    return keyring.seal("identity provider", secret.encode())


def unsealed(kept: bytes) -> str:
    """The secret that `sealed` was given."""
    return keyring.unseal("identity provider", kept).decode()
