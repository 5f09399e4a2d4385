"""A real mail server of the tests' own: STARTTLS or TLS at once, a certificate of its own authority, and a script of
what it answers."""

import asyncio
import socket
import ssl
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from sdes.mail.smtp import Server, server_at

USER, PASSWORD = "sdes", "a password of the mail server's"
HANG_UP = "hang up"  # as an answer: the connection is cut
SILENCE = "silence"  # as an answer: none comes


@dataclass
class Received:
    """One mail that the server took in whole."""

    sender: str
    recipients: list[str]
    content: bytes
    was_encrypted: bool

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=default)  # type: ignore[return-value]


@dataclass
class MailServer:
    """Listens from `start` to `stop`, always at the same port. `to_rcpt` and `to_data` are what it answers next, by
    address; where nothing is left it takes the mail. `heard` has every command that came to it."""

    folder: Path
    offers_tls: bool = True
    at_once: bool = False
    ca: trustme.CA = field(default_factory=trustme.CA)
    received: list[Received] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    to_mail: list[str] = field(default_factory=list)
    to_rcpt: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    to_data: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    at_data: Callable[[], None] = lambda: None  # called with the content just come in, before the answer
    port: int = 0
    connections: int = 0
    _running: Controller | None = None

    def start(self) -> None:
        self.port = self.port or _free_port()
        context = None
        if self.offers_tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.ca.issue_cert("localhost").configure_cert(context)
        starttls = context if not self.at_once else None
        self._running = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            ssl_context=context if self.at_once else None,
            tls_context=starttls,
            require_starttls=starttls is not None,
            authenticator=self._know,
            auth_required=self.offers_tls,
            auth_require_tls=starttls is not None,
        )
        self._running.start()

    def stop(self) -> None:
        if self._running:
            self._running.stop()
        self._running = None

    def as_client(self, *, password: str = PASSWORD, ca: trustme.CA | None = None, scheme: str = "") -> Server:
        """How SDES is told of this server; `ca` is whom it trusts."""
        trusted = self.folder / "authorities.pem"
        (ca or self.ca).cert_pem.write_to_path(trusted)
        scheme = scheme or ("smtps" if self.at_once else "smtp")
        return server_at(
            f"{scheme}://{USER}:{password.replace(' ', '%20')}@localhost:{self.port}",
            sender="SDES <no-reply@sdes.example>",
            public_url="https://sdes.example",
            certificates=trusted,
        )

    def _know(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        self.heard.append("AUTH")
        is_known = data.login == USER.encode() and data.password == PASSWORD.encode()
        return AuthResult(success=is_known, handled=False)  # else aiosmtpd leaves a wrong password without an answer

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]) -> Any:
        self.connections += session.ssl is not None or self.at_once
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        self.heard.append(f"MAIL {address}")
        if self.to_mail:
            return self.to_mail.pop(0)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        self.heard.append(f"RCPT {address}")
        answer = await self._answer(server, self.to_rcpt[address])
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.heard.append("DATA")
        await asyncio.to_thread(self.at_data)
        is_encrypted = session.ssl is not None or self.at_once
        taken = Received(envelope.mail_from, list(envelope.rcpt_tos), envelope.content, is_encrypted)
        answer = await self._answer(server, self.to_data[envelope.rcpt_tos[0]])
        if answer.startswith("250") or answer == "221 gone":
            self.received.append(taken)
        return answer

    async def _answer(self, server: Any, script: list[str]) -> str:
        answer = script.pop(0) if script else "250 OK"
        if answer == SILENCE:
            await asyncio.sleep(60)
        if answer == HANG_UP:
            server.transport.abort()
            return "221 gone"
        return answer


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
