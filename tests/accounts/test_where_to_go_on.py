"""After signing in one goes on at a page of this site, whatever an address says that was sent to somebody (SD 8.1)."""

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdes.accounts.forms import LONGEST_PATH, own_path
from tests.support.people import HTMX, Browser
from tests.support.signing_in import signing_in

pytestmark = pytest.mark.anyio

SITE = "https://sdes.example"
PIECES = ["/", "//", "\\", "\t", "\n", "\r", " ", ".", "..", "@", ":", "%2f", "%5c", "%09", "#", "?", ";", "[", "]"]
PIECES += ["evil.example", "https:", "javascript:", "data:", "sdes.example", "\u3002", "\u2215", "\u200b", "\x00", "é"]


def is_ours(path: str) -> bool:
    """Whether a browser that is told to go there, from any page of this site, stays on it."""
    # browsers drop these before they read an address, and take \\ for /
    read = path.strip("".join(map(chr, range(33)))).replace("\t", "").replace("\n", "").replace("\r", "")
    led = urlsplit(urljoin(f"{SITE}/sign-in", read.replace("\\", "/")))
    return (led.scheme, led.netloc) == ("https", "sdes.example")


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=3)), max_size=8).map("".join))
def test_whatever_is_asked_for_is_ours(text: str) -> None:
    path = own_path(text)
    assert path.startswith("/")
    assert is_ours(path)
    assert path in (text, "/")


@given(
    st.sampled_from(["/", "", "/a", "/a/"]), st.sampled_from(PIECES), st.sampled_from(PIECES), st.sampled_from(PIECES)
)
def test_nasty_beginnings_are_ours(start: str, one: str, two: str, three: str) -> None:
    assert is_ours(own_path(start + one + two + three + "evil.example"))


def test_the_sieve_would_notice() -> None:
    for path in ("//evil.example", "/\\evil.example", "/\t/evil.example", "https://evil.example", " //evil.example"):
        assert not is_ours(path)


@pytest.mark.parametrize("path", ["/" + "a" * LONGEST_PATH, "/é", "/大", "/\x7f", "/\u202e", None, ""])
def test_what_fits_no_header_leads_to_the_start(path: str | None) -> None:
    assert own_path(path) == "/"


@pytest.mark.parametrize(
    ("asked", "led"),
    [
        ("/sdep/drafts", "/sdep/drafts"),
        ("/sdep/communications?folder=archive&page=x", "/sdep/communications?folder=archive&page=x"),
        ("", "/"),
        ("//evil.example", "/"),
        ("///evil.example", "/"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("https://evil.example/", "/"),
        ("https:evil.example", "/"),
        ("javascript:alert(1)", "/"),
        (" //evil.example", "/"),
        ("/\t/evil.example", "/%20/evil.example"),
        ("/\n/evil.example", "/%20/evil.example"),
        ("/a\r\nSet-Cookie: x=y", "/a%20Set-Cookie:%20x=y"),
        ("/\u202e/evil.example", "/"),
        ("evil.example", "/"),
        ("/../..//evil.example", "/../..//evil.example"),
        ("/[", "/["),
        ("//[", "/"),
        ("/@evil.example", "/@evil.example"),
    ],
)
async def test_signing_in_leads_to_this_site_only(nobody: Browser, asked: str, led: str) -> None:
    answer = await signing_in(nobody, next=asked)
    assert answer.status_code == 303
    assert answer.headers["location"] == led


async def test_a_page_of_display_settings_leads_to_this_site_too(asha: Browser) -> None:
    for headers, name in (({}, "location"), (HTMX, "hx-redirect")):
        for asked, led in (("/sdep/drafts", "/sdep/drafts"), ("//evil.example", "/"), ("/大", "/")):
            answer = await asha.post("/account/display", {"theme": "dark", "next": asked}, headers=headers)
            assert answer.headers[name] == led
