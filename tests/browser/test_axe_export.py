"""The export's page and the transcript to print, looked at like all others; and the print itself."""

from pathlib import Path

import pytest

from tests.browser.conftest import Arrive
from tests.browser.sites import Site
from tests.browser.test_axe import at, look_at

pytestmark = pytest.mark.anyio

BEN = "ben@brightwatt.example"


def longest(site: Site) -> str:
    """The reference of Brightwatt's communication with the most messages."""
    (row,) = site.rows(
        "SELECT c.reference FROM communication c JOIN communication_party p ON p.communication = c.id"
        " JOIN person b ON b.company = p.company AND b.email_key = %s JOIN assignment a ON a.person = b.id"
        " AND a.process_type = p.process_type ORDER BY c.message_count DESC, c.id LIMIT 1",
        BEN,
    )
    return str(row["reference"])


async def test_pages_of_what_is_taken_out(site: Site, arrive: Arrive, pictures: Path | None) -> None:
    before = site.rows("SELECT functions FROM person WHERE email_key = %s", BEN)[0]["functions"]
    site.rows("UPDATE person SET functions = '{reports}' WHERE email_key = %s RETURNING id", BEN)
    pages = {
        "export": at("/sdep/export"),
        "export-error": at("/sdep/export.csv?updated_since=yesterday", 422),
        "print": at(f"/sdep/communications/{longest(site)}/print"),
        "api-reference": at("/api"),
    }
    try:
        await look_at(await arrive(site, BEN), pages, pictures)
    finally:
        site.rows("UPDATE person SET functions = %s WHERE email_key = %s RETURNING id", before, BEN)


@pytest.mark.spec("SD 11.1(b)vii")
async def test_the_print_holds_the_texts_and_no_buttons(site: Site, arrive: Arrive, pictures: Path | None) -> None:
    visitor = await arrive(site, BEN)
    reference = longest(site)
    await visitor.goto(f"/sdep/communications/{reference}/print")
    await visitor.page.emulate_media(media="print")
    shown = await visitor.page.inner_text("body")
    texts = site.rows(
        "SELECT m.text FROM message m JOIN communication c ON c.id = m.communication WHERE c.reference = %s", reference
    )
    assert len(texts) > 1
    flat = " ".join(shown.split())
    assert all(" ".join(row["text"].split()) in flat for row in texts)
    for button in ("Back to the communication", "Sign out", "Skip to main content"):
        assert not await visitor.page.get_by_text(button).first.is_visible(), button
    await visitor.page.evaluate("() => { window.print = () => { window.wasPrinted = true } }")
    await visitor.page.emulate_media(media="screen")
    await visitor.page.get_by_role("button", name="Print").click()
    assert await visitor.page.evaluate("() => window.wasPrinted")
    if pictures:
        await visitor.page.emulate_media(media="print")
        await visitor.page.pdf(path=pictures / "print.pdf", prefer_css_page_size=True, format="A4")
