"""The options of the command line that say how to serve; each is a setting of the environment under another name."""

import argparse
import os

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
