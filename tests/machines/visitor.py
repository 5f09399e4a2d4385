"""Somebody at a browser, who comes through nginx, or to a machine of their choice as nginx would send them there."""

import re
from http.cookies import SimpleCookie
from typing import Any

import httpx

from tests.browser.sites import MPAN, PASSWORD
from tests.machines.machine import Machine
from tests.machines.proxy import Proxy
from tests.support.people import hidden


class Visitor:
    """A browser with its cookies. Each request goes through nginx, unless it says `at=` which machine it is for."""

    def __init__(self, proxy: Proxy, address: str = "127.0.0.1") -> None:
        self.proxy = proxy
        self.address = address  # where the person sits, as nginx tells it
        self.cookies: dict[str, str] = {}
        self._client = httpx.Client(verify=proxy.trust, timeout=60)

    def get(self, path: str, at: Machine | None = None, **words: Any) -> httpx.Response:
        return self.request("GET", path, at, **words)

    def post(self, path: str, data: dict[str, str], at: Machine | None = None, **words: Any) -> httpx.Response:
        return self.request("POST", path, at, data=data, **words)

    def request(self, method: str, path: str, at: Machine | None = None, **words: Any) -> httpx.Response:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if at:
            headers |= {"Host": "localhost", "X-Forwarded-For": self.address, "X-Forwarded-Proto": "https"}
        base = f"http://127.0.0.1:{at.port}" if at else self.proxy.address
        answer = self._client.request(method, base + path, headers=headers | words.pop("headers", {}), **words)
        for line in answer.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        self._client.cookies.clear()  # those above are the ones that count: to a machine they go without TLS
        return answer

    def sign_in(self, email: str, password: str = PASSWORD, at: Machine | None = None) -> httpx.Response:
        token = hidden(self.get("/sign-in", at).text, "csrf_token")
        return self.post("/sign-in", {"csrf_token": token, "email": email, "password": password}, at)

    def send(self, subject: str, ids: dict[str, str], files: dict[str, bytes], at: Machine | None = None) -> str:
        """Sends a communication; `ids` are those of sender, process and recipient. Gives its reference."""
        token = hidden(self.get("/sdep/communications/new", at).text, "csrf_token")
        form = {"csrf_token": token, **ids, "mpan": MPAN, "subject": subject, "text": "Please see the files."}
        answer = self.post("/sdep/communications", form, at, files=_fields(files))
        found = re.search(r"/(SC\d{8})", answer.headers.get("Location", ""))
        assert found, f"{answer.status_code}: {answer.text[:2000]}"
        return found[1]

    def reply(
        self, reference: str, text: str, files: dict[str, bytes] | None = None, at: Machine | None = None
    ) -> httpx.Response:
        """Opens the communication and replies to it."""
        here = f"/sdep/communications/{reference}"
        token = hidden(self.get(here, at).text, "csrf_token")
        form = {"csrf_token": token, "text": text}
        return self.post(f"{here}/messages", form, at, files=_fields(files or {}))


def _fields(files: dict[str, bytes]) -> list[tuple[str, tuple[str | None, bytes]]]:
    """The files as a form's; one without any is sent as a browser sends it, with an empty field."""
    chosen = [("files", (name, content)) for name, content in files.items()]
    return [*chosen] or [("files", ("", b""))]
