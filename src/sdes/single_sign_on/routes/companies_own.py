"""The provider's page of companies' own sign-ins: which there are, for which addresses, and one taken out of use."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from sdes.accounts.entrance import AnyRequest, actor_of, cookie_of
from sdes.kit.forms import read_form
from sdes.kit.rendering import go, page
from sdes.permissions import Permission
from sdes.single_sign_on.actions.providers import disable_provider
from sdes.single_sign_on.queries import company_providers

HERE = "/sign-in-providers"
DOOR = {"permission": Permission.SIGN_IN_CLIENTS}


@get(HERE, name="single-sign-on.company-providers", opt=DOOR)
async def index(request: AnyRequest) -> Response[Any]:
    """Every company's own sign-in."""
    providers = await company_providers(actor_of(request))
    name = "templates/single_sign_on/companies_own.html"
    return page(request, name, providers=providers, is_disabled=request.url.query == "disabled=1")


@post(f"{HERE}/{{provider_id:int}}/disablement", name="single-sign-on.company-provider.disable", opt=DOOR)
async def disable(request: AnyRequest, provider_id: FromPath[int]) -> Response[Any]:
    """Takes a company's own sign-in out of use."""
    await read_form(request, cookie_of(request))
    await disable_provider(actor_of(request), provider_id)
    return go(request, f"{HERE}?disabled=1")
