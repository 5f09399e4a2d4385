"""The ways to sign in, as a session keeps them and as people read them."""

_WORDS = {
    "password": "Password",
    "password+totp": "Password and code",
    "password+recovery": "Password and recovery code",
    "password+passkey": "Password and passkey",
    "passkey": "Passkey",
}
_FACTORS = {"totp": "code", "recovery": "recovery code", "passkey": "passkey"}
ELSEWHERE = "sso:"  # a sign-in at another provider, which asks for factors itself
ELSEWHERE_BY_ONE = "sso1:"  # the same, where a second factor was not shown there and is asked for here
LONGEST = 60


def elsewhere(provider_name: str, *, by_one: bool) -> str:
    """The method of a sign-in at that provider; with room for what `second_step` adds to it."""
    prefix = ELSEWHERE_BY_ONE if by_one else ELSEWHERE
    return f"{prefix}{provider_name}"[: LONGEST - (max(map(len, _FACTORS)) + 1 if by_one else 0)]


def is_elsewhere(method: str) -> bool:
    """Whether the password was given at another provider, or nothing of the kind."""
    return method.startswith((ELSEWHERE, ELSEWHERE_BY_ONE))


def in_words(method: str) -> str:
    """Such as "Password and code", or "Sign-in of Brightwatt Energy" for another provider's."""
    if method.startswith(ELSEWHERE):
        return f"Sign-in of {method.removeprefix(ELSEWHERE)}"
    if method.startswith(ELSEWHERE_BY_ONE):
        name, _, factor = method.removeprefix(ELSEWHERE_BY_ONE).rpartition("+")
        if name and factor in _FACTORS:
            return f"Sign-in of {name} and {_FACTORS[factor]}"
        return f"Sign-in of {method.removeprefix(ELSEWHERE_BY_ONE)}"
    return _WORDS.get(method, "Another way")
