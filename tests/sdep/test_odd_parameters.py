"""No parameter of an address breaks the portal: numbers, months and times that nothing has."""

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from tests.support.communications import sent
from tests.support.people import Browser

pytestmark = pytest.mark.anyio

ODD = ("0", "-1", "2147483648", "9223372036854775808", "9999-12", "9999-12-31T23:59:59Z", "31 12 9999", "0001-01-01",
       "\0", "²")  # fmt: skip
NAMES = (
    *("after", "before", "company", "cursor", "draft", "from", "folder", "kind", "known", "level", "mpid", "month"),
    *("owner", "page", "person", "process", "q", "saved", "seen", "since", "size", "state", "tag", "to", "told"),
    *("updated_since", "year", "date", "by", "sort", "direction", "subject", "reference"),
)


async def test_odd_parameters_are_answered(app: Litestar, asha: Browser, mo: Browser, carys: Browser) -> None:
    reference = await sent(asha)
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
            for browser in (asha, mo, carys):
                answer = await browser.get(path, params=dict.fromkeys(NAMES, odd))
                if answer.status_code >= 500:
                    broken.append((path, odd))
    assert not broken
