"""What somebody has been told, how much of it is new to them, and how often they want mail (SD 11.1(f))."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from piccolo.columns.combination import WhereRaw

from sdes.accounts.sessions import Bell
from sdes.actor import Actor
from sdes.kit import clock, db
from sdes.kit.paging import Cursor, cut
from sdes.notifications.access import own
from sdes.notifications.tables import Frequency, Notification, NotificationKind, NotificationSetting
from sdes.notifications.words import ICONS, headline

MOST_NEWS = 100

_BELL = """
SELECT (SELECT count(*) FROM (SELECT 1 FROM notification n WHERE n.person = $1 AND n.read_at IS NULL
          AND n.closed_by = '' LIMIT 100) counted)::int AS unread,
       coalesce((SELECT n.id FROM notification n WHERE n.person = $1
          ORDER BY n.created_at DESC, n.id DESC LIMIT 1), 0) AS newest
"""

_IS_UNREAD = "SELECT 1 FROM notification WHERE person = $1 AND subject = $2 AND read_at IS NULL LIMIT 1"


@dataclass(frozen=True)
class Told:
    """One notification as its reader sees it. `at` is in London; `closed` says who has dealt with it, and how."""

    id: int
    reference: str
    title: str
    process: str
    kind: str
    number: int
    from_name: str
    at: datetime
    is_read: bool
    closed: str

    @property
    def headline(self) -> str:
        return headline(self.kind, self.from_name)

    @property
    def icon(self) -> str:
        return ICONS[NotificationKind(self.kind)]

    @property
    def is_unread(self) -> bool:
        return not self.is_read and not self.closed

    @property
    def href(self) -> str:
        place = f"#message-{self.number}" if self.number else ""
        return f"/sdep/communications/{self.reference}{place}"


@dataclass(frozen=True)
class ToldPage:
    """A page of notifications, newest first, and where its neighbours begin."""

    rows: list[Told]
    previous: Cursor | None
    next: Cursor | None


async def bell(actor: Actor) -> Bell:
    """How much the actor has not read, counted anew: what a request began with may be read in it."""
    (row,) = await db.fetch(_BELL, actor.person_id)
    return Bell(row["unread"], row["newest"])


async def news(actor: Actor, after: int) -> list[Told]:
    """What the actor was told after the notification `after` and has not read, newest first, at most a hundred."""
    rows = (
        await Notification.select()
        .where(own(actor), Notification.id > after, Notification.read_at.is_null(), Notification.closed_by == "")
        .order_by(Notification.created_at, ascending=False)
        .order_by(Notification.id, ascending=False)
        .limit(MOST_NEWS)
    )
    return [_told(row) for row in rows]


async def notifications(actor: Actor, cursor: Cursor | None, size: int) -> ToldPage:
    """A page of what the actor was told, newest first."""
    backwards = bool(cursor and cursor.is_before)
    beyond = _beyond(cursor)
    rows = (
        await Notification.select()
        .where(*((own(actor), beyond) if beyond else (own(actor),)))
        .order_by(Notification.created_at, ascending=backwards)
        .order_by(Notification.id, ascending=backwards)
        .limit(size + 1)
    )
    page = cut(rows, size, cursor)
    return ToldPage(
        [_told(row) for row in page.rows],
        *page.neighbours(_cursor),
    )


async def frequency(actor: Actor) -> Frequency:
    """How often the actor wants mail; never, until they have chosen."""
    row = (
        await NotificationSetting.select(NotificationSetting.frequency)
        .where(NotificationSetting.person == actor.person_id)
        .first()
    )
    return Frequency(row["frequency"]) if row else Frequency.NEVER


def _beyond(cursor: Cursor | None) -> WhereRaw | None:
    if cursor is None or not isinstance(cursor.value, str):
        return None
    try:
        moment = datetime.fromisoformat(cursor.value).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return WhereRaw(f"(created_at, id) {'>' if cursor.is_before else '<'} ({{}}, {{}})", moment, cursor.id)


def _cursor(row: dict[str, Any], is_before: bool) -> Cursor:
    return Cursor(row["created_at"].isoformat(), row["id"], is_before)


def _told(row: dict[str, Any]) -> Told:
    return Told(
        id=row["id"],
        reference=row["subject"],
        title=row["title"],
        process=row["process"],
        kind=row["kind"],
        number=row["number"],
        from_name=row["from_name"],
        at=clock.local(row["created_at"]),
        is_read=row["read_at"] is not None,
        closed=row["closed_by"],
    )


async def is_unread(actor: Actor, reference: str) -> bool:
    """Whether the actor has been told something of the communication that they have not read."""
    return bool(await db.fetch(_IS_UNREAD, actor.person_id, reference))
