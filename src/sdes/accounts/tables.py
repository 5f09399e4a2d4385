"""Tables of companies and people: who may use the service, in which market role, for which use cases."""

from enum import StrEnum

from piccolo.columns import (
    Array,
    BigInt,
    BigSerial,
    Boolean,
    Bytea,
    Date,
    ForeignKey,
    OnDelete,
    Serial,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Unique
from piccolo.table import Table

from sdes.catalogue.tables import ProcessType
from sdes.kit.db import DB


class CompanyKind(StrEnum):
    MARKET = "market"
    CODE_MANAGER = "code-manager"
    PROVIDER = "provider"


class Company(Table, db=DB):
    """An SDES User: a company group, with one or more market participants (SD 2.1)."""

    id = Serial(primary_key=True)
    name = Varchar(length=120, unique=True)
    kind = Varchar(length=20, default=CompanyKind.MARKET.value)
    is_qualified = Boolean(default=True)
    applied_on = Date(null=True, default=None)  # the three steps of accession (SL 20)
    validated_on = Date(null=True, default=None)
    agreement_signed_on = Date(null=True, default=None)
    requires_second_factor = Boolean(default=False)
    created_at = Timestamptz()


class MarketParticipant(Table, db=DB):
    """One market role of a company under one MPID, which one company at a time holds."""

    id = Serial(primary_key=True)
    company = ForeignKey(Company, null=False, index=True, on_delete=OnDelete.restrict)
    mpid = Varchar(length=4)
    role = Varchar(length=2)  # sdes.catalogue.roles
    effective_from = Date()
    effective_to = Date(null=True, default=None)


class PersonState(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"
    DELETED = "deleted"


class Person(Table, db=DB):
    """An Authorised Person (SD 2.1). A deleted person's row is blanked, never dropped."""

    id = Serial(primary_key=True)
    company = ForeignKey(Company, null=False, index=True, on_delete=OnDelete.restrict)
    email = Varchar(length=254)
    email_key = Varchar(length=254, unique=True)  # the address in lower case: one account an address
    name = Varchar(length=120)
    state = Varchar(length=12, default=PersonState.ACTIVE.value)
    is_master_admin = Boolean(default=False)  # one a company (SD 2.4)
    functions = Array(base_column=Varchar(length=30), default=list)  # sdes.accounts.functions
    is_proxy_address = Boolean(default=False)  # shared, or no mailbox at all: gets no notifications (SD 11.1(f))
    email_verified_at = Timestamptz(null=True, default=None)
    password_hash = Text(default="")
    password_is_single_use = Boolean(default=False)
    password_expires_at = Timestamptz(null=True, default=None)
    totp_secret = Bytea(null=True, default=None)  # sealed
    totp_confirmed_at = Timestamptz(null=True, default=None)
    totp_last_step = BigInt(default=0)  # a code counts once
    last_sign_in_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz()
    reinstated_at = Timestamptz(null=True, default=None)  # inactivity counts anew from here
    warned_from = Date(null=True, default=None)  # the first of the reminders before deletion (SD 2.7(b))
    was_last_user = Boolean(default=False)  # of a level, while the reminders went out (SD 2.8)
    deleted_at = Timestamptz(null=True, default=None)
    theme = Varchar(length=8, default="")  # "", "light" or "dark"
    density = Varchar(length=12, default="comfortable")
    has_keys = Boolean(default=True)
    page_size = SmallInt(default=25)


class Assignment(Table, db=DB):
    """A person assigned to a use case: a process type at a level (SD 2.5)."""

    id = Serial(primary_key=True)
    company = ForeignKey(Company, null=False, on_delete=OnDelete.restrict)
    person = ForeignKey(Person, null=False, index=True, on_delete=OnDelete.cascade)
    process_type = ForeignKey(ProcessType, null=False, on_delete=OnDelete.restrict)
    level = SmallInt()
    is_default_contact = Boolean(default=False)  # the MAU, where nobody else is left (SD 2.7(c))

    use_case_once = Unique([person, process_type, level])


class SessionStage(StrEnum):
    FULL = "full"
    SECOND_FACTOR = "second-factor"  # the password was right, the second factor is still asked for


class Session(Table, db=DB):
    """A sign-in that lasts. Only the hash of its token is kept."""

    id = BigSerial(primary_key=True)
    company = ForeignKey(Company, null=False, on_delete=OnDelete.restrict)
    person = ForeignKey(Person, null=False, index=True, on_delete=OnDelete.cascade)
    token_hash = Bytea(unique=True)
    stage = Varchar(length=16, default=SessionStage.FULL.value)
    method = Varchar(length=60, default="password")  # how the person signed in: sdes.accounts.methods
    created_at = Timestamptz()
    last_seen_at = Timestamptz()
    expires_at = Timestamptz()
    ended_at = Timestamptz(null=True, default=None)
    address = Varchar(length=64)
    browser = Varchar(length=200)


class SignInAttempt(Table, db=DB):
    """A wrong password, counted by account and by address, whether or not the account exists."""

    id = BigSerial(primary_key=True)
    key = Varchar(length=80)  # "account:" or "address:" and a hash
    at = Timestamptz()


class LinkPurpose(StrEnum):
    RESET = "reset"
    VERIFY = "verify"


class AccountLink(Table, db=DB):
    """A link sent by e-mail that may be followed once. Only the hash of its token is kept."""

    id = BigSerial(primary_key=True)
    company = ForeignKey(Company, null=False, on_delete=OnDelete.restrict)
    person = ForeignKey(Person, null=False, index=True, on_delete=OnDelete.cascade)
    purpose = Varchar(length=8)
    email_key = Varchar(length=254)  # the address it was sent to: a changed one makes it void
    token_hash = Bytea(unique=True)
    created_at = Timestamptz()
    expires_at = Timestamptz()
    used_at = Timestamptz(null=True, default=None)


class KnownBrowser(Table, db=DB):
    """A browser in which a person has signed in before, by a cookie of its own: another one is told by e-mail."""

    id = BigSerial(primary_key=True)
    company = ForeignKey(Company, null=False, on_delete=OnDelete.restrict)
    person = ForeignKey(Person, null=False, on_delete=OnDelete.cascade)
    token_hash = Bytea()
    first_seen_at = Timestamptz()

    browser_once = Unique([person, token_hash])


class RecoveryCode(Table, db=DB):
    """A code that stands for the second factor once. Only its hash is kept."""

    id = BigSerial(primary_key=True)
    company = ForeignKey(Company, null=False, on_delete=OnDelete.restrict)
    person = ForeignKey(Person, null=False, index=True, on_delete=OnDelete.cascade)
    code_hash = Bytea()
    used_at = Timestamptz(null=True, default=None)


class Passkey(Table, db=DB):
    """A WebAuthn credential: counts as both factors."""

    id = BigSerial(primary_key=True)
    company = ForeignKey(Company, null=False, on_delete=OnDelete.restrict)
    person = ForeignKey(Person, null=False, index=True, on_delete=OnDelete.cascade)
    name = Varchar(length=60)
    credential_id = Bytea(unique=True)
    public_key = Bytea()
    sign_count = BigInt(default=0)
    created_at = Timestamptz()
    last_used_at = Timestamptz(null=True, default=None)


class PasskeyChallenge(Table, db=DB):
    """A challenge given to a browser, to be answered once and soon. Names nobody."""

    id = BigSerial(primary_key=True)
    challenge = Bytea(unique=True)
    expires_at = Timestamptz()
