"""Whether another provider says that somebody showed two things of different kinds (RFC 8176)."""

from typing import Any

_KINDS = {
    "known": {"pwd", "pin", "kba"},
    "held": {"otp", "hwk", "swk", "pop", "sc", "sms", "tel"},
    "their own": {"fpt", "face", "iris", "retina", "vbm"},
}


def proves_second_factor(claims: dict[str, Any]) -> bool:
    """Whether the claims name `mfa`, or methods of two kinds: a password and a code, say, but not two passwords."""
    told = claims.get("amr")
    methods = {one for one in told if isinstance(one, str)} if isinstance(told, list) else set()
    return "mfa" in methods or sum(bool(kind & methods) for kind in _KINDS.values()) > 1
