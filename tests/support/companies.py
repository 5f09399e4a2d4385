"""Companies as tests of administration take them on: opened through the door, and what is recorded of them."""

import re
from typing import Any

from sdes.kit import db
from tests.support.communications import told
from tests.support.people import Browser

NEW = {"mpid": "NEWC", "role": "X", "effective_from": "1/9/2024", "effective_to": ""}
SIGNED = {"applied_on": "1/9/2024", "validated_on": "2/9/2024", "agreement_signed_on": "3/9/2024"}
YES = {"qualified": "yes", "reason": "Passed on 4 September"}
NO = {"qualified": "no", "reason": "Left the market"}


async def company_id(name: str) -> int:
    """The number of a company."""
    return int((await db.fetch("SELECT id FROM company WHERE name = $1", name))[0]["id"])


async def opened(browser: Browser, name: str = "Newcomer Energy") -> str:
    """Opens a company through the door; gives its page."""
    answer = await browser.post("/companies", {"name": name})
    assert answer.status_code == 303, told(answer)
    return str(answer.headers["location"]).partition("?")[0]


async def marked(browser: Browser, page: str, door: str, fields: dict[str, str]) -> dict[str, str]:
    """The fields as a form of the page posts them to `door`: with the mark of what the page shows."""
    text = (await browser.get(page)).text
    found = re.search(rf'action="{door}".*?name="mark" value="(\w+)"', text, re.DOTALL)
    assert found, f"{page} has no form for {door}"
    return {**fields, "mark": found[1]}


async def recorded(browser: Browser, page: str, steps: dict[str, str]) -> Any:
    """Posts the steps of an accession from the company's page."""
    door = f"{page}/accession"
    return await browser.post(door, await marked(browser, page, door, steps))


async def row(table: str, where: str, *values: Any) -> Any:
    """The only row of a table that it is true of."""
    rows = await db.fetch(f"SELECT * FROM {table} WHERE {where}", *values)
    assert len(rows) == 1, rows
    return rows[0]


async def history(event: str) -> list[str]:
    """What the entries of an event of administration say, the oldest first."""
    rows = await db.fetch("SELECT detail FROM audit_entry WHERE event = $1 ORDER BY id", f"administration.{event}")
    return [entry["detail"] for entry in rows]
