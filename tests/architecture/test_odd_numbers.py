"""No address breaks the service by the numbers in it: what cannot be a record's is simply not found."""

import re

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from tests.support.people import Browser

pytestmark = pytest.mark.anyio

ODD = ("0", "-1", "2147483648", "9223372036854775808", "1" + "0" * 30)


async def test_numbers_that_no_record_has_are_not_found(
    app: Litestar, mo: Browser, piet: Browser, asha: Browser
) -> None:
    doors = [
        (method, route.path)
        for route in app.routes
        if isinstance(route, HTTPRoute) and ":int}" in route.path and not route.path.startswith("/api/")
        for handler in route.route_handlers
        for method in handler.http_methods - {"OPTIONS"}
    ]
    assert len(doors) > 15
    broken = []
    for method, path in doors:
        for odd in ODD:
            address = re.sub(r"\{[^}]+:int\}", odd, re.sub(r"\{[^}]+:(?!int)[^}]+\}", "SC02000001", path))
            for browser in (mo, piet, asha):
                answer = await (browser.get(address) if method == "GET" else browser.post(address))
                if answer.status_code >= 500 or answer.status_code < 400:
                    broken.append((method, address, answer.status_code))
    assert not broken
