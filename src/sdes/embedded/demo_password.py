"""The one password of every demo person, remembered in the home, so that each start can print it."""

import os
import secrets
from pathlib import Path

_LETTERS = "abcdefghjkmnpqrstuvwxyz"  # none that is easily taken for another
_DIGITS = "23456789"


def recorded(home: Path) -> str | None:
    """The password with which the demo world was loaded; None when it has not been."""
    try:
        return (home / "demo-password").read_text().strip() or None
    except FileNotFoundError:
        return None


def record(home: Path, wished: str | None) -> str:
    """The password to load the demo world with: the recorded one, else `wished`, else a random one; recorded 0600."""
    if known := recorded(home):
        return known
    password = wished or _random()
    home.mkdir(parents=True, exist_ok=True)
    with open(os.open(home / "demo-password", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(password + "\n")
    return password


def _random() -> str:
    """About 80 bits, easy to type, with a capital, a small letter, a digit and a sign for any rule about passwords."""
    groups = ["".join(secrets.choice(_LETTERS + _DIGITS) for _ in range(4)) for _ in range(4)]
    groups[0] = groups[0][:2].translate(str.maketrans(_DIGITS, _LETTERS[: len(_DIGITS)])).capitalize() + groups[0][2:]
    return "-".join([*groups[:-1], groups[-1][:3] + secrets.choice(_DIGITS)])
