"""Whoever maintains the assigned users is chosen by the Master Admin User alone (SD 2.6)."""

import pytest

from tests.support.administration import ASHA, BEN, boxes, functions_form, id_of, page_text, person_row, rename
from tests.support.communications import told
from tests.support.people import Browser
from tests.support.sheets import applied, problems

pytestmark = [pytest.mark.anyio, pytest.mark.spec("SD 2.6")]

ONLY = "Only the Master Admin User grants and takes user administration."
DEPUTY = "user-administration"


@pytest.fixture
async def asha(asha: Browser) -> Browser:
    """A deputy of Brightwatt's MAU."""
    await rename(ASHA, functions=[DEPUTY])
    return asha


async def test_a_deputy_grants_no_user_administration(asha: Browser) -> None:
    ben = await id_of(BEN)
    page = await asha.get(f"/users/{ben}")
    assert ONLY in page_text(page)
    assert f'value="{DEPUTY}"' not in page.text
    answer = await asha.post(f"/users/{ben}/functions", await functions_form(asha, BEN, "cmrp", DEPUTY))
    assert (answer.status_code, told(answer)) == (409, [ONLY])
    assert (await asha.post(f"/users/{ben}/functions", await functions_form(asha, BEN, "cmrp"))).status_code == 303
    assert (await person_row(BEN))["functions"] == ["cmrp"]


async def test_another_deputy_keeps_it_whatever_a_deputy_saves(asha: Browser) -> None:
    await rename(BEN, functions=[DEPUTY])
    ben = await id_of(BEN)
    assert f"Ben Carter has user administration. {ONLY}" in page_text(await asha.get(f"/users/{ben}"))
    assert (await asha.post(f"/users/{ben}/functions", await functions_form(asha, BEN, "reports"))).status_code == 303
    assert (await person_row(BEN))["functions"] == ["reports", DEPUTY]
    assert DEPUTY not in boxes((await asha.get(f"/users/{ben}")).text)["function"]


async def test_a_deputy_creates_no_deputy(asha: Browser) -> None:
    page = await asha.get("/users/new")
    assert ONLY in page_text(page)
    assert f'value="{DEPUTY}"' not in page.text
    wanda = {"name": "Wanda Jones", "email": "wanda@brightwatt.example", "function": ["reports", DEPUTY]}
    answer = await asha.post("/users", wanda)
    assert (answer.status_code, told(answer)) == (422, [ONLY])
    assert (await asha.post("/users", {**wanda, "function": "reports"})).status_code == 303


async def test_nor_by_an_upload(asha: Browser) -> None:
    await rename(BEN, functions=[DEPUTY])
    rows = [
        ["Email", "Name", "System functions"],
        [BEN, "", "reports"],
        ["wanda@brightwatt.example", "Wanda Jones", DEPUTY],
    ]
    assert await problems(asha, rows) == {2: ONLY, 3: ONLY}
    await applied(asha, [rows[0], [BEN, "", f"reports; {DEPUTY}"], [*rows[2][:2], "reports"]])
    assert (await person_row(BEN))["functions"] == ["reports", DEPUTY]


async def test_the_master_admin_user_does_all_of_it(mo: Browser) -> None:
    page = await mo.get(f"/users/{await id_of(BEN)}")
    assert ONLY not in page_text(page)
    assert f'value="{DEPUTY}"' in page.text
