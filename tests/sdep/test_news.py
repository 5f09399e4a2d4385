"""A thread that is open in a browser hears of what is added, and is given that alone (SD 11.1(f))."""

import pytest

from sdes.kit import db
from tests.support.communications import replied, sent
from tests.support.people import HTMX, Browser

pytestmark = pytest.mark.anyio

POLL = {**HTMX, "SDES-Poll": "1"}


@pytest.mark.spec("SD 11.1(f)")
async def test_a_poll_says_how_many_messages_there_are_beyond_those_shown(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    news = f"/sdep/communications/{reference}/news"
    assert f'hx-get="{news}?after=1&amp;told=0"' in (await nils.get(f"/sdep/communications/{reference}")).text
    assert (await nils.get(f"{news}?after=1&told=0", headers=POLL)).status_code == 204
    await replied(asha, reference, "One thing more.")
    told = await nils.get(f"{news}?after=1&told=0", headers=POLL)
    assert "1 new message. " in told.text
    assert "One thing more." not in told.text
    assert f'hx-get="{news}?after=1&amp;told=1"' in told.text
    assert (await nils.get(f"{news}?after=1&told=1", headers=POLL)).status_code == 204
    await replied(asha, reference, "And another.")
    assert "2 new messages. " in (await nils.get(f"{news}?after=1&told=1", headers=POLL)).text


async def test_what_was_added_is_given_by_itself_and_is_read_then(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    await nils.get(f"/sdep/communications/{reference}")
    await replied(asha, reference, "One thing more.")
    answer = await nils.get(f"/sdep/communications/{reference}/messages?after=1", headers=HTMX)
    assert answer.status_code == 200
    assert "One thing more." in answer.text
    assert 'id="message-1"' not in answer.text
    assert 'id="composer"' not in answer.text, "what is being typed would be lost"
    assert "/news?after=2&amp;told=0" in answer.text
    (row,) = await db.fetch(
        "SELECT r.number FROM reading r JOIN person p ON p.id = r.person WHERE p.email_key = 'nils@northgrid.example'"
    )
    assert row["number"] == 2
    assert not await db.fetch(
        "SELECT 1 FROM notification n JOIN person p ON p.id = n.person"
        " WHERE p.email_key = 'nils@northgrid.example' AND n.read_at IS NULL"
    )


async def test_a_poll_reads_nothing_and_lengthens_no_session(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    await db.fetch("UPDATE session SET last_seen_at = last_seen_at - interval '5 minutes'")
    before = await db.fetch("SELECT last_seen_at FROM session ORDER BY id")
    await nils.get(f"/sdep/communications/{reference}/news?after=0", headers=HTMX)
    assert await db.fetch("SELECT last_seen_at FROM session ORDER BY id") == before
    assert not await db.fetch("SELECT 1 FROM reading")
    assert not await db.fetch("SELECT 1 FROM notification WHERE read_at IS NOT NULL")


async def test_without_script_the_link_leads_to_the_page(asha: Browser) -> None:
    reference = await sent(asha)
    answer = await asha.get(f"/sdep/communications/{reference}/messages?after=1")
    assert answer.headers["location"] == f"/sdep/communications/{reference}"


@pytest.mark.parametrize("after", ["", "x", "-1", "²", "9" * 30, "7"])
async def test_what_is_no_number_of_a_message_is_no_news(asha: Browser, after: str) -> None:
    path = f"/sdep/communications/{await sent(asha)}"
    assert (await asha.get(f"{path}/news", params={"after": after, "told": after and "0"})).status_code == 204
    answer = await asha.get(f"{path}/messages", params={"after": after}, headers=HTMX)
    assert answer.status_code == 200
    assert "Please tell us the date." not in answer.text


async def test_neither_is_another_company_s(asha: Browser, otto: Browser) -> None:
    path = f"/sdep/communications/{await sent(asha)}"
    for door in ("news", "messages"):
        assert (await otto.get(f"{path}/{door}?after=0", headers=HTMX)).status_code == 404
