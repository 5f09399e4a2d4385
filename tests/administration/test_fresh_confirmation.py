"""A browser left open takes no account over: what opens other ways in asks who sits there (SD 8.1)."""

from datetime import timedelta

import pytest

from sdes.kit import clock, db
from tests.support.administration import BEN, MO, details_form, id_of, person_row, rename
from tests.support.communications import count
from tests.support.mails import mails_to
from tests.support.people import Browser
from tests.support.sheets import applied

pytestmark = [pytest.mark.anyio, pytest.mark.spec("SD 8.1")]

CONFIRMATION = "/account/security/confirmation?next="
AGO = timedelta(minutes=16)
KEY = {"name": "Staff directory", "scope": ["people:write"], "days": "90"}
OWN = {
    "name": "Brightwatt",
    "issuer": "https://id.brightwatt.example",
    "client_id": "sdes",
    "client_secret": "secret",
    "email_domains": "brightwatt.example",
    "is_enabled": "on",
}


@pytest.fixture
async def mo(mo: Browser) -> Browser:
    """Brightwatt's MAU, who signed in a while ago."""
    await db.fetch("UPDATE session SET created_at = created_at - $1::interval", AGO)
    return mo


@pytest.mark.parametrize(
    ("path", "back", "form"),
    [
        ("/users/api-keys", "/users/api-keys", KEY),
        ("/users/settings", "/users/settings", {}),
        ("/users/sign-in-provider", "/users/sign-in-provider", OWN),
        ("/users/sign-in-provider/removal", "/users/sign-in-provider", {}),
    ],
)
async def test_what_opens_another_way_in_asks_first(mo: Browser, path: str, back: str, form: dict[str, str]) -> None:
    await db.fetch("UPDATE company SET requires_second_factor = true WHERE name = 'Brightwatt Energy'")
    await rename(MO, totp_confirmed_at=clock.now())
    answer = await mo.post(path, form)
    assert (answer.status_code, answer.headers["location"]) == (303, CONFIRMATION + back.replace("/", "%2F"))
    assert await count("api_key") == await count("identity_provider") == await count("audit_entry") == 0
    assert await count("company", "requires_second_factor") == 1
    page = await mo.get(answer.headers["location"])
    assert f'href="{back}">Cancel' in page.text


async def test_one_s_own_address_does_too_and_a_name_does_not(mo: Browser) -> None:
    own = await id_of(MO)
    answer = await mo.post(f"/users/{own}", await details_form(mo, MO, email="thief@brightwatt.example"))
    assert answer.headers["location"] == f"{CONFIRMATION}%2Fusers%2F{own}"
    assert await count("person", "email_key = 'thief@brightwatt.example'") == await count("mail") == 0
    answer = await mo.post(f"/users/{own}", await details_form(mo, MO, name="Mo S. Sheikh"))
    assert answer.headers["location"] == f"/users/{own}?done=1"
    answer = await mo.post(f"/users/{await id_of(BEN)}", await details_form(mo, BEN, email="lee@brightwatt.example"))
    assert answer.headers["location"] == f"/users/{(await person_row('lee@brightwatt.example'))['id']}?done=1"


@pytest.mark.spec("SD 11.1(f)")
async def test_the_former_address_is_told_on_a_page_and_by_an_upload(mo: Browser) -> None:
    first, second, third = BEN, "lee@brightwatt.example", "carter@brightwatt.example"
    await mo.post(f"/users/{await id_of(first)}", await details_form(mo, first, email=second))
    await applied(mo, [["Email", "New email"], [second, third]])
    for address in (first, second):
        (letter,) = await mails_to(address, "address_changed")
        assert "Mo Sheikh has changed the e-mail address of your account" in letter.text
        assert third not in letter.text
    assert await mails_to(third, "address_changed") == []
