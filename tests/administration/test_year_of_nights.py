"""A year of nights by the clock: who stays away lapses, every mail is counted, and nobody is stranded."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jobs.accounts import accounts_default_contacts, accounts_inactivity
from sdes.attachments.vault import Vault
from sdes.kit import clock, db, keyring
from tests.support.communications import sent
from tests.support.nudges import Nudges
from tests.support.people import Browser

pytestmark = pytest.mark.anyio

FIRST = datetime(2026, 1, 5, 4, 30, tzinfo=UTC)  # the job's hour
ASHA, BEN, MO = "asha@brightwatt.example", "ben@brightwatt.example", "mo@brightwatt.example"
PIET = "piet@provider.example"


@pytest.fixture(autouse=True)
async def a_quiet_start(db: None, vault: Vault, nudges: Nudges) -> None:
    """Everybody signed in at the beginning and there are no mails."""
    keyring.use(vault.master)
    await execute("UPDATE person SET created_at = $1, last_sign_in_at = $1", FIRST)
    await execute("DELETE FROM mail")


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


@pytest.mark.spec("SD 2.7(c)")
async def test_several_lapse_in_one_night_and_the_mau_takes_what_only_they_held() -> None:
    process = await only_asha_holds_one_use_case()
    await assign(BEN, process["id"])
    await everybody_lapses_but_the_mau(nights=90)
    for email in (ASHA, BEN):
        assert not await db.fetch("SELECT 1 FROM person WHERE email_key = $1", email)
    rows = await db.fetch(
        "SELECT p.email, a.is_default_contact FROM assignment a JOIN person p ON p.id = a.person"
        " JOIN company c ON c.id = a.company"
        " WHERE c.name = 'Brightwatt Energy' AND a.process_type = $1 AND a.level = 2",
        process["id"],
    )
    assert [(row["email"], row["is_default_contact"]) for row in rows] == [(MO, True)]
    text = (await mails_of("people_lapsing"))[-1]["text"]
    assert "Asha Rahman (asha@brightwatt.example) was deleted today." in text
    assert "Ben Carter (ben@brightwatt.example) was deleted today." in text
    assert text.endswith(f"You are now the default contact of:\n\n- {process['title']}, level 2\n")
    lapsed = await db.fetch("SELECT * FROM audit_entry WHERE event = 'administration.person.lapsed' ORDER BY detail")
    assert [row["detail"].split(",")[0] for row in lapsed] == [f"Asha Rahman <{ASHA}>", f"Ben Carter <{BEN}>"]
    for row in lapsed:
        assert row["detail"].endswith(f"is now the default contact of {process['title']}, level 2")
        company = row["about_company"]
        assert (row["person_name"], row["company_id"], row["audience"]) == ("Inactive accounts", None, [company])
    assert (await person(await person_id(MO)))["company"] == company


async def test_a_night_of_many_takes_as_many_statements_as_a_night_of_few() -> None:
    few = [await statements_of(number) for number in await nights_of_colleagues(3, 1000)]
    many = [await statements_of(number) for number in await nights_of_colleagues(60, 2000)]
    assert many == few
    last = (await mails_of("people_lapsing"))[-1]["text"]
    assert last.count("was deleted today") == 50
    assert "10 more people were deleted today: see the audit log." in last
    mails = await mails_of("people_lapsing")
    (warned,) = [one for one in mails if one["subject"] == "60 people of your company will be deleted for not signing in"]
    assert warned["text"].count("will be deleted on") == 50
    assert "And 10 more: see the list" in warned["text"]
    assert "/users?state=deletion\n" in warned["text"]


@pytest.mark.spec("SD 2.7")
async def test_who_lapses_is_the_owner_of_nothing(mo: Browser) -> None:
    await sent(mo)
    asha = await person_id(ASHA)
    await execute(
        "UPDATE communication_party SET owner = $1 WHERE company = (SELECT company FROM person WHERE id = $1)", asha
    )
    await everybody_but(ASHA, signs_in_every=10, nights=89)
    assert await db.fetch("SELECT 1 FROM communication_party WHERE owner = $1", asha)
    await night(90)
    assert await state(asha) == "deleted"
    assert not await db.fetch("SELECT 1 FROM communication_party WHERE owner IS NOT NULL")


@pytest.mark.spec("SD 2.7(b)")
async def test_the_reminder_says_from_when_the_days_count() -> None:
    await execute("UPDATE person SET last_sign_in_at = NULL WHERE email_key = $1", ASHA)
    await execute("UPDATE person SET reinstated_at = created_at + interval '1 hour' WHERE email_key = $1", BEN)
    await night(83)
    texts = {mail["to_address"]: mail["text"] for mail in await mails_of("inactive_account")}
    assert "was made on 5 January 2026, and you have not signed in yet." in texts[ASHA]
    assert "was reinstated on 5 January 2026, and you have not signed in since then." in texts[BEN]
    assert "You have not signed in to the Secure Data Exchange Service since 5 January 2026." in texts[MO]


async def test_the_mau_is_asked_to_reinstate_who_is_suspended() -> None:
    await execute("UPDATE person SET state = 'suspended' WHERE email_key = $1", ASHA)
    await everybody_but(ASHA, signs_in_every=10, nights=83)
    (mail,) = await mails_of("people_lapsing")
    assert "will be deleted on 5 April 2026, unless you reinstate them before." in mail["text"]


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


async def night(number: int) -> None:
    """The job, on the night so many days after everybody signed in."""
    with clock.at(FIRST + timedelta(days=number)):
        await accounts_inactivity({})


async def everybody_lapses_but_the_mau(*, nights: int) -> None:
    """At Brightwatt; the other companies sign in."""
    for number in range(1, nights + 1):
        if number % 10 == 0:
            await execute(
                "UPDATE person SET last_sign_in_at = $1 WHERE state <> 'deleted' AND email_key <> ALL($2)",
                FIRST + timedelta(days=number),
                [ASHA, BEN],
            )
        await night(number)


async def nights_of_colleagues(count: int, first: int) -> tuple[int, int]:
    """Gives Brightwatt that many people more, who have just signed in: gives the nights of their first reminder and of
    their deletion. Everybody else is here on both."""
    at = FIRST + timedelta(days=first)
    await execute(
        "INSERT INTO person (company, name, email, email_key, created_at)"
        " SELECT company, 'Colleague ' || n, 'c' || n || '@b.example', 'c' || n || '@b.example', $3::timestamptz"
        " FROM person, generate_series($1::int, $1::int + $2::int - 1) n WHERE email_key = $4",
        first,
        count,
        at,
        BEN,
    )
    await execute(
        "INSERT INTO assignment (company, person, process_type, level) SELECT a.company, p.id, a.process_type, a.level"
        " FROM assignment a JOIN person b ON b.id = a.person JOIN person p ON p.company = a.company"
        " AND p.name LIKE 'Colleague %' AND p.state = 'active' WHERE b.email_key = $1",
        BEN,
    )
    await execute(
        "UPDATE person SET last_sign_in_at = $1 WHERE state = 'active' AND name NOT LIKE 'Colleague %'",
        at + timedelta(days=80),
    )
    return first + 83, first + 90


async def statements_of(number: int) -> int:
    """How many statements a night takes."""
    told: list[str] = []
    connection: Any = db.DB.current_transaction.get().connection  # type: ignore[union-attr]
    with connection.query_logger(lambda record: told.append(record.query)):
        await night(number)
    assert told
    return len(told)


async def everybody_but(away: str, *, signs_in_every: int, nights: int, first: int = 1) -> None:
    for number in range(first, nights + 1):
        if number % signs_in_every == 0:
            await signs_in_all_but(away, number)
        await night(number)


async def signs_in_all_but(away: str, number: int) -> None:
    await execute(
        "UPDATE person SET last_sign_in_at = $1 WHERE email_key <> $2 AND state <> 'deleted'",
        FIRST + timedelta(days=number),
        away,
    )


async def signs_in(email: str, number: int) -> None:
    """As `open_session` leaves it."""
    await execute(
        "UPDATE person SET last_sign_in_at = $1, warned_from = NULL, was_last_user = false WHERE email_key = $2",
        FIRST + timedelta(days=number),
        email,
    )


async def only_asha_holds_one_use_case() -> dict[str, Any]:
    """Leaves Asha as the only one of Brightwatt at level 2 of a process type; gives the process type."""
    rows = await db.fetch(
        "SELECT t.id, t.title || ' - ' || t.contact_type || CASE t.fuel WHEN 'E' THEN ' (Electricity)'"
        " WHEN 'G' THEN ' (Gas)' ELSE ' (Dual fuel)' END AS title FROM process_type t"
        " JOIN assignment a ON a.process_type = t.id AND a.level = 2 JOIN person p ON p.id = a.person"
        " WHERE p.email_key = $1 ORDER BY t.id LIMIT 1",
        ASHA,
    )
    await execute(
        "DELETE FROM assignment USING person p WHERE p.id = assignment.person AND assignment.process_type = $1"
        " AND assignment.level = 2 AND p.email_key = ANY($2)",
        rows[0]["id"],
        [BEN, MO],
    )
    return dict(rows[0])


async def assign(email: str, process: int) -> None:
    """Puts them in level 2 of it."""
    await execute(
        "INSERT INTO assignment (company, person, process_type, level)"
        " SELECT company, id, $1, 2 FROM person WHERE email_key = $2",
        process,
        email,
    )


async def execute(sql: str, *words: Any) -> None:
    await db.fetch(sql, *words)


async def person_id(email: str) -> int:
    return int((await db.fetch("SELECT id FROM person WHERE email_key = $1", email))[0]["id"])


async def person(person_id: int) -> Any:
    return (await db.fetch("SELECT * FROM person WHERE id = $1", person_id))[0]


async def state(person_id: int) -> str:
    return str((await person(person_id))["state"])


async def kinds() -> list[str]:
    return [row["kind"] for row in await db.fetch("SELECT kind FROM mail ORDER BY id")]


async def mails_of(kind: str) -> list[dict[str, Any]]:
    rows = await db.fetch("SELECT * FROM mail WHERE kind = $1 ORDER BY id", kind)
    return [{**dict(row), **json.loads(keyring.unseal(f"mail:{row['to_address']}", row["body"]))} for row in rows]
