"""Signing in at another provider: to whom it opens a session, and to whom it does not."""

from datetime import timedelta

import pytest

from sdes.accounts.actions.sign_in import SUSPENDED
from sdes.kit import clock, db
from sdes.single_sign_on.actions import elsewhere
from sdes.single_sign_on.discovery import forget
from sdes.single_sign_on.routes.elsewhere import NO_DOMAIN, TOO_OLD
from tests.support.communications import told
from tests.support.oidc import provider_row, returning, rogue, sent_away
from tests.support.people import Browser
from tests.support.signing_in import is_signed_in, signing_in

pytestmark = pytest.mark.anyio

ASHA = "asha@brightwatt.example"


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    forget()


@pytest.mark.spec("SD 2.2")
async def test_the_enquiry_service_s_sign_in_opens_a_session(nobody: Browser) -> None:
    async with rogue() as there:
        provider = await provider_row(there.issuer)
        answer = await returning(nobody, there, provider, "/status?from=there")
        assert (answer.status_code, answer.headers["location"]) == (303, "/status?from=there")
        assert await is_signed_in(nobody)
        (session,) = await db.fetch("SELECT method FROM session ORDER BY id DESC LIMIT 1")
        assert session["method"] == "sso:the Electricity Enquiry Service"
        (sent,) = there.posted
        assert sent["grant_type"] == "authorization_code"
        assert sent["redirect_uri"] == "http://localhost:8000/sign-in/returned"
        assert len(sent["code_verifier"]) >= 43
        entries = await db.fetch("SELECT detail FROM audit_entry WHERE event = 'accounts.session.started'")
        assert "sso:the Electricity Enquiry Service" in entries[0]["detail"]


async def test_what_the_browser_takes_there(nobody: Browser) -> None:
    async with rogue() as there:
        words = await sent_away(nobody, await provider_row(there.issuer))
    assert words["address"] == f"{there.issuer}/authorize"
    assert (words["response_type"], words["code_challenge_method"], words["scope"]) == (
        "code",
        "S256",
        "openid email profile sdes",
    )
    assert min(len(words[name]) for name in ("state", "nonce", "code_challenge")) >= 43


async def test_the_sign_in_page_offers_what_is_enabled(nobody: Browser) -> None:
    page = (await nobody.get("/sign-in")).text
    assert "Enquiry Service</a>" not in page
    assert "Use your company" not in page
    row = await provider_row("https://enquiry.example")
    await provider_row("https://brightwatt.example", company="Brightwatt Energy", email_domains=["brightwatt.example"])
    page = (await nobody.get("/sign-in?next=/status")).text
    assert (
        f'href="/sign-in/with?provider={row}&amp;next=%2Fstatus">Sign in with the Electricity Enquiry Service' in page
    )
    assert "Use your company&#39;s sign-in" in page
    await db.fetch("UPDATE identity_provider SET is_enabled = false")
    assert "/sign-in/with" not in (await nobody.get("/sign-in")).text
    assert (await nobody.get("/sign-in/with", params={"provider": row})).status_code == 404


async def test_a_company_s_sign_in_is_found_by_its_domain_and_nothing_is_told_of_accounts(nobody: Browser) -> None:
    row = await provider_row(
        "https://brightwatt.example", company="Brightwatt Energy", email_domains=["brightwatt.example"]
    )
    token = (await nobody.get("/sign-in/elsewhere")).text.partition('name="csrf_token" value="')[2][:64]
    pages = []
    for email in (ASHA, "nobody@BRIGHTWATT.example"):
        answer = await nobody.post("/sign-in/elsewhere", {"csrf_token": token, "email": email, "next": "/status"})
        assert answer.headers["refresh"] == f"0; url=/sign-in/with?provider={row}&next=%2Fstatus"
        pages.append(answer.text)
    assert pages[0] == pages[1]
    for email in ("cleo@calder.example", "a@sub.brightwatt.example", "brightwatt.example", ""):
        answer = await nobody.post("/sign-in/elsewhere", {"csrf_token": token, "email": email, "next": "/status"})
        assert (answer.status_code, "refresh" in answer.headers) == (422, False)
    assert told(await nobody.post("/sign-in/elsewhere", {"csrf_token": token, "email": "x@calder.example"})) == [
        NO_DOMAIN
    ]


@pytest.mark.parametrize("is_calder_s", [True, False])
async def test_a_claim_counts_for_a_company_with_people_there_alone(nobody: Browser, is_calder_s: bool) -> None:
    company = "Calder Home Energy" if is_calder_s else "Brightwatt Energy"
    await provider_row("https://claiming.example", company=company, email_domains=["calder.example", "new.example"])
    token = (await nobody.get("/sign-in/elsewhere")).text.partition('name="csrf_token" value="')[2][:64]
    answer = await nobody.post("/sign-in/elsewhere", {"csrf_token": token, "email": "cleo@calder.example"})
    assert ("refresh" in answer.headers) is is_calder_s
    assert (is_calder_s, told(answer)) in ((True, []), (False, [NO_DOMAIN]))
    await db.fetch("UPDATE person SET state = 'deleted' WHERE email_key LIKE '%@calder.example'")
    for email in ("cleo@calder.example", "x@new.example"):
        answer = await nobody.post("/sign-in/elsewhere", {"csrf_token": token, "email": email})
        assert told(answer) == [NO_DOMAIN]


async def test_very_many_sign_ins_from_one_network_wait(nobody: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elsewhere, "BEGUN_PER_ADDRESS", 3)
    async with rogue() as there:
        provider = await provider_row(there.issuer)
        answers = [await nobody.get("/sign-in/with", params={"provider": provider}) for _ in range(5)]
        assert [answer.status_code for answer in answers] == [302, 302, 302, 429, 429]
        assert len(await db.fetch("SELECT 1 FROM oidc_sign_in")) == 3
        with clock.at(clock.now() + timedelta(minutes=61)):
            assert (await nobody.get("/sign-in/with", params={"provider": provider})).status_code == 302
        assert len(await db.fetch("SELECT 1 FROM oidc_sign_in")) == 1, "those of before are forgotten"


@pytest.mark.spec("SD 13.1")
@pytest.mark.parametrize(
    ("claims", "words", "why"),
    [
        ({"iss": "https://evil.example"}, {}, "its answer was not taken: another issuer"),
        ({"aud": "another"}, {}, "its answer was not taken: another audience"),
        ({"exp": 1}, {}, "its answer was not taken: it has expired"),
        ({"nonce": "x"}, {}, "its answer was not taken: another nonce"),
        ({}, {"iss": "https://evil.example"}, "its answer was not taken: the answer came from another provider"),
        ({}, {"error": "access_denied"}, "declined there (access_denied)"),
        ({}, {"error": "<b>call 0900</b>"}, "declined there"),
    ],
)
@pytest.mark.parametrize("company", [None, "Brightwatt Energy"])
async def test_an_answer_that_lets_nobody_in_is_written_down(
    nobody: Browser, claims: dict[str, object], words: dict[str, str], why: str, company: str | None
) -> None:
    async with rogue() as there:
        there.claims = claims
        provider = await provider_row(there.issuer, company=company, name="There")
        assert (await returning(nobody, there, provider, **words)).status_code == 403
    (entry,) = await db.fetch(
        "SELECT e.*, c.name AS about FROM audit_entry e JOIN company c ON c.id = e.about_company"
        " WHERE event = 'accounts.sign-in.refused'"
    )
    assert entry["detail"] == f"By way of There: {why}, from 192.0.2.7"
    assert (entry["person_id"], entry["about"]) == (None, company or "SDES Provider")
    assert list(entry["audience"]) == [entry["about_company"]]


@pytest.mark.parametrize("next", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
async def test_it_goes_on_to_no_other_site(nobody: Browser, next: str) -> None:
    async with rogue() as there:
        answer = await returning(nobody, there, await provider_row(there.issuer), next)
    assert answer.headers["location"] == "/"


async def test_a_state_counts_once(nobody: Browser) -> None:
    async with rogue() as there:
        provider = await provider_row(there.issuer)
        asked = await sent_away(nobody, provider)
        there.nonce = asked["nonce"]
        words = {"code": "a-code", "state": asked["state"]}
        assert (await nobody.get("/sign-in/returned", params=words)).status_code == 303
        again = await nobody.get("/sign-in/returned", params=words)
    assert (again.status_code, told(again)) == (400, [TOO_OLD])
    assert len(there.posted) == 1


async def test_a_state_is_of_the_browser_that_began(nobody: Browser, otto: Browser) -> None:
    """Or else somebody could be signed in as another, unnoticed."""
    async with rogue() as there:
        asked = await sent_away(nobody, await provider_row(there.issuer))
        otto.client.cookies[otto.settings.form_cookie] = "another"
        answer = await otto.get("/sign-in/returned", params={"code": "a-code", "state": asked["state"]})
    assert (answer.status_code, told(answer), there.posted) == (400, [TOO_OLD], [])


@pytest.mark.parametrize("words", [{}, {"state": "x", "code": "y"}, {"code": "y"}])
async def test_without_its_state_nothing_is_believed(nobody: Browser, words: dict[str, str]) -> None:
    assert (await nobody.get("/sign-in/returned", params=words)).status_code == 400


async def test_a_sign_in_is_finished_soon(nobody: Browser) -> None:
    async with rogue() as there:
        asked = await sent_away(nobody, await provider_row(there.issuer))
        with clock.at(clock.now() + timedelta(minutes=16)):
            answer = await nobody.get("/sign-in/returned", params={"code": "a-code", "state": asked["state"]})
    assert (answer.status_code, told(answer), there.posted) == (400, [TOO_OLD], [])


async def test_whoever_is_declined_there_is_told_so_and_no_more(nobody: Browser) -> None:
    async with rogue() as there:
        asked = await sent_away(nobody, await provider_row(there.issuer))
        words = {"state": asked["state"], "error": "access_denied", "error_description": "<b>call 0900</b>"}
        answer = await nobody.get("/sign-in/returned", params=words)
    assert answer.status_code == 403
    assert "did not sign you in" in told(answer)[0]
    assert "0900" not in answer.text


async def test_an_answer_of_another_provider_is_not_believed(nobody: Browser) -> None:
    async with rogue() as there:
        answer = await returning(nobody, there, await provider_row(there.issuer), iss="https://evil.example")
    assert (answer.status_code, there.posted) == (403, [])


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "nobody@brightwatt.example"},
        {"email": "asha@brightwatt.example.evil.example"},
        {"email": None},
        {"email": ["asha@brightwatt.example"]},
        {"email": "asha@brightwatt.example\x00"},
        {"email_verified": False},
        {"email_verified": None},
        {"email_verified": "true"},
    ],
)
async def test_nobody_gets_in_or_an_account_whom_we_do_not_know(nobody: Browser, claims: dict[str, object]) -> None:
    people = await db.fetch("SELECT * FROM person ORDER BY id")
    async with rogue() as there:
        there.claims, there.userinfo = claims, {"sub": "somebody"}
        answer = await returning(nobody, there, await provider_row(there.issuer))
    assert answer.status_code == 403
    assert "nobody with that e-mail address has an account" in told(answer)[0]
    assert not await is_signed_in(nobody)
    assert await db.fetch("SELECT * FROM person ORDER BY id") == people
    (entry,) = await db.fetch("SELECT * FROM audit_entry WHERE event = 'accounts.sign-in.refused'")
    assert entry["person_id"] is None


async def test_a_suspended_person_stays_out(nobody: Browser) -> None:
    await db.fetch("UPDATE person SET state = 'suspended' WHERE email_key = $1", ASHA)
    async with rogue() as there:
        answer = await returning(nobody, there, await provider_row(there.issuer))
    assert (answer.status_code, told(answer)) == (403, [SUSPENDED])
    assert not await is_signed_in(nobody)
    (entry,) = await db.fetch("SELECT * FROM audit_entry WHERE event = 'accounts.sign-in.refused'")
    assert entry["about_company"] is not None


async def test_a_deleted_person_stays_out(nobody: Browser) -> None:
    await db.fetch("UPDATE person SET state = 'deleted' WHERE email_key = $1", ASHA)
    async with rogue() as there:
        answer = await returning(nobody, there, await provider_row(there.issuer))
    assert (answer.status_code, await is_signed_in(nobody)) == (403, False)


async def test_a_company_s_own_sign_in_lets_in_its_own_people(nobody: Browser) -> None:
    async with rogue() as there:
        there.claims = {"email_verified": None}  # the domain is the company's own
        provider = await provider_row(there.issuer, company="Brightwatt Energy", email_domains=["brightwatt.example"])
        assert (await returning(nobody, there, provider)).status_code == 303
    assert await is_signed_in(nobody)


@pytest.mark.parametrize("email", ["cleo@calder.example", "piet@provider.example"])
async def test_a_company_s_own_sign_in_lets_in_nobody_else_s_people(nobody: Browser, email: str) -> None:
    async with rogue() as there:
        there.claims = {"email": email}
        domains = ["brightwatt.example", email.partition("@")[2]]
        provider = await provider_row(there.issuer, company="Brightwatt Energy", email_domains=domains)
        answer = await returning(nobody, there, provider)
    assert (answer.status_code, await is_signed_in(nobody)) == (403, False)


async def test_claims_that_the_id_token_leaves_out_are_asked_for(nobody: Browser) -> None:
    async with rogue() as there:
        there.claims = {"email": None, "email_verified": None}
        there.userinfo = {"sub": "somebody", "email": ASHA, "email_verified": True}
        assert (await returning(nobody, there, await provider_row(there.issuer))).status_code == 303


async def test_further_claims_of_somebody_else_are_not_taken(nobody: Browser) -> None:
    async with rogue() as there:
        there.claims = {"email": None, "email_verified": None}
        there.userinfo = {"sub": "another", "email": ASHA, "email_verified": True}
        answer = await returning(nobody, there, await provider_row(there.issuer))
    assert (answer.status_code, await is_signed_in(nobody)) == (403, False)


async def test_the_password_and_its_change_are_not_asked_of_whoever_signs_in_elsewhere(nobody: Browser) -> None:
    await db.fetch("UPDATE person SET password_is_single_use = true WHERE email_key = $1", ASHA)
    async with rogue() as there:
        await returning(nobody, there, await provider_row(there.issuer))
    assert await is_signed_in(nobody)


async def test_the_ordinary_sign_in_stays_while_the_other_is_down(nobody: Browser) -> None:
    provider = await provider_row("http://127.0.0.1:9")
    answer = await nobody.get("/sign-in/with", params={"provider": provider})
    assert answer.status_code == 503
    assert "does not answer" in told(answer)[0]
    assert 'href="/sign-in"' in answer.text
    assert (await nobody.get("/sign-in")).status_code == 200
    assert (await signing_in(nobody)).status_code == 303
