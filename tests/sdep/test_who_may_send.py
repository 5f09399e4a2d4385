"""Who may send what to whom: only what catalogue, assignments and the companies' standing allow (SD 11.1(c))."""

from typing import Any

import pytest

from sdes.kit import db
from tests.support.communications import count, filled, participant, post_new, post_reply, process, sent, told
from tests.support.people import Browser

pytestmark = pytest.mark.anyio

PAGE = "/sdep/communications/"
NOBODY_QUALIFIED = "UPDATE company SET is_qualified = false WHERE name = $1"
ROUTE = "Choose the company to send to"


async def refused(browser: Browser, **changes: Any) -> list[str]:
    """Posts what must be refused and gives the sentences; nothing was sent."""
    answer = await post_new(browser, await filled(**changes))
    assert answer.status_code == 422, answer.headers
    assert await count("communication") == await count("message") == 0
    return told(answer)


@pytest.mark.spec("SD 9.2(d)")
async def test_a_third_company_finds_nothing_of_it(asha: Browser, otto: Browser, carys: Browser) -> None:
    reference = await sent(asha, subject="For Northgrid only")
    for browser in (otto, carys):
        assert "For Northgrid only" not in (await browser.get("/sdep/communications")).text
        for page in ("", "/attachments", "/audit", "/transcript.csv", "/attachments.zip", "/messages/1/files"):
            assert (await browser.get(PAGE + reference + page)).status_code == 404, page


@pytest.mark.spec("SD 11.1(c)")
@pytest.mark.parametrize(
    ("changes", "sentences"),
    [
        ({"sender": "NORG"}, ["Choose the market role to send from", ROUTE]),  # somebody else's role
        ({"sender": "CALD"}, ["Choose the market role to send from", ROUTE]),
        ({"sender": "BWG"}, ["Choose a business process", ROUTE]),  # the gas role, an electricity process
        ({"code": "PT0136"}, ["Choose a business process", ROUTE]),  # the electricity role, a gas process
        ({"code": "PT0101", "to": "BRWT"}, [ROUTE]),  # one's own company
        ({"code": "PT0129", "to": "BWG"}, [ROUTE]),
        ({"to": "CALD"}, [ROUTE]),  # a supplier, in a process with distributors
        ({"to": "FLDM"}, [ROUTE]),  # a metering firm
        ({"code": "PT0101"}, [ROUTE]),  # a distributor, in a process between suppliers
    ],
)
async def test_only_what_the_catalogue_allows_may_be_sent(
    asha: Browser, changes: dict[str, str], sentences: list[str]
) -> None:
    assert await refused(asha, **changes) == sentences


@pytest.mark.parametrize("value", ["0", "-1", "999999999999999999999", "x", "1 OR 1=1", "１"])
@pytest.mark.parametrize("name", ["sender", "process", "recipient"])
async def test_choices_that_do_not_exist_are_no_choices(asha: Browser, name: str, value: str) -> None:
    answer = await post_new(asha, {**await filled(), name: value})
    assert answer.status_code == 422
    assert any(sentence.startswith("Choose") for sentence in told(answer))
    assert await count("communication") == 0


async def test_the_market_role_need_not_be_chosen_where_only_one_fits(asha: Browser) -> None:
    answer = await post_new(asha, {**await filled(), "sender": ""})
    assert answer.status_code == 303
    assert "BRWT" in (await asha.get(answer.headers["location"])).text
    both = {**await filled("PT0129"), "sender": "", "mprn": "", "mpan": ""}
    assert told(await post_new(asha, both)) == ["Choose the market role to send from", ROUTE]


@pytest.mark.spec("SD 11.1(c)")
async def test_a_process_that_one_is_not_assigned_to_may_not_be_sent(asha: Browser, ben: Browser) -> None:
    await db.fetch(
        "DELETE FROM assignment a USING process_type t, person p WHERE t.id = a.process_type AND t.code = 'PT0130'"
        " AND p.id = a.person AND p.name = 'Asha Rahman'"
    )
    fields = await filled()
    assert f'value="{fields["process"]}"' not in (await asha.get("/sdep/communications/new")).text
    assert await refused(asha) == ["Choose a business process", ROUTE]
    await sent(ben)


@pytest.mark.spec("SD 10.2")
async def test_a_company_that_is_no_longer_qualified_neither_sends_nor_receives(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    await db.fetch(NOBODY_QUALIFIED, "Northgrid Networks")
    assert told(await post_new(asha, await filled())) == [ROUTE]
    await db.fetch("UPDATE company SET is_qualified = true")
    await db.fetch(NOBODY_QUALIFIED, "Brightwatt Energy")
    answer = await post_new(asha, await filled(text="Kept words."))
    assert answer.status_code == 409
    assert told(answer)[0].startswith("Your company is not Qualified: you read on, and nothing can be sent.")
    assert await count("draft", "fields->>'text' = 'Kept words.'") == 1
    assert (await asha.get("/sdep/communications/new")).status_code == 409
    page = (await asha.get("/sdep/communications")).text
    assert "New communication</a>" not in page
    assert "Your company is not Qualified: you read on" in page
    assert "is not Qualified" not in (await nils.get("/sdep/communications")).text
    assert (await asha.get(PAGE + reference)).status_code == 200, "what was sent can still be read"
    assert await count("communication") == 1


@pytest.mark.parametrize("moment", ["effective_to = '2026-01-01'", "effective_from = '2099-01-01'"])
async def test_a_participant_or_process_that_is_not_in_effect_is_no_choice(asha: Browser, moment: str) -> None:
    fields = await filled()
    await db.fetch(f"UPDATE market_participant SET {moment} WHERE mpid = 'NORG'")
    assert told(await post_new(asha, fields)) == [ROUTE]
    await db.fetch("UPDATE market_participant SET effective_to = NULL, effective_from = '2020-01-01'")
    await db.fetch(f"UPDATE process_type SET {moment} WHERE code = 'PT0130'")
    assert told(await post_new(asha, fields)) == ["Choose a business process", ROUTE]


@pytest.mark.spec("SD 10.1")
async def test_those_without_the_portal_cannot_send(mei: Browser, carys: Browser, piet: Browser) -> None:
    fields = await filled()
    for browser in (mei, carys, piet):
        assert (await browser.get("/sdep/communications/new")).status_code == 403
        assert (await post_new(browser, fields)).status_code == 403
    assert await count("communication") == 0


@pytest.mark.spec("SD 10.2")
async def test_a_company_whose_last_market_role_has_ended_reads_on(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    letter = await filled("PT0131", sender="NORG", to="BRWT")
    await db.fetch("UPDATE market_participant SET effective_to = '2026-01-01' WHERE mpid = 'NORG'")
    sentence = "Your company has no market role in effect today: you read on, and nothing can be sent."
    listed = (await nils.get("/sdep/communications")).text
    assert reference in listed
    assert sentence in listed
    assert "New communication</a>" not in listed
    assert sentence in (await nils.get(PAGE + reference)).text
    assert told(await nils.get("/sdep/communications/new"))[0].startswith(sentence)
    for answer in (await post_new(nils, letter), await post_reply(nils, reference)):
        assert answer.status_code == 409
        assert told(answer)[0].startswith(sentence)
    assert await count("message") == 1
    assert (await nils.get("/sdep/drafts")).status_code == 200, "what was typed was kept"
    assert (await nils.actor()).market_roles == frozenset()


async def test_a_market_role_that_has_not_begun_opens_nothing(nils: Browser) -> None:
    await db.fetch("UPDATE market_participant SET effective_from = '2099-01-01' WHERE mpid = 'NORG'")
    assert (await nils.get("/sdep/communications")).status_code == 403


async def test_the_form_offers_only_what_may_be_sent(asha: Browser) -> None:
    page = (await asha.get("/sdep/communications/new")).text
    assert "Electricity supplier, BRWT" in page
    assert "Gas supplier, BWG" in page
    assert "Calder" not in page
    chosen = {"sender": await participant("BRWT"), "process": await process("PT0130")}
    fields = (await asha.get("/sdep/communications/new/fields", params=chosen)).text
    assert "Northgrid Networks, Distributor (NORG)" in fields
    assert "Calder" not in fields
    assert 'name="mpan"' in fields
    assert 'name="utrn"' not in fields
