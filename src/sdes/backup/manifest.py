"""The manifest of a backup: what it holds, of when, by which versions. Anybody may read it, nobody may alter it."""

import hmac
import json
from base64 import b64decode, b64encode
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sdes.kit.crypto import MasterKey, SealBroken, unwrap, wrap
from sdes.kit.errors import Refused

FILE = "manifest.json"
FORMAT = 1
_KEY = 32


class Damaged(Refused):
    """The backup is not as it was written; the text says what is wrong and what to do. `otherwise` is what can be done
    where there is no other backup."""

    def __init__(self, name: str, what: str, otherwise: str = "") -> None:
        text = f"The backup {name} is damaged: {what} Take another one; `sdes backups list` shows them."
        super().__init__(f"{text} {otherwise}".strip())


@dataclass(frozen=True)
class Part:
    """A sealed part: `size` in bytes as it was before, `sha256` of what lies on the disk."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup holds. `taken_at` is the moment that its database shows; sizes are bytes."""

    name: str
    taken_at: datetime
    finished_at: datetime
    migration: str  # the last one that its database has
    postgres: int  # major version of the server
    dumped_by: int  # and of the program that wrote the dump
    key_id: str  # of the master key
    wrapped_key: bytes = field(repr=False)
    parts: dict[str, Part]
    rows: dict[str, int]  # of each table
    files: int
    files_size: int
    missing: int  # files whose rows are there, and that the store did not have
    format: int = FORMAT

    @property
    def size(self) -> int:
        return self.files_size + sum(part.size for part in self.parts.values())


@dataclass(frozen=True)
class Keys:
    """The keys of one backup: a data key of its own, and from it one for each part, which seals that part once."""

    wrapped: bytes
    _data_key: bytes = field(repr=False)

    def of(self, part: str) -> bytes:
        return HKDF(hashes.SHA256(), _KEY, salt=None, info=f"sdes backup {part}".encode()).derive(self._data_key)


def new_keys(master: MasterKey, name: str) -> Keys:
    data_key, wrapped = wrap(master, _bound_to(name))
    return Keys(wrapped, data_key)


def write(folder: Path, manifest: Manifest, keys: Keys) -> None:
    """Writes it into `folder`, with a seal that only the master key can make."""
    told = asdict(manifest) | {"wrapped_key": b64encode(manifest.wrapped_key).decode()}
    told = json.loads(json.dumps(told, default=datetime.isoformat))
    path = folder / FILE
    path.touch(mode=0o600)
    path.write_text(json.dumps(told | {"seal": _seal(told, keys)}, indent=1) + "\n")


def read(folder: Path) -> Manifest:
    """What `folder` says of itself, not yet proven. Refuses what is no manifest."""
    told = _told(folder)
    told.pop("seal", None)
    try:
        moments = {name: datetime.fromisoformat(told[name]) for name in ("taken_at", "finished_at")}
        parts = {name: Part(**part) for name, part in told["parts"].items()}
        key = {"wrapped_key": b64decode(told["wrapped_key"], validate=True)}
        return Manifest(**{**told, **moments, **key, "parts": parts})
    except (KeyError, TypeError, ValueError, AttributeError) as cause:
        raise Damaged(folder.name, "its manifest cannot be read.") from cause


def proven(folder: Path, master: MasterKey) -> tuple[Manifest, Keys]:
    """The manifest of `folder` with the keys to it; refuses another master key, another format, and altered words."""
    told = _told(folder)
    if told.get("format") != FORMAT:
        raise Refused(
            f"The backup {folder.name} is of format {told.get('format')}, and this SDES reads format {FORMAT}. "
            "Restore it with the version of SDES that made it, or a later one."
        )
    manifest = read(folder)
    if manifest.key_id != master.id:
        raise Refused(
            f"The backup {folder.name} was made with the master key {manifest.key_id}, and this one is {master.id}. "
            "Put the right key in place (SDES_MASTER_KEY, or master.key in SDES_HOME): without it no backup can be "
            "read."
        )
    seal = told.pop("seal", "")
    try:
        keys = Keys(manifest.wrapped_key, unwrap(master, _bound_to(folder.name), manifest.wrapped_key))
    except SealBroken as cause:
        raise Damaged(folder.name, "its key cannot be opened.") from cause
    if not hmac.compare_digest(str(seal), _seal(told, keys)):
        raise Damaged(folder.name, "its manifest was altered.")
    return manifest, keys


def _told(folder: Path) -> dict[str, Any]:
    try:
        told = json.loads((folder / FILE).read_text())
    except FileNotFoundError:
        raise Refused(f"There is no whole backup in {folder}: it has no {FILE}.") from None
    except (OSError, ValueError) as cause:
        raise Damaged(folder.name, "its manifest cannot be read.") from cause
    if not isinstance(told, dict):
        raise Damaged(folder.name, "its manifest cannot be read.")
    return told


def _seal(told: dict[str, Any], keys: Keys) -> str:
    words = json.dumps(told, sort_keys=True, separators=(",", ":")).encode()
    return hmac.digest(keys.of("manifest"), words, "sha256").hex()


def _bound_to(name: str) -> str:
    return f"backup:{name}"
