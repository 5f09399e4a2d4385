"""Intake: the files of one form on their way in, checked by name, size and content, sealed as they come."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from sdes.attachments.filetypes import ContentCheck, clean_name, extension_refusal
from sdes.attachments.vault import Sealing, Vault
from sdes.kit.errors import Refused, Unavailable
from sdes.kit.forms import TooLarge

LIMIT = 10 * 1024 * 1024  # bytes of all files of one message (SD 11.1(g))
DRAIN = 10 * LIMIT  # what is read and dropped so that the browser hears the answer; beyond it the line is cut
MOST_FILES = 100


@dataclass(frozen=True)
class Received:
    """A file that is sealed in the store and waits for its row."""

    id: UUID
    name: str
    size: int
    blob: str
    wrapped_key: bytes


class Intake:
    """A `kit.forms.FileSink`. Afterwards `received` holds what was taken and `refusals` a sentence for all the rest."""

    def __init__(self, vault: Vault) -> None:
        self.received: list[Received] = []
        self.refusals: list[str] = []
        self._vault = vault
        self._total = 0
        self._sealing: Sealing | None = None
        self._id = uuid4()
        self._name = ""
        self._size = 0
        self._check = ContentCheck("")

    async def begin(self, filename: str) -> None:
        self._size = 0
        try:
            self._name = clean_name(filename)
        except Refused as refusal:
            self.refusals.append(str(refusal))
            return
        if refusal_of_type := extension_refusal(self._name):
            self.refusals.append(refusal_of_type)
        elif len(self.received) + len(self.refusals) >= MOST_FILES:
            raise TooLarge(f"More than {MOST_FILES} files cannot be sent at once. Put them into a .zip.")
        else:
            self._id = uuid4()
            self._check = ContentCheck(self._name)
            self._sealing = self._vault.sealing(self._id)

    async def write(self, piece: bytes) -> None:
        self._total += len(piece)
        if self._total > DRAIN:
            await self.discard()
            raise TooLarge("The files are far larger than the 10 MB that one message may carry. Nothing was saved.")
        if self._sealing is None:
            return
        self._size += len(piece)
        if self._total > LIMIT:
            await self._give_up("The files add up to more than 10 MB. Send some of them in another message.")
            return
        self._check.feed(piece)
        try:
            await self._sealing.write(piece)
        except Unavailable as cause:
            await self._give_up(str(cause))

    async def end(self) -> None:
        if self._sealing is None:
            return
        if refusal := self._check.finish():
            await self._give_up(refusal)
            return
        sealing = self._sealing
        try:
            await sealing.close()
        except Unavailable as cause:
            await self._give_up(str(cause))
            return
        self._sealing = None
        self.received.append(Received(self._id, self._name, self._size, sealing.blob, sealing.wrapped_key))

    async def discard(self) -> None:
        """Removes all that was taken: the form was cut off, or may not be kept. The sweep takes what is left."""
        if self._sealing is not None:
            await self._sealing.abort()
            self._sealing = None
        for file in self.received:
            try:
                await self._vault.blobs.delete(file.blob)
            except Unavailable:
                break
        self.received.clear()

    async def _give_up(self, sentence: str) -> None:
        if self._sealing is not None:
            await self._sealing.abort()
            self._sealing = None
        if sentence not in self.refusals:
            self.refusals.append(sentence)
