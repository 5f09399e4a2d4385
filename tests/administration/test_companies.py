"""A company is taken on: opened, led through accession, marked Qualified, found in the list (SL 20, SD 10.2)."""

import re
from datetime import UTC, date, datetime

import pytest

from sdes.accounts.queries import participants
from sdes.kit import clock, db
from tests.support.communications import count, filled, post_new, sent, told
from tests.support.companies import NEW, NO, SIGNED, YES, company_id, history, marked, opened, recorded, row
from tests.support.people import Browser, SignIn

pytestmark = pytest.mark.anyio


@pytest.mark.spec("SL 20")
async def test_a_company_is_taken_on_step_by_step(piet: Browser, carys: Browser, asha: Browser) -> None:
    page = await opened(piet)
    assert not (await row("company", "name = 'Newcomer Energy'"))["is_qualified"]
    refused = await carys.post(f"{page}/qualification", YES)
    assert refused.status_code == 422
    assert "after its application, its validation and the signed Access Agreement" in told(refused)[0]
    assert (await recorded(carys, page, SIGNED)).status_code == 303
    assert told(await carys.post(f"{page}/qualification", YES)) == [
        "Add a market participant that has not ended first."
    ]
    assert (await piet.post(f"{page}/participants", NEW)).status_code == 303
    assert (await carys.post(f"{page}/qualification", YES)).status_code == 303
    assert (await row("company", "name = 'Newcomer Energy'"))["is_qualified"]
    text = (await carys.get(page)).text
    for step in ("Company opened", "Accession recorded", "Market participant added", "Marked Qualified"):
        assert step in text
    assert "NEWC" in {one.mpid for one in await participants(await asha.actor())}


@pytest.mark.spec("SL 20")
async def test_accession_is_recorded_as_far_as_it_has_come(piet: Browser) -> None:
    page = await opened(piet)
    for steps, words in (
        ({"applied_on": "1/9/2024"}, "Application received"),
        ({"applied_on": "1/9/2024", "validated_on": "2 Sept 2024"}, "Application validated"),
        (SIGNED, "Access Agreement signed"),
    ):
        assert (await recorded(piet, page, steps)).status_code == 303
        assert words in (await piet.get("/companies?q=newcomer")).text
    made = await row("company", "name = 'Newcomer Energy'")
    assert (made["applied_on"], made["agreement_signed_on"]) == (date(2024, 9, 1), date(2024, 9, 3))
    said = await history("company.accession-recorded")
    assert said[-1] == "Newcomer Energy: access agreement signed: 3 September 2024"


@pytest.mark.spec("SL 20")
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"validated_on": ""}, "Enter this date too: the steps follow each other"),
        ({"applied_on": "", "validated_on": ""}, "Enter this date too: the steps follow each other"),
        ({"validated_on": "31/8/2024"}, "Application validated: this is before “Application received”"),
        ({"agreement_signed_on": "23/11/2024"}, "Access Agreement signed: 23 November 2024 is in the future"),
        ({"applied_on": "31/9/2024"}, "September 2024 has no day 31"),
        ({"applied_on": "yesterday"}, "Enter a date with day, month and year"),
    ],
)
async def test_accession_out_of_order_is_refused(sign_in: SignIn, changes: dict[str, str], sentence: str) -> None:
    with clock.at(datetime(2024, 11, 22, 12, tzinfo=UTC)):
        piet = await sign_in("piet@provider.example")
        page = await opened(piet)
        answer = await recorded(piet, page, {**SIGNED, **changes})
    assert answer.status_code == 422
    assert told(answer)[0].startswith(sentence)
    assert all(value in answer.text for value in changes.values())
    assert await count("company", "name = 'Newcomer Energy' AND applied_on IS NULL") == 1


async def test_a_signed_agreement_is_not_taken_back_from_under_a_qualified_company(piet: Browser) -> None:
    page = f"/companies/{await company_id('Brightwatt Energy')}"
    answer = await recorded(piet, page, {"applied_on": "1/9/2021"})
    assert told(answer) == ["The company is Qualified. Mark it not Qualified first."]
    assert (await row("company", "name = 'Brightwatt Energy'"))["agreement_signed_on"]


async def test_the_second_of_two_who_record_an_accession_sees_what_the_first_did(piet: Browser, carys: Browser) -> None:
    page = await opened(piet)
    door = f"{page}/accession"
    late = await marked(carys, page, door, {"applied_on": "7/9/2024"})
    assert (await recorded(piet, page, {"applied_on": "1/9/2024"})).status_code == 303
    answer = await carys.post(door, late)
    assert answer.status_code == 422
    assert told(answer) == [
        "Somebody else changed this while you were looking at it. Nothing was saved. Recorded is now: application"
        " received 1 September 2024. Check what you typed and save again."
    ]
    assert 'value="7/9/2024"' in answer.text
    assert (await row("company", "name = 'Newcomer Energy'"))["applied_on"] == date(2024, 9, 1)
    again = re.search(rf'action="{door}".*?name="mark" value="(\w+)"', answer.text, re.DOTALL)
    assert again
    assert (await carys.post(door, {**late, "mark": again[1]})).status_code == 303
    assert (await row("company", "name = 'Newcomer Energy'"))["applied_on"] == date(2024, 9, 7)


async def test_a_company_is_renamed(piet: Browser, carys: Browser, asha: Browser) -> None:
    page = f"/companies/{await company_id('Brightwatt Energy')}"
    door = f"{page}/name"
    late = await marked(carys, page, door, {"name": "Brightwatt Group"})
    answer = await piet.post(door, await marked(piet, page, door, {"name": "BRIGHTWATT Energy"}))
    assert answer.status_code == 303
    assert "The name is changed." in (await piet.get(answer.headers["location"])).text
    assert (await asha.actor()).company_name == "BRIGHTWATT Energy"
    assert await history("company.renamed") == ["Brightwatt Energy is now BRIGHTWATT Energy"]
    refused = await carys.post(door, late)
    assert refused.status_code == 422
    assert told(refused)[0].endswith("The name is now BRIGHTWATT Energy. Check what you typed and save again.")
    assert 'value="Brightwatt Group"' in refused.text
    assert await count("company", "name = 'BRIGHTWATT Energy'") == 1


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("northgrid NETWORKS", "There is a company called northgrid NETWORKS already."),
        ("", "Enter the company's name"),
        ("x" * 121, "Shorten the name to 120 characters. It has 121."),
    ],
)
async def test_a_company_is_not_renamed_to_another_s_name(piet: Browser, name: str, sentence: str) -> None:
    page = f"/companies/{await company_id('Brightwatt Energy')}"
    answer = await piet.post(f"{page}/name", await marked(piet, page, f"{page}/name", {"name": name}))
    assert (answer.status_code, told(answer)) == (422, [sentence])
    assert await count("company", "name = 'Brightwatt Energy'") == 1


@pytest.mark.spec("SD 10.2")
async def test_a_company_that_stops_being_qualified_reads_on_and_cannot_send(
    carys: Browser, asha: Browser, nils: Browser
) -> None:
    reference = await sent(asha)
    letter = await filled()
    answer_to_it = {"draft_id": letter["draft_id"], "text": "One more thing."}
    page = f"/companies/{await company_id('Brightwatt Energy')}"
    assert (await carys.post(f"{page}/qualification", NO)).status_code == 303
    assert (await asha.get(f"/sdep/communications/{reference}")).status_code == 200
    assert reference in (await asha.get("/sdep/communications")).text
    assert (await post_new(asha, letter)).status_code >= 400
    assert (await asha.post(f"/sdep/communications/{reference}/messages", answer_to_it)).status_code >= 400
    to_it = await filled("PT0131", sender="NORG", to="BRWT")
    assert (await post_new(nils, to_it)).status_code >= 400
    assert await count("communication") == await count("message") == 1
    assert (await carys.post(f"{page}/qualification", YES)).status_code == 303
    assert (await post_new(asha, letter)).status_code == 303
    assert await history("company.unqualified") == ["Brightwatt Energy: Left the market"]


@pytest.mark.spec("SD 10.2")
@pytest.mark.parametrize(
    ("fields", "sentences"),
    [
        ({"qualified": "no"}, ["Enter the reason. It is kept in the audit log, where the company reads it."]),
        ({"reason": "x"}, ["Choose yes or no"]),
        ({"qualified": "no", "reason": "x" * 501}, ["Shorten the reason to 500 characters. It has 501."]),
        (YES, ["Brightwatt Energy is Qualified already."]),
    ],
)
async def test_being_qualified_has_a_reason(carys: Browser, fields: dict[str, str], sentences: list[str]) -> None:
    page = f"/companies/{await company_id('Brightwatt Energy')}/qualification"
    answer = await carys.post(page, fields)
    assert (answer.status_code, told(answer)) == (422, sentences)
    assert (await row("company", "name = 'Brightwatt Energy'"))["is_qualified"]


@pytest.mark.parametrize(
    "name", ["Brightwatt Energy", "BRIGHTWATT energy", "  Brightwatt \t Energy ", "brightwatt　energy"]
)
async def test_a_company_has_a_name_of_its_own(piet: Browser, name: str) -> None:
    answer = await piet.post("/companies", {"name": name})
    assert answer.status_code == 422
    assert told(answer)[0].startswith("There is a company called")
    assert await count("company", "kind = 'market'") == 5


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("", "Enter the company's name"), ("\u200b ", "Enter the company's name"), ("x" * 121, "Shorten the name")],
)
async def test_a_company_has_a_name(piet: Browser, name: str, sentence: str) -> None:
    answer = await piet.post("/companies", {"name": name})
    assert answer.status_code == 422
    assert told(answer)[0].startswith(sentence)


async def test_the_list_is_searched_and_filtered(piet: Browser) -> None:
    await opened(piet)
    everybody = ("Brightwatt Energy", "Northgrid Networks", "Newcomer Energy", "Code Manager", "SDES Provider")
    for query, found in (
        ("", everybody),
        ("?q=bright", ("Brightwatt Energy",)),
        ("?q=norg", ("Northgrid Networks",)),
        ("?q=%25", ()),
        ("?only=not-qualified", ("Newcomer Energy",)),
        ("?only=accession", ("Newcomer Energy",)),
        ("?only=no-master-admin", ("Newcomer Energy",)),
        ("?only=qualified", ("Brightwatt Energy", "Northgrid Networks")),
        ("?only=nonsense&page=nonsense", everybody),
    ):
        text = (await piet.get(f"/companies{query}", headers={"HX-Request": "true"})).text
        assert {name for name in everybody if f">{name}</a>" in text} == set(found), query
    assert "mo@brightwatt.example" in (await piet.get("/companies?q=bright")).text


async def test_the_list_is_paged(piet: Browser) -> None:
    await db.fetch(
        "INSERT INTO company (name, kind, is_qualified, requires_second_factor, created_at)"
        " SELECT 'Company ' || n, 'market', false, false, now() FROM generate_series(100, 219) n"
    )
    seen: list[str] = []
    page, turned = "/companies?only=not-qualified", 0
    while page:
        text = (await piet.get(page)).text
        seen += [line.partition("</a>")[0].rpartition(">")[2] for line in text.split("data-row-link")[1:]]
        after = (
            text.partition('rel="next"')[0].rpartition('<a href="')[2].partition('"')[0] if 'rel="next"' in text else ""
        )
        page, turned = after.replace("&amp;", "&"), turned + 1
    assert turned == 3
    assert seen == [f"Company {number}" for number in range(100, 220)]


async def test_two_companies_of_one_name_are_not_opened_at_once(piet: Browser, carys: Browser) -> None:
    answers = [await browser.post("/companies", {"name": name}) for browser, name in ((piet, "One"), (carys, "ONE"))]
    assert [answer.status_code for answer in answers] == [303, 422]
