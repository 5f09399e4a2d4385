"""Recovery codes: each stands for the second factor once, when phone or key are lost."""

import secrets
from hashlib import sha256

HOW_MANY = 10
_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"  # none that is taken for another
_LENGTH = 16  # 80 bits: too many to try, even for somebody who holds the hashes
_TAKEN_FOR = str.maketrans("oil", "011", " -\u2010\u2011\u2013")


def new_codes() -> list[str]:
    """Codes to be kept by their owner, in groups of four."""
    return [_in_groups("".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))) for _ in range(HOW_MANY)]


def hashed(person_id: int, code: str) -> bytes:
    """What is kept of a code, however it was typed."""
    plain = "".join(code.lower().split()).translate(_TAKEN_FOR)
    return sha256(f"recovery {person_id} {plain}".encode()).digest()


def _in_groups(code: str) -> str:
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))
