"""What one page costs at least: the SQL that it sends, with its values, and its template with the words in it."""

import asyncio
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
from asyncpg.connection import LoggedQuery

from bench.visitor import Visitor
from sdes.app import create_app
from sdes.kit import db, rendering
from sdes.settings import Settings


@dataclass
class Captured:
    """One page: its statements, transaction included, in the order in which they were sent; its template's `words`."""

    statements: list[tuple[str, tuple[Any, ...]]]
    template: str
    words: dict[str, Any]


async def capture(settings: Settings, paths: dict[str, str], into: Path) -> dict[str, Captured]:
    """Opens each page in this process, and writes what it did to `into` for the process that serves the limits.

    Twice, and the second visit counts: what only a first visit writes is no part of the page.
    """
    app = create_app(replace(settings, database_pool=1))
    found = {}
    async with app.lifespan():
        visitor = await Visitor.signed_in("http://bench", httpx.ASGITransport(app=app))  # type: ignore[arg-type]
        await asyncio.sleep(0.5)  # the first look at the scanner, whose banner is on every page
        for name, path in paths.items():
            await visitor.page(path)
            found[name] = await _visited(visitor, path)
    into.write_bytes(pickle.dumps(found))
    return found


async def _visited(visitor: Visitor, path: str) -> Captured:
    statements: list[tuple[str, tuple[Any, ...]]] = []
    drawn: list[tuple[str, dict[str, Any]]] = []

    def note(query: LoggedQuery) -> None:
        statements.append((query.query, tuple(query.args or ())))

    assert db.DB.pool
    async with db.DB.pool.acquire() as connection:
        connection.add_query_logger(note)
    with _noted_drawing(drawn):
        await visitor.page(path)
    async with db.DB.pool.acquire() as connection:
        connection.remove_query_logger(note)
    [(template, words)] = drawn
    return Captured(statements, template, words)


@contextmanager
def _noted_drawing(drawn: list[tuple[str, dict[str, Any]]]) -> Iterator[None]:
    original: Callable[..., str] = rendering.render

    def render(request: Any, name: str, /, **words: Any) -> str:
        drawn.append((name, {**rendering._context[0](request), **words}))
        return original(request, name, **words)

    rendering.render = render
    try:
        yield
    finally:
        rendering.render = original
