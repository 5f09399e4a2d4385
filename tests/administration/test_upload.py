"""People and assignments are uploaded: every row is checked first, and all rows are applied or none (SD 2.6)."""

from typing import Any

import pytest
from litestar import Litestar

from sdes.actor import Actor
from sdes.administration.queries.people import assignable, people
from sdes.administration.upload_words import cases_code
from sdes.administration.views import PersonView
from sdes.catalogue.rules import UseCase
from sdes.kit import db
from tests.support.people import Browser, SignIn
from tests.support.sheets import applied, checked, csv_bytes, csv_rows, problems, uploaded, xlsx_bytes, xlsx_rows
from tests.support.signing_in import signing_in

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


async def listed(actor: Actor) -> dict[str, PersonView]:
    return {one.email: one for one in await people(actor)}


async def codes(actor: Actor, *places: int) -> tuple[list[UseCase], str]:
    """Use cases of the company, by their places in the catalogue, and as an upload writes them."""
    catalogue, allowed = await assignable(actor)
    chosen = [allowed[place] for place in places]
    return chosen, cases_code(catalogue, chosen)


@pytest.mark.spec("SD 2.6")
async def test_people_are_created_changed_suspended_and_deleted_at_once(mo: Browser, mau: Actor) -> None:
    chosen, text = await codes(mau, 0, 3)
    path = await checked(
        mo,
        [
            ["Action", "Email", "Name", "Proxy address", "System functions", "Use cases", "Take over by", "New email"],
            ["", "new@brightwatt.example", "New Person", "yes", "reports", text, "", ""],
            [
                "change",
                ASHA.upper(),
                "Asha Rahman-Lee",
                "",
                "reports; service-audit",
                text,
                "",
                "lee@brightwatt.example",
            ],
            ["delete", BEN, "", "", "", "", "", ""],
        ],
    )
    before = await listed(mau)
    assert before.keys() == {ASHA, BEN, MO}, "looking at an upload changes nobody"
    page = (await mo.get(path)).text
    assert "Apply 3 changes" in page
    assert (await mo.post(f"{path}/application")).status_code == 303
    after = await listed(mau)
    assert after.keys() == {"new@brightwatt.example", "lee@brightwatt.example", MO}
    new, lee = after["new@brightwatt.example"], after["lee@brightwatt.example"]
    assert (new.name, new.functions, new.is_proxy_address, new.is_waiting) == ("New Person", ("reports",), True, True)
    assert new.use_cases == lee.use_cases == set(chosen)
    assert (lee.name, set(lee.functions)) == ("Asha Rahman-Lee", {"reports", "service-audit"})
    assert lee.email_verified_at is None
    assert "Upload applied" in (await mo.get(path)).text


async def test_mails_and_the_log_tell_of_each_person(mo: Browser, mau: Actor) -> None:
    rows = [["Email", "Name"], *([f"n{number}@brightwatt.example", f"N {number}"] for number in range(30))]
    await applied(mo, [*rows, [ASHA, "Asha Lee"]])
    mails = await db.fetch("SELECT to_address FROM mail WHERE kind = 'single_use_password'")
    assert {mail["to_address"] for mail in mails} == {row[0] for row in rows[1:]}
    log = await db.fetch("SELECT * FROM audit_entry WHERE about_company = $1 ORDER BY id", mau.company_id)
    events = [entry["event"] for entry in log]
    assert events.count("administration.person.created") == 30
    assert events.count("administration.person.changed") == 1
    assert events[-1] == "administration.upload.applied"
    assert log[-1]["detail"] == "people.csv: 30 created, 1 changed"
    changed = next(entry for entry in log if entry["event"] == "administration.person.changed")
    assert changed["detail"] == "Asha Lee: Asha Rahman is now Asha Lee"
    assert changed["person_name"] == "Mo Sheikh"


async def test_somebody_created_by_an_upload_signs_in_with_the_password_sent(
    mo: Browser, mau: Actor, nobody: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sdes.accounts.passwords.single_use", lambda: "sixteen-letters!")
    await applied(mo, [["Email", "Name"], ["new@brightwatt.example", "New Person"]])
    answer = await signing_in(nobody, "new@brightwatt.example", "sixteen-letters!")
    assert answer.status_code == 303
    assert (await signing_in(nobody, "new@brightwatt.example", "another-password")).status_code != 303


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
        ([["delete", MO, "", "", "", "", ""]], {2: "cannot suspend or delete yourself"}),
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


async def test_two_people_exchange_their_addresses(mo: Browser, mau: Actor) -> None:
    names = {one.name: one.email for one in (await listed(mau)).values()}
    await applied(mo, [["Email", "New email"], [ASHA, BEN], [BEN, ASHA]])
    after = {one.name: one.email for one in (await listed(mau)).values()}
    assert (after["Asha Rahman"], after["Ben Carter"]) == (names["Ben Carter"], names["Asha Rahman"])


async def test_who_was_moved_or_suspended_is_signed_out(mo: Browser, mau: Actor, asha: Browser, ben: Browser) -> None:
    await applied(mo, [["Action", "Email", "New email"], ["", ASHA, "lee@brightwatt.example"], ["suspend", BEN, ""]])
    assert (await asha.get("/status")).status_code == 303
    assert (await ben.get("/status")).status_code == 303
    assert (await mo.get("/status")).status_code == 200
    links = await db.fetch("SELECT to_address FROM mail WHERE kind = 'verify_address'")
    assert [mail["to_address"] for mail in links] == ["lee@brightwatt.example"]
    await applied(mo, [["Action", "Email"], ["reinstate", BEN]])
    assert (await listed(mau))[BEN].is_active


async def test_what_somebody_else_changed_meanwhile_is_shown_and_not_overwritten(mo: Browser, mau: Actor) -> None:
    path = await checked(mo, [["Email", "Name"], [ASHA, "Asha Lee"]])
    await db.fetch("UPDATE person SET name = 'Asha Khan' WHERE email_key = $1", ASHA)
    answer = await mo.post(f"{path}/application")
    assert answer.status_code == 303
    anew = answer.headers["location"]
    assert anew != path
    assert (await listed(mau))[ASHA].name == "Asha Khan"
    page = (await mo.get(anew)).text
    assert "were changed after you uploaded the file" in page
    assert "Asha Khan is now Asha Lee" in page
    assert (await mo.post(f"{anew.partition('?')[0]}/application")).status_code == 303
    assert (await listed(mau))[ASHA].name == "Asha Lee"


async def test_an_upload_is_applied_once(mo: Browser, mau: Actor) -> None:
    path = await applied(mo, [["Email", "Name"], [ASHA, "Asha Lee"]])
    answer = await mo.post(f"{path}/application")
    assert answer.status_code == 409
    assert "applied already" in answer.text


async def test_an_upload_can_be_dropped(mo: Browser, mau: Actor) -> None:
    path = await checked(mo, [["Email", "Name"], [ASHA, "Asha Lee"]])
    assert (await mo.post(f"{path}/removal")).headers["location"] == "/users/upload"
    assert (await mo.get(path)).status_code == 404


async def test_a_workbook_does_the_same(mo: Browser, mau: Actor) -> None:
    answer = await uploaded(mo, xlsx_bytes([["Email", "Name"], [ASHA, "Asha Lee"]]), "people.xlsx")
    path = answer.headers["location"]
    rows = xlsx_rows(await mo.get(f"{path}/result.xlsx"))
    assert rows == [
        ["Email", "Name", "Result", "Problem"],
        [ASHA, "Asha Lee", "changed: Asha Rahman is now Asha Lee", None],
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Choose a .csv or .xlsx file"),
        (b"PK\x03\x04 broken", "damaged"),
        (b"\x00\x01\x02\xff", "neither a CSV file"),
        (csv_bytes([["Name"], ["A"]]), "Email"),
        (csv_bytes([["Email"]]), "no rows"),
        (csv_bytes([["Email", "Salary"], ["a", "b"]]), "no column “Salary”"),
        (csv_bytes([["Email", "email "], ["a", "b"]]), "there twice"),
    ],
)
async def test_a_file_that_is_no_upload_is_refused_with_the_form(mo: Browser, content: bytes, sentence: str) -> None:
    answer = await (uploaded(mo, content) if content else mo.post("/users/upload", files=[("file", ("", b"", ""))]))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'name="file"' in answer.text
    assert await db.fetch("SELECT * FROM people_upload") == []


async def test_only_administrators_upload(asha: Browser, mo: Browser, sign_in: SignIn, app: Litestar) -> None:
    assert (await asha.get("/users/upload")).status_code == 403
    assert (await uploaded(asha, csv_bytes([["Email"], [BEN]]))).status_code == 403
    path = await checked(mo, [["Email", "Name"], [ASHA, "Asha Lee"]])
    await db.fetch("UPDATE person SET functions = '{user-administration}' WHERE email_key = $1", BEN)
    for stranger in (await sign_in(OLGA), await sign_in(BEN)):
        for one in (path, f"{path}/result.csv", f"{path}/result.xlsx"):
            assert (await stranger.get(one)).status_code == 404
        for one in ("application", "removal"):
            assert (await stranger.post(f"{path}/{one}")).status_code == 404
    assert (await mo.get(path)).status_code == 200


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
