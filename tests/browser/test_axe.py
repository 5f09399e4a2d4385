"""Every page, light and dark, wide and narrow: no fault that axe knows, no sideways scrolling, nothing inline."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from sdes.kit.rendering import environment
from tests.attachments.samples import eicar
from tests.browser.conftest import Arrive
from tests.browser.sites import Site, until
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.anyio

AXE = Path(__file__).parent / "vendor" / "axe-core-4.14.1" / "axe.min.js"
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
OF_COLOURS = ["color-contrast", "link-in-text-block"]  # dark changes colours and nothing else
WIDE, NARROW, NARROWEST = 1440, 390, 320

_AXE = """([within, only]) => axe.run(within || repainted, {runOnly: only, resultTypes: ['violations']}).then(found =>
    found.violations.map(v => `${v.id}: ${v.nodes.map(n => n.target.join(' ')).slice(0, 3).join(' | ')}`))"""
_MARKUP = """() => {
    const ids = [...document.querySelectorAll('[id]')].map(e => e.id)
    const inline = [...document.querySelectorAll('[style], style, script:not([src])')]
    const elements = [...document.querySelectorAll('*')]
    const handlers = elements.filter(e => e.getAttributeNames().some(name => name.startsWith('on')))
    return [
        ...ids.filter((id, at) => ids.indexOf(id) !== at).map(id => `the id ${id} is there twice`),
        ...[...document.querySelectorAll('td, dd')].filter(cell => cell.scrollWidth > cell.clientWidth + 1)
            .map(cell => `a cell runs over into the next: ${cell.innerText.slice(0, 60)}`),
        ...inline.concat(handlers).map(e => `inline: ${e.outerHTML.slice(0, 80)}`),
    ]
}"""
# Rows, items and options that are built and drawn like others that stand beside them tell axe nothing new: three stay.
_WITHOUT_REPEATS = """() => {
    const differs = name => !['aria-label', 'aria-labelledby', 'aria-describedby'].includes(name)
        && (name.startsWith('aria-') || ['class', 'role', 'type', 'colspan', 'rowspan', 'scope'].includes(name))
    const inside = node => node.nodeType === 3 && node.data.trim() ? 'text' : node.nodeType === 1 ? built(node) : ''
    const said = one => one.name + (differs(one.name) ? `=${one.value}` : '')
    const built = element => [element.tagName, [...element.attributes].map(said).sort(), '>',
        ...[...element.childNodes].map(inside), '/'].join(' ')
    for (const parent of document.querySelectorAll('tbody, ul, ol, select, optgroup')) {
        const met = new Map()
        for (const child of [...parent.children]) {
            const like = built(child)
            met.set(like, (met.get(like) || 0) + 1)
            if (met.get(like) > 3 && !child.selected) child.remove()
        }
    }
}"""
# The outermost elements that are painted in other colours than when this was asked last, or were not to be seen then.
_REPAINTED = """within => {
    const paint = element => {
        if (!element.checkVisibility()) return ''
        const style = getComputedStyle(element)
        return [style.color, style.backgroundColor, style.backgroundImage, style.fontSize, style.fontWeight,
            style.opacity, style.textDecorationLine].join()
    }
    const before = window.paintedBefore || new Map()
    const part = document.querySelector(within)
    const now = new Map([part, ...part.querySelectorAll('*')].map(element => [element, paint(element)]))
    window.paintedBefore = now
    const anew = new Set([...now.keys()].filter(one => now.get(one) && now.get(one) !== before.get(one)))
    window.repainted = [...anew].filter(one => !anew.has(one.parentElement))
    return window.repainted.length
}"""
_SIDEWAYS = "() => document.scrollingElement.scrollWidth - document.documentElement.clientWidth"

Open = Callable[[Visitor], Awaitable[str | None]]  # may name the part to look at, where it covers others


def at(path: str, status: int = 200) -> Open:
    """Opens the page at that address, which must answer with that status."""

    async def open_page(visitor: Visitor) -> None:
        if status >= 400:
            visitor.may_say(f"the server responded with a status of {status}")
        assert (await visitor.goto(path)).status == status, path

    return open_page


async def look_at(visitor: Visitor, pages: dict[str, Open], pictures: Path | None) -> None:
    """Opens each page, looks at it in both widths and both colours, and tells all faults of all pages together."""
    await visitor.context.add_init_script(path=AXE)
    faults = []
    for name, open_page in pages.items():
        await visitor.page.emulate_media(color_scheme="light")
        await visitor.page.set_viewport_size({"width": WIDE, "height": 900})
        within = await open_page(visitor) or "html"
        faults += [f"{name}: {fault}" for fault in await faults_of(visitor.page, within, pictures and pictures / name)]
    assert not faults, "\n".join(faults)


async def faults_of(page: Page, within: str, picture: Path | None) -> list[str]:
    """What is wrong with the page at hand, which is of no use afterwards: what is repeated in it is gone."""
    found = list(await page.evaluate(_MARKUP))
    await page.set_viewport_size({"width": NARROWEST, "height": 900})
    if (too_wide := await page.evaluate(_SIDEWAYS)) > 0:
        found.append(f"scrolls sideways by {too_wide} px at {NARROWEST}")
    if picture:
        await _take(page, picture)
    await page.evaluate(_WITHOUT_REPEATS)
    for width in (WIDE, NARROW):
        await page.set_viewport_size({"width": width, "height": 900})
        await page.evaluate("scrollTo(0, 0)")  # what the bar covers of a scrolled page is not too small
        await page.emulate_media(color_scheme="light")
        found += [f"light, {width}: {fault}" for fault in await page.evaluate(_AXE, [within, STANDARD])]
        await page.emulate_media(color_scheme="dark")
        repainted = await page.evaluate(_REPAINTED, within)
        if width == WIDE or repainted:
            part = within if width == WIDE else None
            found += [f"dark, {width}: {fault}" for fault in await page.evaluate(_AXE, [part, OF_COLOURS])]
    return found


async def _take(page: Page, picture: Path) -> None:
    for width in (WIDE, NARROW):
        await page.set_viewport_size({"width": width, "height": 900})
        for theme in ("light", "dark"):
            await page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            await page.screenshot(path=f"{picture}_{theme}_{width}.png", full_page=True)


async def test_pages_of_nobody(site: Site, arrive: Arrive, pictures: Path | None) -> None:
    async def wrong_sign_in(visitor: Visitor) -> None:
        visitor.may_say("status of 422")
        await visitor.goto("/sign-in")
        await visitor.page.get_by_role("button", name="Sign in", exact=True).click()
        await expect(visitor.page.get_by_role("alert")).to_be_visible()

    def broken(status: int, **words: str | None) -> Open:
        html = environment().get_template("templates/errors/standalone.html").render(words)

        async def open_page(visitor: Visitor) -> None:
            visitor.may_say(f"the server responded with a status of {status}")
            await visitor.page.route("**/broken", lambda route: route.fulfill(status=status, body=html), times=1)
            await visitor.page.goto(f"{site.address}/broken")

        return open_page

    told = {"title": "Something went wrong", "text": "Nothing was saved.", "link": "Try again"}
    pages = {
        "unavailable": broken(503, request_id=None, **told),
        "our-fault": broken(500, request_id="0123456789ab", **told),
        "sign-in": at("/sign-in"),
        "sign-in-errors": wrong_sign_in,
        "sign-in-ended": at("/sign-in?why=kept"),
        "demo-mail": at("/demo/mail"),
        "not-found-outside": at("/nothing-here", 404),
    }
    await look_at(await arrive(site), pages, pictures)


async def test_lists_and_settings(site: Site, arrive: Arrive, pictures: Path | None) -> None:
    async def compact(visitor: Visitor) -> None:
        await visitor.goto("/sdep/communications")
        await visitor.page.get_by_role("button", name="Compact", exact=True).click()
        await expect(visitor.page.locator("html[data-density=compact]")).to_be_attached()

    async def help_dialog(visitor: Visitor) -> None:
        await visitor.goto("/sdep/communications")
        await visitor.page.keyboard.press("?")
        await expect(visitor.page.get_by_role("dialog")).to_be_visible()

    async def account_menu(visitor: Visitor) -> str:
        await visitor.goto("/sdep/communications")
        await visitor.page.locator("details.menu summary").click()
        return "details.menu"

    async def session_ending(visitor: Visitor) -> str:
        await visitor.page.clock.install()
        await visitor.goto("/sdep/communications")
        await visitor.page.clock.fast_forward("28:30")
        await expect(visitor.page.get_by_role("dialog", name="Are you still there?")).to_be_visible()
        return "#session"

    async def wrong_password(visitor: Visitor) -> None:
        visitor.may_say("status of 422")
        await visitor.goto("/account/password")
        await visitor.page.get_by_role("button", name="Change password").click()
        await expect(visitor.page.get_by_role("alert")).to_be_visible()

    pages = {
        "list": at("/sdep/communications"),
        "list-menu": account_menu,
        "list-help": help_dialog,
        "archive": at("/sdep/communications?folder=archive"),
        "display": at("/account/display"),
        "password": at("/account/password"),
        "password-errors": wrong_password,
        "status": at("/status"),
        "not-found": at("/sdep/communications/SC00000000", 404),
        "list-compact": compact,
        "session-ending": session_ending,
    }
    await look_at(await arrive(site, "ben@brightwatt.example"), pages, pictures)


async def test_pages_of_one_communication(site: Site, arrive: Arrive, pictures: Path | None) -> None:
    reference = site.send("asha@brightwatt.example", "Pages to look at", {"a.txt": b"good", "b.txt": eicar()})
    until(lambda: sorted(site.states(reference)) == ["clean", "failed"], "both files are checked")
    here = f"/sdep/communications/{reference}"
    waiting = site.rows(
        "SELECT c.reference FROM attachment a JOIN message_attachment m ON m.attachment = a.id JOIN communication c"
        " ON c.id = m.communication JOIN communication_party p ON p.communication = c.id JOIN company o"
        " ON o.id = p.company WHERE a.state = 'pending' AND o.name = 'Brightwatt Energy'"
    )[0]["reference"]

    long_items, long_process = (
        site.rows("SELECT reference FROM communication WHERE subject LIKE %s", words)[0]["reference"]
        for words in ("Gas UTRN does not take%", "Profile class 03 should have been 01%")
    )

    async def empty_reply(visitor: Visitor) -> None:
        visitor.may_say("status of 422")
        await visitor.goto(here)
        await visitor.page.get_by_role("button", name="Send reply").click()
        await expect(visitor.page.get_by_role("alert")).to_be_focused()

    pages = {
        "details": at(here),
        "details-attachments": at(f"{here}/attachments"),
        "details-audit": at(f"{here}/audit"),
        "details-long-items": at(f"/sdep/communications/{long_items}"),
        "details-long-process": at(f"/sdep/communications/{long_process}"),
        "details-pending": at(f"/sdep/communications/{waiting}"),
        "details-attachments-pending": at(f"/sdep/communications/{waiting}/attachments"),
        "reply-errors": empty_reply,
    }
    await look_at(await arrive(site, "asha@brightwatt.example"), pages, pictures)


async def test_writing_pages(site: Site, arrive: Arrive, pictures: Path | None) -> None:
    async def with_items(visitor: Visitor) -> None:
        await visitor.goto("/sdep/communications/new")
        await visitor.page.get_by_label("Send from").select_option("Electricity supplier, CALD")
        await expect(visitor.page.locator(".htmx-request")).to_have_count(0)  # the fields below are drawn anew
        process = "Retrospective MPAD Amendment - Retrospective Amendment Request (Electricity)"
        await visitor.page.get_by_label("Business process").select_option(process)
        await expect(visitor.page.get_by_label("MPAN", exact=True)).to_be_visible()

    async def with_errors(visitor: Visitor) -> None:
        visitor.may_say("status of 422")
        await with_items(visitor)
        await visitor.page.get_by_role("button", name="Send communication").click()
        await expect(visitor.page.get_by_role("alert")).to_be_focused()

    pages = {
        "drafts-none": at("/sdep/drafts"),
        "new": at("/sdep/communications/new"),
        "new-items": with_items,
        "new-errors": with_errors,
        "drafts": at("/sdep/drafts"),
    }
    await look_at(await arrive(site, "cleo@calder.example"), pages, pictures)


async def test_pages_of_those_who_may_little(site: Site, arrive: Arrive, pictures: Path | None) -> None:
    async def too_short(visitor: Visitor) -> None:
        visitor.may_say("status of 422")
        await visitor.goto("/new-password")
        await visitor.page.get_by_label("New password", exact=True).fill("short")
        await visitor.page.get_by_role("button", name="Save password").click()
        await expect(visitor.page.get_by_role("alert")).to_be_visible()

    site.rows("UPDATE person SET password_is_single_use = true WHERE email_key = 'cora@calder.example'")
    newcomer = {"new-password": at("/new-password"), "new-password-errors": too_short}
    await look_at(await arrive(site, "cora@calder.example"), newcomer, pictures)
    await look_at(await arrive(site, "otto@clearvolt.example"), {"list-empty": at("/sdep/communications")}, pictures)
    forbidden = {"forbidden": at("/sdep/communications", 403)}
    await look_at(await arrive(site, "mei@fieldline.example"), forbidden, pictures)
