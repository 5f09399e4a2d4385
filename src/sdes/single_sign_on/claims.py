"""What a client is told of a person: the claims of each scope, and the ID token's own (OpenID Connect Core 2, 5)."""

from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sdes.single_sign_on.views import Holder

ID_TOKEN_LASTS = timedelta(minutes=10)
_FACTORS = {  # RFC 8176
    "password": ["pwd"],
    "password+totp": ["pwd", "otp", "mfa"],
    "password+recovery": ["pwd", "mfa"],
    "password+passkey": ["pwd", "pop", "mfa"],
    "passkey": ["pop", "user", "mfa"],
}


def subject_of(person_id: int) -> str:
    """What a person goes by at clients, for as long as there is this service; never another's."""
    return f"person-{person_id}"


def claims_of(holder: Holder) -> dict[str, Any]:
    """The claims that the granted scopes open. `sdes` says who is the MAU (SD 2.4)."""
    claims: dict[str, Any] = {"sub": subject_of(holder.person_id)}
    if "email" in holder.scopes:
        claims |= {"email": holder.email, "email_verified": holder.email_is_verified}
    if "profile" in holder.scopes:
        claims["name"] = holder.name
    if "sdes" in holder.scopes:
        claims |= {
            "company_id": str(holder.company_id),
            "company_name": holder.company_name,
            "market_participants": [{"mpid": mpid, "role": role} for mpid, role in holder.participants],
            "master_admin_user": holder.is_master_admin,
        }
    return claims


def id_token_claims(holder: Holder, issuer: str, at: datetime, access_token: str) -> dict[str, Any]:
    """Everything that the ID token says."""
    claims = claims_of(holder) | {
        "iss": issuer,
        "aud": holder.client_id,
        "iat": int(at.timestamp()),
        "exp": int((at + ID_TOKEN_LASTS).timestamp()),
        "auth_time": int(holder.auth_time.timestamp()),
        "at_hash": urlsafe_b64encode(sha256(access_token.encode()).digest()[:16]).rstrip(b"=").decode(),
    }
    if holder.nonce:
        claims["nonce"] = holder.nonce
    if factors := _FACTORS.get(holder.method):
        claims["amr"] = factors
    return claims
