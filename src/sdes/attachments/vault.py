"""Vault: the store of sealed files together with the key that wraps theirs. One a process, made at its start."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

from sdes.kit.blobs import Blobs, BlobWriter
from sdes.kit.blobstores import open_store
from sdes.kit.crypto import MasterKey, Sealer, load_master_key, unseal, unwrap, wrap
from sdes.settings import Settings

LEDGER = "deletions"  # the folder beside the files in which is kept what was deleted
ROLL = "roll"  # and the one in which is kept who may sign in


@dataclass(frozen=True)
class Vault:
    blobs: Blobs
    master: MasterKey

    def sealing(self, attachment_id: UUID) -> "Sealing":
        """A stream into the vault under a new data key."""
        return Sealing(self, attachment_id)

    def reading(self, attachment_id: UUID, blob: str, wrapped_key: bytes, size: int) -> AsyncIterator[bytes]:
        """The plain bytes of a file in pieces of at most 1 MiB, read as they are asked for."""
        key = unwrap(self.master, str(attachment_id), wrapped_key)

        async def read(start: int, end: int) -> bytes:
            return await self.blobs.read_range(blob, start, end)

        return unseal(key, read, size)


class Sealing:
    """One file on its way in: sealed piece by piece, there only once it is closed."""

    def __init__(self, vault: Vault, attachment_id: UUID) -> None:
        data_key, self.wrapped_key = wrap(vault.master, str(attachment_id))
        self.blob = f"{attachment_id.hex[:2]}/{attachment_id.hex}"
        self._sealer = Sealer(data_key)
        self._writer: BlobWriter = vault.blobs.writer(self.blob)

    async def write(self, piece: bytes) -> None:
        for sealed in self._sealer.push(piece):
            await self._writer.write(sealed)

    async def close(self) -> None:
        await self._writer.write(self._sealer.finish())
        await self._writer.close()

    async def abort(self) -> None:
        await self._writer.abort()


def open_vault(settings: Settings) -> Vault:
    """The vault that the settings name (SD 8.3)."""
    store = open_store(settings.blob_url, account_key=settings.blob_account_key)
    return Vault(store, load_master_key(settings.home, settings.master_key))
