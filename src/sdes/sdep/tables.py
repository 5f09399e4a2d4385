"""Tables of communications: what is shared between the two companies, and each company's own view of it."""

from enum import StrEnum

from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    BigInt,
    BigSerial,
    Boolean,
    Bytea,
    Date,
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


class MessageKind(StrEnum):
    MESSAGE = "message"
    ESCALATION = "escalation"


class Communication(Table, db=DB):
    """What both companies share of one communication, whoever looks."""

    id = BigSerial(primary_key=True)
    reference = Varchar(length=10, unique=True)  # SC and eight digits
    process_type = ForeignKey(ProcessType, null=False, on_delete=OnDelete.restrict)
    sender = ForeignKey(MarketParticipant, null=False, on_delete=OnDelete.restrict)
    recipient = ForeignKey(MarketParticipant, null=False, on_delete=OnDelete.restrict)
    subject = Varchar(length=200)
    items = JSONB()  # [{key, label, kind, value}], as they stood when it was sent
    rules = JSONB()  # {may_escalate, levels: [{number, name, amount, unit}]}, as the catalogue stood when it was sent
    level = SmallInt(default=1)
    max_level = SmallInt()
    message_count = Integer(default=0)
    created_at = Timestamptz()
    last_message_at = Timestamptz()
    awaiting = ForeignKey(Company, null=True, on_delete=OnDelete.restrict)  # the company whose response is due
    due_at = Timestamptz(null=True, default=None)
    archived_at = Timestamptz(null=True, default=None)


class CommunicationParty(Table, db=DB):
    """One company's view of a communication: what its lists read, and what row-level security asks first.

    `last_message_at`, `level`, `due_at`, `is_due_from_us` and `archived_at` follow the communication by a trigger.
    """

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
    level = SmallInt(default=1)
    due_at = Timestamptz(null=True, default=None)
    is_due_from_us = Boolean(default=False)
    archived_at = Timestamptz(null=True, default=None)
    owner = ForeignKey(Person, null=True, on_delete=OnDelete.set_null)
    tags = Array(base_column=Varchar(length=60))
    alert = Varchar(length=200)  # what the company must be told until somebody has looked, e.g. of a failed file
    changed_at = Timestamptz()  # by the database's own clock: what an export of changes asks for

    one_party_a_company = Unique([communication, company])


class CommunicationLevel(Table, db=DB):
    """A level that a communication has reached: since when, by whom, until when the response was due, when it came."""

    id = BigSerial(primary_key=True)
    communication = ForeignKey(Communication, null=False, index=True, on_delete=OnDelete.cascade)
    number = SmallInt()
    name = Varchar(length=60)
    started_at = Timestamptz()
    started_by = Varchar(length=120)  # the company's name
    person_name = Varchar(length=120, default="")
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
    kind = Varchar(length=10, default=MessageKind.MESSAGE.value)
    text = Text()
    sent_at = Timestamptz()
    draft = UUID(null=True, default=None, unique=True)  # the draft it was sent from: a second send finds the first

    number_once = Unique([communication, number])  # its index also holds what reports read: company, person, sent_at


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


class CommunicationSearch(Table, db=DB):
    """The words by which one company finds a communication. `words`, a tsvector, is added by the migration: each lexeme
    begins with the company's id, so that one look-up in the index finds that company's rows and no others. There is a
    second `part` and more of a communication whose words one does not hold."""

    id = BigSerial(primary_key=True)
    communication = ForeignKey(Communication, null=False, on_delete=OnDelete.cascade)
    company = ForeignKey(Company, null=False, on_delete=OnDelete.restrict)
    part = SmallInt(null=False, default=1)

    one_search_a_part = Unique([communication, company, part])


class SavedFilter(Table, db=DB):
    """A list that somebody wants again: its address, under a name; shared ones are for the whole company."""

    id = BigSerial(primary_key=True)
    company = ForeignKey(Company, null=False, on_delete=OnDelete.restrict)
    person = ForeignKey(Person, null=False, on_delete=OnDelete.cascade)
    name = Varchar(length=60)
    query = Text()  # what follows the question mark
    is_shared = Boolean(default=False)
    created_at = Timestamptz()

    one_filter_a_name = Unique([person, name])


class DeletedCommunication(Table, db=DB):
    """What is left of a communication that was deleted (SD 14.4): nobody's words, only facts for audit and reports, and
    the blobs that have still to go. Plain numbers, no foreign keys."""

    id = BigSerial(primary_key=True)
    communication = BigInt(unique=True)
    reference = Varchar(length=10, unique=True)
    process_type = BigInt()
    companies = Array(base_column=BigInt())  # sender's first
    sender = BigInt()  # market participants
    recipient = BigInt()
    level = SmallInt()
    created_at = Timestamptz()
    archived_at = Timestamptz()
    deleted_at = Timestamptz()
    # {levels: [{number, name, started_at, due_at, responded_at}],
    #  messages: [{number, company, person, person_name, mpid, level, kind, sent_at}]}
    facts = JSONB()
    blobs = Array(base_column=Text(), default=list)  # not yet removed from the store
    noted_at = Timestamptz(index=True)  # by the database's own clock: what programs ask for deletions since


class MonthlyReport(Table, db=DB):
    """A report made for the Code Manager each month, and kept (SD 12.2)."""

    id = BigSerial(primary_key=True)
    month = Date(default=None, null=False)  # its first day
    kind = Varchar(length=20)
    row_count = Integer()
    content = Bytea()  # a workbook
    made_at = Timestamptz()

    one_report_a_month = Unique([month, kind])
