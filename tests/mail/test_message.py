"""The message on the wire, whatever a name or an address holds, and what a mail server's address may look like."""

import json
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import pytest

from sdes.attachments.vault import Vault
from sdes.kit import clock, keyring
from sdes.kit.errors import SdesError
from sdes.mail.message import Outgoing, composed
from sdes.mail.smtp import server_at

SENDER = "SDES <no-reply@sdes.example>"


@pytest.fixture(autouse=True)
def master_key(vault: Vault) -> None:
    keyring.use(vault.master)


def outgoing(to: str = "bob@b.example", name: str = "Bob", subject: str = "Hello", text: str = "Text\n") -> Outgoing:
    body = keyring.seal(f"mail:{to}", json.dumps({"text": text, "html": f"<p>{text}</p>"}).encode())
    return Outgoing(7, to, name, subject, body, None, None, clock.now(), 1)


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_no_name_and_no_subject_adds_a_header(end: str) -> None:
    attack = f"Bob{end}Bcc: eve@calder.example{end}{end}Body"
    head = composed(outgoing(name=attack, subject=attack), SENDER, "sdes.example").partition(b"\r\n\r\n")[0]
    names = [line.partition(b":")[0] for line in head.split(b"\r\n") if line[:1].strip()]
    assert b"Bcc" not in names
    assert names.count(b"To") == names.count(b"Subject") == 1


@pytest.mark.parametrize(
    "to", ["bob@b.example\r\nBcc: eve@c.example", "bob@b.example, eve@c.example", "bob", "", "<a@b>"]
)
def test_what_is_not_one_address_is_refused(to: str) -> None:
    with pytest.raises(ValueError, match="is not an address"):
        composed(outgoing(to=to), SENDER, "sdes.example")


@pytest.mark.parametrize("text", ["Łukasz Ó Briain\n.\n..\n", "Łukasz Ó Briain " * 200 + "\n", "x" * 2000 + "\n"])
def test_letters_of_every_language_and_long_lines_go_over_an_old_server(text: str) -> None:
    wire = composed(outgoing(name="Łukasz, of “Ó Briain”", subject="Żółć", text=text), SENDER, "sdes.example")
    assert wire.isascii()
    assert max(len(line) for line in wire.split(b"\r\n")) < 999
    assert b"\n" not in wire.replace(b"\r\n", b"")


def test_another_mail_has_another_id_and_the_same_one_keeps_it() -> None:
    """Also one of the same number, as there are after an older backup was restored: a server may drop what it knows."""
    mail = outgoing()
    after_a_restore = replace(mail, created_at=mail.created_at + timedelta(seconds=1))
    first, again, other = (
        message_from_bytes(composed(one, SENDER, "sdes.example"))["Message-ID"] for one in (mail, mail, after_a_restore)
    )
    assert first == again != other
    assert first.startswith("<mail-7-")
    assert first.endswith("@sdes.example>")


@pytest.mark.parametrize(
    ("url", "host", "port", "at_once", "user", "password"),
    [
        ("smtp://mail.example", "mail.example", 587, False, None, None),
        ("smtps://mail.example", "mail.example", 465, True, None, None),
        ("smtp://a%40b:p%3A%2F%40@mail.example:2525", "mail.example", 2525, False, "a@b", "p:/@"),
    ],
)
def test_the_address_of_a_mail_server(
    url: str, host: str, port: int, at_once: bool, user: str | None, password: str | None
) -> None:
    server = server_at(url, sender=SENDER, public_url="https://sdes.example:8443/x")
    assert (server.host, server.port, server.encrypted_at_once) == (host, port, at_once)
    assert (server.user, server.password, server.site) == (user, password, "sdes.example")
    assert (password or "\0") not in repr(server)


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://", "smtp://mail.example:port"])
def test_what_is_no_address_of_a_mail_server_is_said_in_a_sentence(url: str) -> None:
    with pytest.raises(SdesError, match="SMTP_URL must look like"):
        server_at(url, sender=SENDER, public_url="https://sdes.example")


def test_what_else_cannot_be_read_is_said_in_a_sentence() -> None:
    with pytest.raises(SdesError, match="MAIL_FROM"):
        server_at("smtp://mail.example", sender="SDES", public_url="https://sdes.example")
    with pytest.raises(SdesError, match="SMTP_CERTIFICATES"):
        server_at("smtp://mail.example", sender=SENDER, public_url="", certificates=Path("/nowhere.pem"))
