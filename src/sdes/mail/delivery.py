"""Delivery: takes the mails that are due, one at a time, and hands each over once and never again.

Before the content of a mail goes out, that it does is committed (`handed_over_at`). Whatever is lost after that, the
server's answer, the connection or this process, the mail is not sent a second time.
"""

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from sdes.kit import clock, db
from sdes.kit.crypto import SealBroken
from sdes.mail.message import Outgoing, composed
from sdes.mail.smtp import Line, NoAnswer, PutOff, Rejected, Server, Unreachable

log = logging.getLogger(__name__)

Tell = Callable[[Outgoing, str, str], Awaitable[None]]  # the mail, the event's name, what happened

LEASE = timedelta(minutes=5)  # longer than offering a mail can take; one whose worker died is taken up again after it
WAITS = (*(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 30)), *[timedelta(hours=1)] * 72)  # 3 days

WAITING = "sent_at IS NULL AND given_up_at IS NULL AND handed_over_at IS NULL"
# What was written, taken or put off while the clock was ahead does not wait until it is there again.
DUE = f"""
{WAITING} AND (next_attempt_at <= $1 OR next_attempt_at > $1 + interval '{2 * WAITS[-1].seconds} s')
AND (lease_until IS NULL OR lease_until <= $1 OR lease_until > $1 + interval '{2 * LEASE.seconds} s')
"""
COLUMNS = "id, to_address, to_name, subject, body, company_id, person_id, created_at, attempts"

_TAKE = f"""
UPDATE mail SET attempts = attempts + 1, lease_until = $2
 WHERE id = (SELECT id FROM mail WHERE {DUE} ORDER BY next_attempt_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING {COLUMNS}
"""
# who took it and has not been overtaken since: each taking counts one attempt more
_MINE = "WHERE id = $1 AND attempts = $2 AND sent_at IS NULL AND given_up_at IS NULL"
_HAND_OVER = f"UPDATE mail SET handed_over_at = $3 {_MINE} AND handed_over_at IS NULL RETURNING id"
_SENT = f"UPDATE mail SET sent_at = $3, lease_until = NULL, body = NULL, last_error = '' {_MINE}"
_UNANSWERED = f"UPDATE mail SET lease_until = NULL, body = NULL, last_error = $3 {_MINE}"
_LATER = f"UPDATE mail SET next_attempt_at = $3, lease_until = NULL, handed_over_at = NULL, last_error = $4 {_MINE}"
_GIVE_UP = f"""
UPDATE mail SET given_up_at = $3, lease_until = NULL, handed_over_at = NULL, body = NULL, last_error = $4 {_MINE}
RETURNING id
"""


async def deliver(server: Server, tell: Tell, *, most: int = 500) -> int:
    """Sends the mails that are due, at most `most`, those that have waited longest first; gives how many were taken.

    A mail that the server puts off is tried again, ever more rarely, for three days; one that it rejects is given up
    at once. `tell` is given those in the transaction that gives them up. When the server cannot be used, the others
    wait untried. Any number of workers may do this at once.
    """
    sent = 0
    async with Line(server) as line:
        for _ in range(most):
            mail = await _taken()
            if mail is None:
                break
            try:
                if not await _hand_over(line, server, mail):
                    continue
            except Unreachable as cause:
                log.warning("the mail server cannot be used: %s", cause)
                await _put_off(mail, str(cause), tell)
                break
            except PutOff as cause:
                await _put_off(mail, str(cause), tell)
            except Rejected as cause:
                await _give_up(mail, "mail.message.refused", str(cause), tell)
            except NoAnswer as cause:
                log.warning("mail %s was handed over and not answered: %s", mail.id, cause)
                await db.fetch(_UNANSWERED, mail.id, mail.attempts, str(cause))
            else:
                await db.fetch(_SENT, mail.id, mail.attempts, clock.now())
                sent += 1
    return sent


async def _taken() -> Outgoing | None:
    now = clock.now()
    rows = await db.fetch(_TAKE, now, now + LEASE)
    return Outgoing(**rows[0]) if rows else None


async def _hand_over(line: Line, server: Server, mail: Outgoing) -> bool:
    """Hands it over; False when another has taken it meanwhile."""
    try:
        message = composed(mail, server.sender, server.site)
    except SealBroken as cause:
        raise PutOff(str(cause)) from cause
    except ValueError as cause:
        raise Rejected(str(cause)) from cause
    await line.offer(mail.to_address)
    if not await db.fetch(_HAND_OVER, mail.id, mail.attempts, clock.now()):
        return False
    await line.hand_over(message)
    return True


async def _put_off(mail: Outgoing, why: str, tell: Tell) -> None:
    if mail.attempts > len(WAITS):
        await _give_up(mail, "mail.message.given-up", why, tell)
        return
    await db.fetch(_LATER, mail.id, mail.attempts, clock.now() + WAITS[mail.attempts - 1], why)


async def _give_up(mail: Outgoing, event: str, why: str, tell: Tell) -> None:
    log.warning("mail %s is given up: %s", mail.id, why)
    async with db.transaction():
        if await db.fetch(_GIVE_UP, mail.id, mail.attempts, clock.now(), why):
            await tell(mail, event, f"{mail.to_address}: {why}"[:200])
