"""`sdes web` as an operator starts it, with a bare application behind it, and the clients that look at it."""

import http.client
import json
import os
import signal
import ssl
from pathlib import Path
from typing import Any

import trustme

from sdes.embedded.child import Child
from sdes.embedded.supervisor import web_command
from tests.browser.sites import free_port, until


class Pair:
    """A certificate for localhost and its key, in files of `folder`."""

    def __init__(self, folder: Path, kind: trustme.KeyType = trustme.KeyType.ECDSA) -> None:
        self.cert, self.key = folder / "cert.pem", folder / "key.pem"
        self.trust = folder / "authority.pem"
        self.key.touch(mode=0o600)
        self.renew(kind)

    def renew(self, kind: trustme.KeyType = trustme.KeyType.ECDSA) -> None:
        """Another one in the same files, of an authority of its own."""
        authority = trustme.CA(key_type=kind)
        issued = authority.issue_cert("localhost", "127.0.0.1", key_type=kind)
        self.cert.write_bytes(b"".join(part.bytes() for part in issued.cert_chain_pems))
        self.key.write_bytes(issued.private_key_pem.bytes())
        self.trust.write_bytes(authority.cert_pem.bytes())

    @property
    def options(self) -> list[str]:
        return ["--tls-cert", str(self.cert), "--tls-key", str(self.key)]

    def context(self) -> ssl.SSLContext:
        """What a client trusts that knows the authority of now."""
        return ssl.create_default_context(cafile=str(self.trust))


class Web:
    """One `sdes web` in `home`, serving `factory`; ends with the block. It may open no more than `files`, if given."""

    def __init__(
        self, home: Path, *options: str, factory: str = "tests.serving.bare:make", files: int = 0, **more: str
    ) -> None:
        self.port = free_port()
        others = {name: value for name, value in os.environ.items() if not name.startswith(("SDES_", "DATABASE_"))}
        environment = {**others, "PYTHONPATH": os.pathsep.join(["src", "."]), "SDES_HOME": str(home), **more}
        limit = ["prlimit", f"--nofile={files}:{files}"] if files else []
        command = [*limit, *web_command(self.port, factory, *options)]
        self.child = Child("web", command, home / "web.log", environment)
        self.is_tls = "--tls-cert" in options

    def __enter__(self) -> "Web":
        self.child.start()
        until(lambda: self._answers() or not self.child.is_running(), "the web application answers", 30)
        assert self.child.is_running(), self.child.last_words()
        return self

    def __exit__(self, *_: object) -> None:
        self.child.stop()

    @property
    def pid(self) -> int:
        assert self.child.pid
        return self.child.pid

    @property
    def log(self) -> str:
        return self.child.log.read_text()

    def send(self, name: signal.Signals) -> None:
        os.kill(self.pid, name)

    def has_ended(self) -> bool:
        return not self.child.is_running()

    def connection(self, trust: ssl.SSLContext | None = None) -> http.client.HTTPConnection:
        """A client's connection that is kept alive."""
        if trust:
            return http.client.HTTPSConnection("localhost", self.port, timeout=10, context=trust)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)

    def ask(self, path: str = "/", trust: ssl.SSLContext | None = None, **headers: str) -> dict[str, Any]:
        """What the bare application says, over a connection of its own."""
        connection = self.connection(trust)
        try:
            connection.request("GET", path, headers=headers)
            told: dict[str, Any] = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        return told

    def _answers(self) -> bool:
        anybody = ssl._create_unverified_context() if self.is_tls else None
        try:
            self.ask(trust=anybody)
        except OSError:
            return False
        except ValueError:  # an answer, but not of the bare application's
            return True
        return True
