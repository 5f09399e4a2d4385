"""A visitor who walks through the application once: signs in, turns pages, sees whether answers are right."""

import re
from html import unescape
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx

from bench.world import PASSWORD
from sdes.kit import csrf

FORM_COOKIE = "a-form-cookie-of-the-bench"
VIEWER = "asha@brightwatt.example"
LIST = "/sdep/communications"
MATRIX = "/users/assignments"
BOUNDARY = "bench-7d9f2c41"


class Visitor:
    """A signed-in browser at `origin`; `transport` for an application without a network between."""

    def __init__(self, client: httpx.AsyncClient, cookie: str) -> None:
        self.client = client
        self.cookie = cookie  # the Cookie header, for the load generator

    @classmethod
    async def signed_in(cls, origin: str, transport: Any = None, email: str = VIEWER) -> "Visitor":
        """Signs in; the form's token is derived from a cookie that we choose."""
        client = httpx.AsyncClient(base_url=origin, transport=transport, timeout=30)
        headers = {"Cookie": f"sdes-form={FORM_COOKIE}", "Content-Type": "application/x-www-form-urlencoded"}
        answer = await client.post("/sign-in", content=sign_in_body(email), headers=headers)
        token = answer.cookies.get("sdes")
        if answer.status_code != 303 or not token:
            raise SystemExit(f"The bench could not sign in: {answer.status_code}")
        client.cookies.clear()
        return cls(client, f"sdes={token}; sdes-form={FORM_COOKIE}")

    @property
    def token(self) -> str:
        """The session's."""
        return self.cookie.partition("sdes=")[2].partition(";")[0]

    async def status(self, path: str) -> int:
        """How a page answers."""
        return (await self.client.get(path, headers={"Cookie": self.cookie})).status_code

    async def page(self, path: str) -> str:
        """A page's HTML; anything but 200 ends the bench."""
        answer = await self.client.get(path, headers={"Cookie": self.cookie})
        if answer.status_code != 200:
            raise SystemExit(f"{path} answers {answer.status_code} {answer.headers.get('location', '')}")
        return answer.text

    async def page_number(self, number: int) -> str:
        """The address of the list's page `number`, found by turning the pages before it."""
        path = LIST
        for _ in range(number - 1):
            following = re.search(r'<a href="([^"]+)" rel="next"', await self.page(path))
            if following is None:
                raise SystemExit(f"The list has no page {number}: give --visible a larger number.")
            path = unescape(following[1])
        return path

    async def send_parts(self, file: bytes) -> tuple[bytes, bytes]:
        """The body of a new communication with one file, before and after the draft's id."""
        new = await self.page(f"{LIST}/new")
        process = _option(new, "Erroneous Transfer - General Query") or _option(new, "General Query")
        sender = _option(new, "Electricity supplier") or _option(new, "BRWT")
        filled = await self.page(f"{LIST}/new/fields?{urlencode({'sender': sender, 'process': process})}")
        fields = {
            "sender": sender,
            "process": process,
            "recipient": _option(filled, "Energy Company"),
            "subject": "A communication with a file",
            "text": "Please find the readings attached. " * 20,
            "mpan": "1200000000128",
        }
        before = _part("csrf_token", _hidden(new, "csrf_token")) + _head("draft_id") + b"\r\n\r\n"
        after = b"\r\n" + b"".join(_part(name, value) for name, value in fields.items())
        after += _head("files") + b'; filename="readings.csv"\r\nContent-Type: text/csv\r\n\r\n' + file
        return before, after + f"\r\n--{BOUNDARY}--\r\n".encode()

    async def post(self, path: str, body: bytes) -> httpx.Response:
        """Posts a form that was made by hand."""
        headers = {"Cookie": self.cookie, "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        return await self.client.post(path, content=body, headers=headers)

    async def send(self, parts: tuple[bytes, bytes]) -> str:
        """Sends one communication and gives where its page is."""
        answer = await self.post(LIST, str(uuid4()).encode().join(parts))
        place = answer.headers.get("location", "")
        if answer.status_code != 303 or "?sent=1" not in place:
            raise SystemExit(f"Sending answers {answer.status_code} {place}: {_told(answer.text)}")
        return str(place)


def sign_in_body(email: str) -> bytes:
    """The sign-in form, filled."""
    return urlencode({"csrf_token": csrf.token_for(f"{FORM_COOKIE}."), "email": email, "password": PASSWORD}).encode()


def _hidden(html: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    if not found:
        raise SystemExit(f"The page has no field {name}.")
    return found[1]


def _option(html: str, words: str) -> str:
    found = re.search(rf'<option value="(\d+)"[^>]*>[^<]*{re.escape(words)}', html)
    return found[1] if found else ""


def _head(name: str) -> bytes:
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'.encode()


def _part(name: str, value: str) -> bytes:
    return _head(name) + f"\r\n\r\n{value}\r\n".encode()


def _told(html: str) -> str:
    return " ".join(re.findall(r'class="error[^"]*"[^>]*>([^<]+)', html))[:300]
