"""What no answer may be, say or carry, whatever was asked."""

import io
import re
import zipfile
from collections.abc import Iterator
from urllib.parse import unquote_plus, urljoin, urlsplit

from sdes.answers import HEADERS
from tests.fuzz.asking import HOST, Answer, Knock, Visitor
from tests.fuzz.junk import TAG
from tests.fuzz.world import CLIENT_ADDRESS, CLIENT_GONE, Secrets

INNARDS = re.compile(
    r"Traceback \(most recent|File \"/|\.py\", line|asyncpg|psycopg|piccolo|jinja2|litestar\.|UndefinedError|KeyError"
    r"|(syntax error|permission denied|row-level security policy) (at|for)|violates \w+|relation \"|column \"\w+\""
    r"|invalid input syntax|SELECT .+ FROM |INSERT INTO |UPDATE \w+ SET |null value in|<sdes\.|object at 0x"
)
ELSEWHERE_ASKED = ("/sign-in/with", "/sign-in/returned")  # 503 when the other provider is away, as it is here
CLIENTS = (CLIENT_ADDRESS, CLIENT_GONE)
PUBLIC = ("public", "no-store", "private", "no-cache")
FLAGS = {"path=/", "httponly", "secure", "samesite=lax"}


def faults(knock: Knock, answer: Answer, visitor: Visitor, secrets: Secrets) -> list[str]:
    """What is wrong with the answer, in words; nothing for a good one."""
    if answer.failure or not answer.status:
        return [f"no answer: {answer.failure}"]
    path = knock.target.partition("?")[0]
    found = [*_of_status(answer, path), *_of_headers(answer), *_of_cookies(answer), *_of_places(answer, path)]
    text = readable(answer)
    if (innards := INNARDS.search(text)) and innards[0] not in _asked(knock):
        found.append(f"tells of its innards: {innards[0]!r}")
    if TAG in text and "html" in answer.header("content-type"):
        found.append("gives markup back as it was sent")
    told = secrets.told(text + "\n".join(value for _, value in answer.headers), _asked(knock), visitor)
    return found + [f"tells a secret: {secret}" for secret in told]


def readable(answer: Answer) -> str:
    """The words of an answer, those of workbooks and archives included."""
    text = answer.body.decode("utf-8", "replace")
    if not answer.body.startswith(b"PK"):
        return text
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        members = [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()]
        return "\n".join([*archive.namelist(), *members])


def _asked(knock: Knock) -> str:
    """All that the request said, to be told apart from what the answer knew by itself."""
    body = knock.body.decode("utf-8", "replace")
    return "\n".join([unquote_plus(knock.target), unquote_plus(body), body, *(value for _, value in knock.headers)])


def _of_status(answer: Answer, path: str) -> Iterator[str]:
    if answer.status >= 500 and not (answer.status == 503 and path in ELSEWHERE_ASKED):
        yield f"status {answer.status}"
    length = answer.header("content-length")
    if length and answer.body and int(length) != len(answer.body):
        yield f"says {length} bytes and sends {len(answer.body)}"


def _of_headers(answer: Answer) -> Iterator[str]:
    names = [name.encode() for name, _ in answer.headers]
    missing = [
        name.decode() for name in (*HEADERS, b"strict-transport-security", b"cache-control") if name not in names
    ]
    if missing:
        yield f"without {', '.join(missing)}"
    for name, value in answer.headers:
        if re.search(r"[\r\n\0]", name + value):
            yield f"a header that ends its line: {name}: {value!r}"
        if name == "content-security-policy" and "'unsafe" in value:
            yield f"a policy that lets anything in: {value}"
    if answer.header("access-control-allow-origin"):
        yield "lets other sites read it"


def _of_cookies(answer: Answer) -> Iterator[str]:
    for cookie in answer.all("set-cookie"):
        name, *words = [word.strip() for word in cookie.split(";")]
        lacking = FLAGS - {word.lower() for word in words}
        if lacking or not name.startswith("__Host-sdes") or any(word.lower().startswith("domain") for word in words):
            yield f"a cookie without {', '.join(sorted(lacking)) or 'its name'}: {cookie}"


def _of_places(answer: Answer, path: str) -> Iterator[str]:
    """Where the browser is sent on to, as a browser reads it."""
    for name in (
        "location",
        "hx-redirect",
        "hx-location",
        "hx-push-url",
        "hx-replace-url",
        "refresh",
        "content-location",
    ):
        for place in answer.all(name):
            plain = re.sub(r"[\t\r\n]", "", place).strip().replace("\\", "/")
            lead = urlsplit(urljoin(f"https://{HOST}{path}", plain))
            is_here = (lead.scheme, lead.netloc) == ("https", HOST)
            is_client = path.startswith("/oidc/") and place.partition("?")[0] in CLIENTS
            if not (is_here or is_client):
                yield f"sends the browser away: {name}: {place}"
