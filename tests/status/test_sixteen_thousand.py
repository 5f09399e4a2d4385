"""16,000 Authorised Persons signed in at once (SD 6.1): each is known, and those who run the service are told in time.

That they are served without detriment is measured by `make load`, with figures in docs/measured.md: no test of this
suite can say so, since it must not depend on how fast the machine is.
"""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from sdes.kit import clock
from sdes.kit import db as database
from sdes.settings import Settings
from sdes.status.actions import Sign, keep_sign, take_sample
from sdes.status.capacity import ADD, ASKED, OVER
from tests.support.people import Browser
from tests.support.signing_in import signing_in
from tests.support.world import as_web

pytestmark = pytest.mark.anyio

FIRST = 30_000_000  # the number of the first of them
_PEOPLE = """
INSERT INTO person SELECT (jsonb_populate_record(p, jsonb_build_object(
    'id', $1 + i, 'name', 'Person ' || i, 'email', i || '@crowd.example', 'email_key', i || '@crowd.example'))).*
  FROM person p, generate_series(1, $2) i WHERE p.email_key = 'asha@brightwatt.example'
"""
_SESSIONS = """
INSERT INTO session (company, person, token_hash, created_at, last_seen_at, expires_at, address, browser)
SELECT company, id, sha256(('token of ' || id)::bytea), $2::timestamptz, $2, $2 + interval '8 hours', '192.0.2.7', ''
  FROM person WHERE id > $1
"""
_END = "UPDATE session SET ended_at = now() WHERE person > $1 AND person <= $1 + $2"


@pytest.fixture
async def crowd(db: None) -> None:
    """16,000 people have just signed in, and nobody else."""
    await database.fetch(_PEOPLE, FIRST, ASKED)
    await database.fetch(_SESSIONS, FIRST, clock.now())


def _browser(nobody: Browser, number: int) -> Browser:
    """The browser of one of them."""
    app = nobody.client._transport.app  # type: ignore[attr-defined]
    return Browser(app, nobody.settings, f"token of {FIRST + number}")


async def _facts(browser: Browser) -> dict[str, str]:
    """The facts on capacity of the status page."""
    page = (await browser.get("/status")).text
    facts = re.findall(r"<dt>([^<]+)</dt><dd>(.*?)</dd>", page, re.DOTALL)
    return {name: " ".join(re.sub(r"<[^>]+>", " ", value).split()) for name, value in facts}


@pytest.mark.spec("SD 6.1")
@pytest.mark.usefixtures("crowd")
async def test_each_of_16_000_is_known_and_no_sign_in_ends_another(nobody: Browser, settings: Settings) -> None:
    """All sessions stand side by side; nothing in the service counts people out below that, or above."""
    for number in (1, 2, 7_999, ASKED):
        page = await _browser(nobody, number).get("/account/sessions")
        assert page.status_code == 200
        assert f"Person {number}<" in page.text
    another = Browser(nobody.client._transport.app, settings)  # type: ignore[attr-defined]
    assert (await signing_in(another)).status_code == 303
    assert (await another.get("/account/sessions")).status_code == 200
    assert (await _browser(nobody, 1).get("/account/sessions")).status_code == 200
    (row,) = await database.fetch("SELECT count(*) AS open FROM session WHERE ended_at IS NULL AND stage = 'full'")
    assert row["open"] == ASKED + 1


@pytest.mark.spec("SD 6.1")
@pytest.mark.usefixtures("crowd")
async def test_those_who_run_it_see_how_many_are_here_and_are_warned_before_it_is_full(piet: Browser) -> None:
    """Piet is one of them, so that one of the crowd leaves first."""
    await database.fetch(_END, FIRST, 1)
    assert (await _facts(piet))["People active now, of 16,000"] == "16,000 100.0 %"
    page = (await piet.get("/status")).text
    assert "Beyond what was asked" in page
    assert OVER in page
    for here, words in ((12_800, "Nearly full"), (12_799, "Enough")):
        await database.fetch(_END, FIRST, 1 + ASKED - here)
        page = (await piet.get("/status")).text
        assert (await _facts(piet))["People active now, of 16,000"].startswith(f"{here:,} ")
        assert words in page
        assert (ADD in page) is (words == "Nearly full")


@pytest.mark.spec("SD 6.1")
@pytest.mark.usefixtures("crowd")
async def test_the_most_of_each_day_is_kept_and_told_to_the_code_manager(piet: Browser, carys: Browser) -> None:
    await database.fetch(_END, FIRST, 2)
    await take_sample(timedelta(minutes=30))
    await database.fetch(_END, FIRST, ASKED)
    await take_sample(timedelta(minutes=30))
    for browser in (piet, carys):
        page = (await browser.get("/status")).text
        assert "2 people active within the idle time" in page
        assert "To be told to the Code Manager: 16,000 people were active at one time in these days" in page
        assert '<td class="num">16,000</td>' in page


@pytest.mark.spec("SD 6.1")
@pytest.mark.usefixtures("crowd")
async def test_who_has_been_idle_for_long_or_has_left_takes_no_room(piet: Browser) -> None:
    long_ago = clock.now() - timedelta(hours=3)
    await database.fetch("UPDATE session SET last_seen_at = $1 WHERE person > $2", long_ago, FIRST + 100)
    await database.fetch(_END, FIRST, 50)
    assert (await _facts(piet))["People active now, of 16,000"] == "51 0.3 %"


@pytest.mark.spec("SD 6.1")
async def test_rates_connections_and_who_waits_are_told_of_all_processes_together(piet: Browser) -> None:
    """Those of one that is gone are not."""
    now = clock.now()
    one = Sign("web:one:1", "web", now, 120.5, in_use=7, at_most=16, waiting=0)
    with clock.at(now - timedelta(minutes=1)):
        await keep_sign(replace(one, name="web:gone:3"))
    await keep_sign(one)
    await keep_sign(replace(one, name="web:two:1", in_use=9, waiting=3))
    facts = await _facts(piet)
    assert facts["Web processes"] == "2"
    assert facts["Requests a second"] == "241.0"
    assert facts["Database connections in use"] == "16 of 32"
    assert facts["Requests waiting for one"] == "3"
    assert "Requests wait" in (await piet.get("/status")).text


@pytest.mark.spec("SD 6.1")
@pytest.mark.usefixtures("crowd")
async def test_how_many_are_here_is_for_those_who_run_the_service(asha: Browser, mo: Browser) -> None:
    await take_sample(timedelta(minutes=30))
    for browser in (asha, mo):
        page = (await browser.get("/status")).text
        assert "16,00" not in page
        assert "Capacity" not in page
    async with as_web((await asha.actor()).company_id):
        assert await database.fetch("SELECT * FROM capacity_sample") == []
