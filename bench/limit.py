"""The limits: bare handlers that send a page's SQL through asyncpg and fill its template, nothing else."""

import os
import pickle
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
from litestar import Litestar, MediaType, Response, get
from litestar.handlers import HTTPRouteHandler

from bench.captured import Captured
from sdes.kit.rendering import environment
from sdes.settings import load

CAPTURED = "BENCH_CAPTURED"


def create_limit() -> Litestar:
    """One handler for each captured page, at `/` and its name; the same pool of connections as the application's."""
    pages: dict[str, Captured] = pickle.loads(Path(os.environ[CAPTURED]).read_bytes())
    return Litestar(
        [_handler(name, page) for name, page in pages.items()],
        lifespan=[_with_pool],
        openapi_config=None,
        logging_config=None,
    )


def _handler(name: str, page: Captured) -> HTTPRouteHandler:
    @get(f"/{name}")
    async def handler() -> Response[str]:
        async with _pools[0].acquire() as connection:
            for sql, values in page.statements:
                # what has no values goes the way on which a transaction is begun and ended
                await (connection.fetch(sql, *values) if values else connection.execute(sql))
        html = environment().get_template(page.template).render(page.words)
        return Response(html, media_type=MediaType.HTML)

    return handler


_pools: list[Any] = []


@asynccontextmanager
async def _with_pool(_: Litestar) -> AsyncIterator[None]:
    settings = load()
    pool = await asyncpg.create_pool(settings.database_url, min_size=1, max_size=settings.database_pool, reset=_nothing)
    _pools[:] = [pool]
    try:
        yield
    finally:
        await pool.close()


async def _nothing(_: Any) -> None:
    """As in the application, a connection is given back without a word to the database."""
