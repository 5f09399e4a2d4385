"""Viewing: what is unread for whom, and 'viewed' in the audit history once per person and visit (SD 11.1(b)ii)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sdes.accounts.entrance import AnyRequest, visit_of
from sdes.accounts.sessions import Bell, Visit
from sdes.kit import clock, db, kept
from sdes.kit.errors import Unavailable
from sdes.sdep.routes.communication import thread as communications
from sdes.workingdays.queries import KEPT_CALENDAR
from tests.support.communications import count, post_reply, replied, sent
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


@contextmanager
def written() -> Iterator[list[str]]:
    """The statements that change rows of the portal or of what people are told, while the block runs."""
    statements: list[str] = []
    connection = db.DB.current_transaction.get().connection  # type: ignore[union-attr]

    def note(made: Any) -> None:
        if re.match(r"\s*(INSERT|UPDATE|DELETE)", made.query):
            statements.append(made.query)

    with connection.query_logger(note):
        yield statements


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
    await ben.get(f"{LIST}/{reference}")
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
    with written() as statements:
        await nils.get(f"{LIST}/{reference}")
    assert statements == []
    assert await traces() == before


async def test_who_is_told_while_they_open_it_has_read_it_by_opening_it(
    asha: Browser, nils: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def as_he_came_in(request: AnyRequest) -> Visit:
        return replace(visit_of(request), bell=Bell())

    reference = await sent(asha)
    await nils.get(f"{LIST}/{reference}")
    await replied(asha, reference, "As he comes in.")
    monkeypatch.setattr(communications, "visit_of", as_he_came_in)
    assert "As he comes in." in (await nils.get(f"{LIST}/{reference}")).text
    his = "read_at IS NULL AND person = (SELECT id FROM person WHERE email_key LIKE 'nils@%')"
    assert await count("notification", his) == 0


async def test_files_of_a_message_that_does_not_exist(asha: Browser) -> None:
    reference = await sent(asha)
    for number in ("2", "0", "-1", "99999999999999999999"):
        answer = await asha.get(f"{LIST}/{reference}/messages/{number}/files")
        assert answer.status_code in (200, 404), number


async def views(reference: str) -> int:
    return await count("audit_entry", VIEWED, reference)


@pytest.mark.spec("SD 11.1(b)ii")
async def test_a_message_read_for_the_first_time_is_a_view_of_its_own(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    await nils.get(f"{LIST}/{reference}")
    await replied(asha, reference, "Second.")
    await nils.get(f"{LIST}/{reference}/audit")
    assert await views(reference) == 1, "the same visit, and nothing read"
    for _ in range(2):
        await nils.get(f"{LIST}/{reference}")
        assert await views(reference) == 2


async def test_two_browsers_in_turn_are_two_visits(asha: Browser, nils: Browser, sign_in: SignIn) -> None:
    reference = await sent(asha)
    other = await sign_in("nils@northgrid.example")
    for browser in (nils, other, nils, other):
        await browser.get(f"{LIST}/{reference}")
    assert await views(reference) == 2


async def test_only_the_last_visits_are_remembered(asha: Browser, nils: Browser, sign_in: SignIn) -> None:
    reference = await sent(asha)
    for browser in [nils, *[await sign_in("nils@northgrid.example") for _ in range(6)]]:
        await browser.get(f"{LIST}/{reference}")
    assert await views(reference) == 7
    assert len((await db.fetch("SELECT sessions FROM reading"))[0]["sessions"]) == 5


@pytest.mark.parametrize("tab", ["attachments", "audit"])
async def test_a_tab_without_the_messages_leaves_them_unread(asha: Browser, nils: Browser, tab: str) -> None:
    reference = await sent(asha)
    await nils.get(f"{LIST}/{reference}/{tab}")
    assert await views(reference) == 1
    assert await looks(nils, reference) == (True, True)
    assert "msg--new" in (await nils.get(f"{LIST}/{reference}")).text


async def test_what_came_while_somebody_replied_is_shown_as_new_and_read(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    await nils.get(f"{LIST}/{reference}")
    await replied(asha, reference, "One more thing.")
    answer = await post_reply(nils, reference, "Tuesday.", words={"headers": HTMX})
    assert answer.text.count("New since you last looked") == answer.text.count("msg--new") == 1
    assert answer.text.index("New since you last looked") < answer.text.index("One more thing.")
    assert await views(reference) == 2
    assert await looks(nils, reference) == (False, False)


async def test_you_and_me_are_told_by_person_and_not_by_name(asha: Browser, ben: Browser) -> None:
    reference = await sent(asha)
    await db.fetch("UPDATE person SET name = 'Asha Rahman' WHERE email_key = 'ben@brightwatt.example'")
    await db.fetch("UPDATE communication_party SET owner = (SELECT id FROM person WHERE email_key LIKE 'ben@%')")
    for page, hers, his in ((LIST, 1, 2), (f"{LIST}/{reference}", 3, 3)):  # one of them in the head of each page
        assert [(await browser.get(page)).text.count("avatar--me") for browser in (asha, ben)] == [hers, his], page
    for browser, is_hers in ((asha, False), (ben, True)):
        chosen = re.findall("<option[^>]* selected>([^<]*)</option>", (await browser.get(f"{LIST}/{reference}")).text)
        assert [name.endswith(" (you)") for name in chosen] == [is_hers], chosen


async def test_sent_is_told_to_its_sender_alone_and_only_at_first(asha: Browser, ben: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    page, words = f"{LIST}/{reference}?sent=1", "Sent. The reference is"
    assert words in (await asha.get(page)).text
    for browser in (ben, nils):
        assert words not in (await browser.get(page)).text
    with clock.at(clock.now() + timedelta(minutes=6)):
        assert words not in (await asha.get(page)).text
    await replied(nils, reference)
    assert words not in (await asha.get(page)).text


async def test_drafts_are_offered_to_those_who_may_keep_some(asha: Browser, carys: Browser) -> None:
    assert "/sdep/drafts" in (await asha.get(LIST)).text
    page = await carys.get(LIST)
    assert page.status_code == 200
    assert "/sdep/drafts" not in page.text


@pytest.mark.parametrize("tab", ["", "/attachments", "/audit"])
async def test_a_page_that_fails_has_shown_nothing(
    asha: Browser, nils: Browser, monkeypatch: pytest.MonkeyPatch, tab: str
) -> None:
    async def away(*_: Any) -> None:
        raise Unavailable("The database does not answer.")

    reference = await sent(asha)
    before = await traces()
    monkeypatch.setattr(communications, "details_page", away)
    assert (await nils.get(f"{LIST}/{reference}{tab}")).status_code == 503
    assert await traces() == before
    monkeypatch.undo()
    assert await looks(nils, reference) == (True, True)


async def test_a_row_that_is_kept_says_something_else_when_the_calendar_does(
    asha: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monday = datetime(2026, 9, 7, 9, 0, tzinfo=UTC)
    with clock.at(monday):
        await sent(asha)
        said = (await asha.get(LIST)).text
        monkeypatch.setattr(kept, "forget_everything", lambda: None)  # the next page finds the row that this one kept
        assert said == (await asha.get(LIST)).text
        for day in range(1, 5):
            await db.fetch(
                "INSERT INTO extra_day (date, name, is_holiday) VALUES ($1, 'Proclaimed', true)",
                (monday + timedelta(days=day)).date(),
            )
        KEPT_CALENDAR.forget()
        [before, after] = [
            re.search(r"(\d+) working days? left", page)[1]  # type: ignore[index]
            for page in (said, (await asha.get(LIST)).text)
        ]
        assert int(after) < int(before)
