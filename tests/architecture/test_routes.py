"""Every door states who may open it, and the book of all doors is up to date."""

from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar, Router, get
from litestar.routes import HTTPRoute

from sdes import app as application
from sdes.cli import route_lines
from sdes.permissions import Permission
from sdes.settings import Settings
from tests.support.people import Browser, session_for

BOOK = Path(__file__).parent / "route_book.txt"
WRITE = f"python -m sdes routes > tests/architecture/{BOOK.name}"


@get("/unmarked")
async def unmarked() -> str:
    return "open"


@get("/mistaken", opt={"permission": "sdep:message:sned"})
async def mistaken() -> str:
    return "open"


def test_the_book_of_routes_is_up_to_date(app: Litestar) -> None:
    written, now = BOOK.read_text().splitlines(), route_lines(app)
    changes = [f"+ {line}" for line in now if line not in written] + [
        f"- {line}" for line in written if line not in now
    ]
    assert now == written, "\n".join(["The doors have changed. If that is meant:", f"  {WRITE}", *changes])


def test_every_route_has_a_name_and_a_permission(app: Litestar) -> None:
    for route in app.routes:
        assert isinstance(route, HTTPRoute), f"{route.path}: say here who may open a door that is no HTTP route"
        for handler in route.route_handlers:
            if handler.http_methods != {"OPTIONS"}:
                assert isinstance(handler.opt.get("permission"), Permission), f"{route.path}: opt={{'permission': ...}}"
                assert handler.name, f"{route.path}: name='feature.noun'"


@pytest.mark.parametrize("door", [unmarked, mistaken])
def test_the_application_refuses_a_route_without_permission(
    door: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sdes.app.status.router", Router("/", route_handlers=[door]))
    with pytest.raises(RuntimeError, match="states no permission"):
        application.create_app(settings)


@pytest.mark.anyio
async def test_a_door_without_permission_would_open_to_nobody(
    db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard is closed by default, should the refusal above ever be lost."""
    monkeypatch.setattr("sdes.app.status.router", Router("/", route_handlers=[unmarked]))
    monkeypatch.setattr("sdes.app._refuse_doors_without_permission", lambda app: None)
    made = application.create_app(settings, with_database=False)
    asha = Browser(made, settings, await session_for("asha@brightwatt.example", settings))
    assert (await asha.get("/unmarked")).status_code == 403
    answer = await Browser(made, settings).get("/unmarked")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")
