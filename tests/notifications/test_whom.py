"""Who is mailed and who is not: who has been here since, who has no verified address, whom a colleague relieved."""

from datetime import timedelta

import pytest

from sdes.kit import clock, db
from tests.notifications.conftest import ASHA, NILS, NORA, london, mailed, seen, told, wants
from tests.support.communications import count
from tests.support.people import SignIn

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("quiet")]

CAME = london("2026-10-20", "09:20")
LATER = CAME + timedelta(minutes=1)


@pytest.fixture(autouse=True)
async def at_once(quiet: None) -> None:
    for email in (NILS, NORA):
        await wants(email, "immediately")


@pytest.mark.spec("SD 11.1(f)")
async def test_who_has_visited_since_gets_none() -> None:
    await told(NILS, CAME)
    await told(NORA, CAME)
    await seen(NILS, CAME + timedelta(seconds=5))
    await seen(NORA, CAME - timedelta(seconds=5))
    assert len(await mailed(LATER, NORA)) == 1
    assert await _sent_to(NILS) == 0
    assert await count("notification", "wants_mail") == 0, "what is settled is looked at again every minute"


async def test_half_a_sign_in_is_no_visit() -> None:
    await told(NILS, CAME)
    await seen(NILS, CAME + timedelta(seconds=5), stage="second-factor")
    assert len(await mailed(LATER)) == 1


async def test_a_poll_is_no_visit_and_a_page_is_one_at_once(sign_in: SignIn) -> None:
    """A visit is otherwise noted every half minute only."""
    with clock.at(CAME - timedelta(seconds=10)):
        nils = await sign_in(NILS)
        nora = await sign_in(NORA)
        assert (await nils.get("/sdep/communications")).status_code == 200
    await told(NILS, CAME)
    await told(NORA, CAME)
    with clock.at(CAME + timedelta(seconds=5)):
        assert (await nils.get("/notifications/bell?known=0.0")).status_code == 200
        assert (await nora.get("/notifications")).status_code == 200
    assert len(await mailed(LATER, NILS)) == 1
    assert await _sent_to(NORA) == 0


@pytest.mark.parametrize(
    "change",
    ["email_verified_at = NULL", "is_proxy_address = true", "state = 'suspended'"],
    ids=["unverified", "proxy", "suspended"],
)
@pytest.mark.parametrize("is_quick", [False, True], ids=["", "quick"])
@pytest.mark.spec("SD 11.1(f)")
async def test_only_verified_addresses_of_active_people_get_any(change: str, is_quick: bool) -> None:
    await told(NILS, CAME, is_quick=is_quick)
    await db.fetch(f"UPDATE person SET {change} WHERE email_key = $1", NILS)
    assert await mailed(LATER) == []
    await db.fetch(
        "UPDATE person SET email_verified_at = $2, is_proxy_address = false, state = 'active' WHERE email_key = $1",
        NILS,
        CAME,
    )
    assert await mailed(LATER + timedelta(days=1)) == [], "what was settled is mailed later on"


@pytest.mark.parametrize(
    "columns", [{"read_at": CAME}, {"closed_by": "Answered by Nora Price"}], ids=["read", "closed"]
)
async def test_what_was_read_or_dealt_with_is_not_mailed(columns: dict[str, object]) -> None:
    await told(NILS, CAME, **columns)
    assert await mailed(LATER) == []


@pytest.mark.spec("SD 11.1(f)")
async def test_one_mail_holds_all_that_is_due_by_communication_and_nothing_of_what_was_written() -> None:
    for number in (1, 2):
        await told(NILS, CAME, "SC00000001", number=number)
    await told(NILS, CAME, "SC00000002", number=4, kind="escalation", from_name="Calder Home Energy")
    (mail,) = await mailed(LATER)
    assert mail.subject == "3 new notifications in the Secure Data Exchange Portal"
    assert mail.text.count("SC00000001, Electricity Disconnection - Escalation") == 1
    assert "- 2 new messages from Brightwatt Energy" in mail.text
    assert "- Escalated by Calder Home Energy" in mail.text
    assert "/sdep/communications/SC00000002\n" in mail.text
    assert "Mill Lane" not in mail.text + mail.subject, "the subject is content"


async def test_a_long_mail_names_so_many_and_counts_the_rest() -> None:
    for number in range(60):
        await told(NILS, CAME, f"SC{number:08}")
    (mail,) = await mailed(LATER)
    assert "And 10 more communications" in mail.text
    assert "SC00000049," in mail.text
    assert "SC00000050," not in mail.text


@pytest.mark.spec("SD 11.1(f)n4")
async def test_many_people_are_mailed_at_a_pace_that_lets_urgent_mail_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sdes.notifications.actions.mailing.PEOPLE_AT_ONCE", 1)
    await wants(ASHA, "immediately")
    for email in (ASHA, NILS, NORA):
        await told(email, CAME, is_quick=email == NORA)
    await mailed(LATER)
    rows = await db.fetch("SELECT to_address, next_attempt_at FROM mail ORDER BY id")
    assert rows[0]["to_address"] == NORA, "a quick process first"
    first = rows[0]["next_attempt_at"]
    assert [row["next_attempt_at"] - first for row in rows] == [timedelta(), timedelta(), timedelta(minutes=1)]


async def _sent_to(email: str) -> int:
    return await count("mail", "to_address = $1 AND kind = 'notifications'", email)
