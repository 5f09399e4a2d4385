"""Nights in which several lapse at once, and what people and their MAU read of it."""

from datetime import timedelta
from typing import Any

import pytest

from sdes.attachments.vault import Vault
from sdes.kit import db
from tests.support.communications import sent
from tests.support.nights import (
    ASHA,
    BEN,
    FIRST,
    MO,
    assign,
    everybody_but,
    execute,
    mails_of,
    night,
    only_asha_holds_one_use_case,
    person,
    person_id,
    quiet_start,
    state,
)
from tests.support.nudges import Nudges
from tests.support.people import Browser

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
async def a_quiet_start(db: None, vault: Vault, nudges: Nudges) -> None:
    await quiet_start(vault)


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
    (warned,) = [
        one for one in mails if one["subject"] == "60 people of your company will be deleted for not signing in"
    ]
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
