"""What a browser sends for each kind of act, to the letter, and whether an answer is the right one."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from bench.crowd.inhabitants import MARKS
from bench.crowd.people import Person
from bench.points import FILE
from bench.visitor import BOUNDARY, FORM_COOKIE, sign_in_body

_ALWAYS = (
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36\r\n"
    "Accept-Language: en-GB,en;q=0.9\r\nSec-Fetch-Site: same-origin\r\n"
)
_PAGE = (
    "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\nUpgrade-Insecure-Requests: 1\r\nSec-Fetch-Mode: navigate\r\n"
)
_HTMX = "Accept: */*\r\nHX-Request: true\r\nSec-Fetch-Mode: cors\r\n"
_POLL = f"{_HTMX}SDES-Poll: 1\r\n"
_URLENCODED = "Content-Type: application/x-www-form-urlencoded\r\n"
_MULTIPART = f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
WHOLE = b"</html>"

Answer = tuple[int, bytes, bytes]  # status, head, body


@dataclass(slots=True)
class Ask:
    """One request. `is_right` gives what is wrong with an answer, or nothing; `then` is told the right one."""

    kind: str
    data: bytes
    due: float
    is_right: Callable[[int, bytes, bytes], str]
    then: Callable[[int, bytes, bytes], None] | None = None
    sent: float = 0.0
    is_again: bool = False


def cookies(token: str) -> str:
    """What the browser of a session sends."""
    session = f"sdes={token}; " if token else ""
    return f"Cookie: {session}sdes-form={FORM_COOKIE}; sdes-browser={MARKS}\r\n"


def get(path: str, cookie: str) -> bytes:
    """A page that is gone to."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{_ALWAYS}{_PAGE}{cookie}\r\n".encode()


def fetch(path: str, cookie: str, *, is_poll: bool = False) -> bytes:
    """What htmx asks for."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{_ALWAYS}{_POLL if is_poll else _HTMX}{cookie}\r\n".encode()


def _post(path: str, cookie: str, kind: str, body: bytes, how: str) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://127.0.0.1\r\n{_ALWAYS}{how}{kind}{cookie}"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def sign_in(person: Person) -> bytes:
    """The sign-in form, of a browser that is signed in no more."""
    return _post("/sign-in", cookies(""), _URLENCODED, sign_in_body(person.email), _PAGE)


def sign_out(person: Person, cookie: str) -> bytes:
    body = urlencode({"csrf_token": person.token}).encode()
    return _post("/sign-out", cookie, _URLENCODED, body, _PAGE)


def draft(person: Person, cookie: str, draft_id: str, fields: dict[str, str]) -> bytes:
    """What the page saves by itself a second after somebody stops typing."""
    body = urlencode({"csrf_token": person.token, "draft_id": draft_id, **fields}).encode()
    return _post(f"/sdep/drafts/{draft_id}", cookie, _URLENCODED, body, _HTMX)


def message(person: Person, cookie: str, path: str, draft_id: str, fields: dict[str, str], *, has_file: bool) -> bytes:
    """A message that is sent, with a file of 100 kB or none; an empty file input sends a nameless part."""
    words = {"csrf_token": person.token, "draft_id": draft_id, **fields}
    parts = [_part(name, value) for name, value in words.items()]
    name, content = ("readings.csv", FILE) if has_file else ("", b"")
    parts.append(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
        f"Content-Type: {'text/csv' if has_file else 'application/octet-stream'}\r\n\r\n".encode()
    )
    return _post(path, cookie, _MULTIPART, b"".join([*parts, content, f"\r\n--{BOUNDARY}--\r\n".encode()]), _HTMX)


def _part(name: str, value: str) -> bytes:
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()


def holding(*marks: bytes, status: int = 200) -> Callable[[int, bytes, bytes], str]:
    """An answer with this status whose body holds all the marks."""

    def is_right(answered: int, head: bytes, body: bytes) -> str:
        if answered != status:
            return _told(answered, head)
        for mark in marks:
            if mark not in body:
                return f"{answered} without {mark.decode()!r}"
        return ""

    return is_right


def telling(status: int, *marks: bytes) -> Callable[[int, bytes, bytes], str]:
    """An answer with this status whose head holds all the marks."""

    def is_right(answered: int, head: bytes, body: bytes) -> str:
        if answered != status or any(mark not in head for mark in marks):
            return _told(answered, head)
        return ""

    return is_right


def file_of(size: int) -> Callable[[int, bytes, bytes], str]:
    """A download, whole."""

    def is_right(answered: int, head: bytes, body: bytes) -> str:
        if answered != 200:
            return _told(answered, head)
        return "" if len(body) == size and body.startswith(b"meter,reading") else "not the file"

    return is_right


def poll_is_right(answered: int, head: bytes, body: bytes) -> str:
    """Nothing new, or what is new."""
    return "" if answered == 204 or (answered == 200 and body) else _told(answered, head)


def _told(answered: int, head: bytes) -> str:
    start = head.find(b"\r\nlocation: ")
    where = head[start + 12 : head.index(b"\r", start + 12)].decode() if start >= 0 else ""
    return f"{answered} {where.partition('?')[0]}".strip()


LISTS = {"": 70, "folder=mine": 15, "folder=ours": 10, "folder=archive": 5}
FILTERS = ("side=sent", "due=overdue", "due=ours", "owner=none", "level=1&person={person}", "tag=urgent")
SEARCHES = ("kestrel", "12{number:011}", "12{number:011}", "heron", "customer meter")
