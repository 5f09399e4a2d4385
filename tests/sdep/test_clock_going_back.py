"""A server whose clock is put back: nothing is negative, nothing is lost, messages keep the order of their numbers."""

import re
from datetime import datetime, timedelta

import pytest

from sdes.kit import clock, db
from sdes.kit.clock import LONDON
from tests.support.communications import escalated, post_escalation, replied, sent
from tests.support.people import Browser

pytestmark = [pytest.mark.anyio, pytest.mark.spec("SD 11.1(e)")]

PAGE = "/sdep/communications/"
CODE = "PT0131"  # three levels
NOON = datetime(2026, 11, 16, 12, 0, tzinfo=LONDON)
BACK = timedelta(days=3)


async def test_messages_keep_their_order(asha: Browser, nils: Browser) -> None:
    with clock.at(NOON):
        reference = await sent(asha, code=CODE, text="First words.")
    with clock.at(NOON - BACK):
        await replied(nils, reference, "Second words.")
    with clock.at(NOON - 2 * BACK):
        assert await escalated(asha, reference, "Third words.") == 3
    with clock.at(NOON - BACK):
        await replied(nils, reference, "Fourth words.")
        for browser in (asha, nils):
            page = (await browser.get(PAGE + reference)).text
            assert re.findall(r'id="message-(\d)"', page) == ["1", "2", "3", "4"]
            assert re.findall(r"(First|Second|Third|Fourth) words\.</p>", page) == [
                "First",
                "Second",
                "Third",
                "Fourth",
            ]
            assert (await browser.get(f"{PAGE}{reference}/audit")).status_code == 200
            assert (await browser.get(f"{PAGE}{reference}/transcript.csv")).status_code == 200


async def test_what_was_sent_last_is_never_before_what_was_sent_first(asha: Browser, nils: Browser) -> None:
    with clock.at(NOON):
        reference = await sent(asha, code=CODE)
    with clock.at(NOON - BACK):
        await replied(nils, reference)
        await escalated(asha, reference)
        rows = await db.fetch(
            "SELECT created_at, last_message_at FROM communication UNION ALL"
            " SELECT created_at, last_message_at FROM communication_party"
        )
        assert all(row["last_message_at"] == row["created_at"] == NOON for row in rows)
        page = (await asha.get(PAGE + reference)).text
        assert "16 Dec" in page, "it is archived 30 days after the last message by the clock that was right"


async def test_time_that_is_left_grows_and_is_never_negative(asha: Browser, nils: Browser) -> None:
    with clock.at(NOON):
        reference = await sent(asha, code=CODE)
    with clock.at(NOON - BACK):
        text = "6 working days left, due Mon 23 Nov"
        assert text in (await nils.get("/sdep/communications")).text
        assert f"Theirs: {text}" in (await asha.get("/sdep/communications")).text
        assert "6 working days left, from your company" in (await nils.get(PAGE + reference)).text
        assert (await post_escalation(asha, reference)).status_code == 409
        await replied(nils, reference)
        await replied(asha, reference, "And then?")
        (row,) = await db.fetch("SELECT due_at FROM communication")
        assert row["due_at"] == datetime(2026, 11, 20, 18, 0, tzinfo=LONDON), "counted from the clock as it is"
