"""Proof that a form comes from our own page: a token derived from the cookie, and the browser's word on its origin."""

import hmac
from hashlib import sha256
from typing import Any

from litestar import Request

from sdes.kit.errors import Forbidden

FIELD = "csrf_token"
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
SENTENCE = (
    "The form did not come with its security token, so nothing was saved. Go back, reload the page and send it again."
)


def token_for(cookie: str) -> str:
    """The token that a form of the holder of `cookie` carries."""
    return hmac.new(cookie.encode(), b"form", sha256).hexdigest()


def verify(request: Request[Any, Any, Any], cookie: str, sent: str) -> None:
    """Refuses a form (403) unless `sent` is the token of `cookie`; marks the request as verified."""
    if not cookie or not hmac.compare_digest(token_for(cookie).encode(), sent.encode()):
        raise Forbidden(SENTENCE)
    request.scope["state"]["form_is_ours"] = True


def refuse_foreign_origin(request: Request[Any, Any, Any]) -> None:
    """Refuses what a browser says comes from another site. Browsers that say nothing are left to the token."""
    if request.method in UNSAFE and request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden("The form came from another site, so nothing was saved.")
