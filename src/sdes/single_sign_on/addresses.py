"""Which web addresses may be named: those that clients are sent back to, and those of identity providers."""

from urllib.parse import SplitResult, urlencode, urlsplit

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
LONGEST = 2000


def is_safe(text: str) -> bool:
    """Whether the address is one of HTTPS, or of plain HTTP on this machine alone (where programs are tried out)."""
    parts = _parts(text)
    if parts is None or parts.fragment or "#" in text or parts.username is not None or parts.password is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def is_issuer(text: str) -> bool:
    """Whether the address may be an issuer's: safe, and without a query."""
    return is_safe(text) and "?" not in text


def with_words(address: str, **words: str | None) -> str:
    """The address with these words added to its query; what is None or empty is left out."""
    query = urlencode({name: value for name, value in words.items() if value})
    return f"{address}{'&' if '?' in address else '?'}{query}" if query else address


def _parts(text: str) -> SplitResult | None:
    if not text or len(text) > LONGEST or not text.isascii() or not text.isprintable() or set(text) & set(' \\"<>*'):
        return None
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.hostname else None
