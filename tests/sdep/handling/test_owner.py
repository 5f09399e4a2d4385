"""The owner of a communication: who can be one, who may choose, who is told, and when it ends (SD 11.1(b)i)."""

import re

import pytest

from sdes.kit import db
from tests.support.communications import count, sent, told
from tests.support.handling import LIST, assign, events, party, person_id, unassign
from tests.support.matrix import opened, post_matrix
from tests.support.people import HTMX, Browser

pytestmark = pytest.mark.anyio

BRIGHTWATT = "Brightwatt Energy"


async def owner_of(reference: str) -> str | None:
    name: str | None = (await party(reference, BRIGHTWATT))["owner_name"]
    return name


@pytest.mark.spec("SD 11.1(b)i")
async def test_somebody_takes_hands_on_and_releases_it(asha: Browser, ben: Browser) -> None:
    reference = await sent(asha)
    me, colleague = await person_id("Asha Rahman"), await person_id("Ben Carter")
    answer = await asha.post(f"{LIST}/{reference}/owner", {"take": "1"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{LIST}/{reference}#owner")
    assert await owner_of(reference) == "Asha Rahman"
    assert (await assign(asha, reference, colleague, me)).status_code == 303
    page = (await ben.get(f"{LIST}/{reference}")).text
    assert f'<option value="{colleague}" selected>Ben Carter (you)</option>' in page
    assert "Asha Rahman made Ben Carter the owner" in page
    assert (await assign(ben, reference, "", colleague)).status_code == 303
    assert await owner_of(reference) is None
    assert [event for event in await events(reference) if event[0].startswith("sdep.owner")] == [
        ("sdep.owner.taken", "", 1),
        ("sdep.owner.assigned", "Ben Carter", 1),
        ("sdep.owner.released", "Ben Carter", 1),
    ]


@pytest.mark.spec("SL 9")
async def test_those_assigned_to_the_process_at_any_level_can_be_chosen(asha: Browser) -> None:
    reference = await sent(asha, code="PT0131")
    await db.fetch(
        "DELETE FROM assignment a USING person p WHERE p.id = a.person AND p.name = 'Ben Carter' AND level > 1"
    )
    await unassign("Mo Sheikh", reference)
    page = (await asha.get(f"{LIST}/{reference}")).text
    offered = re.findall(
        r"<option[^>]*>(.*?)</option>", page.partition('id="panel-person"')[2].partition("</select>")[0]
    )
    assert offered == ["Nobody", "Asha Rahman (you)", "Ben Carter"]
    assert (await assign(asha, reference, await person_id("Ben Carter"))).status_code == 303
    answer = await assign(asha, reference, await person_id("Mo Sheikh"), await person_id("Ben Carter"))
    assert answer.status_code == 409
    assert told(answer) == ["Mo Sheikh is not assigned to this process, so cannot own it. Choose somebody else."]
    assert await owner_of(reference) == "Ben Carter"


@pytest.mark.parametrize("state", ["suspended", "deleted"])
async def test_who_is_not_active_cannot_be_chosen(asha: Browser, state: str) -> None:
    reference = await sent(asha)
    await db.fetch("UPDATE person SET state = $1 WHERE name = 'Ben Carter'", state)
    assert "Ben Carter" not in (await asha.get(f"{LIST}/{reference}")).text
    assert (await assign(asha, reference, await person_id("Ben Carter"))).status_code == 409
    assert await owner_of(reference) is None


async def test_the_other_company_neither_sees_the_owner_nor_can_be_one(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    await asha.post(f"{LIST}/{reference}/owner", {"take": "1"})
    for path in ("", "/audit"):
        page = (await nils.get(f"{LIST}/{reference}{path}")).text
        assert "took ownership" not in page
        assert "Nobody" in page.partition('id="owner"')[2]
    assert "took ownership" in (await asha.get(f"{LIST}/{reference}")).text
    answer = await assign(asha, reference, await person_id("Nils Andersen"), await person_id("Asha Rahman"))
    assert (answer.status_code, told(answer)) == (409, ["There is no such person in your company."])
    assert (await party(reference, "Northgrid Networks"))["owner"] is None


@pytest.mark.spec("SD 11.1(f)")
async def test_a_new_owner_is_told_and_whoever_takes_it_is_not(asha: Browser, ben: Browser) -> None:
    reference = await sent(asha)
    await asha.post(f"{LIST}/{reference}/owner", {"take": "1"})
    own = "kind = 'owner' AND subject = $1"
    assert await count("notification", own, reference) == 0
    await assign(asha, reference, await person_id("Ben Carter"), await person_id("Asha Rahman"))
    (row,) = await db.fetch(f"SELECT * FROM notification WHERE {own}", reference)
    assert (row["person"], row["from_name"]) == (await person_id("Ben Carter"), "Asha Rahman")
    assert row["title"] == "Disconnection at 4 Mill Lane"


async def test_nobody_overwrites_an_owner_they_have_not_seen(asha: Browser, ben: Browser) -> None:
    reference = await sent(asha)
    assert (await ben.post(f"{LIST}/{reference}/owner", {"take": "1"})).status_code == 303
    answer = await asha.post(f"{LIST}/{reference}/owner", {"take": "1"})
    assert answer.status_code == 409
    assert told(answer) == ["Ben Carter has become its owner meanwhile. Reload the page to see the latest."]
    assert (await assign(asha, reference, "")).status_code == 409
    assert await owner_of(reference) == "Ben Carter"
    again = await ben.post(f"{LIST}/{reference}/owner", {"take": "1"})
    assert again.status_code == 303, "pressed twice is no other press"
    assert len([event for event in await events(reference) if event[0] == "sdep.owner.taken"]) == 1


@pytest.mark.parametrize("person", ["x", "0", "-1", "1.5", "٣", "2147483648", "9223372036854775808", "1 OR 1=1"])
@pytest.mark.parametrize("headers", [{}, HTMX])
async def test_a_broken_choice_comes_back_with_the_page(asha: Browser, person: str, headers: dict[str, str]) -> None:
    reference = await sent(asha)
    answer = await assign(asha, reference, person, headers=headers)
    assert answer.status_code == 422
    assert "Choose a person from the list" in answer.text
    assert answer.text.strip().startswith('<section class="panel" id="owner"' if headers else "<!doctype html>")
    assert await owner_of(reference) is None


async def test_an_id_that_nobody_has_is_told(asha: Browser) -> None:
    reference = await sent(asha)
    answer = await assign(asha, reference, 999_999_999)
    assert (answer.status_code, told(answer)) == (409, ["There is no such person in your company."])
    assert await owner_of(reference) is None


async def test_strangers_and_colleagues_of_other_processes_find_nothing(
    asha: Browser, ben: Browser, otto: Browser, mei: Browser
) -> None:
    reference = await sent(asha)
    await unassign("Ben Carter", reference)
    for browser, status in ((otto, 404), (ben, 404), (mei, 403)):
        assert (await browser.post(f"{LIST}/{reference}/owner", {"take": "1"})).status_code == status
    assert await owner_of(reference) is None


@pytest.mark.spec("SD 11.1(b)i")
async def test_who_loses_the_last_use_case_of_the_process_owns_it_no_longer(
    asha: Browser, ben: Browser, mo: Browser
) -> None:
    reference = await sent(asha, code="PT0131")
    await ben.post(f"{LIST}/{reference}/owner", {"take": "1"})
    colleague = await person_id("Ben Carter")
    process = (await party(reference, BRIGHTWATT))["process_type"]
    seen, ticked = await opened(mo)
    last, *others = sorted(cell for cell in ticked if cell[0] == colleague and cell[1][0] == process)
    assert others, "the process has more than one level"
    assert (await post_matrix(mo, seen, ticked - {*others})).status_code in (200, 303)
    assert await owner_of(reference) == "Ben Carter", "one level is enough"
    seen, ticked = await opened(mo)
    assert (await post_matrix(mo, seen, ticked - {last})).status_code in (200, 303)
    assert await owner_of(reference) is None


async def test_htmx_gets_the_panel_and_a_row_of_the_list_its_cell(asha: Browser) -> None:
    reference = await sent(asha)
    listed = (await asha.get(LIST)).text
    assert f'formaction="{LIST}/{reference}/owner"' in listed
    cell = await asha.post(f"{LIST}/{reference}/owner", {"take": "1", "in": "row"}, headers=HTMX)
    assert (cell.status_code, cell.text.strip()[:19]) == (200, '<span class="owner"')
    assert "Asha Rahman" in cell.text
    assert f'formaction="{LIST}/{reference}/owner"' not in (await asha.get(LIST)).text
    panel = await assign(asha, reference, "", await person_id("Asha Rahman"), headers=HTMX)
    assert panel.text.strip().startswith('<section class="panel" id="owner" data-announce="Nobody owns it now."')


async def test_taking_from_the_list_leads_back_to_it_and_nowhere_else(asha: Browser) -> None:
    first, second = await sent(asha), await sent(asha)
    for reference, path, back in (
        (first, f"{LIST}?folder=unassigned", f"{LIST}?folder=unassigned"),
        (second, "//x.example", "/"),
    ):
        answer = await asha.post(f"{LIST}/{reference}/owner", {"take": "1", "next": path})
        assert answer.headers["location"] == back
