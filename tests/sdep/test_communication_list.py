"""The communication list: what is on it, for whom, in which order, page by page (SD 11.1(a), 14.3)."""

import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sdes.kit import db
from tests.support.communications import count, replied, sent
from tests.support.people import HTMX, Browser

pytestmark = pytest.mark.anyio

LIST = "/sdep/communications"
MANY = 64
START = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.spec("SD 11.1(a)")
async def test_an_empty_list_says_so(asha: Browser) -> None:
    answer = await asha.get(LIST)
    assert answer.status_code == 200
    assert "Nothing is waiting for you" in answer.text
    assert "Nothing in the archive" in (await asha.get(f"{LIST}?folder=archive")).text


async def test_nobody_is_asked_to_sign_in_first(nobody: Browser) -> None:
    answer = await nobody.get(LIST)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Fsdep%2Fcommunications"


@pytest.mark.spec("SD 10.1")
async def test_only_suppliers_distributors_and_the_code_manager_have_access(
    asha: Browser, nils: Browser, carys: Browser, mei: Browser, piet: Browser
) -> None:
    for browser in (asha, nils, carys):
        assert (await browser.get(LIST)).status_code == 200
    for browser in (mei, piet):
        assert (await browser.get(LIST)).status_code == 403


@pytest.mark.spec("SD 11.1(a)")
async def test_a_line_holds_every_column(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha, [("plan.txt", b"x"), ("map.txt", b"y")], code="PT0131", subject="Mill Lane")
    await db.fetch(
        "UPDATE communication_party SET created_at = $1, last_message_at = $2, owner ="
        " (SELECT id FROM person WHERE name = 'Ben Carter') WHERE side = 'sender'",
        datetime(2026, 11, 2, 12, 30, tzinfo=UTC),
        datetime(2026, 11, 4, 8, 5, tzinfo=UTC),
    )
    page = (await asha.get(LIST)).text
    line = page[page.index("<tbody") : page.index("</tbody>")]
    for words in (
        "Mill Lane",
        "plan.txt, map.txt",
        reference,
        "2 Nov",
        "4 Nov, 08:05",
        "4 Dec",  # archived 30 days after the last message
        "1 of 3",
        "Sent",
        "Ben Carter",
        "Northgrid Networks",
        "Electricity Disconnection - Escalation",
    ):
        assert words in line, words
    other = (await nils.get(LIST)).text
    assert "Received" in other
    assert "Brightwatt Energy" in other
    assert "Ben Carter" not in other, "an owner is one company's own matter"


@pytest.mark.spec("SD 11.1(a)")
async def test_the_last_sent_direction_follows_the_last_message(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    await replied(nils, reference)
    assert "</svg>Received</span>" in (await asha.get(LIST)).text
    assert "</svg>Sent</span>" in (await nils.get(LIST)).text


async def many() -> list[dict[str, Any]]:
    """Brightwatt's 64 communications with ties in everything that a list is sorted by; gives them as rows."""
    participants = {row["mpid"]: row for row in await db.fetch("SELECT id, mpid, company FROM market_participant")}
    process = (await db.fetch("SELECT id FROM process_type WHERE code = 'PT0131'"))[0]["id"]
    people = await db.fetch("SELECT id, name FROM person WHERE name IN ('Asha Rahman', 'Ben Carter')")
    ours, theirs = participants["BRWT"], participants["NORG"]
    rows = []
    for n in range(MANY):
        owner = [None, *people][n * 5 % 3]
        row: dict[str, Any] = {
            "reference": f"SC99{n:06}",
            "subject": f"{'Matter' if n % 2 else 'matter'} {n * 7 % 10}",
            "level": 1 + n % 3,
            "created": START + timedelta(hours=n * 11 % 20),
            "last_message": START + timedelta(days=9, microseconds=n * 13 % 30),
            "direction": "sent" if n * 3 % 4 else "received",
            "owner": owner["name"].lower() if owner else "",
        }
        row["id"] = (
            await db.fetch(
                "INSERT INTO communication (reference, process_type, sender, recipient, subject, items, level,"
                " max_level, message_count, created_at, last_message_at)"
                " VALUES ($1, $2, $3, $4, $5, '[]', $6, 3, 1, $7, $8) RETURNING id",
                row["reference"],
                process,
                ours["id"],
                theirs["id"],
                row["subject"],
                row["level"],
                row["created"],
                row["last_message"],
            )
        )[0]["id"]
        for side, mine, other in (("sender", ours, theirs), ("recipient", theirs, ours)):
            await db.fetch(
                "INSERT INTO communication_party (communication, company, other_company, process_type, side,"
                " created_at, last_message_at, last_direction, last_received, last_read, tags, alert, level, owner)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, '{}', '', $9, $10)",
                row["id"],
                mine["company"],
                other["company"],
                process,
                side,
                row["created"],
                row["last_message"],
                row["direction"],
                row["level"],
                owner["id"] if owner and side == "sender" else None,
            )
        rows.append(row)
    return rows


SORTS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "last_message": lambda row: row["last_message"],
    "created": lambda row: row["created"],
    "archives": lambda row: row["last_message"],
    "subject": lambda row: row["subject"].lower(),
    "level": lambda row: row["level"],
    "direction": lambda row: row["direction"],
    "owner": lambda row: row["owner"],
}


def references(html: str) -> list[str]:
    return re.findall(r'id="open-(SC\d+)"', html)


def neighbour(html: str, rel: str) -> str | None:
    found = re.search(rf'<a href="([^"]+)" rel="{rel}"', html)
    return found[1].replace("&amp;", "&") if found else None


async def walk(browser: Browser, address: str | None, rel: str, **headers: str) -> list[list[str]]:
    """The references of each page from `address` on, by its links."""
    pages = []
    while address:
        answer = await browser.get(address, headers=headers)
        assert answer.status_code == 200
        pages.append(references(answer.text))
        assert len(pages) <= MANY, "the pages go round in a circle"
        address = neighbour(answer.text, rel)
    return pages


@pytest.mark.spec("SD 11.1(a)")
@pytest.mark.parametrize("folder", ["active", "archive"])
async def test_every_order_both_ways_page_by_page(asha: Browser, folder: str) -> None:
    rows = await many()
    await db.fetch("UPDATE person SET page_size = 15 WHERE name = 'Asha Rahman'")
    if folder == "archive":
        await db.fetch("UPDATE communication_party SET archived_at = last_message_at")
    for sort, value in SORTS.items():
        for direction in ("up", "down"):
            ordered = sorted(rows, key=lambda row: (value(row), row["id"]), reverse=direction == "down")
            expected = [row["reference"] for row in ordered]
            first = f"{LIST}?folder={folder}&sort={sort}&direction={direction}"
            pages = await walk(asha, first, "next")
            assert [reference for page in pages for reference in page] == expected, (sort, direction)
            assert [len(page) for page in pages] == [15, 15, 15, 15, 4]
            last = neighbour((await asha.get(first)).text, "next")
            for _ in range(3):
                last = neighbour((await asha.get(last or "")).text, "next")
            back = await walk(asha, last, "prev")
            assert back == list(reversed(pages)), (sort, direction)


async def test_subjects_are_sorted_among_the_newest_where_there_are_very_many(
    asha: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = await many()
    by_subject = f"{LIST}?sort=subject"
    assert "too many to sort" not in (await asha.get(by_subject)).text
    monkeypatch.setattr("sdes.sdep.queries.lists.MOST_SORTED", 30)
    await db.fetch("UPDATE person SET page_size = 25 WHERE name = 'Asha Rahman'")
    newest = sorted(rows, key=lambda row: (row["last_message"], row["id"]))[-30:]
    ordered = sorted(newest, key=lambda row: (row["subject"].lower(), row["id"]))
    pages = await walk(asha, by_subject, "next")
    assert [reference for page in pages for reference in page] == [row["reference"] for row in ordered]
    assert "these are the 30 with the latest messages" in (await asha.get(by_subject)).text
    assert "too many to sort" not in (await asha.get(f"{LIST}?sort=owner")).text


async def test_htmx_walks_the_same_pages(asha: Browser) -> None:
    await many()
    assert await walk(asha, LIST, "next", **HTMX) == await walk(asha, LIST, "next")


async def test_a_page_that_fits_exactly_has_no_next(asha: Browser) -> None:
    await many()
    await db.fetch("UPDATE person SET page_size = 32 WHERE name = 'Asha Rahman'")
    assert [len(page) for page in await walk(asha, LIST, "next")] == [32, 32]


async def test_rows_that_come_or_go_between_two_pages_shift_nothing(asha: Browser) -> None:
    rows = await many()
    first = (await asha.get(f"{LIST}?sort=created&direction=up")).text
    seen = references(first)
    await db.fetch("DELETE FROM communication WHERE reference = ANY ($1)", seen[-3:])
    second = references((await asha.get(neighbour(first, "next") or "")).text)
    ordered = [row["reference"] for row in sorted(rows, key=lambda row: (row["created"], row["id"]))]
    assert second == ordered[len(seen) : len(seen) + 25]


async def test_the_heads_say_how_it_is_sorted(asha: Browser) -> None:
    await sent(asha)
    usual = (await asha.get(LIST)).text
    assert usual.count("aria-sort") == 1
    assert re.search(r'aria-sort="descending"><a id="sort-last_message"', usual)
    up = (await asha.get(f"{LIST}?sort=subject&direction=up")).text
    assert re.search(r'aria-sort="ascending"><a id="sort-subject"', up)
    assert f'href="{LIST}?sort=subject&amp;direction=down"' in up


def carried(*value: object) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


BROKEN = [
    "x",
    "%00",
    carried("nonsense", 1, False),
    carried(None, 1, False),
    carried(7, 1, False),
    carried(10**30, 1, False),
    carried("1" * 5000, 1, False),
    carried("a\x00b", 1, False),
    carried("\ud800", 1, False),
    carried("2026-03-02T09:00:00", 1, False),  # without its zone
    carried("0001-01-01T00:00:00+14:00", 1, False),
    carried("9999-12-31T23:59:59-14:00", 1, False),
    carried("2026-03-02T09:00:00+00:00", 10**30, True),
    carried("2026-03-02T09:00:00+00:00", -1, True),
    urlsafe_b64encode(b"[" * 20_000).decode(),
]


@pytest.mark.parametrize("sort", ["last_message", "subject", "level"])
async def test_a_broken_place_in_the_list_is_no_error(asha: Browser, sort: str) -> None:
    await sent(asha)
    for broken in BROKEN:
        answer = await asha.get(LIST, params={"sort": sort, "page": broken})
        assert answer.status_code == 200, broken[:60]
    for odd in ("sort=x", "direction=x", "folder=x", "sort=%00&folder=%00&direction=%00", "page=&page=&sort=level"):
        assert len(references((await asha.get(f"{LIST}?{odd}")).text)) == 1, odd


@pytest.mark.spec("SD 14.3")
async def test_a_badge_counts_the_archived_that_nobody_has_opened(asha: Browser, nils: Browser) -> None:
    opened, unopened = await sent(asha), await sent(asha)
    await nils.get(f"{LIST}/{opened}")
    badge = re.compile(r'href="/sdep/communications\?folder=archive".*?<span class="badge">(\d+)', re.DOTALL)
    side = (await nils.get(LIST)).text.split("</nav>")[1]
    assert not badge.search(side)
    await db.fetch("UPDATE communication_party SET archived_at = last_message_at")
    for page in (LIST, f"{LIST}?folder=archive"):
        found = badge.search((await nils.get(page)).text)
        assert found
        assert found[1] == "1"
        assert not badge.search((await asha.get(page)).text), "she has sent both herself"
    assert references((await nils.get(LIST)).text) == []
    assert sorted(references((await nils.get(f"{LIST}?folder=archive")).text)) == [opened, unopened]
    await nils.get(f"{LIST}/{unopened}")
    assert not badge.search((await nils.get(LIST)).text)


async def test_how_many_rows_a_page_has_is_each_persons_choice(asha: Browser, ben: Browser) -> None:
    await many()
    assert (await asha.post("/account/display", {"page_size": "50"})).status_code == 303
    assert len(references((await asha.get(LIST)).text)) == 50
    assert len(references((await ben.get(LIST)).text)) == 25
    for wrong in ("51", "-1", "x", "10000"):
        await asha.post("/account/display", {"page_size": wrong})
        assert await count("person", "page_size = 50") == 1
