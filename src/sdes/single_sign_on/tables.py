"""Tables of the one sign-in: who may ask us who somebody is, and whom we ask."""

from piccolo.columns import (
    JSONB,
    Array,
    BigSerial,
    Boolean,
    Bytea,
    ForeignKey,
    OnDelete,
    Serial,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table

from sdes.accounts.tables import Company, Person, Session
from sdes.kit.db import DB


class SigningKey(Table, db=DB):
    """What our tokens are signed with. The private half is sealed."""

    id = Serial(primary_key=True)
    kid = Varchar(length=64, unique=True)
    private = Bytea()
    public = JSONB()
    created_at = Timestamptz()
    retired_at = Timestamptz(null=True, default=None)


class OidcClient(Table, db=DB):
    """A service that may send people to us to sign in: the Electricity Enquiry Service (SD 2.2)."""

    id = Serial(primary_key=True)
    client_id = Varchar(length=40, unique=True)
    name = Varchar(length=120)
    secret_hash = Bytea()
    redirect_uris = Array(base_column=Text(), default=list)
    post_logout_uris = Array(base_column=Text(), default=list)
    created_at = Timestamptz()
    revoked_at = Timestamptz(null=True, default=None)


class OidcGrant(Table, db=DB):
    """One person's sign-in at one client: a code that is exchanged once, then a token for their claims."""

    id = BigSerial(primary_key=True)
    company = ForeignKey(Company, null=False, on_delete=OnDelete.restrict)
    person = ForeignKey(Person, null=False, index=True, on_delete=OnDelete.cascade)
    session = ForeignKey(Session, null=False, index=True, on_delete=OnDelete.cascade)
    client = ForeignKey(OidcClient, null=False, on_delete=OnDelete.cascade)
    code_hash = Bytea(unique=True)
    token_hash = Bytea(null=True, default=None, unique=True)
    redirect_uri = Text()
    scope = Varchar(length=200)
    nonce = Varchar(length=200, default="")
    code_challenge = Varchar(length=128)
    auth_time = Timestamptz()
    expires_at = Timestamptz()
    used_at = Timestamptz(null=True, default=None)
    token_expires_at = Timestamptz(null=True, default=None)
    revoked_at = Timestamptz(null=True, default=None)
    offline_until = Timestamptz(null=True, default=None)  # until when it may outlive the session's time-outs
    offline_mark = Bytea(null=True, default=None)  # of the password that the person then had


class OidcRefreshToken(Table, db=DB):
    """A token by which a client is told of a person anew, once; all of one grant are a family."""

    id = BigSerial(primary_key=True)
    company = ForeignKey(Company, null=False, on_delete=OnDelete.restrict)
    sign_in = ForeignKey(OidcGrant, null=False, index=True, on_delete=OnDelete.cascade)
    token_hash = Bytea(unique=True)
    created_at = Timestamptz()
    used_at = Timestamptz(null=True, default=None)


class IdentityProvider(Table, db=DB):
    """Where people may sign in instead of here: a company's own directory, or the enquiry service's for everybody."""

    id = Serial(primary_key=True)
    company = ForeignKey(Company, null=True, default=None, index=True, on_delete=OnDelete.restrict)  # None: everybody's
    name = Varchar(length=60)
    issuer = Text()
    client_id = Varchar(length=200)
    client_secret = Bytea()  # sealed
    email_domains = Array(base_column=Varchar(length=120), default=list)
    is_enquiry_service = Boolean(default=False)  # its word on who is the MAU counts (SD 2.4)
    is_enabled = Boolean(default=True)
    created_at = Timestamptz()


class OidcSignIn(Table, db=DB):
    """A sign-in begun at another provider, until the browser comes back. Names nobody."""

    id = BigSerial(primary_key=True)
    provider = ForeignKey(IdentityProvider, null=False, on_delete=OnDelete.cascade)
    state_hash = Bytea(unique=True)
    browser_hash = Bytea()  # of the form cookie: whoever began comes back
    nonce = Varchar(length=64)
    code_verifier = Varchar(length=128)
    next = Text()
    created_at = Timestamptz()
