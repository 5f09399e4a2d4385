"""The bell, the list and what makes a notification needless, through the doors that people use (SD 11.1(f), SL 9)."""

import json
import re

import pytest

from jobs.notifications import notifications_forget
from sdes.kit import clock, db
from sdes.notifications import actions
from sdes.notifications.tables import NotificationKind
from tests.notifications.conftest import NILS, NORA, london, mailed, told, wants
from tests.support.communications import count, replied, sent
from tests.support.people import HTMX, Browser, SignIn

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("quiet")]

POLL = {**HTMX, "SDES-Poll": "1"}


@pytest.fixture
async def nora(sign_in: SignIn) -> Browser:
    """Nils' colleague, Northgrid's Master Admin User."""
    return await sign_in(NORA)


@pytest.mark.spec("SD 11.1(f)")
@pytest.mark.spec("SL 9")
async def test_who_is_sent_a_message_is_told_in_the_page_and_opening_it_is_reading_it(
    asha: Browser, nils: Browser
) -> None:
    reference = await sent(asha)
    html = (await nils.get("/sdep/communications")).text
    assert _badge(html) == "1"
    listed = (await nils.get("/notifications")).text
    assert "New message from Brightwatt Energy" in listed
    assert f"/sdep/communications/{reference}#message-1" in listed
    opened = await nils.get(f"/sdep/communications/{reference}")
    assert _badge(opened.text) == "", "the page that shows it counts it as unread"
    assert _badge((await nils.get("/notifications")).text) == ""


async def test_only_the_thread_is_reading_it(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    assert _badge((await nils.get(f"/sdep/communications/{reference}/attachments")).text) == "1"


async def test_whoever_sends_is_told_nothing_nor_are_others(asha: Browser, otto: Browser, cleo: Browser) -> None:
    await sent(asha)
    for browser in (asha, otto, cleo):
        assert _badge((await browser.get("/sdep/communications")).text) == ""
        assert "Nothing yet" in (await browser.get("/notifications")).text


async def test_a_poll_says_what_is_new_once(asha: Browser, nils: Browser) -> None:
    mark = _mark((await nils.get("/sdep/communications")).text)
    assert (await nils.get(mark, headers=POLL)).status_code == 204
    reference = await sent(asha)
    answer = await nils.get(mark, headers=POLL)
    said = json.loads(answer.headers["HX-Trigger"])["sdes:news"]
    assert said == {
        "text": "New message from Brightwatt Energy",
        "href": f"/sdep/communications/{reference}#message-1",
        "count": 1,
    }
    assert _badge(answer.text) == "1"
    assert (await nils.get(_mark(answer.text), headers=POLL)).status_code == 204
    await nils.get(f"/sdep/communications/{reference}")
    read = await nils.get(_mark(answer.text), headers=POLL)
    assert read.status_code == 200
    assert _badge(read.text) == ""
    assert "HX-Trigger" not in read.headers, "reading elsewhere is no news"


async def test_several_are_said_together(asha: Browser, nils: Browser) -> None:
    mark = _mark((await nils.get("/sdep/communications")).text)
    for _ in range(2):
        await sent(asha)
    said = json.loads((await nils.get(mark, headers=POLL)).headers["HX-Trigger"])["sdes:news"]
    assert said == {"text": "2 new notifications", "href": "/notifications", "count": 2}


@pytest.mark.parametrize("known", ["", "x", "1", "1.x", "-1.-1", "²." + "9" * 5, f"1.{'9' * 30}"])
async def test_a_poll_with_a_mark_that_is_none_is_given_the_bell(asha: Browser, nils: Browser, known: str) -> None:
    await sent(asha)
    answer = await nils.get("/notifications/bell", params={"known": known})
    assert answer.status_code == 200
    assert _badge(answer.text) == "1"


async def test_a_poll_lengthens_no_session(nils: Browser) -> None:
    await db.fetch("UPDATE session SET last_seen_at = last_seen_at - interval '5 minutes'")
    before = await db.fetch("SELECT last_seen_at FROM session")
    await nils.get("/notifications/bell?known=9.9")
    assert await db.fetch("SELECT last_seen_at FROM session") == before
    await nils.get("/notifications")
    assert await db.fetch("SELECT last_seen_at FROM session") != before


async def test_the_badge_ends_at_99(nils: Browser) -> None:
    for number in range(103):
        await told(NILS, london("2026-11-20", "09:20"), f"SC{number:08}")
    assert _badge((await nils.get("/sdep/communications")).text) == "99+"


@pytest.mark.spec("SD 11.1(f)")
async def test_a_colleague_s_reply_makes_it_needless(asha: Browser, nils: Browser, nora: Browser) -> None:
    await wants(NORA, "immediately")
    reference = await sent(asha)
    await replied(nils, reference)
    assert _badge((await nora.get("/sdep/communications")).text) == ""
    assert "Answered by Nils Andersen" in (await nora.get("/notifications")).text
    await db.fetch("DELETE FROM session")
    (row,) = await db.fetch("SELECT max(created_at) AS at FROM notification")
    assert await mailed(row["at"], NORA) == []
    assert await count("notification", "from_name = 'Northgrid Networks' AND closed_by <> ''") == 0


async def test_another_company_s_reply_relieves_nobody_here(asha: Browser, nils: Browser, nora: Browser) -> None:
    reference = await sent(asha)
    await replied(asha, reference, "One thing more.")
    await actions.close(await asha.actor(), reference)  # here without row-level security
    assert _badge((await nora.get("/sdep/communications")).text) == "2"


async def test_an_actor_tells_a_colleague_and_nobody_else(ben: Browser, asha: Browser, nils: Browser) -> None:
    actor = await asha.actor()
    for person in ((await ben.actor()).person_id, actor.person_id, (await nils.actor()).person_id):
        assert person
        await actions.tell(actor, person, NotificationKind.OWNER, "SC00000009", "A title", "A process", "Asha Rahman")
    rows = await db.fetch("SELECT person, company, kind, wants_mail FROM notification")
    assert [tuple(row) for row in rows] == [((await ben.actor()).person_id, actor.company_id, "owner", False)]
    assert "Asha Rahman made you the owner" in (await ben.get("/notifications")).text


async def test_all_that_was_shown_is_marked_as_read_and_nothing_that_came_since(nils: Browser, nora: Browser) -> None:
    at = london("2026-11-20", "09:20")
    for email in (NILS, NORA):
        await told(email, at)
    html = (await nils.get("/notifications")).text
    newest = re.search(r'name="newest" value="(\d+)"', html)
    assert newest
    await told(NILS, at, "SC00000002")
    answer = await nils.post("/notifications/reading", {"newest": newest[1]})
    assert answer.status_code == 303
    assert _badge((await nils.get("/notifications")).text) == "1"
    assert _badge((await nora.get("/notifications")).text) == "1"
    assert (await nils.post("/notifications/reading", {"newest": "x"})).status_code == 303
    assert _badge((await nils.get("/notifications")).text) == "1"


async def test_the_list_goes_back_page_by_page(nils: Browser) -> None:
    await db.fetch("UPDATE person SET page_size = 25 WHERE email_key = $1", NILS)
    for number in range(30):
        await told(NILS, london(f"2026-11-{1 + number // 10:02}", "09:20"), f"SC{number:08}")
    first = (await nils.get("/notifications")).text
    following = re.search(r'rel="next" href="([^"]+)"|href="([^"]+)" rel="next"', first)
    assert following
    second = (await nils.get((following[1] or following[2]).replace("&amp;", "&"))).text
    shown = [re.findall(r">(SC\d{8})<", html) for html in (first, second)]
    assert [len(one) for one in shown] == [25, 5]
    assert shown[0] + shown[1] == [f"SC{number:08}" for number in reversed(range(30))]
    assert (await nils.get("/notifications?page=broken")).status_code == 200
    assert "1 Nov 2026" in second


async def test_whoever_may_open_it_no_longer_is_told_of_it_no_longer(asha: Browser, nils: Browser) -> None:
    await sent(asha)
    assert await count("notification") > 1
    await db.fetch("DELETE FROM assignment USING person p WHERE p.id = person AND email_key = $1", NILS)
    assert _badge((await nils.get("/notifications")).text) == ""
    assert await count("notification") > 0, "nor is anybody else"


async def test_those_who_are_never_told_anything_have_no_bell(mei: Browser, carys: Browser, piet: Browser) -> None:
    for browser in (mei, carys, piet):
        assert (await browser.get("/notifications")).status_code == 403
        assert (await browser.get("/account/notifications")).status_code == 403
        assert 'id="bell"' not in (await browser.get("/account/display")).text


async def test_old_ones_that_were_read_are_forgotten() -> None:
    old, now = london("2026-09-01", "09:20"), london("2026-11-23", "02:20")
    await told(NILS, old, "SC00000001")
    await told(NILS, old, "SC00000002", read_at=old)
    await told(NILS, old, "SC00000003", closed_by="Answered by Nora Price")
    await told(NILS, london("2026-10-01", "09:20"), "SC00000004", read_at=old)
    with clock.at(now):
        await notifications_forget({})
    rows = await db.fetch("SELECT subject FROM notification ORDER BY subject")
    assert [row["subject"] for row in rows] == ["SC00000001", "SC00000004"]


def _badge(html: str) -> str:
    """What the bell's badge shows; empty without one."""
    bell = re.search(r'<a id="bell".*?</a>', html, re.DOTALL)
    assert bell, html[:500]
    found = re.search(r'<span class="badge">([^<]+)<', bell[0])
    return found[1] if found else ""


def _mark(html: str) -> str:
    """The address that the bell's poll asks."""
    found = re.search(r'hx-get="(/notifications/bell\?known=[^"]+)"', html)
    assert found
    return found[1]
