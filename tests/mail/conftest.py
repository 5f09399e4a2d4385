"""A mail server, and mails that wait for it."""

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sdes import mail
from sdes.attachments.vault import Vault
from sdes.kit import db, keyring
from tests.support.mail_server import MailServer

Write = Callable[..., Awaitable[int]]
WORDS: dict[str, Any] = {  # what the mail of a new account says
    "again": False,
    "by": "",
    "company": "Brightwatt",
    "until": "Friday",
    "password": "Xy 12",
    "master_admin": "Mo Sheikh",
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MailServer]:
    made = MailServer(tmp_path)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def write(vault: Vault) -> Write:
    """Writes a mail, as an action does, and gives its id."""
    keyring.use(vault.master)
    mail.use("https://sdes.example")

    async def write(to: str = "bob@brightwatt.example", name: str = "Bob Oduya", **words: Any) -> int:
        async with db.transaction():
            await mail.post("single_use_password", to_address=to, to_name=name, **{**WORDS, **words})
            return int((await db.fetch("SELECT max(id) AS id FROM mail"))[0]["id"])

    return write


async def row_of(mail_id: int) -> Any:
    return (await db.fetch("SELECT * FROM mail WHERE id = $1", mail_id))[0]


def state_of(row: Any) -> str:
    """In a word, what has become of a mail."""
    for column, word in (("sent_at", "sent"), ("given_up_at", "given up"), ("handed_over_at", "unanswered")):
        if row[column]:
            return word
    return "waiting"
