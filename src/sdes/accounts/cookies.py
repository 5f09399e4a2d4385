"""The cookies: the session's token, what forms prove themselves with, and by which mark a browser is known again.

None is ever read by scripts.
"""

from datetime import timedelta
from typing import Any

from litestar import Response
from litestar.datastructures import Cookie

from sdes.settings import Settings

KNOWN_FOR = timedelta(days=400)  # the longest that browsers keep a cookie


def remember(answer: Response[Any], token: str, settings: Settings) -> Response[Any]:
    """Sets the token until the browser closes; with HTTPS under the `__Host-` prefix (SD 8.1)."""
    answer.set_cookie(
        Cookie(key=settings.cookie, value=token, path="/", httponly=True, secure=settings.https, samesite="lax")
    )
    return answer


def mark(answer: Response[Any], value: str, settings: Settings) -> Response[Any]:
    """Gives the browser the mark by which it is known again at the next sign-in; it says nothing else."""
    answer.set_cookie(
        Cookie(
            key=settings.browser_cookie,
            value=value,
            path="/",
            max_age=int(KNOWN_FOR.total_seconds()),
            httponly=True,
            secure=settings.https,
            samesite="lax",
        )
    )
    return answer


def forget(answer: Response[Any], settings: Settings) -> Response[Any]:
    """Takes the token back."""
    answer.set_cookie(
        Cookie(key=settings.cookie, value="", path="/", max_age=0, httponly=True, secure=settings.https, samesite="lax")
    )
    return answer


def form_cookie_header(value: str, settings: Settings) -> str:
    """The header that gives a browser its form cookie."""
    cookie = Cookie(
        key=settings.form_cookie, value=value, path="/", httponly=True, secure=settings.https, samesite="lax"
    )
    return cookie.to_header(header="")
