"""The matrix through its doors: it is saved whole, never over what somebody else has done meanwhile (SD 2.5)."""

from collections.abc import Awaitable, Callable

import pytest

from sdes.administration.matrix.seen import Cell, Seen
from sdes.kit import db
from tests.support.matrix import MATRIX, cells_of, opened, person_id, post_matrix, problems, seen_in, ticked_in
from tests.support.people import Browser

SignIn = Callable[[str], Awaitable[Browser]]

pytestmark = pytest.mark.anyio

ASHA, BEN, MO = "asha@brightwatt.example", "ben@brightwatt.example", "mo@brightwatt.example"
FIRST_PROCESS = "Erroneous Transfer - General Query (Electricity), level 1"


@pytest.mark.spec("SD 2.5")
@pytest.mark.spec("SD 2.5(a)")
async def test_what_was_ticked_and_cleared_is_saved(mo: Browser) -> None:
    seen, ticked = await opened(mo)
    asha, ben = await person_id(ASHA), await person_id(BEN)
    first, second = seen.use_cases[:2]
    answer = await post_matrix(mo, seen, ticked - {(asha, first), (ben, second)})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{MATRIX}?size=500&saved=2")
    assert await cells_of(ASHA) == set(seen.use_cases) - {first}
    assert await cells_of(BEN) == set(seen.use_cases) - {second}
    assert "Saved: 2 changes." in (await mo.get(answer.headers["location"])).text
    seen, ticked = await opened(mo)
    assert (await post_matrix(mo, seen, ticked | {(asha, first)})).status_code == 303
    assert await cells_of(ASHA) == set(seen.use_cases)


async def test_what_is_not_shown_is_left_alone(mo: Browser) -> None:
    """A page that shows Ben at the gas processes clears nothing else of his, and nobody else's."""
    path = f"{MATRIX}?q=ben&fuel=G"
    seen, ticked = await opened(mo, path)
    assert seen.people == (await person_id(BEN),)
    assert 0 < len(seen.use_cases) < len(await cells_of(BEN))
    assert (await post_matrix(mo, seen, [], path)).status_code == 303
    assert await cells_of(BEN) == await cells_of(ASHA) - set(seen.use_cases)
    assert ticked == {(seen.people[0], case) for case in seen.use_cases}


async def test_a_deputy_may_too(sign_in: SignIn) -> None:
    await db.fetch("UPDATE person SET functions = '{user-administration}' WHERE email_key = $1", BEN)
    ben = await sign_in(BEN)
    seen, ticked = await opened(ben)
    cell = (await person_id(ASHA), seen.use_cases[0])
    assert (await post_matrix(ben, seen, ticked - {cell})).status_code == 303
    assert cell[1] not in await cells_of(ASHA)


async def test_the_second_to_save_sees_what_the_first_did_and_overwrites_nothing(mo: Browser, sign_in: SignIn) -> None:
    await db.fetch("UPDATE person SET functions = '{user-administration}' WHERE email_key = $1", BEN)
    deputy = await sign_in(BEN)
    seen, ticked = await opened(mo)
    await opened(deputy)
    asha, ben = await person_id(ASHA), await person_id(BEN)
    first, second, third = seen.use_cases[:3]
    assert (await post_matrix(deputy, seen, ticked - {(asha, first)})).status_code == 303

    late = await post_matrix(mo, seen, ticked - {(ben, second), (asha, third)})
    assert late.status_code == 409
    assert f"Asha Rahman was taken out of {FIRST_PROCESS} by Ben Carter." in problems(late)
    assert await cells_of(ASHA) == set(seen.use_cases) - {first}, "what the first saved stands, and nothing else"
    assert await cells_of(BEN) == set(seen.use_cases)
    assert ticked_in(late) == ticked - {(asha, first), (ben, second), (asha, third)}, "her own changes are kept"
    assert seen_in(late).ticked == ticked - {(asha, first)}, "and the form now knows how things are"

    again = await post_matrix(mo, seen_in(late), ticked_in(late))
    assert again.status_code == 303
    assert await cells_of(ASHA) == set(seen.use_cases) - {first, third}
    assert await cells_of(BEN) == set(seen.use_cases) - {second}


async def test_somebody_put_in_meanwhile_is_told_too(mo: Browser) -> None:
    asha = await person_id(ASHA)
    process, level = (await opened(mo))[0].use_cases[0]
    where = "person = $1 AND process_type = $2 AND level = $3"
    await db.fetch(f"DELETE FROM assignment WHERE {where}", asha, process, level)
    seen, ticked = await opened(mo)
    await db.fetch(
        "INSERT INTO assignment (company, person, process_type, level) SELECT company, id, $2, $3 FROM person"
        " WHERE id = $1",
        asha, process, level,
    )  # fmt: skip
    late = await post_matrix(mo, seen, ticked)
    assert late.status_code == 409
    assert f"Asha Rahman was put in {FIRST_PROCESS}." in problems(late), "the log does not say by whom"
    assert (process, level) in await cells_of(ASHA)


async def test_somebody_deleted_meanwhile(mo: Browser) -> None:
    seen, ticked = await opened(mo)
    await db.fetch("UPDATE person SET state = 'deleted' WHERE email_key = $1", BEN)
    late = await post_matrix(mo, seen, ticked)
    assert late.status_code == 409
    assert "1 of the people who were shown is no longer in your company." in problems(late)
    assert await person_id(BEN) not in seen_in(late).people


@pytest.mark.spec("SD 2.5(b)")
async def test_the_last_person_stays_unless_the_mau_takes_it(mo: Browser) -> None:
    await db.fetch("DELETE FROM assignment a USING person p WHERE p.id = a.person AND p.email_key = ANY($1)", [BEN, MO])
    seen, ticked = await opened(mo)
    cell = (await person_id(ASHA), seen.use_cases[0])
    refused = await post_matrix(mo, seen, ticked - {cell})
    assert refused.status_code == 409
    assert FIRST_PROCESS in problems(refused)
    assert "Let the Master Admin User take it" in problems(refused)
    assert ticked_in(refused) == ticked - {cell}
    assert seen_in(refused) == seen
    assert cell[1] in await cells_of(ASHA)

    assert (await post_matrix(mo, seen, ticked - {cell}, mau_takes="yes")).status_code == 303
    assert cell[1] not in await cells_of(ASHA)
    assert await cells_of(MO) == {cell[1]}
    page = await mo.get(MATRIX)
    assert (await person_id(MO), cell[1]) not in ticked_in(page), "standing in is no assignment"
    assert page.text.count("class=is-default") == 1


async def test_who_stands_in_is_assigned_by_ticking(mo: Browser) -> None:
    await db.fetch(
        "UPDATE assignment SET is_default_contact = true FROM person p WHERE p.id = person AND p.email = $1", MO
    )
    await db.fetch("DELETE FROM assignment a USING person p WHERE p.id = a.person AND p.email = ANY($1)", [ASHA, BEN])
    seen, ticked = await opened(mo)
    assert ticked == frozenset()
    cell = (await person_id(MO), seen.use_cases[0])
    assert (await post_matrix(mo, seen, {cell})).status_code == 303
    assert (await opened(mo))[1] == {cell}
    (entry,) = await db.fetch("SELECT detail FROM audit_entry WHERE event = 'administration.assignment.changed'")
    assert entry["detail"] == f"Mo Sheikh: put in {FIRST_PROCESS}"


@pytest.mark.spec("SD 9.2(d)")
@pytest.mark.parametrize("remembers", [True, False])
async def test_people_of_others_are_out_of_reach(mo: Browser, remembers: bool) -> None:
    """Whether the forged form claims to have shown them or not."""
    seen, ticked = await opened(mo)
    cleo = await person_id("cleo@calder.example")
    before = await cells_of("cleo@calder.example")
    for forged_ticks in (frozenset(), ticked | {(cleo, seen.use_cases[0])}):
        people = (*seen.people, cleo) if remembers else seen.people
        claimed = ticked | {(cleo, case) for case in seen.use_cases} if remembers else ticked
        forged = Seen(people, seen.use_cases, frozenset(claimed))
        answer = await post_matrix(mo, forged, forged_ticks or ticked - {(seen.people[0], seen.use_cases[0])})
        assert answer.status_code in ((409,) if remembers else (303, 422, 409))
        assert "Cleo" not in answer.text
    assert await cells_of("cleo@calder.example") == before


async def test_use_cases_outside_the_companys_market_roles_are_refused(sign_in: SignIn) -> None:
    nora = await sign_in("nora@northgrid.example")
    seen, ticked = await opened(nora)
    outside: Cell = (seen.people[0], await _use_case("PT0102", 3))
    assert outside[1] not in seen.use_cases
    forged = Seen(seen.people, (*seen.use_cases, outside[1]), seen.ticked)
    answer = await post_matrix(nora, forged, ticked | {outside})
    assert answer.status_code == 409
    assert "market roles do not include Erroneous Transfer - Escalation (Electricity), level 3" in problems(answer)
    assert outside[1] not in await cells_of("nils@northgrid.example")
    nonsense = Seen(seen.people, (*seen.use_cases, (999_999, 9)), seen.ticked)
    answer = await post_matrix(nora, nonsense, ticked | {(seen.people[0], (999_999, 9))})
    assert answer.status_code == 409
    nonsense = Seen(seen.people, nonsense.use_cases, seen.ticked | {(seen.people[0], (999_999, 9))})
    answer = await post_matrix(nora, nonsense, ticked)
    assert answer.status_code == 409


@pytest.mark.parametrize("seen", ["", "nonsense", "1_1.1_AAAA", "99999999999_1.1_AA", "1_1.1_" + "A" * 100_000])
async def test_a_form_that_is_none_of_ours_is_told(mo: Browser, seen: str) -> None:
    answer = await post_matrix(mo, seen, [])
    assert answer.status_code == 422
    assert "could not be read as it was sent. Nothing was saved." in problems(answer)
    assert ticked_in(answer) == (await opened(mo))[1]


async def test_without_the_permission_the_door_is_shut(asha: Browser, mei: Browser, carys: Browser) -> None:
    for browser in (asha, mei):
        assert (await browser.get(MATRIX)).status_code == 403
        assert (await post_matrix(browser, "1_1.1_AA", [])).status_code == 403
    assert (await carys.get(MATRIX)).status_code == 200, "who has people of her own"
    assert "no market role" in (await carys.get(MATRIX)).text


async def test_whole_rows_and_columns_without_a_script(mo: Browser) -> None:
    """They come back ticked, with what was ticked before, and are saved with the rest."""
    seen, ticked = await opened(mo)
    asha, case = await person_id(ASHA), seen.use_cases[1]
    answer = await post_matrix(mo, seen, ticked, whole=f"row.{asha}.off")
    assert answer.status_code == 200
    cleared = ticked - {(asha, one) for one in seen.use_cases}
    assert ticked_in(answer) == cleared
    assert f"{len(seen.use_cases)} changes, not saved yet" in answer.text
    answer = await post_matrix(mo, seen_in(answer), ticked_in(answer), whole=f"column.{case[0]}.{case[1]}.on")
    assert ticked_in(answer) == cleared | {(asha, case)}
    assert await cells_of(ASHA) == set(seen.use_cases), "nothing is saved yet"
    assert (await post_matrix(mo, seen_in(answer), ticked_in(answer))).status_code == 303
    assert await cells_of(ASHA) == {case}
    for nonsense in ("row.0.on", "column.1.on", f"row.{asha}.maybe", "x"):
        assert (await post_matrix(mo, seen, ticked, whole=nonsense)).status_code == 422


async def test_searching(mo: Browser) -> None:
    asha, ben = await person_id(ASHA), await person_id(BEN)
    process, level = await _use_case("PT0103", 2)
    await db.fetch("DELETE FROM assignment WHERE process_type = $1 AND person <> $2", process, ben)
    for query, found in {
        "q=RAHMAN": {asha},
        "q=ben%40bright": {ben},
        f"holds={process}.{level}": {ben},
        "q=%25": set(),
        "q=_": set(),
        "q=%5C": set(),
        "page=2": set(),
    }.items():
        page = await mo.get(f"{MATRIX}?{query}")
        assert page.status_code == 200, query
        assert (set(seen_in(page).people) if 'name="seen"' in page.text else set()) == found, query
    gas = seen_in(await mo.get(f"{MATRIX}?fuel=G&title=Crossed+Meters"))
    assert set(gas.use_cases) == {await _use_case("PT0136", 1)} | {await _use_case("PT0137", n) for n in (1, 2, 3)}


async def test_pages(mo: Browser) -> None:
    await _many(60)
    first, second = await mo.get(f"{MATRIX}?size=50"), await mo.get(f"{MATRIX}?size=50&page=2")
    people = {*seen_in(first).people, *seen_in(second).people}
    assert len(seen_in(first).people) == 50
    assert len(people) == 63
    assert "Showing <b>51</b> to <b>63</b> of <b>63</b>" in second.text


async def test_five_hundred_people_take_as_many_statements_as_five(mo: Browser) -> None:
    async def statements(path: str) -> int:
        asked: list[str] = []
        current = db.DB.current_transaction.get()
        assert current
        with current.connection.query_logger(lambda query: asked.append(query.query)):
            assert (await mo.get(path)).status_code == 200
        return len(asked)

    await _many(2)
    few = await statements(f"{MATRIX}?size=500")
    await _many(495)
    assert len(seen_in(await mo.get(f"{MATRIX}?size=500")).people) == 500
    assert await statements(f"{MATRIX}?size=500") == few < 20


async def test_tens_of_thousands_of_boxes_are_read(mo: Browser) -> None:
    """Everybody into everything: more than 30,000 boxes ticked in one form."""
    await _many(497)
    seen, _ = await opened(mo)
    cells = {(one, case) for one in seen.people for case in seen.use_cases}
    assert len(cells) > 30_000
    answer = await post_matrix(mo, seen, cells)
    assert (answer.status_code, answer.headers.get("location", "")[-12:]) == (
        303,
        f"&saved={len(cells - seen.ticked)}"[-12:],
    )
    assert (await opened(mo))[1] == cells


async def _use_case(code: str, level: int) -> tuple[int, int]:
    return int((await db.fetch("SELECT id FROM process_type WHERE code = $1", code))[0]["id"]), level


async def _many(number: int) -> None:
    """So many more people of Brightwatt's, each in three use cases."""
    await db.fetch(
        "WITH made AS (INSERT INTO person (company, email, email_key, name, state, is_master_admin, password_hash,"
        " password_is_single_use, created_at, theme, density, has_keys, page_size)"
        " SELECT c.id, 'x' || $1 || '-' || n || '@brightwatt.example', 'x' || $1 || '-' || n || '@brightwatt.example',"
        " 'Person ' || n, 'active', false, '', false, now(), '', 'comfortable', true, 25"
        " FROM company c, generate_series(1, $1::int) n WHERE c.name = 'Brightwatt Energy' RETURNING id, company)"
        " INSERT INTO assignment (company, person, process_type, level)"
        " SELECT m.company, m.id, l.process_type, l.number FROM made m, process_level l WHERE l.process_type IN (2)",
        number,
    )
