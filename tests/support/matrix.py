"""The matrix through its doors: what a page shows ticked, and posting it back with some boxes changed."""

import re
from collections.abc import Iterable
from html import unescape
from typing import Any

import httpx

from sdes.administration.matrix.seen import Cell, Seen
from sdes.kit import db
from tests.support.people import Browser, hidden

MATRIX = "/users/assignments"

_BOX = re.compile(r'<input type="?checkbox"? name="?p(\d+)"? value="?(\d+)\.(\d+)"?[^>]*>')


def seen_in(page: httpx.Response) -> Seen:
    """What the page's hidden field says it shows."""
    return Seen.read(hidden(page.text, "seen"))


def ticked_in(page: httpx.Response) -> frozenset[Cell]:
    """The boxes that the page shows ticked."""
    boxes = _BOX.finditer(page.text)
    return frozenset((int(box[1]), (int(box[2]), int(box[3]))) for box in boxes if " checked" in box[0])


async def opened(browser: Browser, path: str = f"{MATRIX}?size=500") -> tuple[Seen, frozenset[Cell]]:
    """The page as somebody opens it: what it remembers and what is ticked, which is the same to begin with."""
    page = await browser.get(path)
    assert page.status_code == 200, page.text[:500]
    seen = seen_in(page)
    assert ticked_in(page) == seen.ticked
    return seen, seen.ticked


async def post_matrix(
    browser: Browser, seen: Seen | str, ticked: Iterable[Cell], path: str = f"{MATRIX}?size=500", **more: Any
) -> httpx.Response:
    """Posts the form with these boxes ticked."""
    fields: dict[str, Any] = {"seen": str(seen), **more}
    for person, (process, level) in sorted(ticked):
        fields.setdefault(f"p{person}", []).append(f"{process}.{level}")
    return await browser.post(path, fields)


async def cells_of(email: str) -> set[tuple[int, int]]:
    """The use cases that a person is assigned to, whoever asks."""
    rows = await db.fetch(
        "SELECT a.process_type, a.level FROM assignment a JOIN person p ON p.id = a.person WHERE p.email_key = $1",
        email,
    )
    return {(row["process_type"], row["level"]) for row in rows}


async def person_id(email: str) -> int:
    return int((await db.fetch("SELECT id FROM person WHERE email_key = $1", email))[0]["id"])


def problems(page: httpx.Response) -> str:
    """What the page says about why nothing was saved; empty where it says nothing."""
    found = re.search(r'<div class="errors".*?</div>', page.text, re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[0])).split()) if found else ""
