"""The keys that our ID tokens are signed with: made when the first is needed, replaced by `rotate`."""

import asyncio
import json
from datetime import timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from sdes.kit import clock, db, keyring
from sdes.single_sign_on.tables import SigningKey

ALGORITHM = "RS256"
BITS = 2048
SHOWN_AFTER_RETIREMENT = timedelta(days=1)  # whoever got a token signed with it may still check it


async def signing_key() -> RSAKey:
    """The key to sign with, made if there is none. The open transaction, if any, keeps it."""
    async with db.transaction():
        if row := await _present():
            return _opened(row)
        await db.fetch("SELECT pg_advisory_xact_lock(hashtextextended('single sign-on signing key', 0))")
        if row := await _present():
            return _opened(row)
        return await _make()


async def public_keys() -> dict[str, Any]:
    """The public halves, as a JSON Web Key Set: of the present key and of one retired not long ago."""
    await signing_key()
    rows = await SigningKey.select(SigningKey.public).where(
        SigningKey.retired_at.is_null() | (SigningKey.retired_at > clock.now() - SHOWN_AFTER_RETIREMENT)
    )
    return {"keys": [json.loads(row["public"]) for row in rows]}


async def rotate() -> str:
    """Retires the present key and signs with a new one from now on; gives its name."""
    async with db.transaction():
        await db.fetch("SELECT pg_advisory_xact_lock(hashtextextended('single sign-on signing key', 0))")
        await SigningKey.update({SigningKey.retired_at: clock.now()}).where(SigningKey.retired_at.is_null())
        return str((await _make()).kid)


def signed(claims: dict[str, Any], key: RSAKey) -> str:
    """The claims as a signed token."""
    return jwt.encode({"alg": ALGORITHM, "kid": key.kid}, claims, key, algorithms=[ALGORITHM])


def own_claims(token: str, public: dict[str, Any]) -> dict[str, Any] | None:
    """What a token says that one of our `public` keys signed, however old; None for any other."""
    try:
        return jwt.decode(token, KeySet.import_key_set(public), algorithms=[ALGORITHM]).claims  # type: ignore[arg-type]
    except (JoseError, ValueError):
        return None


async def _present() -> dict[str, Any] | None:
    found = SigningKey.select().where(SigningKey.retired_at.is_null()).order_by(SigningKey.id, ascending=False)
    return await found.first()


async def _make() -> RSAKey:
    key = await asyncio.to_thread(RSAKey.generate_key, BITS)
    kid = key.thumbprint()
    public = {**key.as_dict(private=False), "kid": kid, "use": "sig", "alg": ALGORITHM}
    await SigningKey.insert(
        SigningKey(
            kid=kid,
            private=keyring.seal(f"signing key:{kid}", key.as_pem(private=True)),
            public=json.dumps(public),
            created_at=clock.now(),
        )
    )
    return RSAKey.import_key(key.as_pem(private=True), {"kid": kid})


def _opened(row: dict[str, Any]) -> RSAKey:
    return RSAKey.import_key(keyring.unseal(f"signing key:{row['kid']}", row["private"]), {"kid": row["kid"]})
