"""What other services still hold of a person after the session: they see it where they are signed in, and end it."""

from datetime import timedelta
from typing import Any

import pytest

from sdes.kit import clock, db
from sdes.single_sign_on.actions.granting import OFFLINE_LASTS
from tests.single_sign_on.test_refreshing import Client, refreshed, told, userinfo
from tests.support.communications import count
from tests.support.oidc import code_for, exchanged, registered
from tests.support.people import Browser

pytestmark = pytest.mark.anyio

PAGE = "/account/sessions"
ALL = "/account/other-sessions/closure"
ASHA = "asha@brightwatt.example"
ENDED = "event = 'single-sign-on.grant.ended'"


@pytest.fixture
async def client(piet: Browser) -> Client:
    return await registered(piet)


async def ends() -> list[str]:
    """Where each sign-in elsewhere is ended, the oldest first."""
    rows = await db.fetch("SELECT id FROM oidc_grant ORDER BY id")
    return [f"/account/sign-ins-elsewhere/{row['id']}/closure" for row in rows]


async def test_after_its_session_has_timed_out_it_is_shown_and_ended(
    client: Client, asha: Browser, sign_in: Any
) -> None:
    begun, first = clock.now(), await told(asha, client)
    (end,) = await ends()
    with clock.at(begun + timedelta(days=1)):
        again = await sign_in(ASHA)
        page = (await again.get(PAGE)).text
        assert "Enquiry Service" in page
        for moment in (begun, begun + OFFLINE_LASTS):
            assert f"{clock.local(moment):%H:%M}" in page
            assert f"{clock.local(moment).day} {clock.local(moment):%b}" in page
        assert end in page
        answer = await again.post(end)
        assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
        assert "Enquiry Service" not in (await again.get(PAGE)).text
        assert (await refreshed(again, client, first["refresh_token"])).status_code == 400
        assert await userinfo(again, first["access_token"]) == 401
        assert (await again.post(end)).status_code == 303, "it has ended already, and stays so"
    (entry,) = await db.fetch(f"SELECT * FROM audit_entry WHERE {ENDED}")
    assert entry["detail"] == "Asha Rahman: ended the sign-in to Enquiry Service"
    assert entry["about_company"] == (await asha.actor()).company_id


async def test_one_is_ended_and_the_other_stays(client: Client, asha: Browser) -> None:
    one, other = await told(asha, client), await told(asha, client)
    first, second = await ends()
    await asha.post(first)
    page = (await asha.get(PAGE)).text
    assert (first in page, second in page) == (False, True)
    assert (await refreshed(asha, client, one["refresh_token"])).status_code == 400
    assert (await refreshed(asha, client, other["refresh_token"])).status_code == 200


async def test_all_others_can_be_signed_out_though_there_is_no_other_session(client: Client, asha: Browser) -> None:
    assert ALL not in (await asha.get(PAGE)).text
    first, second = await told(asha, client), await told(asha, client)
    waiting = await code_for(asha, client[0], scope="openid offline_access")
    assert ALL in (await asha.get(PAGE)).text
    assert (await asha.post(ALL)).status_code == 303
    for one in (first, second):
        assert (await refreshed(asha, client, one["refresh_token"])).status_code == 400
    assert (await exchanged(asha, client, waiting)).status_code == 400, "a code that nobody had exchanged"
    assert ALL not in (await asha.get(PAGE)).text
    assert await count("audit_entry", ENDED) == 3
    await asha.post(ALL)
    assert await count("audit_entry", ENDED) == 3, "there was nothing left to end"


async def test_only_what_outlasts_the_session_is_shown(client: Client, asha: Browser) -> None:
    first = await told(asha, client, "openid email")
    page = (await asha.get(PAGE)).text
    assert ("Enquiry Service" in page, ALL in page) == (False, False)
    await asha.post(ALL)
    assert await userinfo(asha, first["access_token"]) == 200, "it ends with this session"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE oidc_grant SET offline_until = now()",
        "UPDATE oidc_grant SET revoked_at = now()",
        "UPDATE oidc_grant SET offline_mark = 'another'",
        "UPDATE oidc_client SET revoked_at = now()",
    ],
    ids=["over", "ended", "another password", "the service revoked"],
)
async def test_what_holds_no_more_is_not_shown(client: Client, asha: Browser, change: str) -> None:
    await told(asha, client)
    assert "Enquiry Service" in (await asha.get(PAGE)).text
    await db.fetch(change)
    page = (await asha.get(PAGE)).text
    assert ("Enquiry Service" in page, ALL in page) == (False, False)


async def test_nobody_sees_or_ends_another_persons(client: Client, asha: Browser, ben: Browser, otto: Browser) -> None:
    first = await told(asha, client)
    (end,) = await ends()
    for stranger in (ben, otto):
        assert "Enquiry Service" not in (await stranger.get(PAGE)).text
        assert (await stranger.post(end)).status_code == 404
        assert (await stranger.post(ALL)).status_code == 303
    assert (await refreshed(asha, client, first["refresh_token"])).status_code == 200


async def test_strangers_and_forged_forms_end_nothing(client: Client, asha: Browser, nobody: Browser) -> None:
    first = await told(asha, client)
    (end,) = await ends()
    assert (await nobody.post(end)).headers["location"] == "/sign-in"
    assert (await asha.post(end, {"csrf_token": "wrong"})).status_code == 403
    assert (await refreshed(asha, client, first["refresh_token"])).status_code == 200


@pytest.mark.parametrize("sign_in_id", ["0", "-1", "99999999999999999999", "x"])
async def test_one_that_is_none_is_not_found(client: Client, asha: Browser, sign_in_id: str) -> None:
    await told(asha, client)
    assert (await asha.post(f"/account/sign-ins-elsewhere/{sign_in_id}/closure")).status_code == 404
