"""A year of nights by the clock: who stays away lapses, every mail is counted, and nobody is stranded."""

from collections import Counter
from datetime import timedelta

import pytest

from jobs.accounts import accounts_default_contacts
from sdes.attachments.vault import Vault
from sdes.kit import db
from tests.support.nights import (
    ASHA,
    BEN,
    FIRST,
    MO,
    PIET,
    assign,
    everybody_but,
    execute,
    kinds,
    mails_of,
    night,
    only_asha_holds_one_use_case,
    person,
    person_id,
    quiet_start,
    signs_in,
    signs_in_all_but,
    state,
)
from tests.support.nudges import Nudges

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
async def a_quiet_start(db: None, vault: Vault, nudges: Nudges) -> None:
    await quiet_start(vault)


@pytest.mark.spec("SD 2.7")
@pytest.mark.spec("SD 2.7(b)")
async def test_who_stays_away_is_reminded_seven_times_and_deleted_on_the_ninetieth_day() -> None:
    asha = await person_id(ASHA)
    await everybody_but(ASHA, signs_in_every=10, nights=89)
    assert await state(asha) == "active"
    mails = await mails_of("inactive_account")
    assert [(mail["to_address"], mail["created_at"]) for mail in mails] == [
        (ASHA, FIRST + timedelta(days=n)) for n in range(83, 90)
    ]
    await night(90)
    row = await person(asha)
    assert (row["state"], row["email"], row["email_key"], row["name"]) == (
        "deleted",
        "",
        f"deleted:{asha}",
        "Deleted person",
    )
    assert row["password_hash"] == ""
    assert not await db.fetch("SELECT 1 FROM assignment WHERE person = $1", asha)
    assert not await db.fetch("SELECT 1 FROM session WHERE person = $1 AND ended_at IS NULL", asha)
    await night(91)
    assert len(await mails_of("inactive_account")) == 7


@pytest.mark.spec("SD 2.8")
async def test_the_mau_is_told_every_day_with_the_levels_and_the_last_user_is_marked() -> None:
    process = await only_asha_holds_one_use_case()
    await everybody_but(ASHA, signs_in_every=10, nights=90)
    mails = [mail for mail in await mails_of("people_lapsing") if mail["to_address"] == MO]
    assert [mail["created_at"] for mail in mails] == [FIRST + timedelta(days=n) for n in range(83, 91)]
    for mail in mails[:-1]:
        assert "Asha Rahman (asha@brightwatt.example) will be deleted on 5 April 2026" in mail["text"]
        marked = [line for line in mail["text"].splitlines() if "LAST USER" in line]
        assert marked == [f"- {process['title']}, level 2: LAST USER of this level"]
        assert mail["text"].count("\n- ") > 10, "the other levels are listed too"
    assert "Asha Rahman (asha@brightwatt.example) was deleted today." in mails[-1]["text"]
    assert f"- {process['title']}, level 2" in mails[-1]["text"]


@pytest.mark.spec("SD 2.7(c)")
async def test_the_mau_becomes_the_default_contact_of_what_is_emptied() -> None:
    process = await only_asha_holds_one_use_case()
    await everybody_but(ASHA, signs_in_every=10, nights=90)
    rows = await db.fetch(
        "SELECT p.email, a.is_default_contact FROM assignment a JOIN person p ON p.id = a.person"
        " JOIN company c ON c.id = a.company"
        " WHERE c.name = 'Brightwatt Energy' AND a.process_type = $1 AND a.level = 2",
        process["id"],
    )
    assert [(row["email"], row["is_default_contact"]) for row in rows] == [(MO, True)]


@pytest.mark.spec("SD 2.8")
async def test_both_mails_stop_when_the_person_signs_in() -> None:
    await everybody_but(ASHA, signs_in_every=10, nights=85)
    await signs_in(ASHA, 85)
    assert Counter(await kinds()) == {"inactive_account": 3, "people_lapsing": 3}
    await everybody_but("", signs_in_every=10, nights=120, first=86)
    assert Counter(await kinds()) == {"inactive_account": 3, "people_lapsing": 3}
    row = await person(await person_id(ASHA))
    assert row["state"] == "active"


@pytest.mark.spec("SD 2.8")
async def test_the_mau_s_mail_stops_when_another_person_is_assigned() -> None:
    process = await only_asha_holds_one_use_case()
    await everybody_but(ASHA, signs_in_every=10, nights=85)
    await assign(BEN, process["id"])
    await everybody_but(ASHA, signs_in_every=10, nights=89, first=86)
    assert Counter(await kinds()) == {"inactive_account": 7, "people_lapsing": 3}


async def test_a_second_run_of_a_night_changes_and_sends_nothing() -> None:
    await everybody_but(ASHA, signs_in_every=10, nights=84)
    before = await kinds()
    await night(84)
    assert await kinds() == before
    await everybody_but(ASHA, signs_in_every=10, nights=90, first=85)
    before = await kinds()
    await night(90)
    assert await kinds() == before


async def test_a_suspended_person_lapses_too_and_is_not_asked_to_sign_in() -> None:
    await execute("UPDATE person SET state = 'suspended' WHERE email_key = $1", ASHA)
    await everybody_but(ASHA, signs_in_every=10, nights=90)
    mails = await mails_of("inactive_account")
    assert len(mails) == 7
    assert "/sign-in" not in mails[0]["text"]
    assert "suspended" in mails[0]["text"]
    assert not await db.fetch("SELECT 1 FROM person WHERE email_key = $1", ASHA)


async def test_an_outage_of_weeks_deletes_nobody_unwarned() -> None:
    asha = await person_id(ASHA)
    for n in (130, 131):
        await signs_in_all_but(ASHA, n)
        await night(n)
    assert await state(asha) == "active"
    assert len(await mails_of("inactive_account")) == 2
    await everybody_but(ASHA, signs_in_every=5, nights=136, first=132)
    assert await state(asha) == "active"
    await night(137)
    assert await state(asha) == "deleted"


@pytest.mark.spec("SD 2.7")
async def test_a_year_in_which_nobody_signs_in_strands_no_company() -> None:
    """Every company is left with its MAU, who holds every use case that anybody held."""
    held = {
        tuple(row.values()) for row in await db.fetch("SELECT DISTINCT company, process_type, level FROM assignment")
    }
    ordinary = await db.fetch("SELECT id, email FROM person WHERE NOT is_master_admin")
    maus = await db.fetch("SELECT id, email, company FROM person WHERE is_master_admin")
    for n in (*range(1, 82, 20), *range(82, 366)):
        await night(n)
    left = await db.fetch("SELECT id FROM person WHERE state = 'active'")
    assert {row["id"] for row in left} == {row["id"] for row in maus}
    now_held = await db.fetch(
        "SELECT DISTINCT a.company, a.process_type, a.level FROM assignment a JOIN person p ON p.id = a.person"
        " WHERE p.is_master_admin AND p.state = 'active'"
    )
    assert {tuple(row.values()) for row in now_held} == held
    texts = [mail["text"] for mail in await mails_of("master_admin_inactive") if mail["to_address"] == PIET]
    assert not [text for text in texts if f"({PIET})" in text], "nobody is told of themselves"
    assert [text for text in texts if f"({MO}), the Master Admin User of Brightwatt Energy, has not signed in" in text]
    reminders = Counter(mail["to_address"] for mail in await mails_of("inactive_account"))
    assert reminders == dict.fromkeys([row["email"] for row in (*ordinary, *maus)], 7)
    # on day 90 and every 30 days until day 365, to the provider's and the Code Manager's own MAU, of every other MAU
    told = Counter(mail["to_address"] for mail in await mails_of("master_admin_inactive"))
    times = (365 - 90) // 30 + 1
    assert told == dict.fromkeys(["carys@codemanager.example", "piet@provider.example"], times * (len(maus) - 1))
    lapsed = await db.fetch("SELECT subject FROM audit_entry WHERE event = 'administration.person.lapsed'")
    assert {row["subject"] for row in lapsed} == {f"person {row['id']}" for row in ordinary}


@pytest.mark.spec("SD 2.5(b)")
async def test_what_nobody_holds_has_the_mau_as_default_contact_by_morning() -> None:
    await execute("DELETE FROM assignment WHERE company = (SELECT id FROM company WHERE name = 'Clearvolt')")
    await execute("UPDATE person SET state = 'suspended' WHERE email_key = $1", "otto@clearvolt.example")
    await accounts_default_contacts({})
    rows = await db.fetch(
        "SELECT p.email, bool_and(a.is_default_contact) AS stands_in, count(*) AS n FROM assignment a"
        " JOIN person p ON p.id = a.person JOIN company c ON c.id = a.company WHERE c.name = 'Clearvolt' GROUP BY 1"
    )
    assert [(row["email"], row["stands_in"]) for row in rows] == [("olga@clearvolt.example", True)]
    assert rows[0]["n"] > 20
