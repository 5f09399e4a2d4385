"""What is fetched from an identity provider: JSON of little size, soon, from a public address, and without redirects.

Whoever names an issuer makes this server knock there, so it knocks at no door of its own network.
"""

import asyncio
import ipaddress
import json
import socket
import ssl
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx

from sdes.single_sign_on.addresses import is_safe

PATIENCE = 10.0  # seconds for the whole of one answer
LARGEST = 256 * 1024  # bytes
# Networks of IPv6 behind whose addresses others hide: NAT64, IPv4-compatible, Teredo, 6to4; and site-local ones.
_DISGUISES = tuple(
    ipaddress.ip_network(network)
    for network in ("64:ff9b::/96", "64:ff9b:1::/48", "::/96", "2001::/32", "2002::/16", "fec0::/10")
)


class Unreachable(Exception):
    """The provider gave no answer that can be used; the text says why, for whoever set it up."""


async def fetch_json(
    url: str,
    *,
    is_strict: bool,
    data: Mapping[str, str] | None = None,
    auth: tuple[str, str] | None = None,
    bearer: str = "",
) -> dict[str, Any]:
    """The JSON object at `url` (a POST where there is `data`). Refuses (Unreachable) everything else.

    `is_strict` is the rule in production: HTTPS to a public address. Without it, this machine itself will do as well.
    """
    try:
        async with asyncio.timeout(PATIENCE):
            body = await _body(url, is_strict, data, auth, {"Authorization": f"Bearer {bearer}"} if bearer else {})
    except TimeoutError as cause:
        raise Unreachable("it does not answer in time") from cause
    except (httpx.HTTPError, OSError, ValueError) as cause:
        raise Unreachable("it cannot be reached") from cause
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as cause:
        raise Unreachable("its answer cannot be read") from cause
    if not isinstance(found, dict):
        raise Unreachable("its answer cannot be read")
    return found


async def _body(
    url: str,
    is_strict: bool,
    data: Mapping[str, str] | None,
    auth: tuple[str, str] | None,
    headers: dict[str, str],
) -> bytes:
    parts = urlsplit(url)
    if not is_safe(url) or not parts.hostname or (is_strict and parts.scheme != "https"):
        raise Unreachable("its address is not one of https")
    address = await _address_of(parts.hostname, parts.port or (443 if parts.scheme == "https" else 80), is_strict)
    request = httpx.Request(
        "GET" if data is None else "POST",
        httpx.URL(url).copy_with(host=address),  # the very address that was judged, whatever the name means next
        data=data,
        headers={"Accept": "application/json", "Host": parts.netloc, **headers},
        extensions={"sni_hostname": parts.hostname, "timeout": httpx.Timeout(PATIENCE).as_dict()},
    )
    async with httpx.AsyncClient(verify=_trust(), trust_env=False, follow_redirects=False) as client:
        answer = await client.send(request, auth=httpx.BasicAuth(*auth) if auth else None, stream=True)
        try:
            if answer.status_code != 200:
                raise Unreachable(f"it answers with status {answer.status_code}")
            body = bytearray()
            async for piece in answer.aiter_bytes():
                body += piece
                if len(body) > LARGEST:
                    raise Unreachable("its answer is too long")
            return bytes(body)
        finally:
            await answer.aclose()


async def _address_of(host: str, port: int, is_strict: bool) -> str:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(one[4][0]) for one in found]
    for address in addresses:
        if not _is_public(address) and (is_strict or not address.is_loopback):
            raise Unreachable("its address is not a public one")
    return str(addresses[0])


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return address.is_global and not address.is_multicast and not any(address in network for network in _DISGUISES)


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()  # whom the machine trusts
