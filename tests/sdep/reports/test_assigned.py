"""What one person, and what everybody of the company, is assigned to: against the catalogue, person by person."""

import pytest

from sdes.catalogue.queries import process_types
from sdes.kit import db
from tests.support.people import Browser, SignIn
from tests.support.reports import reporter
from tests.support.sheets import csv_rows

pytestmark = pytest.mark.anyio

FUELS = {"E": "Electricity", "G": "Gas", "D": "Dual fuel"}
ROLES = {"BRWT": "X", "BWG": "G"}


@pytest.fixture
async def ben(sign_in: SignIn) -> Browser:
    await db.fetch("DELETE FROM assignment USING person p WHERE p.id = person AND p.name = 'Asha Rahman' AND level > 1")
    return await reporter(sign_in)


async def wanted(name: str) -> list[list[str]]:
    """Slowly, what the report should tell of a person: process, contact type, fuel, levels, MPIDs."""
    rows = await db.fetch(
        "SELECT a.process_type, a.level FROM assignment a JOIN person p ON p.id = a.person WHERE p.name = $1", name
    )
    lines = []
    for one in await process_types():
        levels = sorted(row["level"] for row in rows if row["process_type"] == one.id)
        if levels:
            roles = {role for route in one.routes for role in (route.from_role, route.to_role)}
            mpids = [mpid for mpid, role in ROLES.items() if role in roles]
            text = ", ".join(map(str, levels))
            lines.append([f"{one.title} - {one.contact_type} ({FUELS[one.fuel]})", text, ", ".join(sorted(mpids))])
    return sorted(lines)


async def person(name: str) -> int:
    return int((await db.fetch("SELECT id FROM person WHERE name = $1", name))[0]["id"])


@pytest.mark.spec("SD 12.1e")
async def test_one_person(ben: Browser) -> None:
    for name in ("Asha Rahman", "Mo Sheikh"):
        rows = csv_rows(await ben.get(f"/sdep/reports/person.csv?person={await person(name)}"))
        assert rows[0] == ["Person", "Process", "Levels", "MPIDs"]
        assert {row[0] for row in rows[1:]} == {name}
        assert sorted(row[1:] for row in rows[1:]) == await wanted(name)
    assert {row[1] for row in await wanted("Asha Rahman")} == {"1"}


async def test_nobody_is_chosen_yet(ben: Browser) -> None:
    page = await ben.get("/sdep/reports/person")
    assert "Choose a person" in page.text
    assert "<table" not in page.text
    assert (await ben.get("/sdep/reports/person.csv")).status_code == 422


@pytest.mark.spec("SD 12.1f")
async def test_the_whole_company(ben: Browser) -> None:
    await db.fetch("UPDATE person SET state = 'deleted' WHERE name = 'Mo Sheikh'")
    rows = csv_rows(await ben.get("/sdep/reports/company.csv"))
    assert {row[0] for row in rows[1:]} == {"Asha Rahman", "Ben Carter"}
    for name in ("Asha Rahman", "Ben Carter"):
        assert sorted(row[2:] for row in rows[1:] if row[0] == name) == await wanted(name)


async def test_narrowed_to_an_mpid_and_a_process(ben: Browser) -> None:
    of_gas = csv_rows(await ben.get("/sdep/reports/company.csv?mpid=BWG"))[1:]
    assert of_gas
    assert all("BWG" in row[-1] for row in of_gas)
    everything = csv_rows(await ben.get("/sdep/reports/company.csv"))[1:]
    assert sorted(of_gas) == sorted(row for row in everything if "BWG" in row[-1])
    one = csv_rows(await ben.get("/sdep/reports/company.csv?process=PT0130"))[1:]
    assert {row[2] for row in one} == {await wanted_title("PT0130")}


async def test_an_mpid_that_has_ended_is_not_told(ben: Browser) -> None:
    await db.fetch("UPDATE market_participant SET effective_to = current_date - 1 WHERE mpid = 'BWG'")
    rows = csv_rows(await ben.get("/sdep/reports/company.csv"))[1:]
    assert not any("BWG" in row[-1] for row in rows)
    assert any("BRWT" in row[-1] for row in rows)


async def wanted_title(code: str) -> str:
    return next(one.full_title for one in await process_types() if one.code == code)
