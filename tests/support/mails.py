"""The mails that were written: opened and read, as their receivers read them."""

import json
import re
from dataclasses import dataclass

from sdes.kit import db, keyring


@dataclass(frozen=True)
class Mail:
    """A mail in the outbox."""

    kind: str
    to: str
    subject: str
    text: str

    @property
    def path(self) -> str:
        """The path of the first link in it that is more than the start of a page."""
        found = re.search(r"^https?://[^/\s]+(/\S+)$", self.text, re.MULTILINE)
        assert found, self.text
        return found[1]


async def mails_to(address: str, kind: str = "") -> list[Mail]:
    """What was written to an address, of one kind or of all, oldest first."""
    rows = await db.fetch("SELECT kind, to_address, subject, body FROM mail WHERE to_address = $1 ORDER BY id", address)
    return [
        Mail(row["kind"], row["to_address"], row["subject"], _text(row["to_address"], row["body"]))
        for row in rows
        if kind in ("", row["kind"])
    ]


def _text(address: str, body: bytes) -> str:
    return str(json.loads(keyring.unseal(f"mail:{address}", body))["text"])
