"""Folders and counts beside the list, addresses of filters, and what is said of filters that cannot be."""

import re
from datetime import datetime, timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from sdes.kit import clock, db
from sdes.sdep.queries import counts
from tests.support.communications import replied, sent
from tests.support.listed import listed
from tests.support.people import HTMX, Browser

pytestmark = [pytest.mark.anyio, pytest.mark.spec("SD 11.1(a)f")]

LIST = "/sdep/communications"


def side(html: str) -> dict[str, str]:
    """The lines of the side column: label and count."""
    column = html[html.index('<nav class="side"') :]
    lines = re.findall(r"<li><a[^>]*>(.*?)</a></li>", column[: column.index("</nav>")], re.DOTALL)
    told = {}
    for line in lines:
        count = re.search(r'<span class="(?:n|badge)">(.*?)<', line)
        label = re.sub(r"<span.*|<svg.*?</svg>", "", line, flags=re.DOTALL).strip()
        told[unescape(label)] = count[1] if count else ""
    return told


def references(html: str) -> list[str]:
    return re.findall(r'id="open-(SC\d+)"', html)


@pytest.mark.spec("SD 14.3")
async def test_the_column_of_an_open_page_is_drawn_anew_when_its_numbers_change(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    shown = (await nils.get(f"{LIST}?folder=ours")).text
    again = column_address(shown)
    assert "known=1.0.1.1.0.0..1" in again
    assert f"delay:{counts.KEPT}s" in shown
    assert (await nils.get(again, headers=HTMX)).status_code == 204
    await replied(nils, reference)
    await sent(asha)
    counts.KEPT_COUNTS.forget()
    anew = await nils.get(again, headers=HTMX)
    assert (side(anew.text)["Active"], side(anew.text)["Awaiting our reply"]) == ("2", "1")
    assert re.search(r'href="[^"]*folder=ours" aria-current="page"', anew.text)
    assert anew.text.count("aria-current") == shown[shown.index('<nav class="side"') :].count("aria-current")
    assert (await nils.get(column_address(anew.text), headers=HTMX)).status_code == 204
    assert (await nils.get(again)).headers["location"] == LIST


async def test_asking_for_the_column_keeps_no_session_alive(nils: Browser) -> None:
    again = column_address((await nils.get(LIST)).text)
    with clock.at(clock.now() + timedelta(minutes=20)):
        assert (await nils.get(again, headers=HTMX)).status_code == 204
    with clock.at(clock.now() + timedelta(minutes=40)):
        assert (await nils.get(again, headers=HTMX)).status_code == 401


@pytest.mark.parametrize("odd", ["folder=%00&process=%00&saved=%00", "saved=" + "9" * 40, "known=x&known=y", ""])
async def test_odd_columns_are_no_error(asha: Browser, odd: str) -> None:
    assert (await asha.get(f"/sdep/side?{odd}", headers=HTMX)).status_code == 200


def column_address(html: str) -> str:
    """Where a page asks for its column anew."""
    found = re.search(r'id="side"[^>]*hx-get="([^"]*)"', html)
    assert found
    return unescape(found[1])


@pytest.mark.spec("SD 14.3")
async def test_each_folder_counts_what_it_lists(asha: Browser) -> None:
    rows = await listed(40)
    me = (await db.fetch("SELECT id FROM person WHERE name = 'Asha Rahman'"))[0]["id"]
    active = [row for row in rows if row.archived is None]
    expected = {
        "Active": ("active", active),
        "Assigned to me": ("mine", [row for row in active if row.owner == me]),
        "Unassigned": ("unassigned", [row for row in active if row.owner is None]),
        "Awaiting our reply": ("ours", [row for row in active if row.direction == "received"]),
        "Awaiting theirs": ("theirs", [row for row in active if row.direction == "sent"]),
    }
    told = side((await asha.get(LIST)).text)
    for label, (folder, them) in expected.items():
        assert told[label] == str(len(them)), label
        page = (await asha.get(LIST, params={"folder": folder})).text
        assert set(references(page)) <= {row.reference for row in them}
        assert len(references(page)) == min(25, len(them))
    for title in {row.title for row in active}:
        them = [row for row in active if row.title == title]
        assert told[title] == str(len(them))
        assert set(references((await asha.get(LIST, params={"process": title})).text)) == {
            row.reference for row in them
        }


async def test_a_reply_moves_it_to_the_other_folder(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    ours, theirs = f"{LIST}?folder=ours", f"{LIST}?folder=theirs"
    assert references((await asha.get(theirs)).text) == references((await nils.get(ours)).text) == [reference]
    await replied(nils, reference)
    assert references((await asha.get(ours)).text) == references((await nils.get(theirs)).text) == [reference]
    assert references((await asha.get(theirs)).text) == []


async def test_counts_go_no_further_than_they_tell(asha: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    await listed(30)
    exact = side((await asha.get(LIST)).text)
    monkeypatch.setattr(counts, "MOST_COUNTED", 5)
    assert side((await asha.get(LIST)).text)["Awaiting theirs"] == "4+"  # they are gone through once
    counts.KEPT_COUNTS.forget()
    monkeypatch.setattr(counts, "MOST_AT_ONCE", 10)
    monkeypatch.setattr(counts, "MOST_COUNTED", 1000)
    assert side((await asha.get(LIST)).text) == exact  # each for itself
    monkeypatch.setattr(counts, "_EACH", counts._EACH.replace("LIMIT 1000", "LIMIT 5"))
    monkeypatch.setattr(counts, "MOST_COUNTED", 5)
    told = side((await asha.get(LIST)).text)
    assert told["Active"] == told["Awaiting theirs"] == told["Electricity Disconnection"] == "4+"


async def test_folders_and_counts_are_each_companys_own(asha: Browser, otto: Browser, nils: Browser) -> None:
    await sent(asha)
    told = side((await otto.get(LIST)).text)
    assert {told[label] for label in ("Active", "Unassigned", "Awaiting our reply", "Awaiting theirs")} == {"0"}
    assert side((await nils.get(LIST)).text)["Awaiting our reply"] == "1"


async def test_the_address_leaves_out_what_is_usual(asha: Browser) -> None:
    await sent(asha)
    params = {"q": " mill  lane", "folder": "active", "side": "", "level": "1", "sort": "last_message", "due": ""}
    live = await asha.get(LIST, params=params, headers=HTMX)
    assert live.headers["HX-Push-Url"] == f"{LIST}?q=mill+lane&level=1"
    assert "<html" not in live.text
    plain = await asha.get(LIST, params=params)
    assert 'value="mill lane"' in plain.text
    assert '<option value="1" selected>Level 1</option>' in plain.text


async def test_each_filter_is_a_chip_that_takes_it_away(asha: Browser) -> None:
    await sent(asha)
    other = (await db.fetch("SELECT id FROM company WHERE name = 'Northgrid Networks'"))[0]["id"]
    params = {"side": "sent", "process": "PT0130", "company": str(other), "owner": "none", "level": "1", "q": "mill"}
    page = (await asha.get(LIST, params={**params, "sort": "subject"})).text
    assert len(references(page)) == 1
    chips = re.findall(r'<a class="chip" href="([^"]+)">.*?<span class="k">(.*?):</span> <b[^>]*>(.*?)</b>', page)
    assert {(label, value) for _, label, value in chips} == {
        ("Search", "mill"),
        ("Started", "By us"),
        ("Process", "Electricity Disconnection - General Query (Electricity)"),
        ("Company", "Northgrid Networks"),
        ("Owner", "Nobody"),
        ("Level", "1"),
    }
    for address, *_ in chips:
        left = parse_qs(urlsplit(unescape(address)).query)
        assert len(left) == len(params), "one less, and the order"
        assert left["sort"] == ["subject"]
    assert f'href="{LIST}?sort=subject">Clear</a>' in page


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"process": "PT9999"}, "Process: PT9999"),
        ({"company": "999999"}, "Company: 999999"),
        ({"owner": "999999"}, "Owner: 999999"),
        ({"owner": "somebody"}, "Owner: somebody"),
        ({"person": "1" * 40}, "Assigned to: 1111"),
        ({"person": "²"}, "Assigned to: ²"),
        ({"level": "0"}, "Level: 0"),
        ({"level": "-1"}, "Level: -1"),
        ({"side": "<b>"}, "Started: &lt;b&gt;"),
        ({"due": "soon"}, "Response due: soon"),
        ({"tag": "x" * 10_000}, "Tag: xxx"),
        ({"folder": "inbox"}, "There is no folder “inbox”"),
    ],
)
async def test_what_cannot_be_is_told_and_left_out(asha: Browser, params: dict[str, str], words: str) -> None:
    reference = await sent(asha)
    for headers in ({}, HTMX):
        answer = await asha.get(LIST, params=params, headers=headers)
        assert answer.status_code == 200
        assert words in answer.text
        assert references(answer.text) == [reference]
    assert answer.headers["HX-Push-Url"] == LIST


async def test_people_and_companies_of_others_are_no_choice(asha: Browser, nils: Browser, otto: Browser) -> None:
    await sent(asha)
    nobody = (await db.fetch("SELECT id FROM person WHERE name = 'Nils Andersen'"))[0]["id"]
    stranger = (await db.fetch("SELECT id FROM company WHERE name = 'Clearvolt'"))[0]["id"]
    for params in ({"owner": nobody}, {"person": nobody}, {"company": stranger}):
        page = (await asha.get(LIST, params=params)).text
        assert "was left out" in page
        assert "Nils Andersen" not in page
        assert "Clearvolt" not in page
    form = (await asha.get(LIST)).text
    assert "Northgrid Networks</option>" in form
    assert "Ben Carter</option>" in form
    assert "Northgrid Networks</option>" not in (await otto.get(LIST)).text


async def test_due_ends_with_londons_day(asha: Browser) -> None:
    reference = await sent(asha)
    for due, at, folder in (
        ("2026-07-01T22:30:00+00:00", "2026-07-01T12:00:00+00:00", "today"),  # 23:30 in summer
        ("2026-07-01T23:30:00+00:00", "2026-07-01T12:00:00+00:00", ""),  # tomorrow there
        ("2026-07-01T11:59:59+00:00", "2026-07-01T12:00:00+00:00", "overdue"),
    ):
        await db.fetch("UPDATE communication SET due_at = $1", datetime.fromisoformat(due))
        with clock.at(datetime.fromisoformat(at)):
            for one in ("today", "overdue"):
                rows = references((await asha.get(LIST, params={"due": one})).text)
                assert rows == ([reference] if one == folder else []), (due, one)


async def test_the_first_due_comes_first_and_those_without_last(asha: Browser) -> None:
    rows = [row for row in await listed(12, seed=3) if row.archived is None]
    for way in ("up", "down"):
        page = (await asha.get(LIST, params={"sort": "due", "direction": way})).text
        ordered = [next(row for row in rows if row.reference == one) for one in references(page)]
        dues = [row.due for row in ordered]
        with_due = [due for due in dues if due]
        assert with_due == sorted(with_due, reverse=way == "down")
        assert None in dues
        assert dues[: len(with_due)] == with_due, "without one: last"


async def test_sorting_can_be_chosen_without_heads(asha: Browser) -> None:
    await sent(asha)
    page = (await asha.get(LIST, params={"sort": "subject-down", "q": "mill"})).text
    assert re.search(r'aria-sort="descending"><a id="sort-subject"', page)
    assert '<option value="subject-down" selected>Subject, reversed</option>' in page


async def test_counts_are_kept_for_seconds_until_ones_own_company_writes(asha: Browser, nils: Browser) -> None:
    assert side((await asha.get(LIST)).text)["Active"] == side((await nils.get(LIST)).text)["Active"] == "0"
    await sent(asha)
    # `client` asks as the network does: nothing is forgotten by hand
    assert side((await asha.client.get(LIST)).text)["Active"] == "1"
    assert side((await nils.client.get(LIST)).text)["Active"] == "0"
    assert side((await nils.get(LIST)).text)["Active"] == "1"
