"""Somebody at a browser: one context of the shared Chromium, whose console and requests are watched."""

import re

from playwright.async_api import BrowserContext, Page, Response, expect

from tests.browser.sites import PASSWORD, Site

expect.set_options(timeout=15_000)


class Visitor:
    """One person's browser. What its console says that nobody foresaw (`may_say`) fails the test in `leave`."""

    def __init__(self, context: BrowserContext, page: Page, site: Site) -> None:
        self.context = context
        self.page = page
        self.site = site
        self._foreseen = [r"^htmx:(afterRequest|sendAbort), "]  # an autosave that gives way to Send
        self._said: list[str] = []
        context.set_default_timeout(15_000)
        context.on("console", lambda message: self._said.append(message.text) if message.type == "error" else None)
        context.on("weberror", lambda failure: self._said.append(f"script: {failure.error}"))
        context.on("request", lambda request: self._note_address(request.url))

    def may_say(self, pattern: str) -> None:
        """Foresees errors in the console that match, such as the browser's own line about a status of 404."""
        self._foreseen.append(pattern)

    async def goto(self, path: str) -> Response:
        answer = await self.page.goto(self.site.address + path)
        assert answer is not None
        return answer

    async def refused(self, path: str) -> int:
        """The status with which a page is refused."""
        self.may_say(r"the server responded with a status of 4\d\d")
        return (await self.goto(path)).status

    async def sign_in(self, email: str, path: str = "/sign-in") -> None:
        """Signs in through the page."""
        await self.goto(path)
        await self.page.get_by_label("Email address").fill(email)
        await self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        await self.page.get_by_role("button", name="Sign in", exact=True).click()
        await self.page.wait_for_url(lambda url: "/sign-in" not in url)

    async def leave(self) -> None:
        """Closes the browser; fails when it complained of anything."""
        await self.context.close()
        unforeseen = [text for text in self._said if not any(re.search(known, text) for known in self._foreseen)]
        assert not unforeseen, "\n".join(unforeseen)

    def _note_address(self, url: str) -> None:
        if not url.startswith((self.site.address, "about:", "blob:")):
            self._said.append(f"asked a stranger: {url}")
