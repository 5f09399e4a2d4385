"""Sign-in rate limits: how many wrong passwords an account and an address may have (SD 8.1)."""

from datetime import datetime, timedelta
from hashlib import sha256

from sdes.accounts.tables import SignInAttempt
from sdes.kit import clock, db

WINDOW = timedelta(minutes=15)
PER_ACCOUNT = 5
PER_ADDRESS = 50  # a company's people may share one address


def keys_for(email_key: str, address: str) -> tuple[str, str]:
    """The two counters of an attempt. Hashed, so that the table is no list of who signs in from where."""
    return f"account:{_short(email_key)}", f"address:{_short(address)}"


async def wait_until(email_key: str, address: str) -> datetime | None:
    """When the next attempt is allowed, or None if now. Counts alike whether or not the account exists."""
    account, network = keys_for(email_key, address)
    since = clock.now() - WINDOW
    rows = await db.fetch(
        "SELECT key, at, row_number() OVER (PARTITION BY key ORDER BY at DESC) AS n FROM sign_in_attempt"
        " WHERE key = ANY($1) AND at > $2",
        [account, network],
        since,
    )
    full = [row["at"] for row in rows if row["n"] == (PER_ACCOUNT if row["key"] == account else PER_ADDRESS)]
    return max(full) + WINDOW if full else None


async def count_failure(email_key: str, address: str) -> None:
    """Remembers one wrong password and forgets what is too old to count."""
    await SignInAttempt.delete().where(SignInAttempt.at < clock.now() - WINDOW)
    await SignInAttempt.insert(*(SignInAttempt(key=key, at=clock.now()) for key in keys_for(email_key, address)))


async def forget_failures(email_key: str, address: str) -> None:
    """A right password clears the account's counter, not the address's."""
    await SignInAttempt.delete().where(SignInAttempt.key == keys_for(email_key, address)[0])


def _short(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:40]
