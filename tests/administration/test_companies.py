"""A company is taken on: opened, given market participants, led through accession, marked Qualified (SL 20 to 22)."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from sdes.accounts.queries import participants
from sdes.kit import clock, db
from tests.support.communications import count, filled, post_new, sent, told
from tests.support.people import Browser, SignIn

pytestmark = pytest.mark.anyio

NEW = {"mpid": "NEWC", "role": "X", "effective_from": "1/9/2024", "effective_to": ""}
SIGNED = {"applied_on": "1/9/2024", "validated_on": "2/9/2024", "agreement_signed_on": "3/9/2024"}
YES = {"qualified": "yes", "reason": "Passed on 4 September"}
NO = {"qualified": "no", "reason": "Left the market"}


async def company_id(name: str) -> int:
    return int((await db.fetch("SELECT id FROM company WHERE name = $1", name))[0]["id"])


async def opened(browser: Browser, name: str = "Newcomer Energy") -> str:
    """Opens a company through the door; gives its page."""
    answer = await browser.post("/companies", {"name": name})
    assert answer.status_code == 303, told(answer)
    return str(answer.headers["location"]).partition("?")[0]


async def row(table: str, where: str, *values: Any) -> Any:
    rows = await db.fetch(f"SELECT * FROM {table} WHERE {where}", *values)
    assert len(rows) == 1, rows
    return rows[0]


async def history(event: str) -> list[str]:
    rows = await db.fetch("SELECT detail FROM audit_entry WHERE event = $1 ORDER BY id", f"administration.{event}")
    return [entry["detail"] for entry in rows]


@pytest.mark.spec("SL 20")
async def test_a_company_is_taken_on_step_by_step(piet: Browser, carys: Browser, asha: Browser) -> None:
    page = await opened(piet)
    assert not (await row("company", "name = 'Newcomer Energy'"))["is_qualified"]
    refused = await carys.post(f"{page}/qualification", YES)
    assert refused.status_code == 422
    assert "after its application, its validation and the signed Access Agreement" in told(refused)[0]
    assert (await carys.post(f"{page}/accession", SIGNED)).status_code == 303
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
        assert (await piet.post(f"{page}/accession", steps)).status_code == 303
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
        answer = await piet.post(f"{page}/accession", {**SIGNED, **changes})
    assert answer.status_code == 422
    assert told(answer)[0].startswith(sentence)
    assert all(value in answer.text for value in changes.values())
    assert await count("company", "name = 'Newcomer Energy' AND applied_on IS NULL") == 1


async def test_a_signed_agreement_is_not_taken_back_from_under_a_qualified_company(piet: Browser) -> None:
    page = f"/companies/{await company_id('Brightwatt Energy')}"
    answer = await piet.post(f"{page}/accession", {"applied_on": "1/9/2021"})
    assert told(answer) == ["The company is Qualified. Mark it not Qualified first."]
    assert (await row("company", "name = 'Brightwatt Energy'"))["agreement_signed_on"]


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


@pytest.mark.spec("SL 21")
async def test_a_company_holds_several_market_roles(piet: Browser) -> None:
    page = await opened(piet)
    for mpid, role in (("NEWC", "X"), ("NEWC", "R"), (" new2 ", "X"), ("nwg", "G"), ("NEWM", "M")):
        answer = await piet.post(f"{page}/participants", {**NEW, "mpid": mpid, "role": role})
        assert answer.status_code == 303, told(answer)
    text = (await piet.get(page)).text
    assert text.count("In effect") == 5
    assert "NEW2" in text
    assert "NWG" in text


@pytest.mark.spec("SL 21")
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"mpid": "BRWT"}, "BRWT is held by another company as Electricity supplier at that time"),
        ({"mpid": "brwt"}, "BRWT is held by another company as Electricity supplier at that time"),
        ({"mpid": "NEW"}, "An electricity MPID has four letters or digits"),
        ({"mpid": "NEWC", "role": "G"}, "A gas MPID has three letters or digits"),
        ({"mpid": "NÉWC"}, "An electricity MPID has four letters or digits"),
        ({"mpid": ""}, "Enter the MPID"),
        ({"role": "Z"}, "Choose the market role"),
        ({"effective_from": ""}, "Enter the first day"),
        ({"effective_from": "2/30/2024"}, "“30” is not a month"),
        ({"effective_to": "31/8/2024"}, "The last day is before the first, 1 September 2024"),
    ],
)
async def test_a_wrong_market_participant_is_refused(piet: Browser, changes: dict[str, str], sentence: str) -> None:
    page = await opened(piet)
    answer = await piet.post(f"{page}/participants", {**NEW, **changes})
    assert answer.status_code == 422
    assert told(answer)[0].startswith(sentence)
    assert "Brightwatt" not in answer.text
    assert await count("market_participant", "mpid = 'NEWC' OR mpid = 'NEW'") == 0


async def test_an_mpid_passes_from_one_group_to_another(piet: Browser) -> None:
    """SL 22: with the day on which the one ends and the other begins."""
    page = await opened(piet)
    old = await row("market_participant", "mpid = 'BRWT'")
    taken_over = {**NEW, "mpid": "BRWT", "effective_from": "1/12/2026"}
    assert (await piet.post(f"{page}/participants", taken_over)).status_code == 422
    dates = {"effective_from": "1/9/2021", "effective_to": "30/11/2026"}
    door = f"/companies/{old['company']}/participants/{old['id']}"
    assert (await piet.post(door, dates)).status_code == 303
    assert (await piet.post(f"{page}/participants", taken_over)).status_code == 303
    longer = await piet.post(door, {**dates, "effective_to": "1/12/2026"})
    assert told(longer) == [
        "BRWT is held by another company as Electricity supplier at that time. Check the MPID and the dates."
    ]
    assert (await row("market_participant", "id = $1", old["id"]))["effective_to"] == date(2026, 11, 30)


async def test_the_same_company_holds_an_mpid_once_at_a_time(piet: Browser) -> None:
    page = await opened(piet)
    assert (await piet.post(f"{page}/participants", NEW)).status_code == 303
    again = await piet.post(f"{page}/participants", NEW)
    assert told(again) == [
        "NEWC is held by this company already as Electricity supplier at that time. Check the MPID and the dates."
    ]


async def test_people_of_an_ended_market_role_read_on(piet: Browser, asha: Browser) -> None:
    reference = await sent(asha)
    held = await count("assignment")
    old = await row("market_participant", "mpid = 'BRWT'")
    ended = {"effective_from": "1/9/2021", "effective_to": "1/9/2025"}
    assert (await piet.post(f"/companies/{old['company']}/participants/{old['id']}", ended)).status_code == 303
    assert await count("assignment") == held
    assert (await asha.get(f"/sdep/communications/{reference}")).status_code == 200
    assert (await post_new(asha, await filled())).status_code == 422


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


@pytest.mark.parametrize("person", ["asha", "mo", "olga", "mei"])
async def test_companies_are_the_overseers_matter(person: str, sign_in: SignIn) -> None:
    domain = {"mei": "fieldline", "olga": "clearvolt"}.get(person, "brightwatt")
    browser = await sign_in(f"{person}@{domain}.example")
    page = f"/companies/{await company_id('Brightwatt Energy')}"
    assert "/companies" not in (await browser.get("/account/display")).text
    for path in ("/companies", "/companies/new", page, f"{page}/master-admin", f"{page}/participants/1"):
        assert (await browser.get(path)).status_code == 403, path
    for path, fields in (
        ("/companies", {"name": "Mine"}),
        (f"{page}/accession", SIGNED),
        (f"{page}/participants", NEW),
        (f"{page}/participants/1", NEW),
        (f"{page}/qualification", NO),
        (f"{page}/master-admin", {"name": "Me", "email": "me@mine.example"}),
        (f"{page}/master-admin/reset", {}),
    ):
        assert (await browser.post(path, fields)).status_code == 403, path
    assert await count("audit_entry", "event LIKE 'administration.%'") == 0


async def test_each_overseer_has_doors_of_their_own(piet: Browser, carys: Browser) -> None:
    page = f"/companies/{await company_id('Brightwatt Energy')}"
    assert (await piet.post(f"{page}/qualification", NO)).status_code == 403
    assert (await carys.get(f"{page}/master-admin")).status_code == 403
    assert (await carys.post(f"{page}/master-admin", {})).status_code == 403
    assert (await carys.post(f"{page}/master-admin/reset")).status_code == 403
    for browser, shown, hidden in (
        (piet, "/master-admin", "/qualification"),
        (carys, "/qualification", "/master-admin"),
    ):
        text = (await browser.get(page)).text
        assert f"{page}{shown}" in text
        assert f"{page}{hidden}" not in text


@pytest.mark.parametrize("number", ["999999", "0", "-1", "99999999999999999999"])
async def test_what_does_not_exist_is_not_found(piet: Browser, carys: Browser, number: str) -> None:
    page = f"/companies/{number}"
    for path in (page, f"{page}/master-admin", f"{page}/participants/1"):
        assert (await piet.get(path)).status_code == 404, path
    brightwatt = await company_id("Brightwatt Energy")
    assert (await piet.get(f"/companies/{brightwatt}/participants/{number}")).status_code == 404
    assert (await piet.post(f"/companies/{brightwatt}/participants/{number}", NEW)).status_code == 404
    for path, browser, fields in (
        ("accession", piet, SIGNED),
        ("participants", piet, NEW),
        ("qualification", carys, NO),
        ("master-admin", piet, {"name": "Nia Hughes", "email": "nia@new.example"}),
        ("master-admin/reset", piet, {}),
    ):
        assert (await browser.post(f"{page}/{path}", fields)).status_code == 404, path


async def test_a_participant_is_changed_at_its_own_company_only(piet: Browser) -> None:
    held = await row("market_participant", "mpid = 'NORG'")
    door = f"/companies/{await company_id('Brightwatt Energy')}/participants/{held['id']}"
    assert (await piet.get(door)).status_code == 404
    assert (await piet.post(door, {"effective_from": "1/1/2026"})).status_code == 404
    assert (await row("market_participant", "mpid = 'NORG'"))["effective_from"] == held["effective_from"]


async def test_the_providers_own_company_has_no_market_roles(piet: Browser, carys: Browser) -> None:
    for name in ("SDES Provider", "Code Manager"):
        page = f"/companies/{await company_id(name)}"
        text = (await piet.get(page)).text
        assert "Runs the service" in text
        assert "Accession" not in text
        for path, browser, fields in (
            ("accession", piet, SIGNED),
            ("participants", piet, NEW),
            ("qualification", carys, NO),
        ):
            assert (await browser.post(f"{page}/{path}", fields)).status_code == 422, path
    assert await count("company", "kind <> 'market' AND (NOT is_qualified OR applied_on = '2024-09-01')") == 0
