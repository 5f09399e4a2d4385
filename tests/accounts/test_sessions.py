"""Sessions end: after a while without a visit, after a day's work whatever happens; polls are no visits (SD 8.1)."""

from datetime import timedelta

import pytest

from sdes.kit import clock, db
from tests.support.communications import sent
from tests.support.people import HTMX, Browser
from tests.support.signing_in import is_signed_in

pytestmark = pytest.mark.anyio

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
SECOND = timedelta(seconds=1)
ENDED = "Your session has ended because nothing happened for a while. Sign in to go on."


async def test_an_idle_session_ends(asha: Browser) -> None:
    start = clock.now()
    with clock.at(start + IDLE - SECOND):
        assert await is_signed_in(asha)
    with clock.at(start + 2 * IDLE):
        answer = await asha.get("/sdep/drafts")
        assert answer.headers["location"] == "/sign-in?next=%2Fsdep%2Fdrafts&why=ended"
        assert ENDED in (await asha.get(answer.headers["location"])).text


async def test_a_session_does_not_revive(asha: Browser) -> None:
    start = clock.now()
    with clock.at(start + 2 * IDLE):
        assert not await is_signed_in(asha)
        assert not await is_signed_in(asha)


async def test_visits_extend_it_but_not_beyond_half_a_day(asha: Browser) -> None:
    start = clock.now()
    moment = start
    while moment < start + ABSOLUTE - IDLE:
        moment += IDLE - timedelta(minutes=1)
        with clock.at(moment):
            assert await is_signed_in(asha), f"out after {moment - start}"
    with clock.at(start + ABSOLUTE - SECOND):
        assert await is_signed_in(asha)
    with clock.at(start + ABSOLUTE + SECOND):
        assert not await is_signed_in(asha)


async def test_what_a_page_asks_by_itself_does_not_extend_it(asha: Browser) -> None:
    reference = await sent(asha)
    start = clock.now()
    with clock.at(start + IDLE - timedelta(minutes=1)):
        page = f"/sdep/communications/{reference}"
        assert (await asha.get(f"{page}/messages/1/files", headers=HTMX)).status_code == 200
        assert (await asha.get(f"{page}/attachments", headers={**HTMX, "SDES-Poll": "1"})).status_code == 200
    with clock.at(start + IDLE + timedelta(minutes=1)):
        assert not await is_signed_in(asha)


async def test_typing_is_a_visit(asha: Browser) -> None:
    start = clock.now()
    with clock.at(start + IDLE - timedelta(minutes=1)):
        assert (await asha.post("/sdep/drafts/" + "0" * 32, {"text": "x"}, headers=HTMX)).status_code == 200
    with clock.at(start + IDLE + timedelta(minutes=1)):
        assert await is_signed_in(asha)


async def test_staying_signed_in_is_a_visit(asha: Browser) -> None:
    start = clock.now()
    with clock.at(start + IDLE - timedelta(minutes=1)):
        assert (await asha.post("/session/extension")).status_code == 204
    with clock.at(start + IDLE + timedelta(minutes=1)):
        assert await is_signed_in(asha)
        assert (await asha.post("/session/extension", {"csrf_token": "wrong"})).status_code == 403


async def test_htmx_is_told_401_so_that_the_page_keeps_what_was_typed(asha: Browser) -> None:
    with clock.at(clock.now() + 2 * IDLE):
        for answer in (
            await asha.get("/sdep/communications", headers=HTMX),
            await asha.post("/sdep/drafts/" + "0" * 32, {"text": "x"}, headers=HTMX),
            await asha.post("/session/extension", headers=HTMX),
        ):
            assert answer.status_code == 401
            assert answer.text == ""


@pytest.mark.parametrize(
    "path", ["/session/extension", "/account/display", "/account/password", f"/sdep/drafts/{'0' * 32}/removal"]
)
async def test_a_plain_form_after_the_end_leads_to_the_sign_in(asha: Browser, path: str) -> None:
    with clock.at(clock.now() + 2 * IDLE):
        answer = await asha.post(path, {"text": "x"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?why=ended")


async def test_a_stranger_who_posts_is_sent_to_the_sign_in(nobody: Browser) -> None:
    for path in ("/session/extension", "/sdep/communications", "/sdep/communications/SC12345678/messages"):
        answer = await nobody.post(path, {"text": "x"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


@pytest.mark.parametrize("token", ["", "x", "é", "a" * 5000, "%00"])
async def test_a_token_of_nobodys_is_nobody(nobody: Browser, token: str) -> None:
    answer = await nobody.get("/status", headers={"Cookie": f"sdes={token}".encode()})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Fstatus")


@pytest.mark.spec("SD 9.2(e)")
async def test_what_is_taken_from_a_person_is_gone_with_the_next_request(asha: Browser) -> None:
    reference = await sent(asha)
    assert (await asha.get(f"/sdep/communications/{reference}")).status_code == 200
    await db.fetch("DELETE FROM assignment WHERE person = (SELECT id FROM person WHERE name = 'Asha Rahman')")
    assert (await asha.get(f"/sdep/communications/{reference}")).status_code == 404
    assert reference not in (await asha.get("/sdep/communications")).text
