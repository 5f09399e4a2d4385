"""One request put to the application as a server puts it, whatever is in it, and the line that repeats it by hand."""

import asyncio
import shlex
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any
from urllib.parse import unquote

from litestar import Litestar

from tests.support.world import answering

Headers = Sequence[tuple[str, str]]
HOST = "sdes.example"
PATIENCE = 60.0  # seconds until a request is given up
PIECE = 16 * 1024  # bytes of a body that come at once


@dataclass(frozen=True)
class Visitor:
    """Somebody of the cast, a program or nobody: `headers` say who, `reads` whose words are for them."""

    label: str
    headers: Headers = ()
    reads: frozenset[str] = frozenset()
    csrf_token: str = ""


@dataclass(frozen=True)
class Knock:
    """A request. `target` is what stands on its first line, in ASCII; `is_cut` breaks the line before its body ends."""

    method: str
    target: str
    headers: Headers = ()
    body: bytes = field(default=b"", repr=False)
    is_cut: bool = False

    def as_curl(self, visitor: Visitor) -> str:
        """The line that repeats it, as that visitor; cookies and keys are those of this run."""
        words = [f"{name}: {value}" for name, value in (*visitor.headers, *self.headers)]
        line = ["curl -si --path-as-is -X", self.method, *(f"-H {shlex.quote(word)}" for word in words)]
        if self.body:
            line.append("--data-binary @-")
        line.append(shlex.quote(f"http://localhost:8000{self.target}"))
        before = f"printf %s {b64encode(self.body).decode()} | base64 -d | " if self.body else ""
        return f"{before}{' '.join(line)}{'   # and cut off' if self.is_cut else ''}  # as {visitor.label}"


@dataclass
class Answer:
    """What came back; `failure` is what the application let fall instead of answering."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    seconds: float = 0.0
    failure: str = ""

    def all(self, name: str) -> list[str]:
        return [value for known, value in self.headers if known == name]

    def header(self, name: str) -> str:
        return next(iter(self.all(name)), "")


async def ask(app: Litestar, knock: Knock, visitor: Visitor) -> Answer:
    """Puts the request to the application, as a server that has read its head would."""
    answer, waiting, is_whole = Answer(), _pieces(knock), asyncio.Event()

    async def receive() -> Any:
        if not waiting and not knock.is_cut:
            await is_whole.wait()  # a browser goes when it has its answer, and not before
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = [(name.decode().lower(), value.decode("latin-1")) for name, value in message["headers"]]
        else:
            answer.body += message.get("body", b"")
            if not message.get("more_body", False):
                is_whole.set()

    token, begun = answering.set(True), perf_counter()
    try:
        async with asyncio.timeout(PATIENCE):
            await app(_scope(knock, visitor), receive, send)  # type: ignore[arg-type]
    except Exception as failure:
        answer.failure = repr(failure)
    finally:
        answering.reset(token)
    answer.seconds = perf_counter() - begun
    return answer


def _pieces(knock: Knock) -> list[Any]:
    body = knock.body[: len(knock.body) // 2] if knock.is_cut else knock.body
    cut = [body[at : at + PIECE] for at in range(0, len(body), PIECE)] or [b""]
    last = len(cut) - 1
    return [
        {"type": "http.request", "body": piece, "more_body": number < last or knock.is_cut}
        for number, piece in enumerate(cut)
    ]


def _scope(knock: Knock, visitor: Visitor) -> dict[str, Any]:
    path, _, query = knock.target.partition("?")
    headers = [("host", HOST), *visitor.headers, *knock.headers]
    if knock.body and not any(name.lower() in ("content-length", "transfer-encoding") for name, _ in knock.headers):
        headers.append(("content-length", str(len(knock.body))))
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": knock.method,
        "scheme": "https",
        "path": unquote(path),
        "raw_path": path.encode("ascii"),
        "query_string": query.encode("ascii"),
        "root_path": "",
        "headers": [(name.lower().encode("ascii"), value.encode("latin-1", "replace")) for name, value in headers],
        "client": ("192.0.2.7", 50000),
        "server": (HOST, 443),
        "state": {},
        "extensions": {},
    }
