"""Proxies that end TLS before us: whose word on a request's sender is believed; and what came in clear is refused."""

import logging
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import quote

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from sdes.serving.refusals import say

log = logging.getLogger(__name__)

_HEALTH = "/health/"  # asked by balancers in clear; tells nothing of anybody
_PEER = "sdes.proxy"  # in the scope: the trusted proxy, until it has said who asks
_CLEAR = "This service is reached by https only. Nothing was done."
_UNTOLD = "The proxy in front of this service does not say how the request came: it is to set X-Forwarded-Proto."
_NOBODY = "The proxy in front of this service does not say whose request this is: it is to set X-Forwarded-For."


class BehindProxies:
    """ASGI: the sender of a request is who a trusted proxy says; anybody else's headers count for nothing.

    What came by http, to the proxy or to us, goes to the same address by https, or is refused where it brought
    something. What a trusted proxy is silent about is refused.
    """

    def __init__(self, app: Any, proxies: tuple[str, ...], public_url: str) -> None:
        self._app = app
        self._networks = [ip_network(proxy) for proxy in proxies]
        self._as_sent = ProxyHeadersMiddleware(self._with_sender, list(proxies))
        self._public_url = public_url.rstrip("/")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"].startswith(_HEALTH):
            await self._app(scope, receive, send)
            return
        is_proxy = self._trusts(_host(scope))
        scheme = _last(scope, b"x-forwarded-proto") if is_proxy else scope["scheme"]
        if scheme == "https":
            scope[_PEER] = scope.get("client") if is_proxy else None
            await self._as_sent(scope, receive, send)
        elif scheme != "http":
            log.error(_UNTOLD)
            await say(send, 400, _UNTOLD)
        elif scope["method"] in ("GET", "HEAD"):
            await say(send, 308, _CLEAR, [(b"location", self._by_https(scope))])
        else:
            await say(send, 403, _CLEAR)

    async def _with_sender(self, scope: Any, receive: Any, send: Any) -> None:
        if scope.get("client") is not scope.pop(_PEER) and _is_address(_host(scope)):
            await self._app(scope, receive, send)
        else:
            log.error(_NOBODY)
            await say(send, 400, _NOBODY)

    def _trusts(self, host: str) -> bool:
        return _is_address(host) and any(ip_address(host) in network for network in self._networks)

    def _by_https(self, scope: Any) -> bytes:
        path = quote(scope["raw_path"], safe="/%:@!$&'()*+,;=-._~")
        query = quote(scope["query_string"], safe="/%:@!$&'()*+,;=-._~?")
        return f"{self._public_url}{path}{'?' if query else ''}{query}".encode()


def _host(scope: Any) -> str:
    return scope["client"][0] if scope.get("client") else ""


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _last(scope: Any, name: bytes) -> str:
    """The header as the nearest proxy wrote it; empty where there is none."""
    values = [value for header, value in scope["headers"] if header == name]
    return values[-1].decode("latin-1").strip().lower() if values else ""
