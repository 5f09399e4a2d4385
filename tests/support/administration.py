"""Administration through the doors: forms as their pages hold them, and what became of people."""

import re
from html import unescape
from typing import Any

import httpx

from sdes.kit import db
from tests.support.people import Browser, hidden

ASHA, BEN, MO = "asha@brightwatt.example", "ben@brightwatt.example", "mo@brightwatt.example"


async def person_row(email: str) -> Any:
    """The row of the person with that address."""
    (row,) = await db.fetch("SELECT * FROM person WHERE email_key = $1", email)
    return row


async def id_of(email: str) -> int:
    return int((await person_row(email))["id"])


async def rename(email: str, **columns: Any) -> None:
    """Sets columns of a person's row, whatever the application would say to that."""
    for column, value in columns.items():
        await db.fetch(f"UPDATE person SET {column} = $2 WHERE email_key = $1", email, value)


async def use_cases_of(email: str) -> set[tuple[int, int]]:
    """What a person is assigned to, the MAU's standing in included."""
    rows = await db.fetch("SELECT process_type, level FROM assignment WHERE person = $1", await id_of(email))
    return {(row["process_type"], row["level"]) for row in rows}


async def stands_in(email: str) -> set[tuple[int, int]]:
    """Where a MAU is the default contact."""
    rows = await db.fetch(
        "SELECT process_type, level FROM assignment WHERE is_default_contact AND person = $1", await id_of(email)
    )
    return {(row["process_type"], row["level"]) for row in rows}


async def leave_alone(email: str) -> set[tuple[int, int]]:
    """Makes that person the only one of their company at each of their use cases; gives which."""
    await db.fetch(
        "DELETE FROM assignment a USING person p WHERE p.email_key = $1 AND a.company = p.company AND a.person <> p.id",
        email,
    )
    return await use_cases_of(email)


def boxes(html: str) -> dict[str, list[str]]:
    """The ticked check boxes of a page, by name."""
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input type=\"checkbox\"[^>]*\bchecked>", html):
        name, value = (re.search(rf'{what}="([^"]*)"', tag) for what in ("name", "value"))
        assert name, tag
        assert value, tag
        found.setdefault(name[1], []).append(unescape(value[1]))
    return found


async def assign_form(browser: Browser, email: str) -> dict[str, Any]:
    """The form of a person's use cases as their page shows it now."""
    person = await id_of(email)
    html = (await browser.get(f"/users/{person}")).text
    return {"seen": hidden(html, "seen"), f"p{person}": boxes(html).get(f"p{person}", [])}


async def details_form(browser: Browser, who: str, **changes: str) -> dict[str, Any]:
    """The form of a person's details as their page shows it now."""
    row = await person_row(who)
    html = (await browser.get(f"/users/{row['id']}")).text
    return {"name": row["name"], "email": row["email"], "mark": hidden(html, "mark"), **changes}


async def functions_form(browser: Browser, email: str, *functions: str) -> dict[str, Any]:
    """The form of a person's system functions with these ticked."""
    html = (await browser.get(f"/users/{await id_of(email)}")).text
    return {"mark": hidden(html.partition('/functions"')[2], "mark"), "function": list(functions)}


def page_text(answer: httpx.Response) -> str:
    """What a page says, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


async def events(email_or_id: str | int) -> list[str]:
    """The events that the audit log holds of a person, newest first."""
    person = email_or_id if isinstance(email_or_id, int) else await id_of(email_or_id)
    rows = await db.fetch("SELECT event FROM audit_entry WHERE subject = $1 ORDER BY id DESC", f"person {person}")
    return [row["event"] for row in rows]
