"""The market roles of a company, under which MPID and from when to when (SL 21, 22)."""

from datetime import date
from typing import Any

import pytest

from tests.support.communications import count, filled, post_new, sent, told
from tests.support.companies import NEW, company_id, history, marked, opened, row
from tests.support.people import Browser

pytestmark = pytest.mark.anyio


async def changed(browser: Browser, door: str, dates: dict[str, str]) -> Any:
    """Posts the first and the last day of a market participant from its page."""
    return await browser.post(door, await marked(browser, door, door, dates))


@pytest.mark.spec("SL 21")
async def test_a_company_holds_several_market_roles(piet: Browser) -> None:
    page = await opened(piet)
    for mpid, role in (("NEWC", "X"), ("NEWC", "R"), (" new2 ", "X"), ("nwg", "G"), ("NEWM", "M")):
        answer = await piet.post(f"{page}/participants", {**NEW, "mpid": mpid, "role": role})
        assert answer.status_code == 303, told(answer)
    text = (await piet.get(page)).text
    assert text.count("In effect") == 5
    assert "NEW2" in text
    assert "NWG" in text


@pytest.mark.spec("SL 21")
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"mpid": "BRWT"}, "BRWT is held by another company as Electricity supplier at that time"),
        ({"mpid": "brwt"}, "BRWT is held by another company as Electricity supplier at that time"),
        ({"mpid": "NEW"}, "An electricity MPID has four letters or digits"),
        ({"mpid": "NEWC", "role": "G"}, "A gas MPID has three letters or digits"),
        ({"mpid": "NÉWC"}, "An electricity MPID has four letters or digits"),
        ({"mpid": ""}, "Enter the MPID"),
        ({"role": "Z"}, "Choose the market role"),
        ({"effective_from": ""}, "Enter the first day"),
        ({"effective_from": "2/30/2024"}, "“30” is not a month"),
        ({"effective_to": "31/8/2024"}, "The last day is before the first, 1 September 2024"),
    ],
)
async def test_a_wrong_market_participant_is_refused(piet: Browser, changes: dict[str, str], sentence: str) -> None:
    page = await opened(piet)
    answer = await piet.post(f"{page}/participants", {**NEW, **changes})
    assert answer.status_code == 422
    assert told(answer)[0].startswith(sentence)
    assert "Brightwatt" not in answer.text
    assert await count("market_participant", "mpid = 'NEWC' OR mpid = 'NEW'") == 0


async def test_an_mpid_passes_from_one_group_to_another(piet: Browser) -> None:
    """SL 22: with the day on which the one ends and the other begins."""
    page = await opened(piet)
    old = await row("market_participant", "mpid = 'BRWT'")
    taken_over = {**NEW, "mpid": "BRWT", "effective_from": "1/12/2026"}
    assert (await piet.post(f"{page}/participants", taken_over)).status_code == 422
    dates = {"effective_from": "1/9/2021", "effective_to": "30/11/2026"}
    door = f"/companies/{old['company']}/participants/{old['id']}"
    assert (await changed(piet, door, dates)).status_code == 303
    assert (await piet.post(f"{page}/participants", taken_over)).status_code == 303
    longer = await changed(piet, door, {**dates, "effective_to": "1/12/2026"})
    assert told(longer) == [
        "BRWT is held by another company as Electricity supplier at that time. Check the MPID and the dates."
    ]
    assert (await row("market_participant", "id = $1", old["id"]))["effective_to"] == date(2026, 11, 30)


async def test_the_same_company_holds_an_mpid_once_at_a_time(piet: Browser) -> None:
    page = await opened(piet)
    assert (await piet.post(f"{page}/participants", NEW)).status_code == 303
    again = await piet.post(f"{page}/participants", NEW)
    assert told(again) == [
        "NEWC is held by this company already as Electricity supplier at that time. Check the MPID and the dates."
    ]


async def test_people_of_an_ended_market_role_read_on(piet: Browser, asha: Browser) -> None:
    reference = await sent(asha)
    held = await count("assignment")
    old = await row("market_participant", "mpid = 'BRWT'")
    ended = {"effective_from": "1/9/2021", "effective_to": "1/9/2025"}
    assert (await changed(piet, f"/companies/{old['company']}/participants/{old['id']}", ended)).status_code == 303
    assert await count("assignment") == held
    assert (await asha.get(f"/sdep/communications/{reference}")).status_code == 200
    assert (await post_new(asha, await filled())).status_code == 422


async def test_a_participant_is_changed_at_its_own_company_only(piet: Browser) -> None:
    held = await row("market_participant", "mpid = 'NORG'")
    door = f"/companies/{await company_id('Brightwatt Energy')}/participants/{held['id']}"
    assert (await piet.get(door)).status_code == 404
    assert (await piet.post(door, {"effective_from": "1/1/2026"})).status_code == 404
    assert (await row("market_participant", "mpid = 'NORG'"))["effective_from"] == held["effective_from"]


async def test_the_second_of_two_who_change_the_dates_sees_what_the_first_did(piet: Browser, carys: Browser) -> None:
    old = await row("market_participant", "mpid = 'BRWT'")
    door = f"/companies/{old['company']}/participants/{old['id']}"
    late = await marked(carys, door, door, {"effective_from": "1/9/2021", "effective_to": "1/6/2027"})
    first = {"effective_from": "1/9/2021", "effective_to": "31/12/2026"}
    assert (await changed(piet, door, first)).status_code == 303
    answer = await carys.post(door, late)
    assert answer.status_code == 422
    assert told(answer) == [
        "Somebody else changed this while you were looking at it. Nothing was saved. The dates are now: from"
        " 1 September 2021 to 31 December 2026. Check what you typed and save again."
    ]
    assert 'value="1/6/2027"' in answer.text
    assert (await row("market_participant", "id = $1", old["id"]))["effective_to"] == date(2026, 12, 31)


async def test_one_that_was_entered_wrongly_is_removed(piet: Browser) -> None:
    page = await opened(piet)
    assert (await piet.post(f"{page}/participants", NEW)).status_code == 303
    made = await row("market_participant", "mpid = 'NEWC'")
    answer = await piet.post(f"{page}/participants/{made['id']}/removal")
    assert answer.status_code == 303
    assert "The market participant is removed." in (await piet.get(answer.headers["location"])).text
    assert await count("market_participant", "mpid = 'NEWC'") == 0
    assert await history("participant.removed") == [
        "Newcomer Energy: NEWC as electricity supplier, from 1 September 2024 until further notice"
    ]
    assert (await piet.post(f"{page}/participants/{made['id']}/removal")).status_code == 404


async def test_one_that_a_communication_was_sent_under_stays(piet: Browser, asha: Browser) -> None:
    await sent(asha)
    for mpid in ("BRWT", "NORG"):
        held = await row("market_participant", "mpid = $1", mpid)
        answer = await piet.post(f"/companies/{held['company']}/participants/{held['id']}/removal")
        assert answer.status_code == 422
        assert told(answer)[0].startswith(f"Communications were sent or received under {mpid} as ")
        assert await count("market_participant", "mpid = $1", mpid) == 1
    assert await history("participant.removed") == []
