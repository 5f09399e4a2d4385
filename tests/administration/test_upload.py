"""People and assignments are uploaded: every row is checked first, and all rows are applied or none (SD 2.6)."""

import pytest
from litestar import Litestar

from sdes.actor import Actor
from sdes.kit import db
from tests.support.people import Browser, SignIn
from tests.support.sheets import applied, checked, codes, csv_bytes, listed, uploaded, xlsx_bytes, xlsx_rows
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
    heading, words = ["Email", "Name", "Result", "Problem"], "changed: Asha Rahman is now Asha Lee"
    rows = xlsx_rows(await mo.get(f"{path}/result.xlsx"))
    assert rows == [heading, [ASHA, "Asha Lee", f"would be {words}", None]], "nothing was changed yet"
    page = (await mo.get(path)).text
    assert "Would be changed" in page
    assert "says what would become of each row" in page
    await mo.post(f"{path}/application")
    assert xlsx_rows(await mo.get(f"{path}/result.xlsx")) == [heading, [ASHA, "Asha Lee", words, None]]
    assert "ould be" not in (await mo.get(path)).text


async def test_a_workbook_with_bad_rows_tells_no_results(mo: Browser, mau: Actor) -> None:
    """Its result file is what people mend and send again: what did not happen is not in it."""
    rows = [[f"n{number}@brightwatt.example", f"N {number}"] for number in range(300)]
    bad = (7, 150, 299)
    for place in bad:
        rows[place][0] = "no address"
    answer = await uploaded(mo, xlsx_bytes([["Email", "Name"], *rows]), "people.xlsx")
    path = answer.headers["location"]
    page = (await mo.get(path)).text
    assert "3 rows have problems" in page
    assert "Its column Result is empty, because nothing was changed." in page
    heading, *told = xlsx_rows(await mo.get(f"{path}/result.xlsx"))
    assert heading == ["Email", "Name", "Result", "Problem"]
    assert {row[2] for row in told} == {None}
    assert tuple(number for number, row in enumerate(told) if row[3]) == bad
    for place in bad:
        rows[place][0] = f"n{place}@brightwatt.example"
    await applied(mo, [["Email", "Name"], *rows])
    assert len(await listed(mau)) == 303


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
