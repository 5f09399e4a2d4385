"""Small secrets at rest: sealed under the process's master key, each bound to what it is for."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sdes.kit.crypto import MasterKey, SealBroken

_NONCE = 12
_master: list[MasterKey] = []


def use(master: MasterKey | None) -> None:
    """Sets the master key of this process; whoever starts it calls this once."""
    _master[:] = [master] if master else []


def seal(purpose: str, plain: bytes) -> bytes:
    """Seals `plain` (AES-256-GCM). `purpose` says whose it is, such as "totp:17": it opens under no other."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(_key()).encrypt(nonce, plain, purpose.encode())


def unseal(purpose: str, sealed: bytes) -> bytes:
    """What `seal` was given; SealBroken for another purpose, another master key or altered bytes."""
    try:
        return AESGCM(_key()).decrypt(sealed[:_NONCE], sealed[_NONCE:], purpose.encode())
    except (InvalidTag, ValueError) as cause:
        raise SealBroken(
            f"what is kept as {purpose.partition(':')[0]} cannot be opened with this master key"
        ) from cause


def _key() -> bytes:
    assert _master, "keyring.use was not called: the process has no master key"
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"sdes small secrets").derive(_master[0].secret)
