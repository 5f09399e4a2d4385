"""Where one is signed in, and ending that from here."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from sdes.accounts.actions.own_sessions import end_other_sessions, end_session
from sdes.accounts.entrance import AnyRequest, actor_of, cookie_of
from sdes.accounts.queries import own_sessions
from sdes.accounts.sign_ins_elsewhere import sign_ins_elsewhere
from sdes.kit.forms import read_form
from sdes.kit.rendering import go, page
from sdes.permissions import Permission

PAGE = "/account/sessions"
OWN = {"permission": Permission.ACCOUNT_OWN}
TOLD = {"password": "Your password was changed. Everywhere but here you have been signed out."}


@get(PAGE, name="accounts.sessions", opt=OWN)
async def show(request: AnyRequest, done: FromQuery[str | None] = None) -> Response[Any]:
    """The actor's open sessions, this one marked, and what other services hold after them; where somebody lands who
    has changed their password."""
    actor = actor_of(request)
    words: dict[str, Any] = {
        "sessions": await own_sessions(actor, request.app.state.settings.session_idle),
        "elsewhere": await sign_ins_elsewhere(actor),
        "told": TOLD.get(done or "", ""),
    }
    return page(request, "templates/accounts/sessions.html", **words)


@post("/account/sessions/{session_id:int}/closure", name="accounts.sessions.end", opt=OWN)
async def end(request: AnyRequest, session_id: FromPath[int]) -> Response[Any]:
    """Ends one; the own one is ended by signing out."""
    await read_form(request, cookie_of(request))
    await end_session(actor_of(request), session_id)
    return go(request, PAGE)


@post("/account/other-sessions/closure", name="accounts.sessions.end-others", opt=OWN)
async def end_others(request: AnyRequest) -> Response[Any]:
    """Ends all others, and what other services hold."""
    await read_form(request, cookie_of(request))
    await end_other_sessions(actor_of(request))
    return go(request, PAGE)
