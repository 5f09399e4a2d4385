"""Rate limits: how many wrong passwords an account and an address may have, and how many mails may be asked for
(SD 8.1)."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256

from sdes.accounts.tables import SignInAttempt
from sdes.kit import clock, db
from sdes.kit.errors import TooMany

WINDOW = timedelta(minutes=15)
PER_ACCOUNT = 5
PER_ADDRESS = 200  # a company's people may share one address, and all sign in at nine
HOUR = timedelta(hours=1)
MAILS_PER_ACCOUNT = 3  # an hour
MAILS_PER_ADDRESS = 60  # an hour

_NEWEST = """
SELECT key, id, at, row_number() OVER (PARTITION BY key ORDER BY at DESC, id DESC) AS n FROM sign_in_attempt
 WHERE key = ANY($1) AND at > $2
"""


async def begin_attempt(email_key: str, address: str, *, of: str = "passwords", mark: str = "") -> list[int]:
    """Counts an attempt as wrong before the password is looked at, so that many at once do not pass together.

    Gives what `forgive` takes back when it was right. Refuses (429) one too many, alike whether or not the account
    exists; `of` names what is counted. A browser in which the account's owner has signed in before, known by its
    `mark`, has a count of its own, so that no stranger locks them out. Call it in a transaction of its own.
    """
    account, network = keys_for(email_key, address, mark)
    await _lock(account, network)
    if until := await _wait_until(account, network):
        raise TooMany(_sentence(until, of))
    return await _count(account, network)


async def forgive(email_key: str, attempt: Iterable[int] = ()) -> None:
    """The password was right, or is a new one: the attempt counts for nothing, and the account's wrong ones are
    forgotten, in whatever browser."""
    account, _ = keys_for(email_key, "")
    await db.fetch(
        "DELETE FROM sign_in_attempt WHERE key = $1 OR key LIKE $1 || ':%' OR id = ANY($2::bigint[])",
        account,
        list(attempt),
    )


async def locks_begun(
    email_key: str, address: str, attempt: Iterable[int], *, mark: str = ""
) -> tuple[datetime | None, datetime | None]:
    """Until when the account and the address are now locked, where it was this wrong attempt that filled the measure:
    of many at once, only the last."""
    account, network = keys_for(email_key, address, mark)
    rows = await db.fetch(_NEWEST, [account, network], clock.now() - WINDOW)
    mine = set(attempt)
    newest = {row["key"] for row in rows if row["n"] == 1 and row["id"] in mine}
    full = {row["key"]: row["at"] + WINDOW for row in rows if row["key"] in newest and row["n"] == _most(row["key"])}
    return full.get(account), full.get(network)


async def may_ask(what: str, most: Mapping[str, int]) -> bool:
    """Whether `what` (a word) may be asked for once more: `most` says for each asker how often in an hour. It is
    counted unless there were too many. Call it in a transaction of its own."""
    limits = {f"{what}:{_short(asker)}": often for asker, often in most.items()}
    await _lock(*limits)
    rows = await db.fetch(_NEWEST, list(limits), clock.now() - HOUR)
    if any(row["n"] >= limits[row["key"]] for row in rows):
        return False
    await _count(*limits)
    return True


def keys_for(email_key: str, address: str, mark: str = "") -> tuple[str, str]:
    """The two counters of an attempt. Hashed, so that the table is no list of who signs in from where."""
    browser = f":{_short(mark)[:24]}" if mark else ""
    return f"account:{_short(email_key)}{browser}", f"address:{_short(address)}"


async def _lock(*keys: str) -> None:
    for key in keys:
        await db.fetch("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", key)


async def _count(*keys: str) -> list[int]:
    now = clock.now()
    await SignInAttempt.delete().where(SignInAttempt.at < now - HOUR)
    made = await SignInAttempt.insert(*(SignInAttempt(key=key, at=now) for key in keys))
    return [row["id"] for row in made]


async def _wait_until(account: str, network: str) -> datetime | None:
    """When the next attempt is allowed, or None if now."""
    rows = await db.fetch(_NEWEST, [account, network], clock.now() - WINDOW)
    full = [row["at"] for row in rows if row["n"] == _most(row["key"])]
    return max(full) + WINDOW if full else None


def _most(key: str) -> int:
    return PER_ACCOUNT if key.startswith("account:") else PER_ADDRESS


def _sentence(until: datetime, of: str) -> str:
    help = "choose a new one through Forgotten password" if of == "passwords" else "ask your Master Admin User for help"
    return f"There were too many wrong {of}. Try again at {clock.local(until):%H:%M}, or {help}."


def _short(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:40]
