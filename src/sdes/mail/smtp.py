"""The line to the mail server: encrypted always, and open to the moment at which a mail is handed over."""

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import parseaddr
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

from aiosmtplib import SMTP, SMTPDataError, SMTPException, SMTPRecipientRefused, SMTPResponseException

from sdes.kit.errors import SdesError
from sdes.kit.forms import without_control_characters

STEP = 10.0  # seconds for an answer of the server's
OFFER = 60.0  # seconds for all that comes before the content
ANSWER = 60.0  # seconds for the answer to the content: some servers look at it first, and it is asked for only once
_LONGEST = 200  # characters kept of what a server says


class Unreachable(Exception):
    """The server cannot be used now, whatever the mail."""


class PutOff(Exception):
    """The server does not take this mail now."""


class Rejected(Exception):
    """The server will never take this mail."""


class NoAnswer(Exception):
    """The content went out and no answer came: the mail may have arrived."""


@dataclass(frozen=True)
class Server:
    """A mail server and how we speak to it; `sender` is From as people see it, `site` the host of our own address."""

    host: str
    port: int
    encrypted_at_once: bool  # smtps: otherwise STARTTLS, without which nothing is said
    context: ssl.SSLContext = field(repr=False)
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    sender: str = ""
    site: str = "localhost"

    @property
    def return_address(self) -> str:
        return parseaddr(self.sender)[1]


def server_at(url: str, *, sender: str, public_url: str, certificates: Path | None = None) -> Server:
    """The server of `smtp://user:password@host:587` (STARTTLS) or `smtps://host:465`, whose certificate the system's
    authorities have signed, or those in the file `certificates`. Refuses (SdesError) what cannot be read."""
    try:
        parts = urlsplit(url)
        at_once = {"smtp": False, "smtps": True}[parts.scheme]
        port = parts.port or (465 if at_once else 587)
    except (ValueError, KeyError) as cause:
        raise SdesError(_UNREADABLE) from cause
    if not parts.hostname:
        raise SdesError(_UNREADABLE)
    if "@" not in parseaddr(sender)[1] or not parseaddr(sender)[1].isascii():
        raise SdesError("MAIL_FROM must be an address, such as SDES <no-reply@sdes.example>.")
    try:
        context = ssl.create_default_context(cafile=certificates)
    except OSError as cause:
        raise SdesError(f"SMTP_CERTIFICATES: {certificates} holds no certificates that can be read.") from cause
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return Server(
        parts.hostname,
        port,
        at_once,
        context,
        unquote(parts.username) if parts.username else None,
        unquote(parts.password or "") if parts.username else None,
        sender,
        urlsplit(public_url).hostname or "localhost",
    )


_UNREADABLE = "SMTP_URL must look like smtp://user:password@mail.example:587, or smtps://mail.example:465."


class Line:
    """A connection that is opened when it is first needed, and carries many mails, one after the other."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._client: SMTP | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: object, *_: object) -> None:
        client = self._client
        if client and client.is_connected and kind is None:  # whoever is told to stop says no good-bye
            with suppress(SMTPException, OSError, TimeoutError):
                await client.quit()
        self._hang_up()

    async def offer(self, address: str) -> None:
        """Asks the server to take a mail to `address`; nothing of what it says is sent yet."""
        try:
            async with asyncio.timeout(OFFER):
                client = await self._ready()
                await client.mail(self._server.return_address)
                await client.rcpt(address)
        except SMTPRecipientRefused as answer:
            raise (Rejected if answer.code >= 500 else PutOff)(_words(answer)) from answer
        except (SMTPException, OSError, TimeoutError) as cause:
            self._hang_up()
            raise Unreachable(_words(cause)) from cause
        except ValueError as cause:  # a letter beyond ASCII, or one that would end the command
            self._hang_up()
            raise Rejected(f"{address!r} is not an address that mail can be sent to") from cause

    async def hand_over(self, message: bytes) -> None:
        """Sends the content. Once only: when this fails with NoAnswer, nobody knows whether it has arrived."""
        assert self._client, "a mail is offered before it is handed over"
        try:
            await self._client.data(message, timeout=ANSWER)
        except SMTPDataError as answer:
            kind = Rejected if answer.code >= 500 else PutOff if answer.code >= 400 else NoAnswer
            raise kind(_words(answer)) from answer
        except (SMTPException, OSError, TimeoutError) as cause:
            self._hang_up()
            raise NoAnswer(_words(cause)) from cause

    async def _ready(self) -> SMTP:
        """The connection, with nothing begun on it; a new one where the server has closed the last."""
        if self._client and self._client.is_connected:
            try:
                await self._client.rset()
                return self._client
            except (SMTPException, OSError, TimeoutError):
                self._hang_up()
        server = self._server
        self._client = SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            local_hostname=server.site,
            timeout=STEP,
            use_tls=server.encrypted_at_once,
            start_tls=not server.encrypted_at_once,  # the library's own default would go on in clear text
            tls_context=server.context,
        )
        await self._client.connect()
        return self._client

    def _hang_up(self) -> None:
        client, self._client = self._client, None
        if client:
            client.close()


def _words(cause: BaseException) -> str:
    """What went wrong, on one line; a server's words may hold anything."""
    if isinstance(cause, SMTPResponseException):
        said = f"{cause.code} {cause.message}"
    else:
        said = str(cause) or type(cause).__name__
    return " ".join(without_control_characters(said).split())[:_LONGEST]
