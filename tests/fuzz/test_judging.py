"""The judge of answers sees what is wrong with one, and lets a good one pass."""

from collections.abc import Callable
from typing import Any

import pytest
from litestar import Litestar, Response, get
from litestar.response import Redirect

from sdes.accounts.entrance import AnyRequest
from sdes.answers import HEADERS
from sdes.app import create_app
from sdes.kit import db
from sdes.permissions import Permission
from sdes.settings import Settings
from tests.fuzz.asking import Answer, Knock, Visitor
from tests.fuzz.doors import doors_of
from tests.fuzz.fuzz import Fuzz
from tests.fuzz.judging import faults
from tests.fuzz.making import Material, knocks
from tests.fuzz.pages import Offered
from tests.fuzz.world import Secrets, World
from tests.support.workbooks import made

NOBODY = Visitor("nobody")
OPEN = {"permission": Permission.ANYONE}
GOOD = [
    *((name.decode(), value.decode()) for name, value in HEADERS.items()),
    ("strict-transport-security", "max-age=1"),
    ("cache-control", "no-store"),
    ("content-type", "text/html; charset=utf-8"),
]
COOKIE = "__Host-sdes=x; HttpOnly; Path=/; SameSite=lax; Secure"


def test_a_good_answer_has_no_faults() -> None:
    told = [
        (Answer(200, [*GOOD, ("set-cookie", COOKIE)], b"<p>asked: one zqours</p>"), "/"),
        (Answer(303, [*GOOD, ("location", "/sign-in?next=%2F")]), "/"),
        (Answer(303, [*GOOD, ("location", "https://enquiry.example/back?code=x")]), "/oidc/authorize"),
        (Answer(503, [*GOOD]), "/sign-in/with?provider=1"),
        (Answer(200, [*GOOD], b"you wrote: zqtheirs"), "/?q=zqtheirs"),
    ]
    for answer, target in told:
        assert faults(Knock("GET", target), answer, _ours(), _secrets()) == []


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (Answer(failure="RuntimeError()"), "no answer"),
        (Answer(500, GOOD), "status 500"),
        (Answer(503, GOOD), "status 503"),
        (Answer(200, GOOD[1:]), "without content-security-policy"),
        (Answer(200, [*GOOD, ("x-a", "b\r\nset-cookie: c")]), "ends its line"),
        (Answer(200, [*GOOD, ("content-length", "5")], b"abc"), "says 5 bytes and sends 3"),
        (Answer(200, [*GOOD, ("access-control-allow-origin", "*")]), "other sites"),
        (Answer(200, [*GOOD, ("set-cookie", COOKIE.replace("Secure", ""))]), "a cookie without secure"),
        (Answer(200, [*GOOD, ("set-cookie", COOKIE.replace("HttpOnly", ""))]), "a cookie without httponly"),
        (Answer(303, [*GOOD, ("location", "//192.0.2.66/zq")]), "sends the browser away"),
        (Answer(303, [*GOOD, ("location", "/\\192.0.2.66")]), "sends the browser away"),
        (Answer(204, [*GOOD, ("hx-redirect", "/\t/192.0.2.66")]), "sends the browser away"),
        (Answer(303, [*GOOD, ("location", "https://enquiry.example/back")]), "sends the browser away"),
        (Answer(200, GOOD, b"Traceback (most recent call last):"), "innards"),
        (Answer(409, GOOD, b'duplicate key value violates unique constraint "x"'), "innards"),
        (Answer(200, GOOD, b"<p><zqtag></p>"), "as it was sent"),
        (Answer(200, GOOD, b"<p>ZQtheirs</p>"), "tells a secret: zqtheirs (a message)"),
        (Answer(200, [*GOOD, ("content-disposition", "zqtheirs.csv")]), "tells a secret"),
        (Answer(200, GOOD, made(["zqtheirs"])), "tells a secret"),
    ],
)
def test_each_fault_is_seen(answer: Answer, fault: str) -> None:
    found = faults(Knock("GET", "/"), answer, _ours(), _secrets())
    assert [one for one in found if fault in one], found


def test_the_same_seed_makes_the_same_requests(app: Litestar) -> None:
    doors = doors_of(app)
    names = {name for door in doors for name in door.parameters} | {"draft_attachment"}
    world = World(Secrets(), [dict.fromkeys(names, "1")], {})
    material = Material(world, Offered(doors), ("q", "page"), ("name",))
    first, second = (knocks(NOBODY, list(doors), material, 60) for _ in range(2))
    assert first == second
    assert len({knock.target for knock in first}) > 40


@get("/good", opt=OPEN, name="good")
async def good(request: AnyRequest) -> str:
    return "as it should be"


@get("/open-redirect", opt=OPEN, name="redirects")
async def redirects(request: AnyRequest) -> Response[Any]:
    return Redirect(request.query_params.get("next", "//192.0.2.66/"), status_code=303)


@get("/raises", opt=OPEN, name="raises")
async def raises(request: AnyRequest) -> str:
    raise LookupError("not foreseen")


@get("/asks-badly", opt=OPEN, name="asks-badly")
async def asks_badly(request: AnyRequest) -> str:
    try:
        async with db.transaction():
            await db.fetch("SELECT nothing_of_the_kind FROM person")
    except Exception as error:
        return str(error)
    return ""


@get("/tells", opt=OPEN, name="tells")
async def tells(request: AnyRequest) -> str:
    return "of zqtheirs"


@pytest.mark.anyio
async def test_broken_doors_of_the_application_are_found(db: None, app: Litestar, settings: Settings) -> None:
    broken: dict[Callable[..., Any], str] = {
        redirects: "sends the browser away",
        raises: "status 500",
        asks_badly: "tells of its innards",
        tells: "tells a secret",
    }
    whole = create_app(settings, with_database=False)
    for handler in (good, *broken):
        whole.register(handler)
    world = World(_secrets(), [{"reference": "SC02000001"}], {})
    fuzz = Fuzz(whole, world)
    fuzz.doors = tuple(door for door in fuzz.doors if door.path in {"/good", *(_path(one) for one in broken)})
    await fuzz.visit(NOBODY, 40)
    assert not [line for (_, path, _), line in fuzz.found.items() if path == "/good"]
    for handler, fault in broken.items():
        lines = [line for (method, path, _), line in fuzz.found.items() if (method, path) == ("GET", _path(handler))]
        assert [line for line in lines if fault in line and "curl -si --path-as-is -X GET" in line], (fault, lines)


def _path(handler: Any) -> str:
    (path,) = handler.paths
    return str(path)


def _ours() -> Visitor:
    return Visitor("ours", reads=frozenset({"ours"}))


def _secrets() -> Secrets:
    secrets = Secrets()
    secrets.keep("zqours", "a message", {"ours"})
    secrets.keep("zqtheirs", "a message", {"theirs"})
    return secrets
