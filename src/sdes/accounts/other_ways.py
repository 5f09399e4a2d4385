"""Ways to sign in that packages above this one offer beside e-mail and password: the sign-in page links to them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class OtherWay:
    """A link of the sign-in page; `href` is a path of this site."""

    label: str
    href: str


_offered: list[Callable[[str], Awaitable[list[OtherWay]]]] = []


def offer(ways: Callable[[str], Awaitable[list[OtherWay]]]) -> None:
    """Sets what gives the other ways in, told where to go on afterwards; the application calls it once."""
    _offered[:] = [ways]


async def other_ways(next: str) -> list[OtherWay]:
    """The other ways in, none where nothing was offered. `next` is a path of this site."""
    return await _offered[0](next) if _offered else []
