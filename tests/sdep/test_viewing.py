"""Viewing: what is unread for whom, and 'viewed' in the audit history once per person and visit (SD 11.1(b)ii)."""

import pytest

from sdes.kit import db
from tests.support.communications import count, replied, sent
from tests.support.people import HTMX, Browser, SignIn

pytestmark = pytest.mark.anyio

LIST = "/sdep/communications"
VIEWED = "event = 'sdep.communication.viewed' AND subject = $1"


async def looks(browser: Browser, reference: str) -> tuple[bool, bool]:
    """Whether the list shows it as unread to the person, and as not opened by anybody of the company."""
    page = (await browser.get(LIST)).text
    assert reference in page
    return "Unread: </span>" in page, "not opened yet" in page


async def traces() -> list[object]:
    """Everything that viewing may write."""
    return [
        await db.fetch("SELECT * FROM reading ORDER BY id"),
        await db.fetch("SELECT id, last_read, alert FROM communication_party ORDER BY id"),
        await db.fetch("SELECT id FROM audit_entry ORDER BY id"),
    ]


async def test_unread_is_a_matter_of_each_person_and_of_each_company(
    asha: Browser, ben: Browser, nils: Browser, sign_in: SignIn
) -> None:
    nora = await sign_in("nora@northgrid.example")
    reference = await sent(asha)
    assert await looks(asha, reference) == (False, False)
    assert await looks(ben, reference) == (False, False)
    assert await looks(nils, reference) == await looks(nora, reference) == (True, True)
    await nils.get(f"{LIST}/{reference}")
    assert await looks(nils, reference) == (False, False)
    assert await looks(nora, reference) == (True, False), "a colleague has opened it, she has not"
    await replied(nils, reference)
    assert await looks(asha, reference) == await looks(ben, reference) == (True, True)
    assert await looks(nils, reference) == (False, False)
    await ben.get(f"{LIST}/{reference}/audit")
    assert await looks(asha, reference) == (True, False)


async def test_the_thread_shows_what_is_new_once(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    await nils.get(f"{LIST}/{reference}")
    await replied(asha, reference, "Second.")
    first, second = [(await nils.get(f"{LIST}/{reference}")).text for _ in range(2)]
    assert first.count("New since you last looked") == 1
    assert first.count("msg--new") == 1
    assert "New since you last looked" not in second


@pytest.mark.spec("SD 11.1(b)ii")
@pytest.mark.spec("SD 13.1")
async def test_viewed_is_written_once_a_person_and_visit(asha: Browser, nils: Browser, sign_in: SignIn) -> None:
    reference = await sent(asha)
    for page in ("", "", "/attachments", "/audit", ""):
        assert (await nils.get(f"{LIST}/{reference}{page}")).status_code == 200
    assert await count("audit_entry", VIEWED, reference) == 1
    again = await sign_in("nils@northgrid.example")
    await again.get(f"{LIST}/{reference}/audit")
    await again.get(f"{LIST}/{reference}")
    assert await count("audit_entry", VIEWED, reference) == 2
    await asha.get(f"{LIST}/{reference}")
    rows = await db.fetch(f"SELECT * FROM audit_entry WHERE {VIEWED} ORDER BY id", reference)
    assert [row["person_name"] for row in rows] == ["Nils Andersen", "Nils Andersen", "Asha Rahman"]
    assert {(row["process"], row["fuel"]) for row in rows} == {
        ("Electricity Disconnection - General Query", "Electricity")
    }


@pytest.mark.spec("SD 11.1(b)ii")
async def test_both_companies_see_who_viewed_it(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    await nils.get(f"{LIST}/{reference}")
    for browser in (asha, nils):
        page = (await browser.get(f"{LIST}/{reference}/audit")).text
        assert "Viewed" in page
        assert page.count("Nils Andersen") >= 1


@pytest.mark.parametrize(
    "header",
    [
        {"Sec-Purpose": "prefetch"},
        {"Sec-Purpose": "prefetch;prerender"},
        {"Purpose": "prefetch"},
        {"X-Moz": "prefetch"},
    ],
)
async def test_a_page_fetched_ahead_is_refused_and_leaves_no_trace(
    asha: Browser, nils: Browser, header: dict[str, str]
) -> None:
    reference = await sent(asha)
    before = await traces()
    for page in ("", "/attachments", "/audit", "/transcript.csv", "/attachments.zip"):
        assert (await nils.get(f"{LIST}/{reference}{page}", headers=header)).status_code == 503, page
    assert await traces() == before


async def test_lists_and_what_pages_ask_by_themselves_leave_no_trace(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha, [("plan.txt", b"The plan.")])
    before = await traces()
    await nils.get(LIST)
    await nils.get("/sdep/drafts")
    assert "plan.txt" in (await nils.get(f"{LIST}/{reference}/messages/1/files", headers=HTMX)).text
    assert "plan.txt" in (await nils.get(f"{LIST}/{reference}/attachments", headers=HTMX)).text
    assert await traces() == before


async def test_a_second_look_writes_nothing(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    await nils.get(f"{LIST}/{reference}")
    before = await traces()
    await nils.get(f"{LIST}/{reference}")
    assert await traces() == before


async def test_files_of_a_message_that_does_not_exist(asha: Browser) -> None:
    reference = await sent(asha)
    for number in ("2", "0", "-1", "99999999999999999999"):
        answer = await asha.get(f"{LIST}/{reference}/messages/{number}/files")
        assert answer.status_code in (200, 404), number
