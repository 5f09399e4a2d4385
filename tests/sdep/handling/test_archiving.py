"""Archiving by hand: for both parties, after a warning, and never over a message that nobody has seen (SD 14.2)."""

from datetime import timedelta

import pytest

from sdes.kit import clock, db
from tests.support.communications import count, replied, sent, told
from tests.support.handling import LIST, archive, events, party, unassign
from tests.support.people import Browser

pytestmark = pytest.mark.anyio


async def is_archived(reference: str) -> bool:
    """Whether both parties and what they share say so; fails when they disagree."""
    (row,) = await db.fetch("SELECT archived_at FROM communication WHERE reference = $1", reference)
    sides = [(await party(reference, name))["archived_at"] for name in ("Brightwatt Energy", "Northgrid Networks")]
    assert set(sides) == {row["archived_at"]}
    return row["archived_at"] is not None


@pytest.mark.spec("SD 11.1(b)vi")
@pytest.mark.spec("SD 14.2")
async def test_after_the_warning_it_is_archived_for_both(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    page = (await asha.get(f"{LIST}/{reference}")).text
    assert f'href="{LIST}/{reference}/archiving?seen=1"' in page
    warning = (await asha.get(f"{LIST}/{reference}/archiving?seen=1")).text
    assert "This also archives the communication for Northgrid Networks." in warning
    assert not await is_archived(reference), "looking at the warning archives nothing"
    answer = await archive(asha, reference)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{LIST}/{reference}")
    assert await is_archived(reference)
    for browser in (asha, nils):
        assert f'href="{LIST}/{reference}"' not in (await browser.get(LIST)).text
        assert f'href="{LIST}/{reference}"' in (await browser.get(f"{LIST}?folder=archive")).text
        page = (await browser.get(f"{LIST}/{reference}")).text
        assert "Archived by Asha Rahman" in page
        assert "/archiving" not in page
    assert [event for event in await events(reference) if event[0] == "sdep.communication.archived"] == [
        ("sdep.communication.archived", "", 2)
    ]


async def test_the_warning_says_that_a_response_is_still_due(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    (row,) = await db.fetch("SELECT due_at FROM communication WHERE reference = $1", reference)
    at = clock.local(row["due_at"])
    sentence = f"Northgrid Networks has until {at.day} {at:%b %Y}, {at:%H:%M} to respond."
    for browser in (asha, nils):
        assert (
            f"{sentence} Archiving does not answer it."
            in (await browser.get(f"{LIST}/{reference}/archiving?seen=1")).text
        )
        ticked = {"act": "archive", "tick": f"{reference}-1-"}
        page = (await browser.post(f"{LIST}/bulk", ticked)).text
        assert "A response is still due in 1 of them: archiving does not answer it." in page
        assert sentence in page
    await replied(nils, reference)
    for answer in (
        await asha.get(f"{LIST}/{reference}/archiving?seen=2"),
        await asha.post(f"{LIST}/bulk", {"act": "archive", "tick": f"{reference}-2-"}),
    ):
        assert answer.status_code == 200
        assert "does not answer it" not in answer.text


@pytest.mark.spec("SD 14.3")
async def test_unread_by_the_other_side_it_shows_in_their_badge(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    await archive(asha, reference)
    assert '<span class="vh"> unread</span>' in (await nils.get(LIST)).text
    assert '<span class="vh"> unread</span>' not in (await asha.get(LIST)).text
    await nils.get(f"{LIST}/{reference}")
    assert '<span class="vh"> unread</span>' not in (await nils.get(LIST)).text


async def test_a_message_that_came_meanwhile_is_to_be_read_first(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    await replied(nils, reference)
    sentence = "Message 2 has come since you opened the page. Read it before you archive."
    warning = await asha.get(f"{LIST}/{reference}/archiving?seen=1")
    assert (warning.status_code, told(warning)) == (409, [sentence])
    answer = await archive(asha, reference, seen=1)
    assert (answer.status_code, told(answer)) == (409, [sentence])
    assert not await is_archived(reference)
    assert (await archive(asha, reference, seen=2)).status_code == 303


@pytest.mark.parametrize("seen", ["", "x", "-1", "1; DROP TABLE message", "9" * 40])
async def test_a_form_that_does_not_say_what_was_seen_archives_nothing(asha: Browser, seen: str) -> None:
    reference = await sent(asha)
    assert (await asha.post(f"{LIST}/{reference}/archiving", {"seen": seen})).status_code == 409
    assert not await is_archived(reference)


@pytest.mark.parametrize("seen", ["x", "%27", "99999999999999999999"])
async def test_the_warning_opens_whatever_its_address_says(asha: Browser, seen: str) -> None:
    reference = await sent(asha)
    assert (await asha.get(f"{LIST}/{reference}/archiving?seen={seen}")).status_code == 200


async def test_archived_twice_the_second_is_told(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    await archive(asha, reference)
    before = (await party(reference, "Brightwatt Energy"))["archived_at"]
    with clock.at(before + timedelta(minutes=5)):
        for answer in (await archive(nils, reference), await nils.get(f"{LIST}/{reference}/archiving")):
            assert (answer.status_code, told(answer)) == (409, ["It is archived already."])
    assert (await party(reference, "Brightwatt Energy"))["archived_at"] == before
    assert len([event for event in await events(reference) if event[0] == "sdep.communication.archived"]) == 1


@pytest.mark.spec("SD 14.1")
async def test_a_message_makes_it_active_again_with_its_clock(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    (due,) = await db.fetch("SELECT awaiting, due_at FROM communication WHERE reference = $1", reference)
    await archive(nils, reference)
    assert "Response due" not in (await asha.get(f"{LIST}/{reference}")).text.partition('id="clock"')[2][:200]
    await replied(asha, reference, "Still open.")
    assert not await is_archived(reference)
    (still,) = await db.fetch("SELECT awaiting, due_at FROM communication WHERE reference = $1", reference)
    assert still == due, "what was due is due"


@pytest.mark.spec("SD 11.1(f)")
async def test_colleagues_need_not_be_told_of_it_any_more(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    waiting = "subject = $1 AND read_at IS NULL AND closed_by = ''"
    assert await count("notification", waiting, reference) > 1
    await replied(nils, reference)
    (row,) = await db.fetch("SELECT company FROM person WHERE name = 'Asha Rahman'")
    ours = f"{waiting} AND company = {row['company']}"
    assert await count("notification", ours, reference) > 1
    theirs_before = await db.fetch(
        "SELECT id, closed_by, read_at FROM notification WHERE company <> $1 ORDER BY id", row["company"]
    )
    await archive(asha, reference, seen=2)
    assert await count("notification", ours, reference) == 0
    assert await count("notification", "subject = $1 AND closed_by = 'Archived by Asha Rahman'", reference) > 0
    assert theirs_before == await db.fetch(
        "SELECT id, closed_by, read_at FROM notification WHERE company <> $1 ORDER BY id", row["company"]
    ), "the other company's are its own"


async def test_strangers_and_colleagues_of_other_processes_find_nothing(
    asha: Browser, ben: Browser, otto: Browser, mei: Browser
) -> None:
    reference = await sent(asha)
    await unassign("Ben Carter", reference)
    for browser, status in ((otto, 404), (ben, 404), (mei, 403)):
        assert (await archive(browser, reference)).status_code == status
        assert (await browser.get(f"{LIST}/{reference}/archiving")).status_code == status
    assert not await is_archived(reference)
