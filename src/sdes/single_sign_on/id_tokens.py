"""ID tokens of other providers: what they say, once all of it has been checked (OpenID Connect Core 3.1.3.7)."""

import hmac
from datetime import datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry
from joserfc.jws import extract_compact

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")  # signatures only
LEEWAY = timedelta(minutes=1)
OLDEST = timedelta(minutes=30)
_KEYS_TRIED = 20


class NotBelieved(Exception):
    """The token proves nothing; the text says why, for the log."""


def believed(
    token: object, jwks: dict[str, Any], *, issuer: str, client_id: str, nonce: str, at: datetime
) -> dict[str, Any]:
    """The claims of the token, if one of the keys signed it, for us, just now, in answer to our question. Refuses
    (NotBelieved) everything else."""
    if not isinstance(token, str):
        raise NotBelieved("there is no ID token")
    claims = _signed_claims(token, jwks)
    if claims.get("iss") != issuer:
        raise NotBelieved("another issuer")
    _for_us(claims, client_id)
    _in_time(claims, at)
    told = claims.get("nonce")
    if not isinstance(told, str) or not hmac.compare_digest(told.encode(), nonce.encode()):
        raise NotBelieved("another nonce")
    if not isinstance(claims.get("sub"), str) or not claims["sub"]:
        raise NotBelieved("it speaks of nobody")
    return claims


def _signed_claims(token: str, jwks: dict[str, Any]) -> dict[str, Any]:
    try:
        header = extract_compact(token.encode()).headers()
    except (JoseError, ValueError, RecursionError) as cause:
        raise NotBelieved("it cannot be read") from cause
    algorithm = header.get("alg")
    if algorithm not in ALGORITHMS:
        raise NotBelieved(f"signed by {str(algorithm)[:20]}")
    keys = jwks.get("keys")
    for key in keys[:_KEYS_TRIED] if isinstance(keys, list) else []:
        if not isinstance(key, dict) or key.get("kty") not in ("RSA", "EC") or key.get("use", "sig") != "sig":
            continue
        if header.get("kid") is not None and key.get("kid") != header["kid"]:
            continue
        try:
            return dict(jwt.decode(token, JWKRegistry.import_key(key), algorithms=[algorithm]).claims)
        except (JoseError, ValueError, TypeError, KeyError, RecursionError):
            continue
    raise NotBelieved("none of the provider's keys signed it")


def _for_us(claims: dict[str, Any], client_id: str) -> None:
    audience = claims.get("aud")
    audience = [audience] if isinstance(audience, str) else audience
    if not isinstance(audience, list) or client_id not in audience:
        raise NotBelieved("another audience")
    party = claims.get("azp")
    if party not in (None, client_id) or (len(audience) > 1 and party != client_id):
        raise NotBelieved("another authorised party")


def _in_time(claims: dict[str, Any], at: datetime) -> None:
    now, leeway = at.timestamp(), LEEWAY.total_seconds()
    expires, issued, begins = (
        _moment(claims.get(name, 0 if name == "nbf" else None)) for name in ("exp", "iat", "nbf")
    )
    if not now - leeway < expires:
        raise NotBelieved("it has expired")
    if not now - OLDEST.total_seconds() < issued < now + leeway or not begins < now + leeway:
        raise NotBelieved("it was not made just now")


def _moment(told: object) -> float:
    if not isinstance(told, int | float) or isinstance(told, bool):
        raise NotBelieved("its times cannot be read")
    try:
        return float(told)
    except OverflowError as cause:
        raise NotBelieved("its times cannot be read") from cause
