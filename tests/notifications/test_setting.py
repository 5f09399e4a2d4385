"""How often somebody wants mail: the page, and what it refuses (SD 11.1(f))."""

import re

import pytest

from sdes.kit import db
from tests.notifications.conftest import NILS, NORA, london, told
from tests.support.communications import count
from tests.support.people import Browser
from tests.support.world import as_web

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("quiet")]

PAGE = "/account/notifications"


@pytest.mark.parametrize("frequency", ["never", "immediately", "hourly", "daily"])
@pytest.mark.spec("SD 11.1(f)")
async def test_each_can_be_chosen(nils: Browser, frequency: str) -> None:
    await nils.post(PAGE, {"frequency": "daily"})
    answer = await nils.post(PAGE, {"frequency": frequency})
    assert answer.status_code == 303
    html = (await nils.get(answer.headers["location"])).text
    assert "Saved." in html
    assert _chosen(html) == frequency
    assert await count("notification_setting") == 1


async def test_nobody_has_chosen_anything_at_first(nils: Browser) -> None:
    html = (await nils.get(PAGE)).text
    assert _chosen(html) == "never"
    assert "within 5 minutes, whatever you choose" in html
    assert PAGE in (await nils.get("/account/display")).text, "the account menu does not lead there"


@pytest.mark.parametrize("frequency", ["", "yearly", "Daily", "daily\0"])
async def test_what_is_no_choice_is_refused_above_the_form(nils: Browser, frequency: str) -> None:
    answer = await nils.post(PAGE, {"frequency": frequency})
    assert answer.status_code == 422
    assert "Choose how often you want mail" in answer.text
    assert await count("notification_setting") == 0


@pytest.mark.parametrize(
    ("change", "why"),
    [("email_verified_at = NULL", "has not been verified yet"), ("is_proxy_address = true", "marked as shared")],
    ids=["unverified", "proxy"],
)
@pytest.mark.spec("SD 11.1(f)")
async def test_an_address_to_which_nothing_is_mailed_is_told_why(nils: Browser, change: str, why: str) -> None:
    await db.fetch(f"UPDATE person SET {change} WHERE email_key = $1", NILS)
    html = (await nils.get(PAGE)).text
    assert why in html
    assert "<fieldset disabled>" in html
    assert "Save</button>" not in html
    answer = await nils.post(PAGE, {"frequency": "daily"})
    assert answer.status_code == 409
    assert why in answer.text
    assert await count("notification_setting") == 0


async def test_another_company_neither_reads_nor_writes(nils: Browser, asha: Browser) -> None:
    await told(NORA, london("2026-11-20", "09:20"))
    await nils.post(PAGE, {"frequency": "daily"})
    northgrid, brightwatt = (await nils.actor()).company_id, (await asha.actor()).company_id
    for company, expected in ((northgrid, 1), (brightwatt, 0), (None, 0)):
        async with as_web(company):
            assert await count("notification") == expected
            assert await count("notification_setting") == expected
            changed = await db.fetch("UPDATE notification SET closed_by = 'me' RETURNING 1")
            assert len(changed) == expected
            changed = await db.fetch("UPDATE notification_setting SET frequency = 'never' RETURNING 1")
            assert len(changed) == expected


async def test_no_mail_is_marked_as_sent_by_the_web(nils: Browser) -> None:
    await told(NILS, london("2026-11-20", "09:20"))
    with pytest.raises(Exception, match="permission denied"):
        async with as_web((await nils.actor()).company_id):
            await db.fetch("UPDATE notification SET mailed_at = now()")


def _chosen(html: str) -> str:
    found = re.search(r'value="(\w+)" checked', html)
    assert found
    return found[1]
