"""The use cases of one person, saved as a whole: nobody is left with nobody, and nobody's changes are overwritten."""

import re

import pytest

from sdes.kit import db
from tests.support.administration import (
    ASHA,
    BEN,
    MO,
    assign_form,
    boxes,
    events,
    id_of,
    leave_alone,
    page_text,
    rename,
    stands_in,
    use_cases_of,
)
from tests.support.communications import told
from tests.support.people import Browser

pytestmark = pytest.mark.anyio


def value(case: tuple[int, int]) -> str:
    return f"{case[0]}.{case[1]}"


@pytest.fixture
async def ben_id(db: None) -> int:
    return await id_of(BEN)


@pytest.mark.spec("SD 2.5")
@pytest.mark.spec("SD 2.5(a)")
@pytest.mark.spec("SL 9")
async def test_use_cases_are_taken_and_given(mo: Browser, ben_id: int) -> None:
    cases = sorted(await use_cases_of(BEN))
    form = await assign_form(mo, BEN)
    assert sorted(form[f"p{ben_id}"]) == sorted(map(value, cases))
    answer = await mo.post(f"/users/{ben_id}/assignments", {**form, f"p{ben_id}": [value(cases[0]), value(cases[4])]})
    assert answer.status_code == 303, told(answer)
    assert await use_cases_of(BEN) == {cases[0], cases[4]}
    form = await assign_form(mo, BEN)
    await mo.post(f"/users/{ben_id}/assignments", {**form, "column": "1"})
    assert await use_cases_of(BEN) == {case for case in cases if case[1] == 1} | {cases[0], cases[4]}
    assert await events(BEN) == ["administration.assignment.changed"] * 2
    assert "The use cases of Ben Carter were saved." in page_text(await mo.get(f"/users/{ben_id}?done=1"))


@pytest.mark.spec("SD 2.5(b)")
async def test_the_last_one_stays_unless_the_mau_takes_it(mo: Browser, ben_id: int) -> None:
    alone = await leave_alone(BEN)
    form = {**await assign_form(mo, BEN), f"p{ben_id}": []}
    answer = await mo.post(f"/users/{ben_id}/assignments", form)
    assert answer.status_code == 422
    assert told(answer)[0].startswith("Nobody else is assigned to ")
    assert "Let the Master Admin User take what would be left with nobody" in page_text(answer)
    assert boxes(answer.text) == {}, "what was unticked stays so"
    assert await use_cases_of(BEN) == alone
    assert (await mo.post(f"/users/{ben_id}/assignments", {**form, "mau_takes": "on"})).status_code == 303
    assert await use_cases_of(BEN) == set()
    assert await stands_in(MO) == alone


async def test_the_boxes_where_the_mau_stands_in_are_not_ticked(mo: Browser) -> None:
    case = min(await leave_alone(MO))
    await db.fetch(
        "UPDATE assignment SET is_default_contact = true WHERE person = $1 AND process_type = $2 AND level = $3",
        await id_of(MO),
        *case,
    )
    page = await mo.get(f"/users/{await id_of(MO)}")
    assert value(case) not in boxes(page.text)[f"p{await id_of(MO)}"]
    assert "Default contact" in page.text
    listed = page_text(await mo.get("/users"))
    assert "1 use case has nobody but the Master Admin User, who stands in as default contact" in listed
    assert "default contact of 1" in listed
    assert await only_users(mo) == len(await use_cases_of(MO)) - 1, "to stand in is not to be a user"


@pytest.mark.spec("SD 2.5")
async def test_what_another_administrator_changed_meanwhile_is_told_and_kept(
    mo: Browser, asha: Browser, ben_id: int
) -> None:
    await rename(ASHA, functions=["user-administration"])
    cases = sorted(await use_cases_of(BEN))
    of_mo, of_asha = await assign_form(mo, BEN), await assign_form(asha, BEN)
    without = {of: [value(case) for case in cases if case != cases[of]] for of in (0, 1)}
    assert (await mo.post(f"/users/{ben_id}/assignments", {**of_mo, f"p{ben_id}": without[0]})).status_code == 303
    answer = await asha.post(f"/users/{ben_id}/assignments", {**of_asha, f"p{ben_id}": without[1]})
    assert answer.status_code == 422
    assert "Ben Carter was taken out of" in told(answer)[0]
    assert "by Mo Sheikh" in told(answer)[0]
    assert await use_cases_of(BEN) == set(cases[1:])
    ticked = boxes(answer.text)[f"p{ben_id}"]
    assert sorted(ticked) == sorted(map(value, cases[2:])), "both changes together, to be saved"
    form = {"seen": _seen(answer.text), f"p{ben_id}": ticked}
    assert (await asha.post(f"/users/{ben_id}/assignments", form)).status_code == 303
    assert await use_cases_of(BEN) == set(cases[2:])


async def test_a_form_that_cannot_be_read_changes_nothing(mo: Browser, ben_id: int) -> None:
    before, form = await use_cases_of(BEN), await assign_form(mo, BEN)
    of_asha = await assign_form(mo, ASHA)
    for words in (
        {},
        {"seen": "nonsense"},
        {"seen": of_asha["seen"]},
        {**form, f"p{ben_id}": ["999999.1"]},
        {**form, f"p{await id_of('otto@clearvolt.example')}": ["1.1"]},
        {**form, "seen": form["seen"][:-4]},
    ):
        answer = await mo.post(f"/users/{ben_id}/assignments", words)
        assert answer.status_code == 422
        assert told(answer) == ["The form could not be read. It is shown as things are now: make your changes again."]
    assert await use_cases_of(BEN) == before


@pytest.mark.spec("SD 2.5")
async def test_use_cases_outside_the_company_s_market_roles_are_refused(olga: Browser) -> None:
    """Clearvolt supplies electricity only."""
    otto = await id_of("otto@clearvolt.example")
    gas = (await db.fetch("SELECT id FROM process_type WHERE code = 'PT0103'"))[0]["id"]
    assert f'value="{gas}.1"' not in (await olga.get(f"/users/{otto}")).text
    answer = await olga.post(f"/users/{otto}/assignments", {"seen": f"{otto}_{gas}.1_AA", f"p{otto}": f"{gas}.1"})
    assert answer.status_code == 422
    assert told(answer)[0].startswith("Your company's market roles do not include")
    assert (gas, 1) not in await use_cases_of("otto@clearvolt.example")


async def test_a_use_case_that_the_company_has_lost_is_shown_until_it_is_given_up(olga: Browser) -> None:
    otto = await id_of("otto@clearvolt.example")
    gas = (await db.fetch("SELECT id FROM process_type WHERE code = 'PT0103'"))[0]["id"]
    await db.fetch(
        "INSERT INTO assignment (company, person, process_type, level, is_default_contact)"
        " SELECT company, id, $2, 1, false FROM person WHERE id IN ($1, $3)",
        otto,
        gas,
        await id_of("olga@clearvolt.example"),
    )
    form = await assign_form(olga, "otto@clearvolt.example")
    assert f"{gas}.1" in form[f"p{otto}"]
    kept = [box for box in form[f"p{otto}"] if box != f"{gas}.1"]
    answer = await olga.post(f"/users/{otto}/assignments", {**form, f"p{otto}": kept})
    assert answer.status_code == 303, told(answer)
    assert (gas, 1) not in await use_cases_of("otto@clearvolt.example")


async def only_users(browser: Browser) -> int:
    """Of how many use cases the one person who stands on the list has nobody beside them."""
    found = re.search(r"only user of (\d+)", page_text(await browser.get("/users?held=only")))
    return int(found[1]) if found else 0


def _seen(html: str) -> str:
    return html.partition('name="seen" value="')[2].partition('"')[0]
