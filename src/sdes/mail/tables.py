"""Tables of mail: the outbox, and what the demo keeps instead of sending."""

from piccolo.columns import BigInt, BigSerial, Bytea, SmallInt, Text, Timestamptz, Varchar
from piccolo.table import Table

from sdes.kit.db import DB


class Mail(Table, db=DB):
    """An e-mail to be sent once. What it says is sealed, and forgotten when it has been handed over.

    States: waiting (`sent_at`, `given_up_at`, `handed_over_at` all empty), being sent (`lease_until`), handed over
    without an answer (`handed_over_at` alone: never sent again, since it may have arrived), sent, given up.
    """

    id = BigSerial(primary_key=True)
    kind = Varchar(length=40)  # feature.noun, as in templates/email
    to_address = Varchar(length=254)
    to_name = Varchar(length=120)
    subject = Varchar(length=200)
    body = Bytea(null=True, default=None)  # sealed JSON of text and html
    company_id = BigInt(null=True, default=None)
    person_id = BigInt(null=True, default=None)
    once_key = Varchar(length=120, null=True, default=None, unique=True)  # a second one of the same key is not written
    created_at = Timestamptz()
    next_attempt_at = Timestamptz()
    attempts = SmallInt(default=0)
    lease_until = Timestamptz(null=True, default=None)
    handed_over_at = Timestamptz(null=True, default=None)
    sent_at = Timestamptz(null=True, default=None)
    given_up_at = Timestamptz(null=True, default=None)
    last_error = Text(default="")


class DemoMail(Table, db=DB):
    """A mail of the demo, kept to be read on a page; in production this table stays empty."""

    id = BigSerial(primary_key=True)
    to_address = Varchar(length=254)
    to_name = Varchar(length=120)
    subject = Varchar(length=200)
    text = Text()
    html = Text()
    at = Timestamptz()
