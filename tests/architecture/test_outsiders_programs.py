"""The doors for programs are shut, with 404, to the keys of companies that have no part in a record."""

import re

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from sdes.kit import db
from tests.architecture.matter import Matter
from tests.architecture.test_outsiders import RECORDS, locks
from tests.support.programs import Program, key_of

pytestmark = pytest.mark.anyio

__all__ = ["locks"]

# A body that each door takes, so that it is opened as far as the record; by the end of its path and method.
BODIES = {
    ("PATCH", "people/{person_id:int}"): {"name": "Somebody Else"},
    ("PUT", "assignments"): {"use_cases": []},
    ("PUT", "functions"): {"system_functions": []},
}


@pytest.mark.spec("SD 9.2(d)")
async def test_another_company_s_program_finds_nothing(
    app: Litestar, matter: Matter, other_matter: Matter, locks: None
) -> None:
    before = await _people(matter)
    for company in ("Clearvolt", "Calder Home Energy"):
        program = Program(app, await key_of(company))
        for method, path in _doors(app):
            answer = await _knock(program, method, path, matter)
            assert answer == 404, f"{method} {path} answered a key of {company} with {answer}, not 404"
    assert await _people(matter) == before


async def test_the_same_doors_open_to_the_company_s_own(app: Litestar, matter: Matter) -> None:
    """Or else the refusals above prove nothing."""
    program = Program(app, await key_of("Brightwatt Energy"))
    doors = _doors(app)
    assert len(doors) >= 8
    for method, path in doors:
        unit = db.Unit()
        await unit.begin()
        answer = await _knock(program, method, path, matter)
        await unit.rollback()
        assert answer in (200, 204, 409), f"{method} {path}: {answer}"


async def test_every_door_for_programs_says_that_it_is_one(app: Litestar) -> None:
    """Or else cookies would open it, and its errors would be pages."""
    for route in app.routes:
        assert isinstance(route, HTTPRoute)
        for handler in route.route_handlers:
            if handler.http_methods != {"OPTIONS"}:
                is_below = route.path.startswith("/api/v1/")
                assert bool(handler.opt.get("api")) == is_below, f"{route.path}: opt={{'api': True}} below /api/v1 only"


def _doors(app: Litestar) -> list[tuple[str, str]]:
    return [
        (method, route.path)
        for route in app.routes
        if isinstance(route, HTTPRoute) and "{" in route.path
        for handler in route.route_handlers
        if handler.opt.get("api")
        for method in sorted(handler.http_methods - {"OPTIONS"})
    ]


async def _knock(program: Program, method: str, path: str, matter: Matter) -> int:
    body = next((body for (verb, end), body in BODIES.items() if verb == method and path.endswith(end)), None)
    address = re.sub(r"{(\w+):\w+}", lambda found: str(RECORDS[found[1]](matter, False)), path)
    return (await program.send(method, address.removeprefix("/api/v1"), body)).status_code


async def _people(matter: Matter) -> list[object]:
    return await db.fetch("SELECT * FROM person WHERE company = ANY ($1) ORDER BY id", list(matter.companies))
