"""Passwords: hashing (argon2id) and what a good one is."""

import asyncio
import secrets
from contextlib import suppress
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from zxcvbn import zxcvbn

MINIMUM = 12
MAXIMUM = 256
GUESSES = 10**10  # what guessing must at least take, as zxcvbn estimates it: its highest score
ESTIMATED = 32  # letters that are estimated: seconds go by on 72 odd ones, and 32 good ones are enough

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # OWASP's second choice: 19 MiB
_quick_hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)  # KiB
_at_once = asyncio.Semaphore(4)  # hashing takes memory and a core: a storm of sign-ins queues here

_QUICK = "$argon2id$v=19$m=64,"
_OF_THIS_SERVICE = ("sdes", "secure", "data", "exchange", "service", "electricity", "enquiry", "energy", "meter")
_FAMOUS = frozenset({"correcthorsebatterystaple", "tobeornottobethatisthequestion", "thequickbrownfox"})


async def hashed(password: str) -> str:
    """The argon2id hash of `password`."""
    async with _at_once:
        return await asyncio.to_thread(_hasher.hash, password)


def hashed_random(password: str) -> str:
    """The hash of a password that `single_use` made: cheap, so that thousands of people can be taken on at once. Nobody
    guesses 96 random bits, however fast each guess is."""
    return _quick_hasher.hash(password)


async def is_right(password: str, against: str) -> bool:
    """Whether `password` has the hash `against`; without a hash, as much work is done and the answer is no."""
    async with _at_once:
        return await asyncio.to_thread(_verify, password, against or _nobodys_hash()) and bool(against)


def single_use() -> str:
    """A random password for one sign-in (SD 2.3)."""
    return secrets.token_urlsafe(12)


async def judged(password: str, name: str, email: str, company: str) -> list[tuple[str, bool]]:
    """`rules` without holding up everybody else: the estimate takes some milliseconds."""
    async with _at_once:
        return await asyncio.to_thread(rules, password, name, email, company)


def rules(password: str, name: str = "", email: str = "", company: str = "") -> list[tuple[str, bool]]:
    """What a new password must be, and whether `password` is (SD 8.1): long, and hard to guess, also for somebody who
    knows whose it is. Which kinds of letters it has, and how old it grows, does not matter."""
    lower = password.lower()
    own = _parts(name, email)
    return [
        (f"At least {MINIMUM} characters", len(password) >= MINIMUM),
        (f"At most {MAXIMUM} characters", len(password) <= MAXIMUM),
        ("Not a common password, nor one that is easily guessed", _is_hard(lower, [*own, *_parts(company)])),
        (
            "Without your name or e-mail address",
            bool(password) and not any(len(part) > 3 and part in lower for part in own),
        ),
    ]


def unjudged() -> list[tuple[str, None]]:
    """The rules before anything was typed."""
    return [(text, None) for text, _ in rules("")]


def _is_hard(lower: str, personal: list[str]) -> bool:
    if not lower or "".join(letter for letter in lower if letter.isalpha()) in _FAMOUS:
        return False
    return bool(zxcvbn(lower[:ESTIMATED], [*personal, *_OF_THIS_SERVICE])["guesses"] >= GUESSES)


def _parts(*words: str) -> list[str]:
    return [part for word in words for part in word.lower().replace("@", " ").replace(".", " ").split()]


def _verify(password: str, against: str) -> bool:
    if against.startswith(_QUICK):  # takes as long as any other, or else it would tell that there is such an account
        with suppress(VerifyMismatchError):
            _hasher.verify(_nobodys_hash(), password)
    try:
        return _hasher.verify(against, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


@cache
def _nobodys_hash() -> str:
    return _hasher.hash(secrets.token_urlsafe())
