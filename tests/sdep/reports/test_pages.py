"""The pages and files of a company's reports: for holders of the system function alone, and the same on all three."""

import re
from collections.abc import AsyncIterator
from datetime import datetime
from html import unescape

import pytest

from sdes.catalogue.queries import process_types
from sdes.kit import clock, db
from sdes.sdep.exports import reports as exports
from sdes.sdep.reports.asked import NOBODY_OF_OURS
from sdes.sdep.reports.kinds import REPORTS
from sdes.sdep.routes.reports import reports as routes
from tests.support.communications import count, told
from tests.support.people import Browser, SignIn
from tests.support.reports import NOW, random_talks, reporter, store
from tests.support.sheets import csv_rows, xlsx_rows

pytestmark = pytest.mark.anyio

DAYS = "?from=1+9+2026&to=20+11+2026"
PATHS = ["/sdep/reports", *(f"/sdep/reports/{key}{end}" for key in REPORTS for end in ("", ".csv", ".xlsx"))]


@pytest.fixture
async def ben(sign_in: SignIn) -> AsyncIterator[Browser]:
    with clock.at(NOW):
        await store(random_talks(3, 40))
        yield await reporter(sign_in)


async def asked_of(key: str) -> str:
    asha = (await db.fetch("SELECT id FROM person WHERE name = 'Asha Rahman'"))[0]["id"]
    return {"person": f"?person={asha}", "company": "", "counts": f"{DAYS}&person={asha}"}.get(key, DAYS)


def screen(html: str) -> list[list[str]]:
    """The cells of the report's table, as they are read."""
    table = html[html.rindex("<table") : html.rindex("</table>")]
    return [
        [unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in re.findall(r"<td.*?>(.*?)</td>", row, re.DOTALL)]
        for row in re.findall(r"<tr.*?>(.*?)</tr>", table, re.DOTALL)
    ][1:]


@pytest.mark.spec("SL 9")
@pytest.mark.parametrize("key", REPORTS)
async def test_the_files_hold_what_the_screen_shows(ben: Browser, key: str) -> None:
    query = await asked_of(key)
    page = await ben.get(f"/sdep/reports/{key}{query}")
    assert page.status_code == 200, told(page)
    shown = screen(page.text)
    assert shown
    headings = [column.heading for column in REPORTS[key].columns]
    written = csv_rows(await ben.get(f"/sdep/reports/{key}.csv{query}"))
    book = xlsx_rows(await ben.get(f"/sdep/reports/{key}.xlsx{query}"), REPORTS[key].title[:31].replace(":", ""))
    assert written[0] == book[0] == headings
    assert len(book) == len(written)
    for cells, line in zip(book[1:], written[1:], strict=True):
        for column, cell, in_file in zip(REPORTS[key].columns, cells, line, strict=True):
            assert _same_cell(column.kind, cell, in_file), (column.heading, cell, in_file)
    assert len(shown) == len(written) - 1
    for cells, line in zip(shown, written[1:], strict=True):
        for column, on_screen, in_file in zip(REPORTS[key].columns, cells, line, strict=True):
            assert _same(column.kind, on_screen, in_file), (column.heading, on_screen, in_file)


def _same_cell(kind: str, cell: object, in_file: str) -> bool:
    """A moment is one that a spreadsheet program can reckon with: UK local time, as the CSV says with its offset."""
    if kind == "moment" and in_file:
        assert in_file[10] == "T"
        return cell == datetime.fromisoformat(in_file).replace(tzinfo=None)
    return ("" if cell is None else str(cell)) == in_file


def _same(kind: str, on_screen: str, in_file: str) -> bool:
    if kind == "moment" and in_file:
        moment = datetime.fromisoformat(in_file)
        return on_screen == f"{moment.day} {moment:%b %Y, %H:%M}"
    return on_screen == (in_file or "–")


@pytest.mark.spec("SD 12.1p")
async def test_reports_are_for_holders_of_the_function_only(
    ben: Browser, asha: Browser, mo: Browser, nils: Browser, carys: Browser, piet: Browser, nobody: Browser
) -> None:
    for path in PATHS:
        for browser in (asha, mo, nils, carys, piet):
            assert (await browser.get(path)).status_code == 403, path
        assert (await nobody.get(path)).status_code == 303
        assert (await ben.get(path)).status_code == (422 if "/person." in path else 200), path
    await db.fetch("UPDATE person SET functions = '{}' WHERE name = 'Ben Carter'")
    for path in PATHS:
        assert (await ben.get(path)).status_code == 403, path


async def test_they_tell_of_the_whole_company_whatever_the_reader_is_assigned_to(ben: Browser) -> None:
    before = csv_rows(await ben.get(f"/sdep/reports/messages.csv{DAYS}"))
    await db.fetch("DELETE FROM assignment USING person p WHERE p.id = person AND p.name = 'Ben Carter'")
    page = await ben.get(f"/sdep/reports/messages{DAYS}")
    assert len(screen(page.text)) == len(before) - 1
    assert "/sdep/communications/SC" not in page.text, "what they may not open is no link"


async def test_what_was_deleted_leads_to_what_is_kept_of_it(ben: Browser) -> None:
    row = '<td[^>]*><a[^>]*href="([^"]+)">SC\\d+</a></td>\\s*<td[^>]*>Deleted</td>'
    hrefs = re.findall(row, (await ben.get(f"/sdep/reports/messages{DAYS}")).text)
    assert hrefs
    for href in hrefs:
        page = await ben.get(href)
        assert page.status_code == 410, href
        assert "deleted" in page.text


async def test_the_choice_of_processes_says_each_by_its_whole_name(ben: Browser) -> None:
    name = next(one.full_title for one in await process_types() if one.code == "PT0130")
    for path in ("/sdep/reports/late", "/sdep/communications"):
        assert re.search(f'<option value="PT0130"[^>]*>{re.escape(name)}</option>', (await ben.get(path)).text), path


async def test_another_company_is_told_of_its_own_alone(ben: Browser, sign_in: SignIn) -> None:
    olga = await reporter(sign_in, "olga@clearvolt.example")
    for key in ("messages", "counts", "late", "unanswered"):
        rows = csv_rows(await olga.get(f"/sdep/reports/{key}.csv{DAYS}"))
        assert len(rows) == 1, f"{key} tells a stranger of {rows[1]}"
    everybody = csv_rows(await olga.get("/sdep/reports/company.csv"))
    assert {row[1].partition("@")[2] for row in everybody[1:]} == {"clearvolt.example"}
    text = (await olga.get("/sdep/reports")).text
    assert "Nothing is active." in text
    assert "Asha" not in text


async def test_nothing_that_was_written_in_a_message_is_in_a_report(ben: Browser) -> None:
    for path in PATHS:
        assert "secret words" not in (await ben.get(f"{path}{DAYS}")).text


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("?from=yesterday", "Enter a date with day, month and year, for example 3 11 2026 or 3 November 2026."),
        ("?to=31+2+2026", "February 2026 has no day 31. Check the date."),
        ("?from=2+11+2026&to=1+11+2026", "The first day is after the last. Change one of them."),
        ("?from=1+1+2024&to=1+11+2026", "A report covers 366 days at most. Choose days that lie closer together."),
        ("?mpid=NORG", "Your company has no MPID “NORG”. Choose one of the list."),
        ("?process=PT9999", "There is no process type “PT9999”. Choose one of the list."),
    ],
)
async def test_what_cannot_be_answered_is_said(ben: Browser, query: str, sentence: str) -> None:
    for ending in ("", ".csv", ".xlsx"):
        answer = await ben.get(f"/sdep/reports/messages{ending}{query}")
        assert answer.status_code == 422
        assert told(answer) == [sentence]
    assert await count("audit_entry", "event = 'sdep.report.downloaded'") == 0


async def test_what_was_typed_stays(ben: Browser) -> None:
    answer = await ben.get("/sdep/reports/messages?from=yesterday&to=3+11+2026&mpid=BWG")
    assert 'value="yesterday"' in answer.text
    assert 'value="3 11 2026"' in answer.text
    assert '<option value="BWG" selected>' in answer.text


async def test_who_has_left_is_offered_by_the_day_and_what_they_did_is_counted(ben: Browser) -> None:
    (asha,) = await db.fetch("SELECT id FROM person WHERE name = 'Asha Rahman'")
    path = f"/sdep/reports/counts.csv{DAYS}&person={asha['id']}"
    before = csv_rows(await ben.get(path))
    assert len(before) > 1
    await db.fetch(
        "UPDATE person SET state = 'deleted', name = 'Deleted person', email = '', deleted_at = '2026-11-12 23:30Z'"
        " WHERE id = $1",
        asha["id"],
    )
    page = (await ben.get("/sdep/reports/late")).text
    assert f'<option value="{asha["id"]}">Deleted person {asha["id"]}, left 12 November 2026</option>' in page
    assert csv_rows(await ben.get(path)) == before


async def test_a_side_that_there_is_not(ben: Browser) -> None:
    answer = await ben.get("/sdep/reports/late?by=nobody")
    assert (answer.status_code, told(answer)) == (422, ["There is no side “nobody”. Choose one of the list."])


async def test_a_person_of_ours_and_the_other_company_s_responses(ben: Browser) -> None:
    """Nobody of ours gave them, so the report would be empty and seem to say that none was late."""
    (asha,) = await db.fetch("SELECT id FROM person WHERE name = 'Asha Rahman'")
    for ending in ("", ".csv", ".xlsx"):
        answer = await ben.get(f"/sdep/reports/late{ending}{DAYS}&person={asha['id']}&by=theirs")
        assert (answer.status_code, told(answer)) == (422, [NOBODY_OF_OURS])


async def test_somebody_of_another_company_is_nobody_here(ben: Browser) -> None:
    nils = (await db.fetch("SELECT id FROM person WHERE name = 'Nils Andersen'"))[0]["id"]
    for path in (f"/sdep/reports/person?person={nils}", f"/sdep/reports/counts.csv?person={nils}"):
        answer = await ben.get(path)
        assert answer.status_code == 422
        assert "Nils" not in answer.text


async def test_a_download_is_written_down_for_the_master_admin_user(ben: Browser, mo: Browser) -> None:
    await ben.get(f"/sdep/reports/messages.csv{DAYS}&mpid=BRWT")
    await ben.get(f"/sdep/reports/counts.xlsx{await asked_of('counts')}")
    guessed = await ben.get("/sdep/reports/late.csv", headers={"Sec-Purpose": "prefetch"})
    assert guessed.status_code == 503
    text = unescape((await mo.get("/audit")).text)
    days = "1 September 2026 to 20 November 2026"
    assert f"Ben Carter: Messages Sent and Received, CSV, {days}, BRWT" in text
    who = "Asha Rahman (asha@brightwatt.example)"
    assert f"Ben Carter: Messages Sent and Responded, XLSX, {days}, {who}" in text
    assert text.count("Report downloaded") == 2


@pytest.mark.parametrize(("by", "words"), [("ours", ", due from us"), ("theirs", ", due from the other company")])
async def test_a_download_of_one_side_is_written_down_as_such(ben: Browser, mo: Browser, by: str, words: str) -> None:
    await ben.get(f"/sdep/reports/late.csv{DAYS}&by={by}")
    days = "1 September 2026 to 20 November 2026"
    assert f"Exceeding Response Time, CSV, {days}{words}" in unescape((await mo.get("/audit")).text)


async def test_a_formula_stays_text(ben: Browser) -> None:
    await db.fetch("UPDATE communication SET subject = '=HYPERLINK(1)'")
    written = csv_rows(await ben.get(f"/sdep/reports/messages.csv{DAYS}"))
    assert "'=HYPERLINK(1)" in {row[1] for row in written}
    book = xlsx_rows(await ben.get(f"/sdep/reports/messages.xlsx{DAYS}"), "Messages Sent and Received")
    assert "=HYPERLINK(1)" in {row[1] for row in book}


async def test_the_page_is_bounded_and_the_file_says_where_it_ends(
    ben: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "MOST_ON_SCREEN", 3)
    total = len(csv_rows(await ben.get(f"/sdep/reports/messages.csv{DAYS}"))) - 1
    page = (await ben.get(f"/sdep/reports/messages{DAYS}")).text
    assert len(screen(page)) == 3
    assert f"Showing <b>3</b> of <b>{total}</b>" in page
    monkeypatch.setattr(exports, "MOST", 4)
    monkeypatch.setattr(routes, "MOST", 4)
    rows = csv_rows(await ben.get(f"/sdep/reports/messages.csv{DAYS}"))
    assert len(rows) == 6
    assert rows[-1] == [f"The first 4 rows of {total}. Ask for fewer days, one MPID or one process to get the others."]


async def test_a_chart_has_its_table(ben: Browser) -> None:
    for path in ("/sdep/reports", f"/sdep/reports/messages{DAYS}"):
        html = (await ben.get(path)).text
        figure = html[html.index("<figure") : html.index("</figure>")]
        narrow = figure.index('<svg class="chart__svg chart__svg--narrow')
        chart = figure[:narrow] + figure[figure.index("<figcaption") :]
        assert figure[narrow:].count("<rect") == chart.count("<rect"), "a phone shows as many columns"
        assert 'role="img" aria-label="Messages sent and received' in chart
        figures = chart[chart.index("<table") :]
        numbers = [int(cell) for cell in re.findall(r'<td class="num">(\d+)</td>', figures)]
        heights = [float(tall) for tall in re.findall(r'height="([\d.]+)"/>', chart)]
        assert len(numbers) == len(heights) > 4
        assert sum(numbers) > 0
        tallest = max(numbers)
        for number, tall in zip(numbers, heights, strict=True):
            assert tall == pytest.approx(max(heights) * number / tallest, abs=0.02)
