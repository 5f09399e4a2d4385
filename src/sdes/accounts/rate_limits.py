"""Sign-in rate limits: how many wrong passwords an account and an address may have (SD 8.1)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256

from sdes.accounts.tables import SignInAttempt
from sdes.kit import clock, db
from sdes.kit.errors import TooMany

WINDOW = timedelta(minutes=15)
PER_ACCOUNT = 5
PER_ADDRESS = 200  # a company's people may share one address, and all sign in at nine


async def begin_attempt(email_key: str, address: str) -> list[int]:
    """Counts an attempt as wrong before the password is looked at, so that many at once do not pass together.

    Gives what `forgive` takes back when it was right. Refuses (429) one too many, alike whether or not the account
    exists. Call it in a transaction of its own.
    """
    account, network = keys_for(email_key, address)
    for key in (account, network):
        await db.fetch("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", key)
    if until := await _wait_until(account, network):
        raise TooMany(_sentence(until))
    now = clock.now()
    await SignInAttempt.delete().where(SignInAttempt.at < now - WINDOW)
    made = await SignInAttempt.insert(SignInAttempt(key=account, at=now), SignInAttempt(key=network, at=now))
    return [row["id"] for row in made]


async def forgive(email_key: str, attempt: Iterable[int]) -> None:
    """The password was right: the attempt counts for nothing, and the account's wrong ones are forgotten."""
    account, _ = keys_for(email_key, "")
    await SignInAttempt.delete().where((SignInAttempt.key == account) | SignInAttempt.id.is_in(list(attempt)))


def keys_for(email_key: str, address: str) -> tuple[str, str]:
    """The two counters of an attempt. Hashed, so that the table is no list of who signs in from where."""
    return f"account:{_short(email_key)}", f"address:{_short(address)}"


async def _wait_until(account: str, network: str) -> datetime | None:
    """When the next attempt is allowed, or None if now."""
    rows = await db.fetch(
        "SELECT key, at, row_number() OVER (PARTITION BY key ORDER BY at DESC) AS n FROM sign_in_attempt"
        " WHERE key = ANY($1) AND at > $2",
        [account, network],
        clock.now() - WINDOW,
    )
    full = [row["at"] for row in rows if row["n"] == (PER_ACCOUNT if row["key"] == account else PER_ADDRESS)]
    return max(full) + WINDOW if full else None


def _sentence(until: datetime) -> str:
    return (
        f"There were too many wrong passwords. Try again at {clock.local(until):%H:%M}"
        " or ask your Master Admin User for a new password."
    )


def _short(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:40]
