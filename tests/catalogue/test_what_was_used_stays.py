"""A process type that was ever used keeps its contact type and its fuel; what was deleted keeps the words of then."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from jobs.catalogue import catalogue_apply
from jobs.sdep import sdep_archive, sdep_delete, sdep_replay_deletions
from sdes.attachments.vault import Vault
from sdes.catalogue.queries import process_type
from sdes.kit import clock, db
from tests.support.catalogue import changed, form_of, opened, page_of, posted, said, with_words
from tests.support.communications import count, sent, told
from tests.support.people import Browser, SignIn
from tests.support.reports import reporter
from tests.support.sheets import csv_rows

pytestmark = pytest.mark.anyio

CODE = "PT0131"  # Electricity Disconnection, Escalation
BEGINNING = datetime(2026, 11, 2, 10, tzinfo=UTC)
ARCHIVED = BEGINNING + timedelta(days=31)
DELETED = ARCHIVED + timedelta(days=31)
LONG_AGO = "from=2026-10-20&to=2027-02-01"
STAYS = "has been used, so its contact type and its fuel stay"


async def name_now() -> str:
    found = await process_type(CODE)
    assert found
    return found.full_title


async def lines(browser: Browser, key: str) -> list[dict[str, str]]:
    """The lines of a report's file, by their headings."""
    heading, *rows = csv_rows(await browser.get(f"/sdep/reports/{key}.csv?{LONG_AGO}"))
    return [dict(zip(heading, row, strict=True)) for row in rows]


async def deleted(asha: Browser, vault: Vault) -> str:
    """The reference of a communication that was sent by this process type and deleted in its time."""
    with clock.at(BEGINNING):
        made = await sent(asha, code=CODE)
    with clock.at(ARCHIVED):
        await sdep_archive({})
    with clock.at(DELETED):
        await sdep_delete({"vault": vault})
    assert await count("communication") == 0
    return made


@pytest.mark.spec("SL 8")
@pytest.mark.parametrize("words", [{"fuel": "D"}, {"contact_type": "Complaint"}])
async def test_what_was_sent_does_not_change_its_fuel_or_contact_type(
    carys: Browser, asha: Browser, words: dict[str, str]
) -> None:
    await sent(asha, code=CODE)
    for day in ("", "3 March 2027"):
        fields = with_words(await opened(carys, CODE), **words, **({"takes_effect_on": day} if day else {}))
        answer = await posted(carys, CODE, fields)
        assert answer.status_code == 409
        assert told(answer) == [f"{CODE} {STAYS}. End it, and add another process type with what you want to change."]
    assert await count("catalogue_change") == 0
    assert await name_now() == "Electricity Disconnection - Escalation (Electricity)"


@pytest.mark.parametrize("words", [{"fuel": "D"}, {"contact_type": "Complaint"}])
async def test_what_was_never_used_may_change_them(carys: Browser, words: dict[str, str]) -> None:
    await changed(carys, CODE, **words)


async def test_what_was_deleted_was_used(carys: Browser, asha: Browser, vault: Vault) -> None:
    await deleted(asha, vault)
    answer = await posted(carys, CODE, with_words(await opened(carys, CODE), fuel="D"))
    assert (answer.status_code, STAYS in told(answer)[0]) == (409, True)


async def test_a_planned_change_does_not_come_where_it_was_used_meanwhile(carys: Browser, asha: Browser) -> None:
    tomorrow = clock.today() + timedelta(days=1)
    await changed(carys, CODE, fuel="D", takes_effect_on=tomorrow.isoformat())
    await sent(asha, code=CODE)
    with clock.at(clock.now() + timedelta(days=1)):
        await catalogue_apply({})
    assert "(Electricity)" in await name_now()
    assert STAYS in (await said("change-failed"))[0]


async def test_the_form_shows_as_text_what_stays(carys: Browser, asha: Browser) -> None:
    def text(html: str) -> str:
        return html.partition('id="what-h"')[2].partition("</section>")[0]

    path = f"{await page_of(CODE)}/definition"
    before = text((await carys.get(path)).text)
    assert '<select class="select" id="fuel"' in before
    assert STAYS not in before
    await sent(asha, code=CODE)
    page = (await carys.get(path)).text
    assert STAYS.replace("has", "It has") in text(page)
    assert 'id="fuel"' not in text(page)
    assert 'id="contact_type"' not in text(page)
    for words in ('<dt>Contact type</dt><dd dir="auto">Escalation</dd>', "<dt>Fuel</dt><dd>Electricity</dd>"):
        assert words in text(page)
    assert form_of(page)["fuel"] == ["E"]
    moved = await posted(carys, CODE, form_of(page), "add-item")
    assert 'id="fuel"' not in text(moved.text)


async def test_a_corrected_title_is_shown_on_what_exists(carys: Browser, asha: Browser, ben: Browser) -> None:
    reference = await sent(asha, code=CODE)
    await changed(carys, CODE, title="Electricity Cut-off")
    for path in ("/sdep/communications", f"/sdep/communications/{reference}"):
        page = (await asha.get(path)).text
        assert "Electricity Cut-off" in page
        assert "Electricity Disconnection - Escalation" not in page


@pytest.mark.spec("SD 13.1")
async def test_what_was_deleted_keeps_the_words_of_then(asha: Browser, sign_in: SignIn, vault: Vault) -> None:
    reference = await deleted(asha, vault)
    (row,) = await db.fetch("SELECT facts FROM deleted_communication")
    assert json.loads(row["facts"])["process"] == {
        "title": "Electricity Disconnection", "contact_type": "Escalation", "fuel": "E", "code": CODE
    }  # fmt: skip
    await db.fetch("UPDATE process_type SET title = 'Cut-off', contact_type = 'Complaint', fuel = 'D'")
    with clock.at(DELETED):
        page = (await (await sign_in("asha@brightwatt.example")).get(f"/sdep/communications/{reference}")).text
        assert "Electricity Disconnection - Escalation" in page
        assert "Cut-off" not in page
        ben = await reporter(sign_in)
        for key in ("messages", "counts", "unanswered", "late"):
            rows = await lines(ben, key)
            assert [row["Process"].split(" - ")[0] for row in rows] == ["Electricity Disconnection"], key
            assert not re.search("Cut-off|Complaint|Dual fuel", " ".join(rows[0].values())), key


async def test_counts_keep_the_words_of_then_apart_from_those_of_now(
    asha: Browser, sign_in: SignIn, vault: Vault
) -> None:
    """Under one name they are one line, whether deleted or not."""
    await deleted(asha, vault)
    with clock.at(DELETED):
        await sent(await sign_in("asha@brightwatt.example"), code=CODE)
        ben = await reporter(sign_in)
        (row,) = await lines(ben, "counts")
        assert row["Sent"] == "2"
        await db.fetch("UPDATE process_type SET title = 'Cut-off' WHERE code = $1", CODE)
        rows = await lines(ben, "counts")
    assert [(row["Process"].split(" - ")[0], row["Sent"]) for row in rows] == [
        ("Cut-off", "1"),
        ("Electricity Disconnection", "1"),
    ]


async def test_what_was_deleted_again_keeps_the_words_of_the_first_time(asha: Browser, vault: Vault) -> None:
    kept = {}
    with clock.at(BEGINNING):
        await sent(asha, code=CODE)
    with clock.at(ARCHIVED):
        await sdep_archive({})
    for table in ("communication", "communication_party", "communication_level", "message"):
        kept[table] = await db.fetch(f'SELECT to_jsonb(t) AS row FROM "{table}" t')
    with clock.at(DELETED):
        await sdep_delete({"vault": vault})
    (before,) = await db.fetch("SELECT facts FROM deleted_communication")
    await db.fetch("UPDATE process_type SET title = 'Cut-off' WHERE code = $1", CODE)
    for table, rows in kept.items():
        for row in rows:
            await db.fetch(
                f'INSERT INTO "{table}" SELECT * FROM jsonb_populate_record(NULL::"{table}", $1)', row["row"]
            )
    await sdep_replay_deletions({"vault": vault})
    (after,) = await db.fetch("SELECT facts FROM deleted_communication")
    assert after["facts"] == before["facts"]
    assert await count("communication") == 0
