"""Suspending, reinstating and deleting people: whose use cases go to whom, and who cannot be removed."""

import re
from html import unescape

import pytest

from sdes.catalogue.queries import process_types
from sdes.kit import db
from tests.support.administration import (
    ASHA,
    BEN,
    MO,
    events,
    id_of,
    leave_alone,
    page_text,
    person_row,
    rename,
    stands_in,
    use_cases_of,
)
from tests.support.communications import sent, told
from tests.support.people import Browser
from tests.support.signing_in import is_signed_in, signing_in

pytestmark = pytest.mark.anyio


async def owns_all(person: int, reference: str) -> None:
    """Makes that person the owner of a communication on their company's side."""
    await db.fetch(
        "UPDATE communication_party SET owner = $1 WHERE company = (SELECT company FROM person WHERE id = $1)"
        " AND communication = (SELECT id FROM communication WHERE reference = $2)",
        person,
        reference,
    )
    assert await db.fetch("SELECT 1 FROM communication_party WHERE owner = $1", person)


BOTH = pytest.mark.parametrize("what", ["suspension", "deletion"])


@pytest.mark.spec("SD 2.6")
async def test_a_person_is_suspended_and_reinstated(mo: Browser, ben: Browser, nobody: Browser) -> None:
    path = f"/users/{await id_of(BEN)}"
    await owns_all(await id_of(BEN), await sent(mo))
    assert "has somebody else as well" in page_text(await mo.get(f"{path}/suspension"))
    assert (await mo.post(f"{path}/suspension")).headers["location"] == f"{path}?done=1"
    assert not await is_signed_in(ben)
    assert await db.fetch("SELECT 1 FROM communication_party WHERE owner = $1", await id_of(BEN)), "they come back"
    assert (await signing_in(nobody, BEN)).status_code == 422
    shown = page_text(await mo.get(f"{path}?done=1"))
    assert "Ben Carter is suspended and has been signed out everywhere." in shown
    assert "Reinstate them first, then send a new password." in shown
    assert (await mo.post(f"{path}/password-reset")).status_code == 409
    assert (await mo.post(f"{path}/reinstatement")).status_code == 303
    assert (await signing_in(nobody, BEN)).status_code == 303
    kept = [event for event in await events(BEN) if event.startswith("administration.")]
    assert kept == ["administration.person.reinstated", "administration.person.suspended"]


@pytest.mark.spec("SD 2.6")
async def test_a_deleted_person_is_gone_and_their_address_is_free(mo: Browser, ben: Browser, nobody: Browser) -> None:
    person = await id_of(BEN)
    await owns_all(person, await sent(mo))
    answer = await mo.post(f"/users/{person}/deletion")
    assert answer.headers["location"] == f"/users?deleted={person}"
    assert not await is_signed_in(ben)
    assert (await signing_in(nobody, BEN)).status_code == 422
    shown = page_text(await mo.get(answer.headers["location"]))
    assert "Ben Carter <ben@brightwatt.example> was deleted." in shown
    assert "Ben Carter" not in page_text(await mo.get("/users"))
    assert not await db.fetch("SELECT 1 FROM assignment WHERE person = $1", person)
    assert not await db.fetch("SELECT 1 FROM communication_party WHERE owner = $1", person)
    again = await mo.post("/users", {"name": "Ben the Second", "email": BEN})
    assert again.status_code == 303
    assert await id_of(BEN) != person


@BOTH
@pytest.mark.spec("SD 2.5(b)")
async def test_what_would_be_left_with_nobody_is_shown_and_somebody_has_to_be_chosen(mo: Browser, what: str) -> None:
    alone = await leave_alone(BEN)
    path = f"/users/{await id_of(BEN)}/{what}"
    page = await mo.get(path)
    assert f"{len(alone)} use cases would be left with nobody" in page_text(page)
    answer = await mo.post(path)
    assert (answer.status_code, told(answer)) == (
        422,
        ["Choose who takes over: a colleague or the Master Admin User"],
    )
    row = await person_row(BEN)
    assert (row["state"], await use_cases_of(BEN)) == ("active", alone)


@pytest.mark.spec("SD 2.5(b)")
async def test_use_cases_are_listed_like_the_catalogue(mo: Browser) -> None:
    await leave_alone(BEN)
    await db.fetch("UPDATE process_type SET position = 10000 - position")
    catalogue = await process_types()
    held = await use_cases_of(BEN)
    expected = [
        f"{one.full_title}, level {level.number}"
        for one in catalogue
        for level in one.levels
        if (one.id, level.number) in held
    ]
    path = f"/users/{await id_of(BEN)}"
    found = re.findall(r"<li>([^<]+, level \d+)</li>", (await mo.get(f"{path}/deletion")).text)
    assert [unescape(one) for one in found] == expected
    assert f"is the only user of {'; '.join(expected[:3])} and " in page_text(await mo.get(path))


async def test_a_suspended_person_s_page_says_what_keeps_the_account(mo: Browser) -> None:
    path = f"/users/{await id_of(BEN)}"
    assert "unless they sign in" in page_text(await mo.get(path))
    await rename(BEN, state="suspended")
    assert "unless they are reinstated" in page_text(await mo.get(path))


@BOTH
@pytest.mark.spec("SD 2.5(b)")
async def test_a_colleague_takes_over(mo: Browser, what: str) -> None:
    alone = await leave_alone(BEN)
    answer = await mo.post(f"/users/{await id_of(BEN)}/{what}", {"take_over": str(await id_of(ASHA))})
    assert answer.status_code == 303, told(answer)
    assert await use_cases_of(ASHA) == alone
    assert await stands_in(MO) == set()
    assert await events(ASHA) == ["administration.assignment.changed"]


@BOTH
@pytest.mark.spec("SD 2.7(c)")
async def test_the_mau_takes_over_as_default_contact(mo: Browser, what: str) -> None:
    alone = await leave_alone(BEN)
    assert (await mo.post(f"/users/{await id_of(BEN)}/{what}", {"take_over": "mau"})).status_code == 303
    assert await stands_in(MO) == alone


@pytest.mark.spec("SD 2.7(c)")
async def test_the_mau_is_relieved_when_somebody_is_reinstated(mo: Browser) -> None:
    alone = await leave_alone(BEN)
    path = f"/users/{await id_of(BEN)}"
    await mo.post(f"{path}/suspension", {"take_over": "mau"})
    assert await stands_in(MO) == alone
    await mo.post(f"{path}/reinstatement")
    assert await stands_in(MO) == set()
    assert await use_cases_of(BEN) == alone


@BOTH
async def test_nobody_but_an_active_colleague_can_be_chosen(mo: Browser, what: str) -> None:
    await leave_alone(BEN)
    await rename(ASHA, state="suspended")
    strangers = [await id_of(ASHA), await id_of(BEN), await id_of("otto@clearvolt.example"), 99999999]
    for chosen in strangers:
        answer = await mo.post(f"/users/{await id_of(BEN)}/{what}", {"take_over": str(chosen)})
        assert answer.status_code == 422
        assert told(answer) == ["Choose an active person of your company to take over."]
    for nonsense in ("x", "-1", "mau\x00", "9" * 30):
        assert (await mo.post(f"/users/{await id_of(BEN)}/{what}", {"take_over": nonsense})).status_code == 422
    assert (await person_row(BEN))["state"] == "active"


@BOTH
async def test_nobody_removes_themselves_or_the_mau(mo: Browser, asha: Browser, what: str) -> None:
    await rename(ASHA, functions=["user-administration"])
    for browser, who, said in (
        (mo, MO, "The Master Admin User cannot be suspended or deleted"),
        (asha, ASHA, "You cannot suspend or delete yourself."),
        (asha, MO, "The Master Admin User cannot be suspended or deleted"),
    ):
        path = f"/users/{await id_of(who)}"
        for answer in (await browser.get(f"{path}/{what}"), await browser.post(f"{path}/{what}", {"take_over": "mau"})):
            assert answer.status_code == 409
            assert told(answer)[0].startswith(said)
        page = await browser.get(path)
        assert f"{path}/{what}" not in page.text
        assert said in page_text(page)
        assert (await person_row(who))["state"] == "active"


async def test_a_suspended_person_is_deleted_without_a_question(mo: Browser) -> None:
    await leave_alone(BEN)
    path = f"/users/{await id_of(BEN)}"
    await mo.post(f"{path}/suspension", {"take_over": str(await id_of(ASHA))})
    assert "has somebody else as well" in page_text(await mo.get(f"{path}/deletion"))
    assert (await mo.post(f"{path}/deletion")).status_code == 303


async def test_the_second_of_two_who_delete_the_same_person_is_told(mo: Browser) -> None:
    path = f"/users/{await id_of(BEN)}/deletion"
    assert (await mo.post(path)).status_code == 303
    assert (await mo.post(path)).status_code == 404
