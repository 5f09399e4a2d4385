"""Second factors through the doors: setting them up and giving them, as the pages and their scripts do."""

import re
from html import unescape

import httpx
import pyotp
from litestar import Litestar
from litestar.routes import HTTPRoute

from sdes.kit import clock, csrf, db
from sdes.permissions import Permission
from tests.support.authenticators import Authenticator
from tests.support.people import Browser, hidden
from tests.support.signing_in import ASHA, signing_in

SECURITY = "/account/security"
STEP = "/sign-in/second-factor"


def code_of(secret: str, steps: int = 0) -> str:
    """The code that an app shows now, or `steps` of half a minute later."""
    return pyotp.TOTP(secret).generate_otp(int(clock.now().timestamp()) // 30 + steps)


async def offered(browser: Browser) -> tuple[str, str]:
    """The secret on the page that sets up an authenticator app, and the field that brings it back."""
    text = (await browser.get(f"{SECURITY}/authenticator")).text
    shown = re.search(r'qr__key"[^>]*>([A-Z2-7 ]+)<', text)
    assert shown, text
    return shown[1].replace(" ", ""), hidden(text, "offer")


async def with_app(browser: Browser) -> tuple[str, list[str]]:
    """Sets up an authenticator app; gives its secret and the recovery codes that were shown. Its first code is used."""
    secret, offer = await offered(browser)
    answer = await browser.post(f"{SECURITY}/authenticator", {"offer": offer, "code": code_of(secret)})
    assert answer.status_code in (200, 303), answer.text
    return secret, recovery_codes(answer)


def recovery_codes(answer: httpx.Response) -> list[str]:
    """The recovery codes on a page."""
    return [unescape(code) for code in re.findall(r'<li class="mono">([^<]+)</li>', answer.text)]


async def with_passkey(browser: Browser, device: Authenticator | None = None, name: str = "Laptop") -> Authenticator:
    """Adds a passkey that `device` holds."""
    device = device or Authenticator()
    answer = await add_passkey(browser, device, name)
    assert answer.status_code in (200, 303), answer.text
    return device


async def add_passkey(browser: Browser, device: Authenticator, name: str = "Laptop") -> httpx.Response:
    asked = await browser.post(f"{SECURITY}/passkeys/challenge")
    assert asked.status_code == 200, asked.text
    return await browser.post(f"{SECURITY}/passkeys", {"name": name, "credential": device.make(asked.text)})


async def half_way(browser: Browser, email: str = ASHA, next: str = "/") -> None:
    """Signs in with the password, up to where the second factor is asked for."""
    browser.client.cookies.delete(browser.settings.cookie)
    answer = await signing_in(browser, email, next=next)
    assert answer.headers["location"].startswith(STEP), answer.headers


async def give(browser: Browser, code: str, by: str = "code", next: str = "/") -> httpx.Response:
    """Posts a code or a recovery code after the password."""
    return await keeping_who(browser, await browser.post(STEP, {"code": code, "by": by, "next": next}))


async def challenge(browser: Browser) -> str:
    """What the sign-in page's script asks before a passkey signs in alone."""
    answer = await browser.post("/sign-in/passkey/challenge", {"csrf_token": token_of_nobody(browser)})
    assert answer.status_code == 200, answer.text
    return answer.text


async def passkey_sign_in(browser: Browser, credential: str, email: str = ASHA, next: str = "/") -> httpx.Response:
    """Posts what a passkey answered on the sign-in page."""
    fields = {"csrf_token": token_of_nobody(browser), "credential": credential, "next": next}
    return await keeping_who(browser, await browser.post("/sign-in/passkey", fields), email)


async def keeping_who(browser: Browser, answer: httpx.Response, email: str = ASHA) -> httpx.Response:
    """The answer; the browser's forms then carry the token of whom it let in."""
    if answer.status_code == 303:
        await browser.knows_who_signed_in(email)
    return answer


async def mails(kind: str) -> list[str]:
    """The addresses to which mails of that kind were written, oldest first."""
    return [
        row["to_address"] for row in await db.fetch("SELECT to_address FROM mail WHERE kind = $1 ORDER BY id", kind)
    ]


def token_of_nobody(browser: Browser) -> str:
    return csrf.token_for(f"{browser.client.cookies[browser.settings.form_cookie]}.")


def doors(app: Litestar, *but: Permission) -> list[tuple[str, str]]:
    """Method and address of every door but those that ask for nothing more than `but`."""
    found = []
    for route in app.routes:
        assert isinstance(route, HTTPRoute)
        path = re.sub(r"{\w+:(\w+)}", lambda part: _STANDS_FOR.get(part[1], "x"), route.path)
        for handler in route.route_handlers:
            if handler.opt.get("permission") not in {Permission.ANYONE, *but}:
                found += [(method, path) for method in sorted(handler.http_methods & {"GET", "POST"})]
    return found


async def every_door_leads_to(target: str, browser: Browser, tried: list[tuple[str, str]]) -> None:
    """Knocks at each: all send the browser to `target`, but for those of programs, which know no browser."""
    assert len(tried) > 40
    for method, path in tried:
        answer = await (browser.get(path) if method == "GET" else browser.post(path))
        led = answer.headers.get("location")
        found = answer.status_code, led and led.partition("?next=")[0]
        assert found == ((401, None) if path.startswith("/api/") else (303, target)), f"{method} {path}"


_STANDS_FOR = {"int": "1", "uuid": "00000000-0000-0000-0000-000000000000"}
