"""What the pages and doors of the one sign-in are given: clients, holders of grants, identity providers."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Client:
    """A registered client. `secret_hash` is what its secret is compared with."""

    id: int
    client_id: str
    name: str
    redirect_uris: tuple[str, ...]
    post_logout_uris: tuple[str, ...]
    created_at: datetime
    revoked_at: datetime | None
    secret_hash: bytes = field(repr=False)


@dataclass(frozen=True)
class Holder:
    """The person behind a grant, as a client may be told of them."""

    grant_id: int
    person_id: int
    name: str
    email: str
    email_is_verified: bool
    is_master_admin: bool
    company_id: int
    company_name: str
    participants: tuple[tuple[str, str], ...]  # (MPID, market role)
    method: str
    auth_time: datetime
    scopes: tuple[str, ...]
    nonce: str
    client_id: str


@dataclass(frozen=True)
class OfflineSignIn:
    """A person's sign-in at a client that may outlast the session it came of."""

    id: int
    service: str
    since: datetime
    until: datetime | None  # None while its code is not exchanged


@dataclass(frozen=True)
class Begun:
    """A sign-in begun at another provider, until the browser comes back."""

    state: str
    nonce: str
    code_verifier: str
    next: str
    provider_id: int


@dataclass(frozen=True)
class Provider:
    """An identity provider; `company_id` None is everybody's."""

    id: int
    company_id: int | None
    name: str
    issuer: str
    client_id: str
    client_secret: bytes = field(repr=False)  # sealed
    email_domains: tuple[str, ...] = ()
    is_enquiry_service: bool = False
    is_enabled: bool = True
