"""A mail as it goes over the wire: text and HTML, with headers that name it for good."""

import json
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from sdes.kit import keyring

_WIRE = SMTP.clone(cte_type="7bit")  # asks nothing of the server that it may not know


@dataclass(frozen=True)
class Outgoing:
    """A mail that is due; `attempts` counts the one that is being made."""

    id: int
    to_address: str
    to_name: str
    subject: str
    body: bytes
    company_id: int | None
    person_id: int | None
    created_at: datetime
    attempts: int

    def opened(self) -> tuple[str, str]:
        """Its text and its HTML; SealBroken with another master key than the one it was written with."""
        body = json.loads(keyring.unseal(f"mail:{self.to_address}", self.body))
        return body["text"], body["html"]


def composed(mail: Outgoing, sender: str, site: str) -> bytes:
    """The message. Its id is the same whenever it is made, so that a mail program knows it again, and another's in no
    case: after a restore the numbers of mails begin anew from the backup's. Refuses (ValueError) what is not one
    address."""
    text, html = mail.opened()
    message = EmailMessage(_WIRE)
    message["From"] = sender
    message["To"] = _recipient(mail)
    message["Subject"] = " ".join(mail.subject.split())
    message["Date"] = mail.created_at
    message["Message-ID"] = f"<mail-{mail.id}-{mail.created_at.timestamp():.6f}@{site}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    return message.as_bytes()


def _recipient(mail: Outgoing) -> Address:
    try:
        return Address(" ".join(mail.to_name.split()), addr_spec=mail.to_address)
    except (MessageError, IndexError, ValueError) as cause:  # whatever its parser stumbles over
        raise ValueError(f"{mail.to_address!r} is not an address that mail can be sent to") from cause
