"""With a former Master Admin User goes what they set up for others, and no overseer raises themself (SD 2.4)."""

import httpx
import pytest
from litestar import Litestar

from sdes.kit import db
from tests.support.administration import BEN, MO, id_of, page_text, person_row, rename
from tests.support.communications import told
from tests.support.companies import company_id
from tests.support.mails import mails_to
from tests.support.oidc import provider_row
from tests.support.people import Browser, SignIn
from tests.support.programs import Program, key_of
from tests.support.signing_in import is_signed_in

pytestmark = pytest.mark.anyio

PIET = "piet@provider.example"
STAYS = {"former": "stays", "reason": "Other work; letter of 20 November"}
BRIGHTWATT, PROVIDER = "Brightwatt Energy", "SDES Provider"


async def appointing(browser: Browser, company: str, email: str, former: str) -> httpx.Response:
    """Appoints whoever has that address instead of `former`, as the page that shows them would."""
    fields = {**STAYS, "name": "Nia Hughes", "email": email, "instead_of": str(await id_of(former))}
    return await browser.post(f"/companies/{await company_id(company)}/master-admin", fields)


@pytest.mark.spec("SD 2.4")
@pytest.mark.parametrize("email", [BEN, "nia@brightwatt.example"])
async def test_the_keys_and_the_own_sign_in_of_a_company_end_with_its_former_mau(
    piet: Browser, asha: Browser, ben: Browser, app: Litestar, email: str
) -> None:
    secret, other = await key_of(BRIGHTWATT), await key_of("Clearvolt")
    provider = await provider_row("https://id.brightwatt.example", company=BRIGHTWATT)
    await db.fetch(
        "UPDATE session SET method = $2 WHERE person = $1",
        await id_of("asha@brightwatt.example"),
        "sso:Brightwatt's directory",
    )
    assert (await Program(app, secret).get("/people")).status_code == 200
    assert (await appointing(piet, BRIGHTWATT, email, MO)).status_code == 303
    assert (await Program(app, secret).get("/people")).status_code == 401
    assert (await Program(app, other).get("/people")).status_code == 200
    (row,) = await db.fetch("SELECT is_enabled FROM identity_provider WHERE id = $1", provider)
    assert not row["is_enabled"]
    assert not await is_signed_in(asha)
    assert await is_signed_in(ben)
    (letter,) = await mails_to(email, "master_admin_appointed")
    assert "The company's API key was revoked: make new ones where they are needed." in letter.text
    assert "Signing in with Brightwatt's directory was disabled" in letter.text
    assert ("You keep your account" in letter.text) == (email == BEN)
    (entry,) = await db.fetch("SELECT * FROM audit_entry WHERE event = 'administration.master-admin.replaced'")
    assert "API key was revoked" in entry["detail"]
    assert "Brightwatt's directory was disabled" in entry["detail"]


async def test_where_there_were_none_nothing_is_said_of_them(piet: Browser) -> None:
    assert (await appointing(piet, BRIGHTWATT, BEN, MO)).status_code == 303
    (letter,) = await mails_to(BEN)
    assert "revoked" not in letter.text
    assert "disabled" not in letter.text


@pytest.mark.spec("SD 13.1")
async def test_what_an_overseer_does_inside_a_company_is_under_their_own_name(piet: Browser, mo: Browser) -> None:
    """Taking over, standing in, and the second factor taken away: the company reads who it was."""
    piet_s, brightwatt = await person_row(PIET), await company_id(BRIGHTWATT)
    await db.fetch("UPDATE assignment SET is_default_contact = true WHERE person = $1", await id_of(MO))
    assert (await appointing(piet, BRIGHTWATT, BEN, MO)).status_code == 303
    assert (await piet.post(f"/companies/{brightwatt}/master-admin/reset")).status_code == 303
    entries = await db.fetch("SELECT * FROM audit_entry WHERE about_company = $1 ORDER BY id", brightwatt)
    assert {"administration.assignment.changed", "administration.master-admin.replaced"} <= {
        entry["event"] for entry in entries
    }
    for entry in entries:
        who = (entry["person_id"], entry["person_name"], entry["company_id"], entry["company_name"])
        assert who == (piet_s["id"], piet_s["name"], piet_s["company"], PROVIDER), entry["event"]
        assert {brightwatt, piet_s["company"]} <= set(entry["audience"]), entry["event"]


@pytest.mark.spec("SD 2.4")
async def test_nobody_of_the_provider_makes_themself_or_another_its_mau(piet: Browser, sign_in: SignIn) -> None:
    await rename(PIET, is_master_admin=False)
    await db.fetch(
        "INSERT INTO person (company, email, email_key, name, is_master_admin, created_at)"
        " SELECT company, 'pia@provider.example', 'pia@provider.example', 'Pia Smit', true, now() FROM person"
        " WHERE email_key = $1",
        PIET,
    )
    sentence = "The Master Admin User of a company that runs the service is appointed by the provider's own only."
    page = f"/companies/{await company_id(PROVIDER)}"
    assert sentence in page_text(await piet.get(page))
    assert f'href="{page}/master-admin"' not in (await piet.get(page)).text
    for email in (PIET, "nia@provider.example"):
        answer = await appointing(piet, PROVIDER, email, "pia@provider.example")
        assert (answer.status_code, told(answer)) == (409, [sentence])
    assert (await person_row("pia@provider.example"))["is_master_admin"]
    pia = await sign_in("pia@provider.example")
    assert f'href="{page}/master-admin"' in (await pia.get(page)).text
    assert (await appointing(pia, PROVIDER, PIET, "pia@provider.example")).status_code == 303
    assert (await person_row(PIET))["is_master_admin"]
