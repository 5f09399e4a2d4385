"""Spreadsheets in tests: made as people make them, sent through the door, and read back."""

import csv
from io import BytesIO, StringIO
from typing import Any

import httpx
from openpyxl import Workbook, load_workbook

from sdes.actor import Actor
from sdes.administration.queries.people import assignable, people
from sdes.administration.views.people import PersonView
from sdes.administration.words import cases_code
from sdes.catalogue.rules import UseCase
from tests.support.people import Browser

Rows = list[list[Any]]


def csv_bytes(rows: Rows, separator: str = ",") -> bytes:
    """The rows as a plain CSV file."""
    text = StringIO()
    csv.writer(text, delimiter=separator).writerows(rows)
    return text.getvalue().encode()


def xlsx_bytes(rows: Rows, title: str = "People") -> bytes:
    """The rows as a workbook."""
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    whole = BytesIO()
    book.save(whole)
    return whole.getvalue()


def csv_rows(answer: httpx.Response) -> list[list[str]]:
    """The rows of a CSV file that was downloaded."""
    assert answer.status_code == 200, answer.text[:300]
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.reader(StringIO(answer.text.removeprefix("\ufeff"), newline="")))


def xlsx_rows(answer: httpx.Response, title: str = "People") -> list[list[Any]]:
    """The rows of a sheet of a workbook that was downloaded."""
    assert answer.status_code == 200, answer.text[:300]
    return [list(row) for row in load_workbook(BytesIO(answer.content))[title].iter_rows(values_only=True)]


async def uploaded(browser: Browser, content: bytes, name: str = "people.csv") -> httpx.Response:
    """Sends a file of people through the door."""
    return await browser.post("/users/upload", files=[("file", (name, content, "application/octet-stream"))])


async def checked(browser: Browser, rows: Rows) -> str:
    """Sends these rows; gives the path of the page that says what they would come to."""
    answer = await uploaded(browser, csv_bytes(rows))
    assert answer.status_code == 303, answer.text[:2000]
    return str(answer.headers["location"])


async def problems(browser: Browser, rows: Rows) -> dict[int, str]:
    """What is wrong with which row of the file."""
    path = await checked(browser, rows)
    result = csv_rows(await browser.get(f"{path}/result.csv"))
    return {number: row[-1] for number, row in enumerate(result[1:], 2) if row[-1]}


async def applied(browser: Browser, rows: Rows) -> str:
    """Sends these rows and applies them; gives the path of the result."""
    path = await checked(browser, rows)
    answer = await browser.post(f"{path}/application")
    assert (answer.status_code, answer.headers.get("location")) == (303, path), answer.text[:500]
    return path


async def listed(actor: Actor) -> dict[str, PersonView]:
    """The actor's colleagues by address."""
    return {one.email: one for one in await people(actor)}


async def codes(actor: Actor, *places: int) -> tuple[list[UseCase], str]:
    """Use cases of the company, by their places in the catalogue, and as an upload writes them."""
    catalogue, allowed = await assignable(actor)
    chosen = [allowed[place] for place in places]
    return chosen, cases_code(catalogue, chosen)
