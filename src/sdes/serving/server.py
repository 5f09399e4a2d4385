"""One serving process, from its start to its orderly end."""

import asyncio
import gc
import logging
import signal
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import uvicorn
from uvicorn.importer import import_from_string

from sdes.kit import logs
from sdes.serving import certificates
from sdes.serving.certificates import Tls
from sdes.serving.closing import COMING_IN, all_who_wait, let_everybody_in, let_nobody_new_in
from sdes.serving.connections import Connection
from sdes.serving.hosts import OneHost
from sdes.serving.leaving import Awaited
from sdes.serving.listening import BACKLOG
from sdes.serving.proxies import BehindProxies
from sdes.settings import Settings

log = logging.getLogger(__name__)

_KEEP_ALIVE = 75  # seconds: longer than people pause, and than proxies keep a connection (nginx: 60)
_DAY = 24 * 3600
_LAST_REQUESTS = 1.0  # seconds in which open connections may bring one more request after the end was asked for


def serve_here(
    settings: Settings, factory: str, listening: socket.socket, others: Sequence[socket.socket] = ()
) -> None:
    """Serves the application that `factory` ("module:function") makes until SIGTERM or SIGINT. `others` are the sockets
    of the processes beside this one: whoever waits there at the end is answered here, should their process be away.
    """
    logs.begin(settings.log)
    tls = Tls(settings.tls_cert, settings.tls_key) if settings.tls_cert else None
    signal.signal(signal.SIGHUP, (lambda *_: tls.read_again()) if tls else signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGHUP])
    app: Any = import_from_string(factory)()
    if settings.proxies:
        app = BehindProxies(app, settings.proxies, settings.public_url)
    _collect_seldom()
    ending = Ending(OneHost(Awaited(app)))
    let_everybody_in(listening)
    Server(_configuration(settings, ending, tls), ending, others).run(sockets=[listening])


def _collect_seldom() -> None:
    """What was made at the start stays, and what a request makes goes by its count of references: the collector, which
    looks for the few rings among them, has no reason to go through everything at every page."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


class Ending:
    """ASGI: once the end has begun, every answer closes its connection."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.has_begun = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def told(message: Any) -> None:
            if self.has_begun and message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]}
            await send(message)

        await self._app(scope, receive, told)


class Server(uvicorn.Server):
    """A server that ends without losing a request: it takes what has come, and answers it, before it closes.

    What still runs after `settings.grace` is cut off, and rolled back.
    """

    def __init__(self, config: uvicorn.Config, ending: Ending, others: Sequence[socket.socket] = ()) -> None:
        super().__init__(config)
        self._ending = ending
        self._others = others

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        with super().capture_signals():
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM, signal.SIGINT])
            yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._ending.has_begun = True
        for listening in sockets or []:
            let_nobody_new_in(listening)
        await asyncio.sleep(COMING_IN)
        last = self._take_the_last(sockets or [])
        loop = asyncio.get_running_loop()
        give_up = loop.time() + _LAST_REQUESTS
        while (self.server_state.connections or not last.done()) and loop.time() < give_up:  # noqa: ASYNC110
            await asyncio.sleep(0.02)  # uvicorn has them in a set and no event
        last.cancel()
        await super().shutdown(sockets)

    def _take_the_last(self, sockets: list[socket.socket]) -> asyncio.Future[Any]:
        """Accepts who waits at the doors, and closes ours without a moment between: whoever is left is reset."""
        loop = asyncio.get_running_loop()
        taken = [connection for other in self._others for connection in all_who_wait(other)]
        for listening in sockets:
            taken += all_who_wait(listening)
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)  # now: uvloop closes it a moment later only
        for server in self.servers:
            server.close()
        for listening in (*sockets, *self._others):
            listening.close()
        for connection in taken:
            connection.setblocking(False)
        return asyncio.gather(
            *(loop.connect_accepted_socket(self._protocol, one, ssl=self.config.ssl) for one in taken),
            return_exceptions=True,
        )

    def _protocol(self) -> asyncio.Protocol:
        made: Any = self.config.http_protocol_class
        protocol: asyncio.Protocol = made(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return protocol


def _configuration(settings: Settings, app: Any, tls: Tls | None) -> uvicorn.Config:
    async def warn_daily() -> None:
        if settings.tls_cert:
            certificates.warn(settings.tls_cert, settings.tls_key)

    return uvicorn.Config(
        app,
        loop="uvloop",
        http=Connection,
        ws="none",
        lifespan="on",
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # whom to believe is settled in proxies.py
        backlog=BACKLOG,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=int(settings.grace.total_seconds()),
        callback_notify=warn_daily,
        timeout_notify=_DAY,
        ssl_context_factory=(lambda *_: tls.context) if tls else None,
    )
