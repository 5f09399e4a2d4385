"""Tables of administration: keys of the interface for programs, and uploads on their way in."""

from piccolo.columns import JSONB, UUID, Array, BigSerial, Bytea, ForeignKey, Integer, OnDelete, Timestamptz, Varchar
from piccolo.table import Table

from sdes.accounts.tables import Company, Person
from sdes.kit.db import DB


class ApiKey(Table, db=DB):
    """What a company's own program signs in with. Only the hash of its secret is kept."""

    id = BigSerial(primary_key=True)
    company = ForeignKey(Company, null=False, index=True, on_delete=OnDelete.restrict)
    name = Varchar(length=60)
    prefix = Varchar(length=16)  # its first letters, by which people tell keys apart
    secret_hash = Bytea(unique=True)
    scopes = Array(base_column=Varchar(length=30), default=list)
    made_by = Varchar(length=120)
    created_at = Timestamptz()
    expires_at = Timestamptz(null=True, default=None)
    last_used_at = Timestamptz(null=True, default=None)
    revoked_at = Timestamptz(null=True, default=None)
    counted_from = Timestamptz(null=True, default=None)  # when the minute began whose requests are counted
    requests = Integer(default=0)


class PeopleUpload(Table, db=DB):
    """A file of people and assignments that was read and checked, waiting to be applied by whoever uploaded it."""

    id = UUID(primary_key=True)
    company = ForeignKey(Company, null=False, index=True, on_delete=OnDelete.restrict)
    person = ForeignKey(Person, null=False, on_delete=OnDelete.cascade)
    filename = Varchar(length=255)
    rows = JSONB()
    problems = JSONB()
    created_at = Timestamptz()
    applied_at = Timestamptz(null=True, default=None)
