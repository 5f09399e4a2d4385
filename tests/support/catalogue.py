"""The catalogue through the doors: the form of a process type as its page holds it, and what became of it."""

import re
from html import unescape
from typing import Any

import httpx

from sdes.kit import db
from tests.support.communications import process, told
from tests.support.people import Browser

Fields = dict[str, list[str]]


async def page_of(code: str) -> str:
    """The page of a process type."""
    return f"/process-types/{await process(code)}"


def form_of(html: str) -> Fields:
    """Every field of the page's long form with what stands in it, in order."""
    (form,) = re.findall(r'<form class="stack narrow".*?</form>', html, re.DOTALL)
    fields: Fields = {}
    controls = re.compile(
        r"<(?P<kind>input|textarea|select)\b(?P<words>[^>]*)>(?:(?P<text>(?:(?!</?(?:textarea|select)).)*?)"
        r"</(?:textarea|select)>)?",
        re.DOTALL,
    )
    for found in controls.finditer(form):
        words = dict(re.findall(r'([\w-]+)="([^"]*)"', found["words"]))
        if words.get("type") in ("checkbox", "radio") and " checked" not in found["words"]:
            continue
        value = words.get("value", "")
        if found["kind"] == "textarea":
            value = found["text"].removeprefix("\n")
        if found["kind"] == "select":
            chosen = re.findall(r'value="([^"]*)" selected', found["text"])
            value = chosen[0] if chosen else (re.findall(r'value="([^"]*)"', found["text"]) or [""])[0]
        fields.setdefault(words["name"], []).append(unescape(value))
    fields.pop("csrf_token")
    return fields


async def opened(browser: Browser, code: str) -> Fields:
    """The form with which a process type is changed."""
    answer = await browser.get(f"{await page_of(code)}/definition")
    assert answer.status_code == 200, answer.text
    return form_of(answer.text)


async def posted(browser: Browser, code: str, fields: Fields, do: str = "save") -> httpx.Response:
    """Posts the form of a process type with that button."""
    return await browser.post(f"{await page_of(code)}/definition", {**fields, "do": do})


async def changed(browser: Browser, code: str, **words: Any) -> None:
    """Changes a process type through the door and insists that it was taken; a word instead of a list is one field."""
    answer = await posted(browser, code, with_words(await opened(browser, code), **words))
    assert answer.status_code == 303, told(answer)


def with_words(fields: Fields, **words: Any) -> Fields:
    return {**fields, **{name: [value] if isinstance(value, str) else value for name, value in words.items()}}


async def said(done: str) -> list[str]:
    """What the audit log says of an event of process types, the oldest first."""
    event = f"administration.process-type.{done}"
    return [
        row["detail"] for row in await db.fetch("SELECT detail FROM audit_entry WHERE event = $1 ORDER BY id", event)
    ]
