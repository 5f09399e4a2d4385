"""Encryption at rest (SD 8.3): the master key, the data key of each file, and sealing a file in chunks.

A file is sealed with AES-256-GCM in chunks of 1 MiB (the STREAM construction): the nonce holds the chunk's number
and whether it is the last, so that swapped, dropped, cut, appended and altered chunks are all found out. Nonces are
counters: **a data key seals one file, once**. A second attempt at the same file takes a new key from `wrap`.
"""

import base64
import hashlib
import os
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

CHUNK = 1 << 20
TAG = 16
_KEY = 32
_NONCE = 12


class MasterKeyRefused(Exception):
    """The master key cannot be used; the text tells the operator why and what to do."""


class SealBroken(Exception):
    """What was read is not what was sealed, or the key is not its key."""


@dataclass(frozen=True)
class MasterKey:
    """The key that wraps every data key. `id` names it beside what it wrapped, without giving anything of it away."""

    id: str
    secret: bytes = field(repr=False)


def load_master_key(home: Path, from_env: str | None) -> MasterKey:
    """The master key from `from_env` (base64 of 32 bytes), or else from `home`/master.key, which is made when missing.

    Refuses, with a sentence for the operator, a key of another length and a file that others may read.
    """
    if from_env:
        try:
            secret = base64.b64decode(from_env, validate=True)
        except ValueError:
            secret = b""
        if len(secret) != _KEY:
            raise MasterKeyRefused(
                "The master key in the environment must be the base64 form of 32 bytes. "
                "Make one with: head -c 32 /dev/urandom | base64"
            )
        return _named(secret)
    path = home / "master.key"
    if not path.exists():
        _make(path)
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        raise MasterKeyRefused(
            f"The master key {path} can be read by others (mode {mode:o}). Allow only its owner: chmod 600 {path}"
        )
    secret = path.read_bytes()
    if len(secret) != _KEY:
        raise MasterKeyRefused(
            f"The master key {path} holds {len(secret)} bytes instead of 32. Put back the right file: "
            "without it the stored attachments cannot be read."
        )
    return _named(secret)


def wrap(master: MasterKey, file_id: str) -> tuple[bytes, bytes]:
    """A new data key for the file `file_id`: (the key itself, its wrapped form of 60 bytes for the database row)."""
    data_key, nonce = AESGCM.generate_key(256), os.urandom(_NONCE)
    return data_key, nonce + AESGCM(master.secret).encrypt(nonce, data_key, _bound_to(master, file_id))


def unwrap(master: MasterKey, file_id: str, wrapped: bytes) -> bytes:
    """The data key that `wrap` gave; raises SealBroken for another file, another master key or altered bytes."""
    return _open(master.secret, wrapped[:_NONCE], wrapped[_NONCE:], _bound_to(master, file_id))


class Sealer:
    """Seals one file as it streams by: what `push` and at the end `finish` give, in order, is the sealed file."""

    def __init__(self, data_key: bytes) -> None:
        self._cipher = AESGCM(data_key)
        self._waiting = bytearray()
        self._number = 0
        self._finished = False

    def push(self, plain: bytes) -> list[bytes]:
        """Takes plain bytes, gives the sealed chunks that are complete (often none)."""
        if self._finished:
            raise ValueError("This sealer has finished its file; a data key seals one file, once.")
        self._waiting += plain
        sealed = []
        # A full chunk waits until more follows, since only then it is known not to be the last.
        while len(self._waiting) > CHUNK:
            sealed.append(self._seal(bytes(memoryview(self._waiting)[:CHUNK]), last=False))
            del self._waiting[:CHUNK]
        return sealed

    def finish(self) -> bytes:
        """The last sealed chunk. An empty file has one too, so that its emptiness is sealed."""
        if self._finished:
            raise ValueError("This sealer has finished its file; a data key seals one file, once.")
        self._finished = True
        return self._seal(bytes(self._waiting), last=True)

    def _seal(self, plain: bytes, *, last: bool) -> bytes:
        sealed = self._cipher.encrypt(_nonce(self._number, last), plain, None)
        self._number += 1
        return sealed


def sealed_size(size: int) -> int:
    """How many bytes a file of `size` bytes takes when sealed."""
    return size + _chunks(size) * TAG


def sealed_ranges(size: int) -> Iterator[tuple[int, int]]:
    """Where the sealed chunks of a file of `size` plain bytes lie: (start, end) in order."""
    for number in range(_chunks(size)):
        start = number * (CHUNK + TAG)
        yield start, min(start + CHUNK + TAG, sealed_size(size))


def open_chunk(data_key: bytes, number: int, last: bool, sealed: bytes) -> bytes:
    """The plain bytes of one sealed chunk; raises SealBroken if it is not this chunk of this file."""
    return _open(data_key, _nonce(number, last), sealed, None)


async def unseal(data_key: bytes, read: Callable[[int, int], Awaitable[bytes]], size: int) -> AsyncIterator[bytes]:
    """The plain chunks of a sealed file, in order, read as they are asked for.

    `read(start, end)` reads a range of the sealed bytes. `size` is the plain size **from the database row**, which so
    vouches for the length. Raises SealBroken before it gives any byte that was not sealed with this key.
    """
    ranges = list(sealed_ranges(size))
    for number, (start, end) in enumerate(ranges):
        plain = open_chunk(data_key, number, number == len(ranges) - 1, await read(start, end))
        if len(plain) != end - start - TAG:
            raise SealBroken("The stored content is not as long as its row says.")
        if plain:
            yield plain


def _chunks(size: int) -> int:
    return max(1, -(-size // CHUNK))


def _nonce(number: int, last: bool) -> bytes:
    return struct.pack("!7xIB", number, last)


def _open(key: bytes, nonce: bytes, sealed: bytes, bound_to: bytes | None) -> bytes:
    try:
        return AESGCM(key).decrypt(nonce, sealed, bound_to)
    except (InvalidTag, ValueError) as error:  # ValueError: cut shorter than a nonce or a tag
        raise SealBroken("The stored content does not match its key.") from error


def _bound_to(master: MasterKey, file_id: str) -> bytes:
    return f"{master.id}:{file_id}".encode()


def _named(secret: bytes) -> MasterKey:
    return MasterKey(hashlib.sha256(b"sdes master key name" + secret).hexdigest()[:16], secret)


def _make(path: Path) -> None:
    """Makes the key file whole or not at all; of two programs that start together, the first one's key stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".master.key.{os.getpid()}.{os.urandom(4).hex()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(os.urandom(_KEY))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
