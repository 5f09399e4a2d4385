"""The description of the interface for programs: for programs as OpenAPI, for people as a page."""

from functools import cache
from typing import Any

from litestar import Litestar, Response, Router, get
from litestar.openapi import OpenAPIConfig
from litestar.routes import HTTPRoute

from sdes.accounts.entrance import AnyRequest
from sdes.administration.api_description import ABOUT, PROBLEMS, TITLE, VERSION, described, operations_of, shapes_of
from sdes.kit.rendering import page
from sdes.permissions import Permission


@get("/api/openapi.json", name="api.description", opt={"permission": Permission.ANYONE, "transaction": "none"})
async def description(request: AnyRequest) -> Response[Any]:
    """The description as OpenAPI 3.1."""
    state = request.app.state
    return Response(schema_for(state.settings.public_url, state.programs), media_type="application/json")


@get("/api", name="api.reference", opt={"permission": Permission.ANYONE})
async def reference(request: AnyRequest) -> Response[Any]:
    """The same for people, with an example."""
    site = request.app.state.settings.public_url
    schema = schema_for(site, request.app.state.programs)
    return page(
        request,
        "templates/administration/api_reference.html",
        about=ABOUT,
        site=site,
        operations=operations_of(schema),
        shapes=shapes_of(schema),
        problems=PROBLEMS.items(),
    )


@cache
def schema_for(site: str, routers: tuple[Router, ...]) -> dict[str, Any]:
    """The OpenAPI description of these routers' routes, those below /api/v1, at this site."""
    config = OpenAPIConfig(title=TITLE, version=VERSION, description=ABOUT, use_handler_docstrings=True)
    app = Litestar(route_handlers=[*routers], openapi_config=config, logging_config=None)
    permissions = {
        (str(method), route.path_format): str(handler.opt["permission"])
        for route in app.routes
        if isinstance(route, HTTPRoute) and route.path.startswith("/api/v1")
        for handler in route.route_handlers
        for method in handler.http_methods
        if "permission" in handler.opt
    }
    return described(app.openapi_schema.to_schema(), permissions, site)
