"""The table of the audit log."""

from piccolo.columns import Array, BigInt, BigSerial, Text, Timestamptz, Varchar
from piccolo.table import Table

from sdes.kit.db import DB


class AuditEntry(Table, db=DB):
    """Who did what, to what, when (SD 13.1). Words, no foreign keys: an entry outlives what it speaks of."""

    id = BigSerial(primary_key=True)
    at = Timestamptz()
    event = Varchar(length=80)  # feature.noun.past-tense
    person_id = BigInt(null=True, default=None)
    person_name = Varchar(length=120)
    company_id = BigInt(null=True, default=None)
    company_name = Varchar(length=120)
    subject = Varchar(length=40)  # the reference of what it was done to
    process = Varchar(length=160)
    fuel = Varchar(length=12)
    detail = Text()
    audience = Array(base_column=BigInt())  # the companies that may read the entry
    request_id = Varchar(length=40)
    about_company = BigInt(null=True, default=None)  # whose administration it is part of, if of any
