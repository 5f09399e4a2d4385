"""The whole application over its own TLS: signing in, sending a file and fetching it, as a client from outside does."""

import re
import ssl
from collections.abc import Iterator
from html import unescape

import httpx
import psycopg
import pytest

from sdes.embedded.clamd import EmbeddedClamd
from sdes.embedded.postgres import EmbeddedPostgres
from sdes.embedded.supervisor import web_command
from tests.browser.sites import MPAN, PASSWORD, PROCESS, Site, until
from tests.serving.serving import Pair

pytestmark = [pytest.mark.drill, pytest.mark.spec("SD 8.1", "SD 8.2")]

CONTENT = b"The meter at 4 Mill Lane was read on Tuesday.\n" * 20_000  # about a megabyte


@pytest.fixture(scope="module")
def site(
    postgres: EmbeddedPostgres, clamd: EmbeddedClamd, served_pair: Pair, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """SDES with the demo world, in a database of its own, reached by https only."""
    with psycopg.connect(postgres.url("sdes_owner", "postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE sdes_tls OWNER sdes_owner")
    made = Site(tmp_path_factory.mktemp("tls"), postgres, clamd.socket, "sdes_tls")
    made.address = f"https://localhost:{made.port}"
    command = web_command(made.port, "sdes.app:create_app", *served_pair.options)
    made.web = made.program("web", command, SDES_PUBLIC_URL=made.address)
    try:
        made.prepare()
        made.worker.start()
        made.web.start()
        until(lambda: answers(made, served_pair) or not made.web.is_running(), "the web application answers")
        assert made.web.is_running(), made.web.last_words()
        yield made
    finally:
        made.stop()


def answers(site: Site, pair: Pair) -> bool:
    try:
        client(site, pair).get("/sign-in")
    except httpx.HTTPError:
        return False
    return True


def client(site: Site, pair: Pair, version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> httpx.Client:
    trust = pair.context()
    trust.minimum_version = trust.maximum_version = version
    return httpx.Client(base_url=site.address, verify=trust, timeout=30)


def hidden(page: str, name: str = "csrf_token") -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return unescape(found[1])


def signed_in(someone: httpx.Client, email: str) -> httpx.Response:
    """Signs in by the door; gives the answer."""
    token = hidden(someone.get("/sign-in").text)
    answer = someone.post("/sign-in", data={"csrf_token": token, "email": email, "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    return answer


def sent(someone: httpx.Client, site: Site) -> str:
    """Sends CONTENT from Brightwatt to Northgrid; gives the communication's reference."""
    ids = {row["mpid"]: row["id"] for row in site.rows("SELECT id, mpid FROM market_participant")}
    process = site.rows("SELECT id FROM process_type WHERE code = %s", PROCESS)[0]["id"]
    form = {
        "csrf_token": hidden(someone.get("/sdep/communications/new").text),
        "sender": str(ids["BRWT"]),
        "process": str(process),
        "recipient": str(ids["NORG"]),
        "mpan": MPAN,
        "subject": "Readings",
        "text": "Please see the file.",
    }
    answer = someone.post("/sdep/communications", data=form, files=[("files", ("readings.txt", CONTENT))])
    found = re.search(r"/(SC\d{8})", answer.headers.get("Location", ""))
    assert found, answer.text
    return found[1]


def test_cookies_are_bound_to_https_and_browsers_are_told_to_stay_with_it(site: Site, served_pair: Pair) -> None:
    with client(site, served_pair) as asha:
        answer = signed_in(asha, "asha@brightwatt.example")
        page = asha.get("/sdep/communications")
    cookies = answer.headers.get_list("set-cookie")
    assert {cookie.split("=")[0] for cookie in cookies} >= {"__Host-sdes"}
    for cookie in cookies:
        words = {word.strip().lower() for word in cookie.split(";")[1:]}
        assert {"secure", "httponly", "path=/", "samesite=lax"} <= words, cookie
        assert not any(word.startswith("domain") for word in words), cookie
    for one in (answer, page):
        assert one.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    assert page.status_code == 200


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_file_goes_up_and_down(site: Site, served_pair: Pair, version: ssl.TLSVersion) -> None:
    with client(site, served_pair, version) as asha, client(site, served_pair, version) as nils:
        signed_in(asha, "asha@brightwatt.example")
        signed_in(nils, "nils@northgrid.example")
        reference = sent(asha, site)
        until(lambda: site.states(reference) == ["clean"], "its virus check has passed", 60)
        page = nils.get(f"/sdep/communications/{reference}").text
        found = re.search(rf'href="(/sdep/communications/{reference}/attachments/[0-9a-f-]+[^"]*)"', page)
        assert found, page
        answer = nils.get(unescape(found[1]))
    assert answer.content == CONTENT
    assert answer.headers["strict-transport-security"]


def test_the_same_in_clear_gets_nothing(site: Site) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"http://localhost:{site.port}/sign-in", timeout=10)
