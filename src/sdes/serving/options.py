"""The options of the command line that say how to serve; each is a setting of the environment under another name."""

import argparse
import os

from sdes.embedded.refusal import CannotStart
from sdes.settings import Settings

_OPTIONS = [
    ("--port", "PORT", "NUMBER", "where it listens (8000)"),
    ("--processes", "SDES_PROCESSES", "NUMBER", "how many processes serve (1)"),
    ("--tls-cert", "SDES_TLS_CERT", "FILE", "the certificate and those above it, in PEM form"),
    ("--tls-key", "SDES_TLS_KEY", "FILE", "its private key, where that is a file of its own"),
]
_OF_SERVERS = [
    ("--host", "SDES_HOST", "ADDRESS", "at which address of this machine (127.0.0.1)"),
    ("--behind-proxy", "SDES_PROXIES", "ADDRESS[,ADDRESS]", "whose X-Forwarded-For and X-Forwarded-Proto are believed"),
]


def add_to(parser: argparse.ArgumentParser, *, of_server: bool = False) -> None:
    """Adds the options to a command; `of_server` those too that reach beyond this machine."""
    for option, setting, value, words in _OPTIONS + (_OF_SERVERS if of_server else []):
        parser.add_argument(option, dest=setting, metavar=value, help=f"{words}; the setting {setting}")


def keep(chosen: argparse.Namespace) -> None:
    """Makes settings of the options that were given, for this process and those that it starts."""
    settings = {setting for _, setting, _, _ in _OPTIONS + _OF_SERVERS}
    os.environ.update({name: value for name, value in vars(chosen).items() if name in settings and value is not None})


def refuse_unsettled(settings: Settings) -> None:
    """Refuses (CannotStart) to serve the house without its database, or others than this machine under no address of
    theirs: links in mails, and passkeys, would lead everybody to their own machine."""
    if settings.database_url is None:
        raise CannotStart("Set DATABASE_URL to the database's address with the login sdes_web.")
    is_reached = bool(settings.proxies) or (settings.tls_cert is not None and not _is_loopback(settings.host))
    if is_reached and settings.public_url == f"https://localhost:{settings.port}":
        raise CannotStart(
            "Set SDES_PUBLIC_URL to the address at which people find this service, such as https://sdes.example: "
            "links in mails begin with it."
        )


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")
