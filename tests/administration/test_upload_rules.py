"""What holds back an upload of people: bad rows, and a list that would leave a use case with nobody (SD 2.5, 2.6)."""

from typing import Any

import pytest

from sdes.actor import Actor
from sdes.administration.queries.people import assignable
from sdes.kit import db
from tests.support.people import Browser, SignIn
from tests.support.sheets import (
    applied,
    checked,
    codes,
    csv_rows,
    listed,
    problems,
)

pytestmark = pytest.mark.anyio

ASHA, BEN, MO = "asha@brightwatt.example", "ben@brightwatt.example", "mo@brightwatt.example"
OLGA = "olga@clearvolt.example"


@pytest.fixture
async def mo(sign_in: SignIn) -> Browser:
    """Brightwatt's MAU."""
    return await sign_in(MO)


@pytest.fixture
async def mau(mo: Browser) -> Actor:
    return await mo.actor()


async def test_one_bad_row_holds_back_all_rows_and_every_bad_row_is_named(mo: Browser, mau: Actor) -> None:
    rows = [["Email", "Name"], *([f"n{number}@brightwatt.example", f"N {number}"] for number in range(2, 5002))]
    rows[1234] = ["no address", "Bad"]
    rows[3000] = [OLGA, "Taken"]
    rows[5000] = ["n5001@brightwatt.example", ""]
    before = await db.fetch("SELECT count(*) FROM person")
    path = await checked(mo, rows)
    result = csv_rows(await mo.get(f"{path}/result.csv"))
    assert len(result) == 5001
    bad = {number: row[-1] for number, row in enumerate(result[1:], 2) if row[-1]}
    assert bad.keys() == {1235, 3001, 5001}
    assert "Enter an e-mail address" in bad[1235]
    assert bad[3001].startswith("This e-mail address already has an account.")
    assert "Clearvolt" not in bad[3001]
    assert "Enter a name" in bad[5001]
    page = (await mo.get(path)).text
    assert "3 rows have problems" in page
    for number in bad:
        assert f'class="tnum">{number}</td>' in page
    assert "/application" not in page
    answer = await mo.post(f"{path}/application")
    assert answer.status_code == 409
    assert await db.fetch("SELECT count(*) FROM person") == before


HEAD = ["Action", "Email", "Name", "System functions", "Use cases", "Take over by", "New email"]


@pytest.mark.parametrize(
    ("rows", "bad"),
    [
        ([["", ASHA, "A", "", "", "", ""], ["", ASHA.upper(), "B", "", "", "", ""]], {2: "Row 3", 3: "Row 2"}),
        ([["create", ASHA, "A", "", "", "", ""]], {2: "has this address already"}),
        ([["change", "nn@x.example", "A", "", "", "", ""]], {2: "Nobody in your company"}),
        ([["delete", OLGA, "", "", "", "", ""]], {2: "Nobody in your company"}),
        ([["delete", MO, "", "", "", "", ""]], {2: "cannot be suspended or deleted"}),
        ([["destroy", ASHA, "", "", "", "", ""]], {2: "is no action"}),
        ([["suspend", BEN, "", "", "", OLGA, ""]], {2: "no active person of your company"}),
        ([["suspend", BEN, "", "", "", BEN, ""]], {2: "no active person of your company"}),
        ([["", BEN, "", "cmrp; fly", "PT0103:1", "", ""]], {2: "There is no system function “fly”"}),
        ([["", BEN, "", "metering", "PT0103:1", "", ""]], {2: "There is no system function"}),
        ([["", BEN, "", "", "PT0103", "", ""]], {2: "Write use cases like"}),
        ([["", BEN, "", "", "PT9999:1", "", ""]], {2: "There is no process type PT9999"}),
        ([["", BEN, "", "", "PT0103:9", "", ""]], {2: "has no level 9"}),
        ([["change", BEN, "", "", "PT0103:1", "", OLGA]], {2: "already has an account"}),
        ([["change", BEN, "", "", "PT0103:1", "", ASHA]], {2: "already has an account"}),
        ([["", "a@b.example", "A", "", "", "", "c@d.example"]], {2: "Put the address under Email"}),
        ([["", BEN, "", "", "PT0103:1", MO, ""]], {2: "Take over by goes with suspend and delete only"}),
        (
            [["change", BEN, "", "", "PT0103:1", "", "n@b.example"], ["", "n@b.example", "N", "", "", "", ""]],
            {2: "already has an account", 3: "already has an account"},
        ),
    ],
)
async def test_what_is_wrong_with_a_row(mo: Browser, mau: Actor, rows: Any, bad: dict[int, str]) -> None:
    found = await problems(mo, [HEAD, *rows])
    assert found.keys() == bad.keys(), found
    for number, text in bad.items():
        assert text in found[number]


@pytest.mark.spec("SD 2.5(b)")
async def test_nobody_is_the_last_to_leave(mo: Browser, mau: Actor) -> None:
    """Asked of the list as it would be after all rows."""
    (case, *_), _ = await codes(mau, 0)
    away = [["Email", "Use cases"], [ASHA, "none"], [MO, "none"]]
    assert await problems(mo, away) == {}, "Ben is still there"
    found = await problems(mo, [*away, [BEN, ""]])
    assert found.keys() == {2, 3, 4}
    assert "Nobody else would be left in" in found[4]
    every = "; ".join(f"{process.code}:all" for process in (await assignable(mau))[0] if process.id != case[0])
    left = await problems(mo, [*away, [BEN, every]])
    catalogue, _ = await assignable(mau)
    title = next(process.full_title for process in catalogue if process.id == case[0])
    assert all(title in problem for number, problem in left.items() if number != 4)


@pytest.mark.spec("SD 2.5(b)")
@pytest.mark.spec("SD 2.7(c)")
async def test_who_leaves_names_who_takes_over(mo: Browser, mau: Actor) -> None:
    held = (await listed(mau))[BEN].use_cases
    await db.fetch("DELETE FROM assignment USING person p WHERE p.id = person AND p.email_key IN ($1, $2)", ASHA, MO)
    gone = [["Action", "Email", "Take over by"], ["delete", BEN, ""]]
    assert "name under Take over by who takes it" in (await problems(mo, gone))[2]
    path = await checked(mo, [gone[0], ["delete", BEN, "MAU"]])
    assert "Mo Sheikh takes over" in (await mo.get(path)).text
    await mo.post(f"{path}/application")
    after = await listed(mau)
    assert after[MO].default_for == held
    assert BEN not in after


async def test_a_newcomer_of_the_same_file_takes_over(mo: Browser, mau: Actor) -> None:
    held, heir = (await listed(mau))[BEN].use_cases, "heir@brightwatt.example"
    await db.fetch("DELETE FROM assignment USING person p WHERE p.id = person AND p.email_key IN ($1, $2)", ASHA, MO)
    await applied(mo, [["Action", "Email", "Name", "Take over by"], ["suspend", BEN, "", heir], ["", heir, "Heir", ""]])
    after = await listed(mau)
    assert after[BEN].state == "suspended"
    assert after[BEN].use_cases == held, "who is suspended keeps their use cases"
    assert after[heir].use_cases == held
    (entry,) = await db.fetch(
        "SELECT * FROM audit_entry WHERE subject = $1 AND event LIKE '%created'", f"person {after[heir].id}"
    )
    assert "put in" in entry["detail"]


@pytest.mark.spec("SD 2.7(c)")
async def test_who_is_put_where_the_mau_stands_in_relieves_the_mau(mo: Browser, mau: Actor) -> None:
    ((case, other), text), (_, first) = await codes(mau, 0, 1), await codes(mau, 0)
    await db.fetch("DELETE FROM assignment WHERE company = $1", mau.company_id)
    for process, level in (case, other):
        await db.fetch(
            "INSERT INTO assignment (company, person, process_type, level, is_default_contact)"
            " VALUES ($1, $2, $3, $4, true)",
            mau.company_id,
            mau.person_id,
            process,
            level,
        )
    await applied(mo, [["Email", "Use cases"], [ASHA, first]])
    after = await listed(mau)
    assert (after[ASHA].use_cases, after[MO].use_cases) == ({case}, {other})
    await applied(mo, [["Email", "Use cases"], [MO, text]])
    after = await listed(mau)
    assert (after[MO].use_cases, after[MO].default_for) == ({case, other}, set()), "no longer only standing in"


async def test_a_deputy_neither_raises_themselves_nor_touches_the_mau(mo: Browser, sign_in: SignIn) -> None:
    await db.fetch("UPDATE person SET functions = '{user-administration}' WHERE email_key = $1", BEN)
    deputy = await sign_in(BEN)
    found = await problems(
        deputy,
        [
            ["Action", "Email", "Name", "System functions"],
            ["", BEN, "", "user-administration; reports"],
            ["", MO, "Somebody Else", ""],
            ["", ASHA, "Asha Lee", "reports"],
        ],
    )
    assert found.keys() == {2, 3}
    assert "your own system functions" in found[2]
    assert "Only the Master Admin User" in found[3]
    found = await problems(deputy, [["Action", "Email"], ["delete", MO]])
    assert "cannot be suspended or deleted" in found[2]
