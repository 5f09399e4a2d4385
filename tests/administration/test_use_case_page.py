"""One use case by itself: ticking people, and everybody found at once, after a question (SD 2.5)."""

from datetime import UTC, datetime

import pytest

from sdes.administration.matrix.seen import Seen
from sdes.kit import db
from tests.support.administration import rename
from tests.support.matrix import cells_of, opened, person_id, post_matrix, problems, seen_in, ticked_in
from tests.support.people import Browser, SignIn

pytestmark = pytest.mark.anyio

ASHA, BEN, MO = "asha@brightwatt.example", "ben@brightwatt.example", "mo@brightwatt.example"
TITLE = "Erroneous Transfer - Escalation (Electricity), level 3"


@pytest.fixture
async def place(db: None) -> str:
    """The page of an escalation level."""
    return f"/users/assignments/{(await use_case())[0]}/3"


@pytest.mark.spec("SD 2.5(a)")
async def test_people_are_ticked_and_cleared(mo: Browser, place: str) -> None:
    seen, ticked = await opened(mo, place)
    assert seen.use_cases == (await use_case(),)
    assert len(ticked) == 3
    cell = (await person_id(BEN), await use_case())
    answer = await post_matrix(mo, seen, ticked - {cell}, place)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{place}?size=25&saved=1")
    assert cell[1] not in await cells_of(BEN)
    only = await mo.get(f"{place}?holds={cell[1][0]}.3")
    assert set(seen_in(only).people) == {await person_id(ASHA), await person_id(MO)}


async def test_last_sign_ins_are_told_in_london_s_time(mo: Browser, place: str) -> None:
    summer = datetime(2025, 7, 1, 9, 30, tzinfo=UTC)
    await rename(ASHA, last_sign_in_at=summer)
    await rename(BEN, last_sign_in_at=None)
    page = (await mo.get(place)).text
    assert "1 Jul 2025, 10:30" in page
    assert "Never" in page


async def test_a_late_form_is_told(mo: Browser, place: str) -> None:
    seen, ticked = await opened(mo, place)
    asha, ben = await person_id(ASHA), await person_id(BEN)
    await post_matrix(mo, seen, ticked - {(ben, await use_case())}, place)
    late = await post_matrix(mo, seen, ticked - {(asha, await use_case())}, place)
    assert late.status_code == 409
    assert f"Ben Carter was taken out of {TITLE} by Mo Sheikh." in problems(late)
    assert {person for person, _ in ticked_in(late)} == {await person_id(MO)}
    assert await use_case() in await cells_of(ASHA)


async def test_everybody_found_is_put_in_after_a_question(mo: Browser, place: str) -> None:
    await db.fetch("DELETE FROM assignment WHERE person = $1", await person_id(BEN))
    question = await mo.get(f"{place}/everybody?q=brightwatt&choice=in")
    assert "Put 1 person in" in question.text
    assert "Found</dt><dd>3 people with “brightwatt”" in question.text
    assert "Left as they are</dt><dd>2, who are assigned already" in question.text
    answer = await post_matrix(mo, seen_in(question), [], f"{place}/everybody?q=brightwatt&choice=in")
    assert answer.status_code == 303
    assert await cells_of(BEN) == {await use_case()}


@pytest.mark.spec("SD 2.5(b)")
async def test_everybody_is_taken_out_only_if_the_mau_takes_it(mo: Browser, place: str) -> None:
    path = f"{place}/everybody?choice=out"
    question = await mo.get(path)
    assert "Take 3 people out" in question.text
    refused = await post_matrix(mo, seen_in(question), [], path)
    assert refused.status_code == 409
    assert TITLE in problems(refused)
    assert await use_case() in await cells_of(BEN)
    answer = await post_matrix(mo, seen_in(refused), [], path, mau_takes="yes")
    assert answer.status_code == 303
    assert await use_case() not in await cells_of(BEN) | await cells_of(ASHA)
    assert await use_case() in await cells_of(MO)


async def test_only_those_whom_the_question_named_are_touched(mo: Browser, place: str) -> None:
    """Somebody who came to be found afterwards is not."""
    path = f"{place}/everybody?q=asha&choice=out"
    question = await mo.get(path)
    await db.fetch("UPDATE person SET name = 'Asha the Second' WHERE email_key = $1", BEN)
    assert (await post_matrix(mo, seen_in(question), [], path)).status_code == 303
    assert await use_case() not in await cells_of(ASHA)
    assert await use_case() in await cells_of(BEN)


async def test_a_question_that_others_have_answered_is_asked_anew(mo: Browser, place: str) -> None:
    path = f"{place}/everybody?q=asha&choice=out"
    question = await mo.get(path)
    await db.fetch("DELETE FROM assignment WHERE person = $1", await person_id(ASHA))
    late = await post_matrix(mo, seen_in(question), [], path)
    assert late.status_code == 409
    assert f"Asha Rahman was taken out of {TITLE}." in problems(late)


@pytest.mark.parametrize("rest", ["", "/everybody?choice=in", "/everybody?choice=out"])
async def test_forms_of_other_pages_are_refused(mo: Browser, place: str, rest: str) -> None:
    seen, ticked = await opened(mo)
    for sent in (seen, "nonsense", Seen(seen.people, (), frozenset())):
        answer = await post_matrix(mo, sent, ticked if sent is seen else [], place + rest)
        assert answer.status_code == 422
        assert "Nothing was saved" in problems(answer)
    assert await use_case() in await cells_of(ASHA)


@pytest.mark.parametrize("rest", ["", "/everybody"])
async def test_doors_that_are_shut(mo: Browser, asha: Browser, sign_in: SignIn, place: str, rest: str) -> None:
    nora = await sign_in("nora@northgrid.example")
    assert (await asha.get(place + rest)).status_code == 403
    assert (await post_matrix(asha, "1_1.1_AA", [], place + rest)).status_code == 403
    assert (await nora.get(place + rest)).status_code == 404, "a distributor has no such process"
    assert (await post_matrix(nora, "1_1.1_AA", [], place + rest)).status_code == 404
    for nowhere in ("/users/assignments/0/1", "/users/assignments/2/9", "/users/assignments/99999999999999999999/1"):
        assert (await mo.get(nowhere + rest)).status_code == 404


@pytest.mark.spec("SD 9.2(d)")
async def test_people_of_others_are_out_of_reach(mo: Browser, place: str) -> None:
    cleo, before = await person_id("cleo@calder.example"), await cells_of("cleo@calder.example")
    forged = Seen((cleo,), (await use_case(),), frozenset({(cleo, await use_case())}))
    for path in (place, f"{place}/everybody?choice=out", f"{place}/everybody?choice=in"):
        answer = await post_matrix(mo, forged, [], path)
        assert answer.status_code == 409
        assert "Cleo" not in answer.text
    assert await cells_of("cleo@calder.example") == before


async def use_case() -> tuple[int, int]:
    return int((await db.fetch("SELECT id FROM process_type WHERE code = 'PT0102'"))[0]["id"]), 3
