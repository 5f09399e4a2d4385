"""Behind proxies: their word alone counts about who asks, and what came in clear is sent on or refused."""

from pathlib import Path

import httpx
import pytest
from litestar import Litestar

from sdes.kit import db as database
from sdes.serving.proxies import BehindProxies
from sdes.settings import Settings
from tests.serving import bare
from tests.serving.serving import Web
from tests.support.people import Browser
from tests.support.signing_in import ASHA, signing_in

pytestmark = [pytest.mark.anyio, pytest.mark.spec("SD 8.1", "SD 8.2")]

PROXY, STRANGER = "10.0.0.5", "192.0.2.66"
PROXIES = (PROXY, "10.1.0.0/24")
HERE = "https://sdes.example"


def client_from(address: str, scheme: str = "http") -> httpx.AsyncClient:
    """A client at `address` that speaks with the bare application behind PROXIES."""
    transport = httpx.ASGITransport(BehindProxies(bare.make(), PROXIES, f"{HERE}/"), client=(address, 50000))
    return httpx.AsyncClient(transport=transport, base_url=f"{scheme}://sdes.example")


def told_by_proxy(client: str, scheme: str = "https") -> dict[str, str]:
    return {"X-Forwarded-For": client, "X-Forwarded-Proto": scheme}


@pytest.mark.parametrize("proxy", [PROXY, "10.1.0.77"])
async def test_a_trusted_proxys_word_counts(proxy: str) -> None:
    told = (await client_from(proxy).get("/", headers=told_by_proxy("203.0.113.9"))).json()
    assert (told["client"], told["scheme"]) == ("203.0.113.9", "https")


async def test_what_the_asker_wrote_before_the_proxy_does_not() -> None:
    told = await client_from(PROXY).get("/", headers=told_by_proxy("1.1.1.1, 203.0.113.9, 10.1.0.3"))
    assert told.json()["client"] == "203.0.113.9"


@pytest.mark.parametrize("address", [STRANGER, "10.2.0.1", "127.0.0.1"])
async def test_nobody_elses_does(address: str) -> None:
    answer = await client_from(address, "https").get("/", headers=told_by_proxy("203.0.113.9"))
    assert answer.json()["client"] == address
    answer = await client_from(address).get("/", headers=told_by_proxy("203.0.113.9"))
    assert answer.status_code == 308, "in clear, whatever it says"


@pytest.mark.parametrize(
    ("asked", "sent_to"),
    [
        ("/", f"{HERE}/"),
        ("/sdep/communications?page=2&word=a%20b", f"{HERE}/sdep/communications?page=2&word=a%20b"),
        ("//evil.example/x", f"{HERE}//evil.example/x"),
        ("/a%0d%0aSet-Cookie:x", f"{HERE}/a%0d%0aSet-Cookie:x"),
    ],
)
async def test_what_is_read_in_clear_is_read_by_https(asked: str, sent_to: str) -> None:
    headers = {"Host": "evil.example", **told_by_proxy("203.0.113.9", "http")}
    answer = await client_from(PROXY).get(f"http://sdes.example{asked}", headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (308, sent_to)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_what_is_sent_in_clear_is_refused(method: str) -> None:
    answer = await client_from(PROXY).request(method, "/sign-in", headers=told_by_proxy("203.0.113.9", "http"))
    assert answer.status_code == 403
    assert "location" not in answer.headers


@pytest.mark.parametrize("headers", [{}, {"X-Forwarded-For": "203.0.113.9"}, told_by_proxy("203.0.113.9", "gopher")])
async def test_a_proxy_that_does_not_say_how_it_came_is_told(headers: dict[str, str]) -> None:
    answer = await client_from(PROXY).get("/", headers=headers)
    assert answer.status_code == 400
    assert "X-Forwarded-Proto" in answer.text


@pytest.mark.parametrize("name", ["somebody", "x" * 5000, "203.0.113.9; DROP", "", " ", "203.0.113.9, ", "[]", ":80"])
async def test_a_sender_who_is_no_address_is_refused(name: str) -> None:
    answer = await client_from(PROXY).get("/", headers=told_by_proxy(name))
    assert (answer.status_code, "X-Forwarded-For" in answer.text) == (400, True)


async def test_a_proxy_that_does_not_say_who_asks_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """All would be counted as one, and one could lock out all."""
    answer = await client_from(PROXY).get("/", headers={"X-Forwarded-Proto": "https"})
    assert (answer.status_code, "X-Forwarded-For" in answer.text) == (400, True)
    assert "X-Forwarded-For" in caplog.text


async def test_a_proxy_may_ask_for_itself_when_it_says_so() -> None:
    told = await client_from(PROXY).get("/", headers=told_by_proxy(PROXY))
    assert told.json()["client"] == PROXY


async def test_balancers_ask_after_health_in_clear() -> None:
    assert (await client_from(PROXY).get("/health/live")).status_code == 200
    assert (await client_from(STRANGER).get("/healthy")).status_code == 308


def behind(app: Litestar, settings: Settings, address: str, sender: str) -> Browser:
    """A browser that reaches the whole application from `address`, saying that `sender` asks."""
    browser = Browser(BehindProxies(app, PROXIES, HERE), settings)  # type: ignore[arg-type]
    browser.client._transport.client = (address, 50000)  # type: ignore[attr-defined]
    browser.client.base_url = httpx.URL("https://sdes.example")
    browser.client.headers.update(told_by_proxy(sender))
    return browser


async def addresses() -> int:
    """How many addresses have wrong passwords counted against them."""
    rows = await database.fetch("SELECT count(DISTINCT key) AS n FROM sign_in_attempt WHERE key LIKE 'address:%'")
    return int(rows[0]["n"])


@pytest.mark.parametrize(("address", "counted"), [(PROXY, 3), (STRANGER, 1)])
async def test_wrong_passwords_count_against_who_really_asks(
    app: Litestar, settings: Settings, db: None, address: str, counted: int
) -> None:
    for number in range(3):
        browser = behind(app, settings, address, f"203.0.113.{number}")
        assert (await signing_in(browser, ASHA, "wrong")).status_code == 422
    assert await addresses() == counted


def test_without_a_proxy_nobodys_word_counts(tmp_path: Path) -> None:
    with Web(tmp_path) as web:
        told = web.ask(**told_by_proxy("203.0.113.9"))
    assert (told["client"], told["scheme"]) == ("127.0.0.1", "http")


def test_the_option_names_them(tmp_path: Path) -> None:
    with Web(tmp_path, "--behind-proxy", "127.0.0.1,10.1.0.0/24") as web:
        told = web.ask(**told_by_proxy("203.0.113.9"))
    assert (told["client"], told["scheme"]) == ("203.0.113.9", "https")
