"""The one cookie: the session's token. Never read by scripts, never sent from other sites' forms."""

from typing import Any

from litestar import Response
from litestar.datastructures import Cookie

from sdes.settings import Settings


def remember(answer: Response[Any], token: str, settings: Settings) -> Response[Any]:
    """Sets the token until the browser closes; with HTTPS under the `__Host-` prefix (SD 8.1)."""
    answer.set_cookie(
        Cookie(key=settings.cookie, value=token, path="/", httponly=True, secure=settings.https, samesite="lax")
    )
    return answer


def forget(answer: Response[Any], settings: Settings) -> Response[Any]:
    """Takes the token back."""
    answer.set_cookie(
        Cookie(key=settings.cookie, value="", path="/", max_age=0, httponly=True, secure=settings.https, samesite="lax")
    )
    return answer
