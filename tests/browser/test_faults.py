"""Parts that fail while people work: what is said, that nothing is lost or half done, that all goes on by itself."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Locator, expect

from sdes.embedded.clamd import EmbeddedClamd
from sdes.embedded.postgres import EmbeddedPostgres
from tests.browser.conftest import Arrive
from tests.browser.sites import Site, until
from tests.browser.visitor import Visitor
from tests.browser.writing import reply_box
from tests.support.folders import moved_away

pytestmark = pytest.mark.anyio

ASHA = "asha@brightwatt.example"
LIST = "/sdep/communications"
WAIT = 60_000  # ms at most


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("faults")


@pytest.fixture(scope="module")
def own_postgres(home: Path) -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL that these tests may stop."""
    with EmbeddedPostgres(home, fsync=False) as running:
        yield running


@pytest.fixture(scope="module")
def own_clamd(home: Path) -> Iterator[EmbeddedClamd]:
    """A clamd that these tests may stop."""
    with EmbeddedClamd(home, official=Path("/nowhere")) as running:
        yield running


@pytest.fixture(scope="module")
def own_site(home: Path, own_postgres: EmbeddedPostgres, own_clamd: EmbeddedClamd) -> Iterator[Site]:
    """A site of which these tests may stop any part; each leaves it whole."""
    made = Site(home, own_postgres, own_clamd.socket)
    try:
        made.prepare()
        made.start()
        yield made
    finally:
        made.stop()


def foresee(visitor: Visitor, status: int) -> None:
    visitor.may_say(f"status of {status}")
    visitor.may_say(f"^Response Status Error Code {status}")


@pytest.mark.spec("SD 8.4(a)")
async def test_clamd_stopped(own_site: Site, own_clamd: EmbeddedClamd, arrive: Arrive) -> None:
    asha = await arrive(own_site, ASHA)
    banner = asha.page.get_by_text("The virus scanner does not answer. Attachments stay pending until it is back")
    own_clamd.stop()
    try:
        reference = own_site.send(ASHA, "Sent without a scanner", {"a.txt": b"waits"})
        await look_until(asha, f"{LIST}/{reference}", banner, 1)
        until(lambda: attempts(own_site, reference) > 0, "a check was tried")
        await expect(asha.page.locator("#files-1")).to_contain_text("Virus check pending")
        assert own_site.states(reference) == ["pending"]
    finally:
        own_clamd.start()
    await expect(asha.page.locator("#files-1 .file--clean")).to_have_count(1, timeout=WAIT)
    await look_until(asha, LIST, banner, 0)


async def test_postgresql_stopped(own_site: Site, own_postgres: EmbeddedPostgres, arrive: Arrive) -> None:
    reference = own_site.send(ASHA, "The database goes away")
    asha, plain = await arrive(own_site, ASHA), await arrive(own_site, ASHA)
    foresee(asha, 503)
    foresee(plain, 503)
    await asha.goto(f"{LIST}/{reference}")
    await reply_box(asha.page).fill("Typed while all was well")
    await expect(asha.page.get_by_text(re.compile("Draft saved"))).to_be_visible()
    own_postgres.stop()
    try:
        await asha.page.get_by_role("button", name="Send reply").click()
        toast = asha.page.locator("#toasts")
        await expect(toast).to_contain_text("The database does not answer. Nothing was saved.")
        await expect(reply_box(asha.page)).to_have_value("Typed while all was well")
        assert (await plain.goto(LIST)).status == 503
        await expect(plain.page.get_by_role("heading", level=1)).to_have_text("The service is not available")
        await expect(plain.page.get_by_text("The database does not answer")).to_contain_text("We go on by ourselves")
    finally:
        own_postgres.start()
    assert (await plain.goto(LIST)).status == 200
    await asha.page.get_by_role("button", name="Send reply").click()
    await expect(asha.page.locator("#message-2")).to_contain_text("Typed while all was well")
    later = own_site.send(ASHA, "Sent afterwards", {"a.txt": b"the worker goes on as well"})
    until(lambda: own_site.states(later) == ["clean"], "the worker goes on")


@pytest.mark.parametrize("scripted", [True, False], ids=["with JavaScript", "without JavaScript"])
async def test_the_store_of_files_is_gone(own_site: Site, arrive: Arrive, tmp_path: Path, scripted: bool) -> None:
    (tmp_path / "file.txt").write_bytes(b"good")
    reference = own_site.send(ASHA, f"The store goes away {scripted}")
    asha = await arrive(own_site, ASHA, java_script_enabled=scripted)
    foresee(asha, 422)
    page = asha.page
    await asha.goto(f"{LIST}/{reference}")
    await reply_box(asha.page).fill("Typed before the store went")
    await page.get_by_label("Add attachments").set_input_files(tmp_path / "file.txt")
    with moved_away(own_site.blobs):
        await page.get_by_role("button", name="Send reply").click()
        sentence = "The store of attachments does not answer, so nothing was saved. Try again in a few minutes."
        await expect(page.get_by_role("alert")).to_contain_text(sentence)
        await expect(reply_box(asha.page)).to_have_value("Typed before the store went")
        assert own_site.states(reference) == []
        assert own_site.rows("SELECT message_count FROM communication WHERE reference = %s", reference) == [
            {"message_count": 1}
        ]
    await page.get_by_label("Add attachments").set_input_files(tmp_path / "file.txt")
    await page.get_by_role("button", name="Send reply").click()
    await expect(page.locator("#message-2")).to_contain_text("Typed before the store went")
    await expect(page.locator("#message-2")).to_contain_text("file.txt")


async def look_until(visitor: Visitor, path: str, what: Locator, count: int) -> None:
    """Opens the page again and again until `what` is there that often."""
    for _ in range(60):
        await visitor.goto(path)
        if await what.count() == count:
            return
        await visitor.page.wait_for_timeout(500)
    await expect(what).to_have_count(count)


def attempts(site: Site, reference: str) -> int:
    """How often the virus check of its first file was tried."""
    rows = site.rows(
        "SELECT a.attempts FROM attachment a JOIN message_attachment m ON m.attachment = a.id"
        " JOIN communication c ON c.id = m.communication WHERE c.reference = %s",
        reference,
    )
    return int(rows[0]["attempts"])
