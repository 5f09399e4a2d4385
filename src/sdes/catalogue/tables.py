"""Tables of the catalogue: process types with their levels, routes and data items."""

from enum import StrEnum

from piccolo.columns import (
    JSONB,
    Array,
    Boolean,
    Date,
    ForeignKey,
    Integer,
    Serial,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns.base import OnDelete
from piccolo.constraints import Unique
from piccolo.table import Table

from sdes.kit.db import DB


class Fuel(StrEnum):
    """The fuel of a process type; `BOTH` is for matters that concern no single fuel."""

    ELECTRICITY = "E"
    GAS = "G"
    BOTH = "D"


class ResponseUnit(StrEnum):
    """What a response time counts: Working Days or operational hours."""

    WORKING_DAYS = "WD"
    OPERATIONAL_HOURS = "OH"


class ItemKind(StrEnum):
    """What a bespoke data item holds; `items.py` says what each kind accepts."""

    MPAN = "mpan"
    MPRN = "mprn"
    MSN = "msn"
    DATE = "date"
    CHOICE = "choice"
    TEXT = "text"
    TEXTAREA = "textarea"
    AMOUNT = "amount"
    DIGITS = "digits"
    PHONE = "phone"
    EUI64 = "eui64"
    UTRN = "utrn"


class ProcessType(Table, db=DB):
    """A business process of one fuel with one contact type; used from `effective_from` to `effective_to`, inclusive."""

    id = Serial(primary_key=True)
    code = Varchar(length=12, unique=True)
    title = Varchar(length=120)
    contact_type = Varchar(length=60)
    fuel = Varchar(length=1, choices=Fuel)
    effective_from = Date(default=None, null=False)
    effective_to = Date(null=True, default=None)
    position = Integer(default=0)


class ProcessLevel(Table, db=DB):
    """One level of a process type, numbered from 1, with the recipient's time to respond."""

    id = Serial(primary_key=True)
    process_type = ForeignKey(ProcessType, on_delete=OnDelete.cascade, null=False)
    number = SmallInt()
    name = Varchar(length=60)
    response_amount = SmallInt()
    response_unit = Varchar(length=2, choices=ResponseUnit)

    process_level_number_once = Unique([process_type, number])


class ProcessRoute(Table, db=DB):
    """A pair of market roles (codes of `MarketRole`) between which a process type may be sent, in this direction."""

    id = Serial(primary_key=True)
    process_type = ForeignKey(ProcessType, on_delete=OnDelete.cascade, null=False)
    from_role = Varchar(length=2)
    to_role = Varchar(length=2)

    process_route_roles_once = Unique([process_type, from_role, to_role])


class DataItem(Table, db=DB):
    """One bespoke data item that a process type asks for."""

    id = Serial(primary_key=True)
    process_type = ForeignKey(ProcessType, on_delete=OnDelete.cascade, null=False)
    position = SmallInt()
    key = Varchar(length=40)
    label = Varchar(length=80)
    hint = Varchar(length=200, default="")
    kind = Varchar(length=12, choices=ItemKind)
    mandatory = Boolean(default=False)
    choices = Array(base_column=Text(), default=list)

    data_item_key_once = Unique([process_type, key])


class CatalogueChange(Table, db=DB):
    """A change of one process type that the Code Manager has made, whole: what it becomes, and from which day on."""

    id = Serial(primary_key=True)
    process_type = ForeignKey(ProcessType, on_delete=OnDelete.cascade, null=True)  # none: a new one
    takes_effect_on = Date(default=None, null=False)
    definition = JSONB()
    summary = Text()  # what changes, in words
    made_by = Varchar(length=120)
    made_at = Timestamptz()
    applied_at = Timestamptz(null=True, default=None)
    withdrawn_at = Timestamptz(null=True, default=None)
    problem = Text(default="")  # why it could not be applied on its day
