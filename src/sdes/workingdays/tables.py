"""Table of the working calendar: single days that differ from the ordinary calendar of England and Wales."""

from piccolo.columns import Boolean, Date, Serial, Varchar
from piccolo.table import Table

from sdes.kit.db import DB


class ExtraDay(Table, db=DB):
    """A day proclaimed a holiday (`is_holiday`), or an ordinary holiday or weekend day declared a Working Day (not)."""

    id = Serial(primary_key=True)
    date = Date(unique=True, default=None, null=False)
    name = Varchar(length=120)
    is_holiday = Boolean(default=True)
