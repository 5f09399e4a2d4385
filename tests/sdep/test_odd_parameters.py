"""No parameter of an address breaks the portal: numbers, months and times that nothing has."""

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from sdes.kit.paging import Cursor
from tests.support.communications import sent
from tests.support.people import Browser, SignIn
from tests.support.programs import Program, key_of
from tests.support.reports import reporter

pytestmark = pytest.mark.anyio

ODD = ("0", "-1", "2147483648", "9223372036854775808", "9999-12", "9999-12-31T23:59:59Z", "31 12 9999", "0001-01-01",
       "\0", "²")  # fmt: skip
NAMES = (
    *("after", "before", "company", "cursor", "draft", "from", "folder", "kind", "known", "level", "mpid", "month"),
    *("owner", "page", "person", "process", "q", "saved", "seen", "since", "size", "state", "tag", "to", "told"),
    *("updated_since", "year", "date", "by", "sort", "direction", "subject", "reference"),
)


async def test_odd_parameters_are_answered(app: Litestar, asha: Browser, carys: Browser, sign_in: SignIn) -> None:
    reference, ben = await sent(asha), await reporter(sign_in)
    doors = {
        route.path.replace("{reference:str}", reference)
        for route in app.routes
        if isinstance(route, HTTPRoute) and not route.path.startswith("/api/")
        for handler in route.route_handlers
        if "GET" in handler.http_methods
    }
    doors = {path for path in doors if "{" not in path and not path.startswith("/sign-out")}
    broken = []
    for path in sorted(doors):
        for odd in ODD:
            for browser in (ben, carys):
                answer = await browser.get(path, params=dict.fromkeys(NAMES, odd))
                if answer.status_code >= 500:
                    broken.append((path, odd))
    assert not broken


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"])
async def test_a_place_at_no_time_that_there_is(app: Litestar, db: None, moment: str) -> None:
    program = Program(app, await key_of("Brightwatt Energy"))
    for path, query in (
        ("/communications", {}),
        ("/communications", {"deleting_before": "2100-01-01"}),
        ("/deletions", {}),
    ):
        answer = await program.get(path, cursor=str(Cursor(moment, 1)), **query)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "cursor")


@pytest.mark.parametrize("number", [0, -1, 2**31, 2**63 - 1])
async def test_a_place_behind_every_row_that_there_is(carys: Browser, number: int) -> None:
    for path in ("/companies", "/audit"):
        for is_before in (True, False):
            answer = await carys.get(path, params={"page": str(Cursor("x", number, is_before))})
            assert answer.status_code == 200, path
