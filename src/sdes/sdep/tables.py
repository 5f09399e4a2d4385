"""Tables of communications: what is shared between the two companies, and each company's own view of it."""

from enum import StrEnum

from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    BigInt,
    BigSerial,
    ForeignKey,
    Integer,
    OnDelete,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Unique
from piccolo.table import Table

from sdes.accounts.tables import Company, MarketParticipant, Person
from sdes.attachments.tables import Attachment
from sdes.catalogue.tables import ProcessType
from sdes.kit.db import DB


class Side(StrEnum):
    SENDER = "sender"
    RECIPIENT = "recipient"


class Communication(Table, db=DB):
    """What both companies share of one communication, whoever looks."""

    id = BigSerial(primary_key=True)
    reference = Varchar(length=10, unique=True)  # SC and eight digits
    process_type = ForeignKey(ProcessType, null=False, on_delete=OnDelete.restrict)
    sender = ForeignKey(MarketParticipant, null=False, on_delete=OnDelete.restrict)
    recipient = ForeignKey(MarketParticipant, null=False, on_delete=OnDelete.restrict)
    subject = Varchar(length=200)
    items = JSONB()  # [{key, label, kind, value}], as they stood when it was sent
    level = SmallInt(default=1)
    max_level = SmallInt()
    message_count = Integer(default=0)
    created_at = Timestamptz()
    last_message_at = Timestamptz()
    awaiting = ForeignKey(Company, null=True, on_delete=OnDelete.restrict)  # the company whose response is due
    due_at = Timestamptz(null=True, default=None)
    archived_at = Timestamptz(null=True, default=None)


class CommunicationParty(Table, db=DB):
    """One company's view of a communication: what its lists read, and what row-level security asks first."""

    id = BigSerial(primary_key=True)
    communication = ForeignKey(Communication, null=False, index=True, on_delete=OnDelete.cascade)
    company = ForeignKey(Company, null=False, on_delete=OnDelete.restrict)
    other_company = ForeignKey(Company, null=False, on_delete=OnDelete.restrict)
    process_type = ForeignKey(ProcessType, null=False, on_delete=OnDelete.restrict)
    side = Varchar(length=9)
    created_at = Timestamptz()
    last_message_at = Timestamptz()
    last_direction = Varchar(length=8)  # "sent" or "received"
    last_received = Integer(default=0)  # number of the last message from the other side
    last_read = Integer(default=0)  # number of the last message that anybody of the company has opened
    archived_at = Timestamptz(null=True, default=None)
    owner = ForeignKey(Person, null=True, on_delete=OnDelete.set_null)
    tags = Array(base_column=Varchar(length=60))
    alert = Varchar(length=200)  # what the company must be told until somebody has looked, e.g. of a failed file

    one_party_a_company = Unique([communication, company])


class CommunicationLevel(Table, db=DB):
    """A level that a communication has reached: since when, by whom, until when the response was due, when it came."""

    id = BigSerial(primary_key=True)
    communication = ForeignKey(Communication, null=False, index=True, on_delete=OnDelete.cascade)
    number = SmallInt()
    name = Varchar(length=60)
    started_at = Timestamptz()
    started_by = Varchar(length=120)  # the company's name
    reason = Text(default="")
    due_at = Timestamptz(null=True, default=None)
    responded_at = Timestamptz(null=True, default=None)


class Message(Table, db=DB):
    """One message of a communication, numbered from 1."""

    id = BigSerial(primary_key=True)
    communication = ForeignKey(Communication, null=False, on_delete=OnDelete.cascade)
    number = Integer()
    company = ForeignKey(Company, null=False, on_delete=OnDelete.restrict)
    company_name = Varchar(length=120)
    mpid = Varchar(length=4)
    person = ForeignKey(Person, null=True, on_delete=OnDelete.set_null)
    person_name = Varchar(length=120)
    level = SmallInt()
    text = Text()
    sent_at = Timestamptz()
    draft = UUID(null=True, default=None, unique=True)  # the draft it was sent from: a second send finds the first

    number_once = Unique([communication, number])


class MessageAttachment(Table, db=DB):
    """A file that a message carries."""

    id = BigSerial(primary_key=True)
    communication = ForeignKey(Communication, null=False, index=True, on_delete=OnDelete.cascade)
    message = ForeignKey(Message, null=False, on_delete=OnDelete.cascade)
    attachment = ForeignKey(Attachment, null=False, unique=True, on_delete=OnDelete.restrict)


class Reading(Table, db=DB):
    """How far one person has read one communication."""

    id = BigSerial(primary_key=True)
    company = ForeignKey(Company, null=False, on_delete=OnDelete.restrict)
    communication = ForeignKey(Communication, null=False, on_delete=OnDelete.cascade)
    person = ForeignKey(Person, null=False, on_delete=OnDelete.cascade)
    number = Integer(default=0)
    viewed_at = Timestamptz()
    sessions = Array(base_column=BigInt(), default=list)  # the last visits for which the audit log has a 'viewed'

    one_reading_a_person = Unique([person, communication])


class Draft(Table, db=DB):
    """What one person has typed and not yet sent: a new communication, or a reply to one."""

    id = UUID(primary_key=True)
    company = ForeignKey(Company, null=False, on_delete=OnDelete.restrict)
    person = ForeignKey(Person, null=False, index=True, on_delete=OnDelete.cascade)
    communication = ForeignKey(Communication, null=True, on_delete=OnDelete.cascade)
    fields = JSONB()
    updated_at = Timestamptz()


class DraftAttachment(Table, db=DB):
    """A file received for a draft and kept with it until it is sent or discarded."""

    id = BigSerial(primary_key=True)
    company = ForeignKey(Company, null=False, on_delete=OnDelete.restrict)
    draft = ForeignKey(Draft, null=False, index=True, on_delete=OnDelete.cascade)
    attachment = ForeignKey(Attachment, null=False, unique=True, on_delete=OnDelete.cascade)
