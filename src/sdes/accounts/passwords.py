"""Passwords: hashing (argon2id) and what a good one is."""

import asyncio
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

MINIMUM = 12
MAXIMUM = 256

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # OWASP's second choice: 19 MiB
_at_once = asyncio.Semaphore(4)  # hashing takes memory and a core: a storm of sign-ins queues here

_COMMON = frozenset({"password", "passw0rd", "letmein", "welcome", "qwerty", "123456", "electricity", "energy", "sdes"})


async def hashed(password: str) -> str:
    """The argon2id hash of `password`."""
    async with _at_once:
        return await asyncio.to_thread(_hasher.hash, password)


async def is_right(password: str, against: str) -> bool:
    """Whether `password` has the hash `against`; without a hash, as much work is done and the answer is no."""
    async with _at_once:
        return await asyncio.to_thread(_verify, password, against or _nobodys_hash()) and bool(against)


def single_use() -> str:
    """A random password for one sign-in (SD 2.3)."""
    return secrets.token_urlsafe(12)


def rules(password: str, *personal: str) -> list[tuple[str, bool]]:
    """What a new password must be, and whether `password` is; `personal` are words it may not contain."""
    lower = password.lower()
    parts = [part for word in personal for part in word.lower().replace("@", " ").replace(".", " ").split()]
    plain = not lower.strip("0123456789!.?-_ ") or lower.strip("0123456789!.?-_ ") in _COMMON
    return [
        (f"At least {MINIMUM} characters", len(password) >= MINIMUM),
        (f"At most {MAXIMUM} characters", len(password) <= MAXIMUM),
        ("Not a common password, and more than one letter repeated", not plain and len(set(lower)) >= 5),
        (
            "Without your name or e-mail address",
            bool(password) and not any(len(part) > 3 and part in lower for part in parts),
        ),
    ]


def _verify(password: str, against: str) -> bool:
    try:
        return _hasher.verify(against, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


@cache
def _nobodys_hash() -> str:
    return _hasher.hash(secrets.token_urlsafe())
