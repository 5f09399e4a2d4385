"""The doors to the catalogue: everybody of the portal reads it, the Code Manager alone changes it."""

import pytest

from sdes.catalogue.queries import process_type
from tests.support.catalogue import form_of, opened, page_of, posted, with_words
from tests.support.communications import count, told
from tests.support.people import HTMX, Browser

pytestmark = pytest.mark.anyio

CODE = "PT0131"  # Electricity Disconnection, Escalation: three levels
WRITING = ("/process-types/new", "/process-types/working-calendar")


@pytest.mark.spec("SL 8")
async def test_everybody_of_the_portal_reads_and_finds(asha: Browser, nils: Browser, piet: Browser) -> None:
    for browser in (asha, nils, piet):
        text = (await browser.get("/process-types?q=disconnection escalation")).text
        assert CODE in text
        assert "PT0130" not in text
        assert "Team manager, " in text
        assert "New process type" not in text
        page = (await browser.get(await page_of(CODE))).text
        assert "Electricity supplier to distributor" in page
        assert "Type of disconnection" in page
        assert "Change or end" not in page
    assert "No process type found" in (await asha.get("/process-types?q=zzzz")).text
    rows = await asha.get("/process-types?q=PT0131", headers=HTMX)
    assert "<html" not in rows.text
    assert CODE in rows.text


async def test_nobody_else_changes(asha: Browser, mo: Browser, piet: Browser) -> None:
    page = await page_of(CODE)
    for browser in (asha, mo, piet):
        for path in (*WRITING, f"{page}/definition"):
            assert (await browser.get(path)).status_code == 403
        for path in ("/process-types", "/process-types/working-calendar", "/process-types/working-calendar/removal",
                     f"{page}/definition", f"{page}/change/withdrawal"):  # fmt: skip
            assert (await browser.post(path, {"title": "Ours"})).status_code == 403
    assert await count("catalogue_change") == 0


async def test_a_firm_without_the_portal_reads_nothing(mei: Browser) -> None:
    assert (await mei.get("/process-types")).status_code == 403


@pytest.mark.parametrize("number", [0, 999_999, 2**31, 2**63, 10**30])
async def test_what_there_is_not(carys: Browser, number: int) -> None:
    for path in (f"/process-types/{number}", f"/process-types/{number}/definition"):
        assert (await carys.get(path)).status_code == 404
    for path in (f"/process-types/{number}/definition", f"/process-types/{number}/change/withdrawal"):
        assert (await carys.post(path, {"change": "1"})).status_code == 404


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"title": ""}, "Enter the business process"),
        ({"title": "x" * 121}, "Shorten the business process to 120 characters. It has 121."),
        ({"contact_type": ""}, "Enter the contact type"),
        ({"contact_type": "general query"}, "General Query is never escalated, so it has one level"),
        ({"fuel": "Q"}, "Choose the fuel"),
        ({"fuel": "G"}, "Electricity supplier to distributor is not of this fuel"),
        ({"route": []}, "Choose at least one pair: who may send it to whom"),
        ({"route": ["X>M", "M>X"]}, "Choose at least one pair: who may send it to whom"),
        ({"effective_from": "1 9 2022"}, "It has been in use since 1 September 2021. That stays."),
        ({"effective_to": "1 9 2022"}, "The last day is yesterday, to end it at once, or later"),
        ({"effective_to": "31 2 2022"}, "February 2022 has no day 31. Check the date."),
        ({"takes_effect_on": "1 1 2021"}, "The change takes effect today"),
        ({"takes_effect_on": ""}, "Enter the day on which the change takes effect"),
        ({"level_name": ["", "b", "c"]}, "Level 1: enter who is written to"),
        ({"level_amount": ["0", "1", "1"]}, "Level 1: enter a time to respond from 1 to 60"),
        ({"level_amount": ["1", "61", "1"]}, "Level 2: enter a time to respond from 1 to 60"),
        (
            {"level_amount": ["51", "1", "1"], "level_unit": ["OH", "WD", "WD"]},
            "Level 1: enter a time to respond from 1 to 50",
        ),
        ({"level_amount": ["two", "1", "1"]}, "Level 1: enter a time to respond from 1 to 60"),
        ({"level_unit": ["", "WD", "WD"]}, "Level 1: choose Working Days or operational hours"),
        ({"level_name": [], "level_amount": [], "level_unit": []}, "Add a level: somebody has to be written to"),
        ({"item_label": ["MPAN", "", "a", "b"]}, "Data item 2: enter what it is called, or remove it"),
        ({"item_label": ["MPAN", "mpan", "a", "b"]}, "Data item 2: there is a mpan already"),
        ({"item_kind": ["mpan", "nonsense", "choice", "date"]}, "Data item 2: choose what it holds"),
        ({"item_choices": ["", "", "Logical", ""]}, "Data item 3: enter at least two choices, one a line"),
        ({"item_hint": ["x" * 201, "", "", ""]}, "Data item 1: shorten the hint to 200 characters"),
    ],
)  # fmt: skip
async def test_what_cannot_be_is_refused_and_nothing_typed_is_lost(
    carys: Browser, words: dict[str, object], sentence: str
) -> None:
    fields = with_words(await opened(carys, CODE), **words)
    answer = await posted(carys, CODE, fields)
    assert answer.status_code == 422
    assert told(answer)[0].startswith(sentence)
    again = form_of(answer.text)
    for name in ("title", "contact_type", "level_name", "level_amount", "item_label", "item_hint", "takes_effect_on"):
        assert again.get(name, []) == fields[name]
    assert await count("catalogue_change") == 0


@pytest.mark.parametrize("code", ["", "PT1", "XX0001", "PT00001", "PT\u0661\u0662\u0663\u0664"])
async def test_a_code_is_pt_and_four_digits(carys: Browser, code: str) -> None:
    fields = form_of((await carys.get("/process-types/new")).text)
    answer = await carys.post("/process-types", {**with_words(fields, code=code), "do": "save"})
    assert answer.status_code == 422
    assert "Enter PT and four digits, for example PT0140" in told(answer)


async def test_rows_are_added_moved_and_removed_without_script(carys: Browser) -> None:
    fields = await opened(carys, CODE)
    for do, names in (
        ("down-level-1", ["Team manager", "Operational contact", "Final escalation"]),
        ("up-level-3", ["Team manager", "Final escalation", "Operational contact"]),
        ("remove-level-2", ["Team manager", "Operational contact"]),
        ("add-level", ["Team manager", "Operational contact", ""]),
        ("up-level-1", ["Team manager", "Operational contact", ""]),
        ("remove-level-77", ["Team manager", "Operational contact", ""]),
    ):
        answer = await posted(carys, CODE, fields, do)
        assert answer.status_code == 200
        fields = form_of(answer.text)
        assert fields["level_name"] == names
    answer = await posted(carys, CODE, fields, "down-item-3")
    fields = form_of(answer.text)
    assert fields["item_key"] == ["mpan", "msn", "requested_date", "disconnection"]
    assert fields["item_choices"][3] == "Logical\nFull"
    for _ in range(40):
        fields = form_of((await posted(carys, CODE, fields, "add-item")).text)
    assert len(fields["item_label"]) == 30
    assert await count("catalogue_change") == 0


async def test_a_key_that_nobody_gave_is_not_taken(carys: Browser) -> None:
    """A data item whose key were "text" would be read as the message itself."""
    fields = await opened(carys, CODE)
    answer = await posted(carys, CODE, {**fields, "item_key": ["text", "msn", "msn", "x' --"]})
    assert answer.status_code == 303, told(answer)
    now = await process_type(CODE)
    assert now
    assert [one.key for one in now.items] == ["mpan_2", "msn", "type_of_disconnection", "requested_date_2"]
