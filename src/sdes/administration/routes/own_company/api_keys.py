"""API keys: which there are, a new one, and the end of one."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from sdes.accounts.entrance import AnyRequest, actor_of, cookie_of
from sdes.accounts.routes.security import first_confirm
from sdes.administration.actions import api_keys as actions
from sdes.administration.forms.keys import LASTS, SCOPES, new_key_from
from sdes.administration.queries.api_keys import api_key, api_keys
from sdes.kit.forms import read_form
from sdes.kit.rendering import go, page
from sdes.permissions import Permission

ROOT = "/users/api-keys"
SETTINGS = {"permission": Permission.COMPANY_SETTINGS}


@get(ROOT, name="administration.api-keys", opt=SETTINGS)
async def index(request: AnyRequest) -> Response[Any]:
    """The company's keys, and the form for a new one."""
    return await _page(request)


@post(ROOT, name="administration.api-keys.make", opt=SETTINGS)
async def make(request: AnyRequest) -> Response[Any]:
    """Makes a key and shows its secret, this once."""
    form = await read_form(request, cookie_of(request))
    if answer := await first_confirm(request, ROOT):
        return answer
    new, errors = new_key_from(form)
    if not errors:
        try:
            return await _page(request, secret=await actions.make(actor_of(request), new))
        except actions.NameTaken as taken:
            errors = {"name": str(taken)}
    typed = {"name": form.text("name"), "days": form.text("days"), "scopes": form.all("scope")}
    return await _page(request, 422, errors=errors, typed=typed)


@get(f"{ROOT}/{{key_id:int}}/revocation", name="administration.api-key.revocation", opt=SETTINGS)
async def ask_revocation(request: AnyRequest, key_id: FromPath[int]) -> Response[Any]:
    """Asks whether the key is really to be revoked."""
    key = await api_key(actor_of(request), key_id)
    return page(request, "templates/administration/api_key_revocation.html", section="api-keys", key=key)


@post(f"{ROOT}/{{key_id:int}}/revocation", name="administration.api-key.revoke", opt=SETTINGS)
async def revoke(request: AnyRequest, key_id: FromPath[int]) -> Response[Any]:
    """Revokes the key."""
    await read_form(request, cookie_of(request))
    await actions.revoke(actor_of(request), key_id)
    return go(request, ROOT)


async def _page(request: AnyRequest, status: int = 200, **words: Any) -> Response[Any]:
    usual = {"errors": {}, "typed": {"name": "", "days": "365", "scopes": []}, "secret": ""}
    return page(
        request,
        "templates/administration/api_keys.html",
        status,
        section="api-keys",
        keys=await api_keys(actor_of(request)),
        scopes=SCOPES,
        lasts=LASTS,
        **{**usual, **words},
    )
