"""First paint: what somebody waits for in a real Chromium until a page shows its first content."""

from dataclasses import dataclass
from http.cookies import SimpleCookie
from statistics import median

from playwright.async_api import Page, async_playwright

from bench.house import Server
from bench.visitor import MATRIX, Visitor

CHROMIUM = "/usr/bin/chromium"
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
PAGES = {
    "Matrix, 25 of 500 people": MATRIX,
    "Matrix, 50 of 500 people": f"{MATRIX}?size=50",
    "Matrix, all 500 people": f"{MATRIX}?size=500",
}

_IS_PAINTED = "() => performance.getEntriesByName('first-contentful-paint').length > 0"
_TIMES = """() => {
    const visit = performance.getEntriesByType('navigation')[0]
    const first = performance.getEntriesByName('first-contentful-paint')[0]
    return [first.startTime, visit.responseEnd, visit.loadEventEnd]
}"""


@dataclass(frozen=True)
class Paint:
    """A page by its name: milliseconds to its first paint, visit by visit; the medians of its last byte and its end."""

    name: str
    first: list[float]
    answered: float
    loaded: float

    @property
    def middle(self) -> float:
        return median(self.first)


async def paints(web: Server, visitor: Visitor, visits: int) -> list[Paint]:
    """Opens each page so many times, one after the other, with style sheet and script in the browser's cache."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        context = await chromium.new_context(viewport={"width": 1440, "height": 900})
        kept = SimpleCookie(visitor.cookie)
        await context.add_cookies([{"name": one.key, "value": one.value, "url": web.origin} for one in kept.values()])
        page = await context.new_page()
        found = [await _painted(page, name, web.origin + path, visits) for name, path in PAGES.items()]
        await chromium.close()
    return found


async def _painted(page: Page, name: str, address: str, visits: int) -> Paint:
    times = []
    for _ in range(visits + 1):
        await page.goto(address)
        await page.wait_for_function(_IS_PAINTED)  # a busy machine may have loaded all before it paints
        times.append(await page.evaluate(_TIMES))
    first, answered, loaded = zip(*times[1:], strict=True)  # the first visit fills the cache
    return Paint(name, list(first), median(answered), median(loaded))
