"""The list of people as a file: complete, audited, and an upload of it changes nothing (SD 2.6)."""

from datetime import timedelta

import pytest

from jobs.accounts import accounts_forget_uploads
from sdes.kit import clock, db
from tests.support.people import Browser, SignIn
from tests.support.sheets import checked, csv_rows, problems, uploaded, xlsx_rows

pytestmark = pytest.mark.anyio


@pytest.fixture
async def mo(sign_in: SignIn) -> Browser:
    """Brightwatt's MAU."""
    return await sign_in("mo@brightwatt.example")


@pytest.mark.spec("SD 2.6")
async def test_everybody_is_in_it_with_what_administrators_know(mo: Browser) -> None:
    await db.fetch(
        "UPDATE person SET state = 'suspended', functions = '{reports,cmrp}', totp_confirmed_at = $1,"
        " last_sign_in_at = $1 WHERE name = 'Ben Carter'",
        clock.now() - timedelta(days=88),
    )
    heading, *rows = csv_rows(await mo.get("/users/export.csv"))
    people = {row[1]: dict(zip(heading, row, strict=True)) for row in rows}
    assert people.keys() == {"asha@brightwatt.example", "ben@brightwatt.example", "mo@brightwatt.example"}
    ben = people["ben@brightwatt.example"]
    assert (ben["Name"], ben["State"], ben["Second factor"]) == ("Ben Carter", "suspended", "yes")
    assert ben["System functions"] == "reports; cmrp"
    assert ben["Last sign-in"][:4] == str((clock.now() - timedelta(days=88)).year)
    assert "PT0103:1" in ben["Use cases"].split("; ")
    assert int(people["asha@brightwatt.example"]["Days to deletion"]) == 90
    assert people["mo@brightwatt.example"]["Days to deletion"] == ""
    assert people["mo@brightwatt.example"]["Master Admin User"] == "yes"
    assert "Clearvolt" not in str(rows)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_an_upload_of_it_changes_nothing(mo: Browser, kind: str) -> None:
    await db.fetch(
        "UPDATE person SET name = '=HYPERLINK(\"x\")', functions = '{reports}', state = 'suspended'"
        " WHERE name = 'Ben Carter'"
    )
    await db.fetch(
        "UPDATE assignment SET is_default_contact = true FROM person p WHERE p.id = person AND p.name = 'Mo Sheikh'"
    )
    await db.fetch("DELETE FROM assignment USING person p WHERE p.id = person AND p.name <> 'Mo Sheikh'")
    exported = await mo.get(f"/users/export.{kind}")
    answer = await uploaded(mo, exported.content, f"people.{kind}")
    result = csv_rows(await mo.get(f"{answer.headers['location']}/result.csv"))
    assert [row[-2:] for row in result[1:]] == [["unchanged", ""]] * 3
    assert "Nothing to change" in (await mo.get(answer.headers["location"])).text


async def test_a_workbook_explains_its_codes(mo: Browser) -> None:
    answer = await mo.get("/users/export.xlsx")
    assert [row[0] for row in xlsx_rows(answer, "Use cases")[1:3]] == ["PT0101:1", "PT0102:1"]
    assert xlsx_rows(answer, "System functions")[1][0] == "reports"
    assert [row[0] for row in xlsx_rows(answer, "Columns")][1:3] == ["Action", "Email"]


async def test_the_template_is_an_upload_whose_example_holds(mo: Browser) -> None:
    heading, *rows = csv_rows(await mo.get("/users/upload/template.csv"))
    assert len(rows) == 1
    assert await problems(mo, [heading, *rows]) == {}
    assert xlsx_rows(await mo.get("/users/upload/template.xlsx"))[0] == heading


async def test_exports_are_audited_and_only_administrators(mo: Browser, asha: Browser) -> None:
    for path in (
        "/users/export.csv",
        "/users/export.xlsx",
        "/users/upload/template.csv",
        "/users/upload/template.xlsx",
    ):
        assert (await asha.get(path)).status_code == 403
    assert (await mo.get("/users/export.csv", headers={"Sec-Purpose": "prefetch"})).status_code == 503
    await mo.get("/users/export.csv")
    entries = await db.fetch("SELECT * FROM audit_entry WHERE event = 'administration.people.exported'")
    assert [entry["detail"] for entry in entries] == ["3 people as CSV"]


async def test_uploads_are_forgotten_after_a_day(mo: Browser) -> None:
    old = await checked(mo, [["Email", "Name"], ["asha@brightwatt.example", "Asha Lee"]])
    await db.fetch("UPDATE people_upload SET created_at = $1", clock.now() - timedelta(hours=25))
    new = await checked(mo, [["Email", "Name"], ["asha@brightwatt.example", "Asha Lee"]])
    await accounts_forget_uploads({})
    assert (await mo.get(old)).status_code == 404
    assert (await mo.get(new)).status_code == 200
