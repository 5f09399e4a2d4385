"""The demo's mails: kept instead of sent, on a page that only a demo has."""

from dataclasses import replace
from typing import Any

import pytest
from litestar import Litestar

from jobs.mail import mail_deliver, mail_sweep
from sdes import mail
from sdes.app import create_app
from sdes.attachments.vault import Vault
from sdes.kit import db, keyring
from sdes.kit.crypto import MasterKey
from sdes.mail.queries import PAGE
from sdes.settings import Settings
from tests.support.nudges import Nudges
from tests.support.people import Browser

pytestmark = pytest.mark.anyio


@pytest.fixture
def demo(settings: Settings, vault: Vault, nudges: Nudges, db: None) -> Browser:
    """A browser at a demo, in which nobody is signed in."""
    settings = replace(settings, demo=True, public_url="https://sdes.example")
    app = create_app(settings, with_database=False)
    app.state.vault = vault
    keyring.use(vault.master)
    return Browser(app, settings)


async def wrote(to: str = "bob@brightwatt.example", name: str = "Bob", **words: Any) -> None:
    said = {"again": False, "by": "", "company": "Brightwatt", "until": "Friday", "password": "Xy 12"}
    await mail.post("single_use_password", to_address=to, to_name=name, master_admin="Mo", **{**said, **words})


def ctx(browser: Browser) -> dict[str, Any]:
    return {"mail_server": None, "settings": browser.settings}


async def test_a_mail_is_kept_and_can_be_read_by_whoever_comes(demo: Browser) -> None:
    await wrote(password="Xy<b>12")
    await mail_deliver(ctx(demo))
    await mail_sweep(ctx(demo))
    page = (await demo.get("/demo/mail")).text
    assert page.count("Your account for SDES</h2>") == 1
    assert "bob@brightwatt.example" in page
    assert "Xy&lt;b&gt;12" in page
    assert '<a href="/sign-in">https://sdes.example/sign-in</a>' in page, "the link leads to this demo"
    (row,) = await db.fetch("SELECT sent_at IS NOT NULL AS is_sent, body FROM mail")
    assert (row["is_sent"], row["body"]) == (True, None)


async def test_nothing_of_a_mail_becomes_part_of_the_page(demo: Browser) -> None:
    await wrote(to="<i>@b.example", name="<script>alert(1)</script>", company="<img src=x>", password="<b>")
    await mail_deliver(ctx(demo))
    page = (await demo.get("/demo/mail")).text
    for raw in (
        "<script>alert",
        "<img src=x>",
        "<b>",
        "<i>@",
        '<!doctype html>\n<html lang="en-GB">\n<head><meta charset',
    ):
        assert raw not in page.partition("<main")[2]
    assert "&lt;!doctype html&gt;" in page, "the HTML is shown as it is written"


async def test_they_are_found_by_address(demo: Browser) -> None:
    for name in ("bob", "eve", "50%_"):
        await wrote(to=f"{name}@brightwatt.example")
    await mail_deliver(ctx(demo))
    for part, found in (("EVE@", "eve"), ("50%_", "50%_")):
        page = (await demo.get("/demo/mail", params={"to": part})).text
        assert f"{found}@brightwatt.example" in page
        assert "bob@" not in page
    assert "No mail to such an address" in (await demo.get("/demo/mail", params={"to": "zed\0"})).text


async def test_the_newest_come_first_and_older_ones_after_them(demo: Browser) -> None:
    assert "Nothing has been sent yet." in (await demo.get("/demo/mail")).text
    for number in range(PAGE + 1):
        await wrote(to=f"person{number:02}@brightwatt.example")
    await mail_deliver(ctx(demo))
    page = (await demo.get("/demo/mail?to=person")).text
    assert page.index(f"person{PAGE:02}@") < page.index("person01@")
    assert "person00@" not in page
    (older,) = [part.partition('"')[0] for part in page.split('<a href="') if 'rel="next"' in part]
    page = (await demo.get(older.replace("&amp;", "&"))).text
    assert "person00@" in page
    assert "person01@" not in page
    for broken in ("x", "9" * 40, "-1", "²"):
        assert (await demo.get("/demo/mail", params={"before": broken})).status_code == 200


async def test_only_a_demo_has_the_page_and_the_way_to_it(demo: Browser, nobody: Browser) -> None:
    assert 'href="/demo/mail"' in (await demo.get("/sign-in")).text
    assert 'href="/demo/mail"' not in (await nobody.get("/sign-in")).text
    assert (await nobody.get("/demo/mail")).status_code == 404


async def test_a_service_that_is_no_demo_keeps_none(app: Litestar, settings: Settings, db: None) -> None:
    await wrote()
    await mail_deliver({"mail_server": None, "settings": settings})
    assert await _kept() == 0


async def test_a_mail_of_another_master_key_does_not_hold_up_the_others(demo: Browser, vault: Vault) -> None:
    keyring.use(MasterKey("other", b"o" * 32))
    await wrote()
    keyring.use(vault.master)
    await wrote(to="eve@brightwatt.example")
    await mail_deliver(ctx(demo))
    assert await _kept() == 1


async def _kept() -> int:
    return len(await db.fetch("SELECT id FROM demo_mail"))
