"""Forms that do not come from our own pages change nothing."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from sdes.kit import csrf
from sdes.permissions import Permission
from tests.support.communications import count, filled, post_new, sent, told
from tests.support.people import Browser
from tests.support.signing_in import is_signed_in, signing_in

pytestmark = pytest.mark.anyio

OF_PROGRAMS = (
    "/api/",
    "/oidc/token",
    "/oidc/userinfo",
)  # these ask for a secret of the program's own, and know no forms


@pytest.mark.parametrize("token", [None, "", "wrong", csrf.token_for(""), csrf.token_for("another browser's cookie")])
async def test_a_form_without_its_token_is_refused_with_a_sentence(asha: Browser, token: str | None) -> None:
    fields = {**await filled(), "csrf_token": token}
    for files in ([], [("a.txt", b"text")]):
        answer = await post_new(asha, fields, files)
        assert (answer.status_code, told(answer)) == (403, [csrf.SENTENCE])
    assert await count("communication") == await count("draft") == await count("attachment") == 0


@pytest.mark.parametrize("origin", ["cross-site", "same-site"])
async def test_a_form_from_another_site_is_refused_even_with_a_token(asha: Browser, origin: str) -> None:
    answer = await post_new(asha, await filled(), headers={"Sec-Fetch-Site": origin})
    assert (answer.status_code, told(answer)) == (403, ["The form came from another site, so nothing was saved."])
    assert await count("communication") == 0


async def test_signing_somebody_else_in_by_a_forged_form_is_refused(nobody: Browser) -> None:
    assert (await signing_in(nobody, csrf_token=None)).status_code == 403
    assert (await signing_in(nobody, csrf_token="wrong")).status_code == 403
    assert not await is_signed_in(nobody)


async def test_signing_somebody_out_by_a_forged_form_is_refused(asha: Browser) -> None:
    assert (await asha.post("/sign-out", {"csrf_token": "wrong"})).status_code == 403
    assert await is_signed_in(asha)


async def test_every_door_that_changes_something_asks_for_the_token(app: Litestar, asha: Browser) -> None:
    reference = await sent(asha)
    draft = str(uuid4())
    await asha.post(f"/sdep/drafts/{draft}", {"text": "kept"})
    by_type: dict[Any, Any] = {int: 1, str: reference, UUID: uuid4()}
    values = {"reference": reference, "draft_id": draft}
    tried = 0
    for route in app.routes:
        for handler in route.route_handlers if isinstance(route, HTTPRoute) else ():
            if "POST" not in handler.http_methods or handler.opt["permission"] == Permission.ACCOUNT_NEW_PASSWORD:
                continue
            path = "".join(
                f"/{part if isinstance(part, str) else values.get(part.name, by_type[part.type])}"
                for part in route.path_components
            )
            answer = await asha.post(path, {"csrf_token": "wrong", "text": "x"})
            assert answer.status_code == (401 if path.startswith(OF_PROGRAMS) else 403), path
            tried += 1
    assert tried >= 9
    assert await count("message") == 1
    assert await count("draft", "fields->>'text' = 'kept'") == 1


async def test_the_tokens_of_two_browsers_differ(nobody: Browser, asha: Browser) -> None:
    asha.client.cookies.set(asha.settings.form_cookie, "another-form-cookie")
    assert (await post_new(asha, {**await filled(), "csrf_token": nobody.csrf_token})).status_code == 403


async def test_the_form_cookie_outlives_a_session_so_that_an_open_page_can_still_be_sent(asha: Browser) -> None:
    before = asha.csrf_token
    await asha.post("/sign-out")
    await signing_in(asha)
    assert (await post_new(asha, {**await filled(), "csrf_token": before})).status_code == 303
