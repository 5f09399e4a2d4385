"""The pages on which identity providers are set up: a MAU's for its company, the provider's for everybody."""

from dataclasses import asdict
from typing import Any

from litestar import Response, get, post

from sdes.accounts.entrance import AnyRequest, acting, actor_of, cookie_of
from sdes.accounts.routes.security import first_confirm
from sdes.kit.errors import Refused
from sdes.kit.forms import read_form
from sdes.kit.rendering import go, page
from sdes.permissions import Permission
from sdes.single_sign_on.actions.providers import Details, remove_provider, save_provider
from sdes.single_sign_on.discovery import discovered, forget
from sdes.single_sign_on.exchanging import return_address
from sdes.single_sign_on.fetching import Unreachable
from sdes.single_sign_on.forms import ProviderValues, provider_errors, provider_values
from sdes.single_sign_on.queries import own_provider

OWN, ENQUIRY = "/users/sign-in-provider", "/sign-in-provider"
OF_A_MAU = {"permission": Permission.COMPANY_SETTINGS}
OF_THE_PROVIDER = {"permission": Permission.SIGN_IN_CLIENTS}
EMPTY = ProviderValues("", "", "", "", (), True)
EMPTY_ENQUIRY = ProviderValues("the Electricity Enquiry Service", "", "", "", (), True)


@get(OWN, name="single-sign-on.own-provider", opt=OF_A_MAU)
async def own(request: AnyRequest) -> Response[Any]:
    """The company's own sign-in."""
    return await _show(request, is_enquiry=False)


@post(OWN, name="single-sign-on.own-provider.save", opt={**OF_A_MAU, "transaction": "own"})
async def save_own(request: AnyRequest) -> Response[Any]:
    """Keeps the company's own sign-in, once it has answered."""
    return await _save(request, is_enquiry=False)


@post(f"{OWN}/removal", name="single-sign-on.own-provider.remove", opt=OF_A_MAU)
async def remove_own(request: AnyRequest) -> Response[Any]:
    """Removes the company's own sign-in."""
    return await _remove(request, is_enquiry=False)


@get(ENQUIRY, name="single-sign-on.provider", opt=OF_THE_PROVIDER)
async def enquiry(request: AnyRequest) -> Response[Any]:
    """The enquiry service's sign-in, for everybody."""
    return await _show(request, is_enquiry=True)


@post(ENQUIRY, name="single-sign-on.provider.save", opt={**OF_THE_PROVIDER, "transaction": "own"})
async def save_enquiry(request: AnyRequest) -> Response[Any]:
    """Keeps the enquiry service's sign-in, once it has answered."""
    return await _save(request, is_enquiry=True)


@post(f"{ENQUIRY}/removal", name="single-sign-on.provider.remove", opt=OF_THE_PROVIDER)
async def remove_enquiry(request: AnyRequest) -> Response[Any]:
    """Removes the enquiry service's sign-in."""
    return await _remove(request, is_enquiry=True)


async def _show(request: AnyRequest, *, is_enquiry: bool) -> Response[Any]:
    known = await own_provider(actor_of(request), of_enquiry_service=is_enquiry)
    if known:
        values = ProviderValues(
            known.name, known.issuer, known.client_id, "", known.email_domains, is_enabled=known.is_enabled
        )
    else:
        values = EMPTY_ENQUIRY if is_enquiry else EMPTY
    return _form(request, values, {}, is_enquiry=is_enquiry, is_known=known is not None)


async def _save(request: AnyRequest, *, is_enquiry: bool) -> Response[Any]:
    values = provider_values(await read_form(request, cookie_of(request)))
    actor, settings, status = actor_of(request), request.app.state.settings, 422
    async with acting(actor):
        if answer := await first_confirm(request, ENQUIRY if is_enquiry else OWN):
            return answer
        known = await own_provider(actor, of_enquiry_service=is_enquiry)
    is_known = known is not None
    is_same = known is not None and (known.issuer, known.client_id) == (values.issuer, values.client_id)
    errors = provider_errors(values, needs_secret=not is_same, needs_domains=not is_enquiry)
    if not errors:
        forget()
        try:
            await discovered(values.issuer, is_strict=settings.https)
            async with acting(actor):
                await save_provider(actor, Details(**asdict(values)), of_enquiry_service=is_enquiry)
            return go(request, f"{ENQUIRY if is_enquiry else OWN}?saved=1")
        except Unreachable as cause:
            errors = {"issuer": f"The sign-in at this address cannot be used: {cause}. Nothing was saved."}
        except Refused as refusal:
            status, errors = refusal.status, {"email_domains": str(refusal)}
    return _form(request, values, errors, is_enquiry=is_enquiry, is_known=is_known, status=status)


async def _remove(request: AnyRequest, *, is_enquiry: bool) -> Response[Any]:
    await read_form(request, cookie_of(request))
    if answer := await first_confirm(request, ENQUIRY if is_enquiry else OWN):
        return answer
    await remove_provider(actor_of(request), of_enquiry_service=is_enquiry)
    return go(request, ENQUIRY if is_enquiry else OWN)


def _form(
    request: AnyRequest,
    values: ProviderValues,
    errors: dict[str, str],
    *,
    is_enquiry: bool,
    is_known: bool,
    status: int = 422,
) -> Response[Any]:
    return page(
        request,
        "templates/single_sign_on/provider.html",
        status if errors else 200,
        values=values,
        errors=errors,
        is_enquiry=is_enquiry,
        is_known=is_known,
        is_saved=request.url.query == "saved=1",
        here=ENQUIRY if is_enquiry else OWN,
        return_address=return_address(request.app.state.settings),
    )
