"""nginx before the machines, with the very file that the documentation gives to operators: docs/nginx.conf."""

import os
import shutil
import ssl
from dataclasses import dataclass
from pathlib import Path

import trustme

from sdes.embedded.child import Child
from sdes.settings import HOME_OF_THE_PROJECT
from tests.browser.sites import free_port, until
from tests.machines.machine import Machine

GIVEN = HOME_OF_THE_PROJECT / "docs" / "nginx.conf"

_AROUND = """\
{user}
daemon off;
worker_processes 2;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/sdes.conf;
}}
"""


@dataclass(frozen=True)
class Served:
    """One request as nginx has logged it: `by` are the machines' addresses that it was given to, in their order."""

    method: str
    path: str
    status: int
    by: tuple[str, ...]


class Proxy:
    """nginx in `folder` at a free port of this machine. `trust` is whom its visitors trust."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.plain_port = free_port(), free_port()
        self.address = f"https://localhost:{self.port}"
        self.trust = ssl.create_default_context()
        self._nginx = Child("nginx", [_binary(), "-p", str(folder), "-c", "nginx.conf"], folder / "nginx.log", {})

    def start(self, machines: list[Machine]) -> None:
        ca = trustme.CA()
        ca.configure_trust(self.trust)
        issued = ca.issue_cert("localhost")
        issued.private_key_and_cert_chain_pem.write_to_path(str(self.folder / "pair.pem"))
        user = "user root;" if os.geteuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(_AROUND.format(folder=self.folder, user=user))
        (self.folder / "sdes.conf").write_text(self._as_given(machines))
        self._nginx.start()
        until(lambda: (self.folder / "nginx.pid").exists() or not self._nginx.is_running(), "nginx runs")
        assert self._nginx.is_running(), self._nginx.last_words()

    def stop(self) -> None:
        self._nginx.stop()

    def served(self, path: str = "") -> list[Served]:
        """Every request so far, or those for `path`."""
        lines = [line.split() for line in (self.folder / "access.log").read_text().splitlines()]
        return [
            Served(method, asked, int(status), tuple(by.replace(",", " ").split()))
            for _, _, method, asked, status, _, _, *rest in lines
            for by in [" ".join(rest[: len(rest) // 2])]
            if path in ("", asked)
        ]

    def _as_given(self, machines: list[Machine]) -> str:
        text = GIVEN.read_text()
        ours = {
            "server_name sdes.example;": "server_name localhost;",
            "listen 80;": f"listen 127.0.0.1:{self.plain_port};",
            "listen 443 ssl http2;": f"listen 127.0.0.1:{self.port} ssl http2;",
            "/etc/ssl/sdes/certificate.pem": f"{self.folder}/pair.pem",
            "/etc/ssl/sdes/key.pem": f"{self.folder}/pair.pem",
            "/var/log/nginx/sdes.log": f"{self.folder}/access.log",
            **{f"server 10.0.0.{11 + n}:8000 ": f"server 127.0.0.1:{m.port} " for n, m in enumerate(machines)},
        }
        for theirs, replacement in ours.items():
            assert theirs in text, f"docs/nginx.conf says no more: {theirs}"
            text = text.replace(theirs, replacement)
        assert "server 10." not in text, "give it as many machines as docs/nginx.conf has: nothing leaves this machine"
        return text


def _binary() -> str:
    found = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    assert found, "the tests need nginx: sh .ci/setup tests"
    return found
