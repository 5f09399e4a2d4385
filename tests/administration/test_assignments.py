"""Who is assigned where, asked of the action itself: nobody is left with nobody (SD 2.5)."""

from typing import Any

import pytest

from sdes.actor import Actor
from sdes.administration.actions.assignments import LeftWithNobody, change, fill_gaps, hand_over
from sdes.administration.queries.people import assignable, people, person
from sdes.administration.views.people import PersonView
from sdes.administration.words import use_case_title
from sdes.catalogue.rules import UseCase
from sdes.kit import db
from sdes.kit.errors import NotFound, Refused
from tests.support.people import SignIn

pytestmark = pytest.mark.anyio

ASHA, BEN, MO = "asha@brightwatt.example", "ben@brightwatt.example", "mo@brightwatt.example"


@pytest.fixture
async def mau(sign_in: SignIn) -> Actor:
    """Mo of Brightwatt, who starts with Asha as the only one at every use case."""
    browser = await sign_in(MO)
    actor = await browser.actor()
    await db.fetch(
        "DELETE FROM assignment USING person p WHERE p.id = assignment.person AND p.email_key = ANY($1)", [BEN, MO]
    )
    return actor


@pytest.mark.spec("SD 2.5")
@pytest.mark.spec("SD 2.5(a)")
async def test_a_person_is_put_in_several_use_cases_and_taken_out(mau: Actor) -> None:
    ben, first, second = await one(mau, BEN), *(await cases(mau))[:2]
    await change(mau, [(ben.id, first), (ben.id, second)], [])
    assert (await one(mau, BEN)).use_cases == {first, second}
    await change(mau, [], [(ben.id, first)])
    assert (await one(mau, BEN)).use_cases == {second}
    (entry,) = await db.fetch(
        "SELECT * FROM audit_entry WHERE event = 'administration.assignment.changed' ORDER BY id DESC LIMIT 1"
    )
    catalogue, _ = await assignable(mau)
    assert entry["detail"] == f"Ben Carter: taken out of {use_case_title(catalogue, first)}"
    assert (entry["subject"], entry["person_name"]) == (f"person {ben.id}", "Mo Sheikh")
    assert entry["about_company"] == mau.company_id


@pytest.mark.spec("SD 2.5(b)")
async def test_the_last_person_is_not_taken_out(mau: Actor) -> None:
    asha, (first, second, *_) = await one(mau, ASHA), await cases(mau)
    with pytest.raises(LeftWithNobody) as refusal:
        await change(mau, [], [(asha.id, first), (asha.id, second)])
    assert refusal.value.use_cases == sorted([first, second])
    assert (await one(mau, ASHA)).use_cases >= {first, second}


@pytest.mark.spec("SD 2.5(b)")
async def test_unless_somebody_is_put_there_in_the_same_breath(mau: Actor) -> None:
    asha, ben, first = await one(mau, ASHA), await one(mau, BEN), (await cases(mau))[0]
    await change(mau, [(ben.id, first)], [(asha.id, first)])
    assert await holders(mau, first) == {BEN}


@pytest.mark.spec("SD 2.7(c)")
async def test_or_the_mau_takes_it_until_somebody_else_is_there(mau: Actor) -> None:
    asha, ben, first = await one(mau, ASHA), await one(mau, BEN), (await cases(mau))[0]
    await change(mau, [], [(asha.id, first)], mau_takes=True)
    assert await holders(mau, first) == {MO}
    assert (await one(mau, MO)).default_for == {first}
    await change(mau, [(ben.id, first)], [])
    assert await holders(mau, first) == {BEN}


async def test_a_mau_who_is_put_there_on_purpose_stays(mau: Actor) -> None:
    asha, ben, mo, first = await one(mau, ASHA), await one(mau, BEN), await one(mau, MO), (await cases(mau))[0]
    await change(mau, [], [(asha.id, first)], mau_takes=True)
    await change(mau, [(mo.id, first)], [])
    assert not (await one(mau, MO)).default_for
    await change(mau, [(ben.id, first)], [])
    assert await holders(mau, first) == {BEN, MO}


async def test_a_suspended_person_counts_as_nobody(mau: Actor) -> None:
    asha, ben, first = await one(mau, ASHA), await one(mau, BEN), (await cases(mau))[0]
    await change(mau, [(ben.id, first)], [])
    await db.fetch("UPDATE person SET state = 'suspended' WHERE id = $1", ben.id)
    with pytest.raises(LeftWithNobody):
        await change(mau, [], [(asha.id, first)])


async def test_nobody_of_another_company_is_assigned_or_taken_out(mau: Actor) -> None:
    (otto,) = await db.fetch("SELECT id FROM person WHERE email_key = 'otto@clearvolt.example'")
    first = (await cases(mau))[0]
    before = await all_rows()
    for added, removed in (([(otto["id"], first)], []), ([], [(otto["id"], first)])):
        with pytest.raises(NotFound):
            await change(mau, added, removed, mau_takes=True)
    assert await all_rows() == before


async def test_nobody_is_assigned_outside_the_company_s_market_roles(mau: Actor, sign_in: SignIn) -> None:
    nora = await (await sign_in("nora@northgrid.example")).actor()
    _, theirs = await assignable(nora)
    outside = sorted(set(await cases(mau)) - set(theirs))
    assert outside, "the distributor has the same use cases as the supplier"
    with pytest.raises(Refused, match="market roles"):
        await change(nora, [(nora.person_id or 0, outside[0])], [])


@pytest.mark.spec("SD 2.7(c)")
async def test_a_leaver_hands_over_to_a_colleague_or_to_the_mau(mau: Actor) -> None:
    asha, ben = await one(mau, ASHA), await one(mau, BEN)
    with pytest.raises(LeftWithNobody):
        await hand_over(mau, [asha], None, mau_takes=False)
    assert set(await hand_over(mau, [asha], ben.id, mau_takes=False)) == asha.use_cases
    assert (await one(mau, BEN)).use_cases == asha.use_cases
    assert not (await one(mau, BEN)).default_for
    assert await hand_over(mau, [asha], None, mau_takes=False) == [], "there is somebody else now"


async def test_only_an_active_colleague_takes_over(mau: Actor) -> None:
    asha, ben = await one(mau, ASHA), await one(mau, BEN)
    await db.fetch("UPDATE person SET state = 'suspended' WHERE id = $1", ben.id)
    (otto,) = await db.fetch("SELECT id FROM person WHERE email_key = 'otto@clearvolt.example'")
    for heir in (ben.id, otto["id"], asha.id, 10_000_000):
        with pytest.raises(Refused, match="Choose an active person"):
            await hand_over(mau, [asha], heir, mau_takes=False)


async def test_gaps_are_filled_once(mau: Actor) -> None:
    await db.fetch("DELETE FROM assignment WHERE company = $1", mau.company_id)
    assert await fill_gaps(mau) == len(await cases(mau))
    assert (await one(mau, MO)).default_for == set(await cases(mau))
    assert await fill_gaps(mau) == 0


async def one(actor: Actor, email: str) -> PersonView:
    (row,) = await db.fetch("SELECT id FROM person WHERE email_key = $1", email)
    return await person(actor, row["id"])


async def cases(actor: Actor) -> list[UseCase]:
    return (await assignable(actor))[1]


async def holders(actor: Actor, case: UseCase) -> set[str]:
    return {one.email for one in await people(actor) if case in one.use_cases}


async def all_rows() -> list[Any]:
    return [tuple(row.values()) for row in await db.fetch("SELECT * FROM assignment ORDER BY id")]
