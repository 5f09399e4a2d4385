"""That what looks at the pages sees the faults that it is there for, each planted in a page that has no other."""

import pytest
from playwright.async_api import Route

from tests.browser.conftest import Arrive
from tests.browser.sites import Site
from tests.browser.test_axe import AXE, faults_of

pytestmark = pytest.mark.anyio

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title>
<link rel="stylesheet" href="/planted.css"></head><body><main><h1>A page</h1><ul>%s</ul>%s</main></body></html>"""
STYLE = """:root{color-scheme:light dark} body{color:light-dark(#111,#eee);background:light-dark(#fff,#111)}
a{color:inherit;line-height:3} .dim{color:light-dark(#111,#333)} .pale{color:light-dark(#ccc,#eee)} .big{width:350px}
.narrow{display:none} @media (max-width:40rem){.narrow{display:block} .late{color:light-dark(#111,#333)}}"""
ROWS = [f'<li><a href="/{number}">Line {number}</a></li>' for number in range(12)]
IMAGE = '<img src="/planted.png">'


@pytest.mark.parametrize(
    ("row", "more", "told"),
    [
        ("", "", []),
        (f"<li>{IMAGE}</li>", "", ["light, 1440: image-alt", "light, 390: image-alt"]),
        ('<li class="pale">Other</li>', "", ["light, 1440: color-contrast", "light, 390: color-contrast"]),
        ("", '<p class="dim">Dark</p>', ["dark, 1440: color-contrast"]),
        ("", '<p class="late">Of another colour</p>', ["dark, 390: color-contrast"]),
        ("", '<p class="narrow dim">Nowhere else</p>', ["dark, 390: color-contrast"]),
        ("", f'<p class="narrow">{IMAGE}</p>', ["light, 390: image-alt"]),
        ("", '<p class="big">Wide</p>', ["scrolls sideways by"]),
        ("", '<p id="a">One</p><p id="a">Two</p>', ["the id a is there twice"]),
    ],
)
async def test_a_fault_is_told(site: Site, arrive: Arrive, row: str, more: str, told: list[str]) -> None:
    visitor = await arrive(site)
    visitor.may_say("status of 404")
    page = PAGE % ("".join([*ROWS[:9], row, *ROWS[9:]]), more)

    async def answer(route: Route) -> None:
        is_style = route.request.url.endswith(".css")
        await route.fulfill(content_type="text/css" if is_style else "text/html", body=STYLE if is_style else page)

    await visitor.page.route("**/planted*", answer)
    await visitor.context.add_init_script(path=AXE)
    await visitor.goto("/planted")
    found = await faults_of(visitor.page, "html", None)
    assert len(found) == len(told), found
    assert all(fault.startswith(words) for fault, words in zip(found, told, strict=True)), found
    assert await visitor.page.locator("li").count() == 3 + bool(row), "what is repeated is left out"
