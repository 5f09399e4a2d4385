"""Passwords that we make up ourselves are hashed cheaply, and nobody can tell by the time that it takes."""

from typing import Any

import pytest

from sdes.accounts import passwords

pytestmark = pytest.mark.anyio


async def test_a_random_password_is_right_and_no_other() -> None:
    password = passwords.single_use()
    assert len(password) >= 16, "96 bits: what makes a cheap hash safe"
    made = passwords.hashed_random(password)
    assert made.startswith(passwords._QUICK)
    assert await passwords.is_right(password, made)
    assert not await passwords.is_right(f"{password}x", made)


async def test_it_costs_as_much_to_look_at_as_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or else the time that a sign-in takes would tell that there is such an account."""
    looked_at: list[str] = []
    real = passwords._hasher

    class Watched:
        def verify(self, against: str, password: str) -> Any:
            looked_at.append(against)
            return real.verify(against, password)

        def hash(self, password: str) -> str:
            return real.hash(password)

    made = passwords.hashed_random("a-random-password")
    monkeypatch.setattr(passwords, "_hasher", Watched())
    assert await passwords.is_right("a-random-password", made)
    costly = [one for one in looked_at if "m=19456," in one]
    assert len(costly) == 1
