"""The provider's pages of clients: the services that send people here to sign in."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from sdes.accounts.entrance import AnyRequest, actor_of, cookie_of
from sdes.kit.forms import read_form
from sdes.kit.rendering import go, page
from sdes.permissions import Permission
from sdes.single_sign_on import queries
from sdes.single_sign_on.actions import clients as actions
from sdes.single_sign_on.forms import ClientValues, client_errors, client_values
from sdes.single_sign_on.metadata import issuer_of

HERE = "/sign-in-clients"
DOOR = {"permission": Permission.SIGN_IN_CLIENTS}
EMPTY = ClientValues("", [], [])


@get(HERE, name="single-sign-on.clients", opt=DOOR)
async def index(request: AnyRequest) -> Response[Any]:
    """All clients."""
    clients = await queries.clients(actor_of(request))
    issuer = issuer_of(request.app.state.settings.public_url)
    return page(request, "templates/single_sign_on/clients.html", clients=clients, issuer=issuer)


@get(f"{HERE}/new", name="single-sign-on.client.new", opt=DOOR)
async def new(request: AnyRequest) -> Response[Any]:
    """The form for a new client."""
    return _form(request, EMPTY, {})


@post(HERE, name="single-sign-on.client.add", opt=DOOR)
async def add(request: AnyRequest) -> Response[Any]:
    """Registers a client and shows its secret, this once."""
    values = client_values(await read_form(request, cookie_of(request)))
    if errors := client_errors(values):
        return _form(request, values, errors)
    made = await actions.add_client(actor_of(request), values.name, values.redirect_uris, values.post_logout_uris)
    return _secret(request, made)


@get(f"{HERE}/{{client_id:str}}", name="single-sign-on.client", opt=DOOR)
async def show(request: AnyRequest, client_id: FromPath[str]) -> Response[Any]:
    """One client, to be changed."""
    client = await queries.client(actor_of(request), client_id)
    values = ClientValues(client.name, list(client.redirect_uris), list(client.post_logout_uris))
    return _form(request, values, {}, client)


@post(f"{HERE}/{{client_id:str}}", name="single-sign-on.client.change", opt=DOOR)
async def change(request: AnyRequest, client_id: FromPath[str]) -> Response[Any]:
    """Changes a client's name and addresses."""
    values = client_values(await read_form(request, cookie_of(request)))
    client = await queries.client(actor_of(request), client_id)
    if errors := client_errors(values):
        return _form(request, values, errors, client)
    await actions.change_client(
        actor_of(request), client_id, values.name, values.redirect_uris, values.post_logout_uris
    )
    return go(request, HERE)


@post(f"{HERE}/{{client_id:str}}/secret", name="single-sign-on.client.renew-secret", opt=DOOR)
async def renew(request: AnyRequest, client_id: FromPath[str]) -> Response[Any]:
    """Gives a client a new secret and shows it, this once."""
    await read_form(request, cookie_of(request))
    return _secret(request, await actions.renew_secret(actor_of(request), client_id))


@get(f"{HERE}/{{client_id:str}}/revocation", name="single-sign-on.client.ask-revocation", opt=DOOR)
async def ask_revocation(request: AnyRequest, client_id: FromPath[str]) -> Response[Any]:
    """Asks whether to revoke a client."""
    client = await queries.client(actor_of(request), client_id)
    return page(request, "templates/single_sign_on/client_revocation.html", client=client)


@post(f"{HERE}/{{client_id:str}}/revocation", name="single-sign-on.client.revoke", opt=DOOR)
async def revoke(request: AnyRequest, client_id: FromPath[str]) -> Response[Any]:
    """Ends a client."""
    await read_form(request, cookie_of(request))
    await actions.revoke_client(actor_of(request), client_id)
    return go(request, HERE)


def _form(request: AnyRequest, values: ClientValues, errors: dict[str, str], client: Any = None) -> Response[Any]:
    name = "templates/single_sign_on/client.html"
    return page(request, name, 422 if errors else 200, values=values, errors=errors, client=client)


def _secret(request: AnyRequest, made: actions.Registered) -> Response[Any]:
    issuer = issuer_of(request.app.state.settings.public_url)
    return page(request, "templates/single_sign_on/client_secret.html", made=made, issuer=issuer)
