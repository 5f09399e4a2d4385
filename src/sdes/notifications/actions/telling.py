"""Telling somebody, and what makes it needless: it is read, or a colleague has dealt with it (SD 11.1(f))."""

from datetime import timedelta

from sdes.accounts.queries import own_address
from sdes.actor import Actor
from sdes.kit import clock, db
from sdes.kit.errors import Refused
from sdes.notifications.access import why_no_mail
from sdes.notifications.tables import Frequency, NotificationKind

KEPT = timedelta(days=60)  # after it came, when it has been read

# `wants_mail` says that the job that mails has still to look at the row: see `mailing.py`.
_TELL = """
INSERT INTO notification (company, person, subject, title, process, kind, number, from_name, created_at, closed_by,
                          is_quick, wants_mail)
SELECT p.company, p.id, $3, $4, $5, $6, $7, $8, $9, '', false,
       p.email_verified_at IS NOT NULL AND NOT p.is_proxy_address AND coalesce(s.frequency, 'never') <> 'never'
  FROM person p LEFT JOIN notification_setting s ON s.person = p.id
 WHERE p.id = $1 AND p.company = $2 AND p.state = 'active'
"""
_READ = """
UPDATE notification SET read_at = $3, wants_mail = false
 WHERE person = $1 AND subject = $2 AND read_at IS NULL RETURNING id
"""
_READ_ALL = (
    "UPDATE notification SET read_at = $3, wants_mail = false WHERE person = $1 AND id <= $2 AND read_at IS NULL"
)
_CLOSE = """
UPDATE notification SET closed_by = $4, wants_mail = false
 WHERE company = $1 AND subject = $2 AND person <> $3 AND read_at IS NULL AND closed_by = ''
"""
_SET = """
INSERT INTO notification_setting (company, person, frequency) VALUES ($1, $2, $3)
    ON CONFLICT (person) DO UPDATE SET frequency = EXCLUDED.frequency
"""
_FORGET = "DELETE FROM notification WHERE created_at < $1 AND (read_at IS NOT NULL OR closed_by <> '')"


async def tell(
    actor: Actor,
    person_id: int,
    kind: NotificationKind,
    subject: str,
    title: str,
    process: str,
    from_name: str,
    number: int = 0,
) -> None:
    """Tells an active colleague of something about the communication `subject` (its reference); nobody is told of what
    they did themselves. `title` is the communication's subject, `number` that of the message, where there is one."""
    if person_id == actor.person_id:
        return
    now = clock.now()
    await db.fetch(
        _TELL,
        person_id,
        actor.company_id,
        subject,
        title,
        process,
        NotificationKind(kind).value,
        number,
        from_name,
        now,
    )


async def read(actor: Actor, reference: str) -> bool:
    """The actor has the communication before them; gives whether that was news to them."""
    return bool(await db.fetch(_READ, actor.person_id, reference, clock.now()))


async def read_all(actor: Actor, newest: int) -> None:
    """Everything up to the notification `newest` counts as read: what came after the page was made does not."""
    await db.fetch(_READ_ALL, actor.person_id, newest, clock.now())


async def close(actor: Actor, reference: str, how: str = "Answered") -> None:
    """The actor has dealt with the communication, so colleagues who have not looked yet need not be told, nor mailed.
    `how` is what the actor did, as the colleagues read it before “by” and the actor's name."""
    await db.fetch(_CLOSE, actor.company_id, reference, actor.person_id, f"{how} by {actor.name}"[:120])


async def set_frequency(actor: Actor, frequency: Frequency) -> None:
    """Remembers how often the actor wants mail; it holds for what is not mailed yet. Refuses (409) an address to which
    nothing is mailed."""
    if why := why_no_mail(await own_address(actor)):
        raise Refused(why)
    await db.fetch(_SET, actor.company_id, actor.person_id, frequency.value)


async def forget_old(actor: Actor) -> None:
    """Drops what was read or dealt with, and came more than 60 days ago."""
    assert actor.is_system
    await db.fetch(_FORGET, clock.now() - KEPT)
