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

from bench.visitor import VIEWER, Visitor
from sdes.app import create_app
from sdes.kit import db, rendering
from sdes.settings import Settings


@dataclass
class Captured:
    """One page: its statements, transaction included, in the order in which they were sent; its template's `words`."""

    statements: list[tuple[str, tuple[Any, ...]]]
    template: str
    words: dict[str, Any]


async def capture(
    settings: Settings, paths: dict[str, str], email: str = VIEWER, skips: Callable[[str], None] | None = None
) -> dict[str, Captured]:
    """Opens each page in this process, as that person, and gives what it did.

    Twice, and the second visit counts: what only a first visit writes is no part of the page. A page that is not made
    of one template with words that another process can be given is skipped, where `skips` takes a word about it.
    """
    app = create_app(replace(settings, database_pool=1))
    found = {}
    async with app.lifespan():
        visitor = await Visitor.signed_in("http://bench", httpx.ASGITransport(app=app), email)  # type: ignore[arg-type]
        await asyncio.sleep(0.5)  # the first look at the scanner, whose banner is on every page
        for name, path in paths.items():
            await visitor.page(path)
            try:
                found[name] = await _visited(visitor, path)
                pickle.dumps(found[name])
            except (ValueError, pickle.PicklingError, AttributeError, TypeError) as cause:
                if skips is None:
                    raise
                skips(f"{name}: skipped, it cannot be captured: {cause}")
                found.pop(name, None)
    return found


def merged(pages: dict[str, Captured], into: Path) -> Path:
    """Writes the pages to `into` for the process that serves their limits."""
    into.write_bytes(pickle.dumps(pages))
    return into


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
