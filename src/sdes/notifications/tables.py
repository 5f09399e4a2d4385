"""Tables of notifications: what somebody is to be told, and how often they want mail about it."""

from enum import StrEnum

from piccolo.columns import BigSerial, Boolean, ForeignKey, Integer, OnDelete, Timestamptz, Varchar
from piccolo.table import Table

from sdes.accounts.tables import Company, Person
from sdes.kit.db import DB


class Frequency(StrEnum):
    """How often somebody wants mail about what they have not looked at (SD 11.1(f))."""

    NEVER = "never"
    IMMEDIATELY = "immediately"
    HOURLY = "hourly"
    DAILY = "daily"


class NotificationKind(StrEnum):
    MESSAGE = "message"
    ESCALATION = "escalation"
    OWNER = "owner"
    ARCHIVED = "archived"


class Notification(Table, db=DB):
    """One thing that one person is to be told of one communication (`subject` is its reference)."""

    id = BigSerial(primary_key=True)
    company = ForeignKey(Company, null=False, on_delete=OnDelete.restrict)
    person = ForeignKey(Person, null=False, on_delete=OnDelete.cascade)
    subject = Varchar(length=40)
    title = Varchar(length=200)  # the communication's subject
    process = Varchar(length=200)
    kind = Varchar(length=10, choices=NotificationKind)
    number = Integer(default=0)  # of the message, where there is one
    from_name = Varchar(length=120)  # the company, or the colleague, that it comes from
    created_at = Timestamptz()
    read_at = Timestamptz(null=True, default=None)
    closed_by = Varchar(length=120, default="")  # the colleague whose reply made it needless
    is_quick = Boolean(default=False)  # a response is due within hours: mailed whatever the setting (note 4)
    wants_mail = Boolean(default=False)  # has still to be looked at by the job that mails
    mailed_at = Timestamptz(null=True, default=None)


class NotificationSetting(Table, db=DB):
    """How often somebody wants mail; who has no row has never chosen and gets none but the quick ones."""

    id = BigSerial(primary_key=True)
    company = ForeignKey(Company, null=False, on_delete=OnDelete.restrict)
    person = ForeignKey(Person, null=False, unique=True, on_delete=OnDelete.cascade)
    frequency = Varchar(length=12, choices=Frequency)
