"""The ways to sign in, as a session keeps them and as people read them."""

_WORDS = {
    "password": "Password",
    "password+totp": "Password and code",
    "password+recovery": "Password and recovery code",
    "password+passkey": "Password and passkey",
    "passkey": "Passkey",
}
_ELSEWHERE = "sso:"


def in_words(method: str) -> str:
    """Such as "Password and code", or "Sign-in of Brightwatt Energy" for another provider's."""
    if method.startswith(_ELSEWHERE):
        return f"Sign-in of {method.removeprefix(_ELSEWHERE)}"
    return _WORDS.get(method, "Another way")
