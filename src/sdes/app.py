"""create_app(): where every router, the guard, the way in and the error pages meet."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar, Response, get
from litestar.config.app import AppConfig
from litestar.datastructures import CacheControlHeader, State
from litestar.exceptions import InternalServerException
from litestar.handlers import HTTPRouteHandler
from litestar.middleware import DefineMiddleware
from litestar.router import Router
from litestar.routes import HTTPRoute
from litestar.static_files import create_static_files_router

from sdes import demo_mail, mail, status
from sdes.accounts import other_ways, sign_ins_elsewhere
from sdes.accounts import routes as accounts
from sdes.accounts.endings import ending_banner
from sdes.accounts.entrance import MOST_SLOW, AnyRequest, Entrance, actor_of, cookie_of, visit_of
from sdes.accounts.roles import WAY_ON
from sdes.administration import routes as administration
from sdes.answers import Crowded, add_headers, exception_handlers, no_such_file
from sdes.attachments.vault import open_vault
from sdes.guard import open_doors_only
from sdes.kit import clock, csrf, db, keyring, logs, queue, rendering, restoring
from sdes.navigation import menu_for
from sdes.notifications import routes as notifications
from sdes.notifications.bell import bell_words
from sdes.permissions import Permission
from sdes.sdep import routes as sdep
from sdes.sdep.routes import api as sdep_api
from sdes.settings import Settings, load
from sdes.single_sign_on import routes as single_sign_on
from sdes.single_sign_on.actions.own_sign_ins import end_sign_ins
from sdes.single_sign_on.ways_in import ways_in
from sdes.single_sign_on.ways_out import held_elsewhere
from sdes.status import tracing

log = logging.getLogger(__name__)


def create_app(settings: Settings | None = None, *, with_database: bool = True) -> Litestar:
    """The application for `settings` (the environment's by default).

    Refuses to be made while a route states no permission. `with_database=False` leaves the pool to the caller.
    """
    settings = settings or load()
    mail.use(settings.public_url)
    other_ways.offer(ways_in)
    sign_ins_elsewhere.offer(held_elsewhere, end_sign_ins)
    app = Litestar(
        route_handlers=[
            start,
            accounts.router,
            administration.router,
            notifications.router,
            sdep.router,
            sdep_api.router,
            single_sign_on.router,
            status.router,
            *_of_the_demo(settings),
            _static(),
        ],
        guards=[open_doors_only],
        middleware=[DefineMiddleware(Entrance, settings=settings, slow=asyncio.Semaphore(MOST_SLOW))],
        exception_handlers=exception_handlers(),
        before_send=[add_headers],
        lifespan=[_lifespan(settings)] if with_database else [],
        state=State(
            {
                "settings": settings,
                "programs": (administration.api.router, sdep_api.router),
                "readiness": status.Readiness(),
            }
        ),
        openapi_config=None,
        request_max_body_size=None,  # forms are read as streams with limits of their own: kit/forms.py
        on_app_init=[_logging],
    )
    _refuse_doors_without_permission(app)
    app.asgi_handler = status.Watched(Crowded(app.asgi_handler))
    rendering.every_page_knows(_common_words)
    return app


@get("/", name="start", opt={"permission": Permission.ANYONE})
async def start(request: AnyRequest) -> Response[Any]:
    """Sends everybody to the first door that is open to them."""
    actor = actor_of(request)
    menu = menu_for(actor, "/")
    if menu:
        return rendering.go(request, menu[0].href)
    unfinished = actor.roles & WAY_ON.keys()
    return rendering.go(request, WAY_ON[min(unfinished)] if unfinished else "/sign-in")


def _common_words(request: AnyRequest) -> Mapping[str, Any]:
    actor, visit, settings = actor_of(request), visit_of(request), request.app.state.settings
    return {
        "actor": actor,
        "menu": menu_for(actor, request.url.path),
        "csrf_token": csrf.token_for(cookie_of(request)),
        "now": clock.local(clock.now()),
        "display": visit.display,
        "is_demo": settings.demo,
        "session_warning": {
            "idle_seconds": int(settings.session_idle.total_seconds()),
            "warn_seconds": int(settings.session_warning.total_seconds()),
        }
        if actor.may(Permission.ACCOUNT_OWN)  # not before the sign-in is finished: other tabs would take it for whole
        else None,
        "bell": bell_words(request),
        "banners": [*status.banners(), *ending_banner(visit, settings)] if actor.is_signed_in else [],
    }


def _lifespan(settings: Settings) -> Any:
    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        logs.begin(settings.log)
        if settings.otlp_url:
            tracing.begin(settings.otlp_url, "web")
        assert settings.database_url, "DATABASE_URL is not set: start with `make run`, or name the database."
        pooled = settings.database_pooler
        await db.open_pool(settings.database_url, size=settings.database_pool, through_pooler=pooled)
        await db.refuse_powerful_login()
        await restoring.refuse_half_restored()
        app.state.vault = open_vault(settings)
        keyring.use(app.state.vault.master)
        nudges = queue.queue_at(settings.database_url, through_pooler=pooled)
        await nudges.connect()
        queue.use(nudges)
        try:
            async with status.watching(settings, lambda: app.state.readiness.now(app.state.vault)):
                yield
        finally:
            queue.use(None)
            await nudges.disconnect()
            await db.close_pool()
            tracing.end()

    return lifespan


def _of_the_demo(settings: Settings) -> list[Router]:
    return [demo_mail.router] if settings.demo else []


def _static() -> Router:
    return create_static_files_router(
        path=f"/static/{rendering.static_version()}",
        directories=[rendering.STATIC],
        name="static",
        send_as_attachment=False,
        opt={"permission": Permission.ANYONE, "transaction": "none"},
        cache_control=CacheControlHeader(public=True, max_age=31536000, immutable=True),
        exception_handlers={InternalServerException: no_such_file, ValueError: no_such_file},
    )


def _refuse_doors_without_permission(app: Litestar) -> None:
    for route in app.routes:
        handlers = route.route_handlers if isinstance(route, HTTPRoute) else [route.route_handler]
        for handler in handlers:
            is_options = isinstance(handler, HTTPRouteHandler) and handler.http_methods == {"OPTIONS"}
            if not is_options and not isinstance(handler.opt.get("permission"), Permission):
                raise RuntimeError(f"{route.path} states no permission: give the route opt={{'permission': ...}}")


def _logging(config: AppConfig) -> AppConfig:
    config.logging_config = None  # the process that serves decides where lines go
    return config
