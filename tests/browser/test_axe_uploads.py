"""The pages of uploads, of API keys and of the interface for programs, as axe and a narrow screen see them."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Arrive
from tests.browser.sites import Site
from tests.browser.test_axe import Open, at, look_at
from tests.browser.visitor import Visitor
from tests.support.sheets import csv_bytes

pytestmark = pytest.mark.anyio

HEAD = ["Action", "Email", "Name", "Use cases"]
GOOD = [HEAD, ["", "jo@brightwatt.example", "Jo March", "PT0103:all"], ["", "liz@brightwatt.example", "Liz Ann", ""]]
BAD = [HEAD, ["", "nobody", "", ""], ["delete", "mo@brightwatt.example", "", ""]]


def sent(rows: list[list[str]], heading: str) -> Open:
    """Sends the rows as a file and sees what becomes of it."""

    async def open_page(visitor: Visitor) -> None:
        await visitor.goto("/users/upload")
        file = {"name": "people.csv", "mimeType": "text/csv", "buffer": csv_bytes(rows)}
        await visitor.page.get_by_label("File of people").set_input_files(file)
        await visitor.page.get_by_role("button", name="Check the file").click()
        await expect(visitor.page.get_by_role("heading", level=1)).to_have_text(heading)

    return open_page


async def test_uploads_and_keys(site: Site, arrive: Arrive, pictures: Path | None) -> None:
    async def no_file(visitor: Visitor) -> None:
        visitor.may_say("status of 422")
        await visitor.goto("/users/upload")
        await visitor.page.get_by_role("button", name="Check the file").click()
        await expect(visitor.page.get_by_role("alert")).to_be_focused()

    async def applied(visitor: Visitor) -> None:
        await sent(GOOD, "Check what will change")(visitor)
        await visitor.page.get_by_role("button", name="Apply 2 changes").click()
        await expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Upload applied")

    async def nameless(visitor: Visitor) -> None:
        visitor.may_say("status of 422")
        await visitor.goto("/users/api-keys")
        await visitor.page.get_by_role("button", name="Make the key").click()
        await expect(visitor.page.get_by_role("alert")).to_be_focused()

    async def made(visitor: Visitor) -> None:
        await visitor.goto("/users/api-keys")
        await visitor.page.get_by_label("What it is for").fill("Staff directory")
        await visitor.page.get_by_label("Maintain people").check()
        await visitor.page.get_by_role("button", name="Make the key").click()
        await expect(visitor.page.locator("#secret")).to_be_visible()

    async def revocation(visitor: Visitor) -> None:
        await visitor.goto("/users/api-keys")
        await visitor.page.get_by_role("link", name="Revoke Staff directory").first.click()
        await expect(visitor.page.get_by_role("button", name="Revoke the key")).to_be_visible()

    pages = {
        "upload": at("/users/upload"),
        "upload-no-file": no_file,
        "upload-bad": sent(BAD, "Nothing was changed"),
        "upload-good": sent(GOOD, "Check what will change"),
        "upload-applied": applied,
        "api-keys-none": at("/users/api-keys"),
        "api-keys-errors": nameless,
        "api-keys-made": made,
        "api-key-revocation": revocation,
        "api": at("/api"),
    }
    await look_at(await arrive(site, "mo@brightwatt.example"), pages, pictures)
