"""Tables of companies and people: who may use the service, in which market role, for which use cases."""

from enum import StrEnum

from piccolo.columns import (
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
    created_at = Timestamptz()


class MarketParticipant(Table, db=DB):
    """One market role of a company under one MPID."""

    id = Serial(primary_key=True)
    company = ForeignKey(Company, null=False, index=True, on_delete=OnDelete.restrict)
    mpid = Varchar(length=4)
    role = Varchar(length=2)  # sdes.catalogue.roles
    effective_from = Date()
    effective_to = Date(null=True, default=None)

    mpid_and_role_once = Unique([mpid, role])


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
    is_master_admin = Boolean(default=False)
    password_hash = Text(default="")
    password_is_single_use = Boolean(default=False)
    password_expires_at = Timestamptz(null=True, default=None)
    last_sign_in_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz()
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

    use_case_once = Unique([person, process_type, level])


class Session(Table, db=DB):
    """A sign-in that lasts. Only the hash of its token is kept."""

    id = BigSerial(primary_key=True)
    company = ForeignKey(Company, null=False, on_delete=OnDelete.restrict)
    person = ForeignKey(Person, null=False, index=True, on_delete=OnDelete.cascade)
    token_hash = Bytea(unique=True)
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
