"""What is read often and changes rarely is kept in the process: for some seconds, or until it is changed here."""

import time
from collections.abc import Awaitable, Callable, Hashable
from contextlib import suppress
from typing import Any, Generic, TypeVar
from weakref import WeakSet

from cachetools import TTLCache

from sdes.kit import db

T = TypeVar("T")
Key = TypeVar("Key", bound=Hashable)

_everything: "WeakSet[KeptByKey[Any, Any] | Made[Any, Any]]" = WeakSet()


class KeptByKey(Generic[Key, T]):
    """Values by key, read anew when they are older than `seconds`, so that another process's change is known by then;
    at most `most` of them, the least asked for go first.

    For what is shown, not for what is decided: whoever writes by such a value reads it exactly, in the transaction.
    What belongs to one company may be kept here if the key names that company: nobody else can ask for it then.
    """

    def __init__(self, seconds: float, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._values: TTLCache[Key, T] = TTLCache(most, seconds, clock)
        self._forgotten = 0
        _everything.add(self)

    async def value(self, key: Key, read: Callable[[], Awaitable[T]]) -> T:
        """The value of that key, at most `seconds` old, or else what `read` gives."""
        if key in self._values:
            with suppress(KeyError):  # its time may be up since
                return self._values[key]
        forgotten = self._forgotten
        found = await read()
        if forgotten == self._forgotten:  # or what was read may be what has just been changed
            self._values[key] = found
        return found

    def changes(self, key: Key) -> None:
        """The open transaction changes what is kept under that key: it is forgotten when that has become true."""

        async def forget() -> None:
            self._values.pop(key, None)
            self._forgotten += 1

        db.after_commit(forget)

    def forget(self) -> None:
        """Has the next ones to ask read anew."""
        self._values.clear()
        self._forgotten += 1


class Kept(Generic[T]):
    """The one value that `read` gives, kept in the same way. Nothing that belongs to one company may be kept here."""

    def __init__(
        self, read: Callable[[], Awaitable[T]], seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._read = read
        self._kept: KeptByKey[None, T] = KeptByKey(seconds, 1, clock)

    async def value(self) -> T:
        """The value, at most `seconds` old."""
        return await self._kept.value(None, self._read)

    def changes(self) -> None:
        """The open transaction changes what is kept: it is forgotten when that has become true."""
        self._kept.changes(None)

    def forget(self) -> None:
        """Has the next one to ask read it anew."""
        self._kept.forget()


class Made(Generic[Key, T]):
    """What is made of a key, at the cost of some work and of nothing else that changes within `seconds`: made once for
    equal keys in that time."""

    def __init__(self, seconds: float, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._values: TTLCache[Key, T] = TTLCache(most, seconds, clock)
        _everything.add(self)

    def value(self, key: Key, make: Callable[[], T]) -> T:
        """What was made of that key, or else what `make` makes."""
        try:
            return self._values[key]
        except KeyError:
            self._values[key] = made = make()
            return made

    def forget(self) -> None:
        """Has everything made anew."""
        self._values.clear()


def forget_everything() -> None:
    """Has this process keep nothing: what is true has changed behind its back."""
    for kept in _everything:
        kept.forget()
