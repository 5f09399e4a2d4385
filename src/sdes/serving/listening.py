"""Where the web application listens: what it refuses to listen at, its sockets, and how many files it may open."""

import errno
import logging
import resource
import socket
import sys
from contextlib import suppress
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from sdes.embedded.refusal import CannotStart
from sdes.serving import certificates
from sdes.settings import Settings

log = logging.getLogger(__name__)

BACKLOG = 16_384  # connections that may wait to be accepted; the kernel caps it at net.core.somaxconn
_IPV4_IN_IPV6 = ip_network("::ffff:0:0/96")  # as whom a socket of IPv6 sees those who come by IPv4
FILES = 17_000  # connections of 16,000 people, and our own files
SOMAXCONN = Path("/proc/sys/net/core/somaxconn")


def checked(settings: Settings) -> Settings:
    """The same settings, where they may be served; refuses (CannotStart) what would be in clear or cannot work."""
    if not 1 <= settings.port <= 65535:
        raise CannotStart(f"PORT must be between 1 and 65535, not {settings.port}.")
    if settings.processes < 1:
        raise CannotStart("SDES_PROCESSES must be 1 or more.")
    if settings.tls_key and not settings.tls_cert:
        raise CannotStart("SDES_TLS_KEY is set, but SDES_TLS_CERT is not. Name the key's certificate too.")
    if settings.tls_cert:
        certificates.check(settings.tls_cert, settings.tls_key)
    for proxy in settings.proxies:
        _refuse_unclear(proxy)
    if not _is_loopback(settings.host) and not settings.tls_cert and not settings.proxies:
        raise CannotStart(
            f"{settings.host} can be reached from other machines, and without TLS everything would cross the network "
            "in clear. Give --tls-cert and --tls-key, or name the proxy that ends TLS with --behind-proxy."
        )
    if settings.https and urlsplit(settings.public_url).scheme != "https":
        raise CannotStart(
            f"SDES_PUBLIC_URL must begin with https://, not {settings.public_url}: links in mails begin with it."
        )
    return settings


def listen(settings: Settings, count: int) -> list[socket.socket]:
    """`count` sockets listening at the same address, between which the kernel shares connections out evenly.

    Refuses (CannotStart) an address that another program has or that is none of this machine's.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    _bound(family, settings, is_shared=False).close()  # nobody else is there, not even another run of ours
    listening = [_bound(family, settings, is_shared=count > 1) for _ in range(count)]
    for one in listening:
        one.listen(BACKLOG)
    return listening


def raise_file_limit() -> int:
    """Lets this process, and those it starts, open as many files as the machine allows; gives how many these are."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return sys.maxsize if most == resource.RLIM_INFINITY else most


def warn_of_limits(files: int, somaxconn: Path = SOMAXCONN) -> None:
    """Logs which limits of this machine are too low for 16,000 people, and what to do: `files` are those that a process
    may open, of which each connection is one."""
    if files < FILES:
        log.warning("a process may open %d files here, and hold no more connections: LimitNOFILE=%d", files, FILES)
    with suppress(OSError, ValueError):  # not told here
        if (waiting := int(somaxconn.read_text())) < BACKLOG:
            log.warning("no more than %d may wait to be let in: sysctl -w net.core.somaxconn=%d", waiting, BACKLOG)


def _bound(family: socket.AddressFamily, settings: Settings, *, is_shared: bool) -> socket.socket:
    one = socket.socket(family, socket.SOCK_STREAM)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if is_shared:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        one.bind((settings.host, settings.port))
    except OSError as failure:
        one.close()
        if failure.errno == errno.EADDRINUSE:
            raise CannotStart(
                f"Port {settings.port} is in use by another program; perhaps SDES runs already."
            ) from None
        raise CannotStart(f"{settings.host}:{settings.port} may not be used here ({failure.strerror}).") from None
    return one


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        raise CannotStart(f"SDES_HOST must be an address of this machine such as 0.0.0.0, not “{host}”.") from None


def _refuse_unclear(proxy: str) -> None:
    try:
        network = ip_network(proxy)
    except ValueError:
        raise CannotStart(
            f"SDES_PROXIES takes addresses and networks such as 10.0.0.5 or 10.0.0.0/24, not “{proxy}”."
        ) from None
    if network.prefixlen < _least_prefix(network):
        raise CannotStart(
            f"SDES_PROXIES names too many ({proxy}): any of them could claim any address. Name the proxies alone, or "
            "a network of theirs, no wider than /8 (IPv6: /16)."
        )


def _least_prefix(network: IPv4Network | IPv6Network) -> int:
    if network.version == 4:
        return 8
    return 96 + 8 if network.overlaps(_IPV4_IN_IPV6) else 16
