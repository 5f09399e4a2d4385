"""What one page costs at least: the SQL that it sends, with its values, and the template that it fills with its words."""

import asyncio
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from asyncpg.connection import LoggedQuery

from bench.visitor import Visitor
from sdes.app import create_app
from sdes.kit import db, rendering
from sdes.settings import Settings

Statement = tuple[str, tuple[Any, ...]]


@dataclass
class Captured:
    """One page: statements in the order in which they were sent, `words` as the template got them."""

    statements: list[Statement]
    template: str
    words: dict[str, Any]


async def capture(settings: Settings, paths: dict[str, str], into: Path) -> dict[str, Captured]:
    """Opens each page twice in this process (what is written by a first visit is no part of it), keeps what the second
    did, and writes all to the file `into` for the process that serves the limits."""
    app = create_app(settings)
    found = {}
    async with app.router.lifespan_context(app) if hasattr(app.router, "lifespan_context") else app.lifespan():
        visitor = await Visitor.signed_in("http://bench", httpx.ASGITransport(app=app))  # type: ignore[arg-type]
        await asyncio.sleep(0.5)  # the first look at the scanner, whose banner is on every page
        for name, path in paths.items():
            await visitor.page(path)
            found[name] = await _second_visit(visitor, path)
    into.write_bytes(pickle.dumps(found))
    return found


async def _second_visit(visitor: Visitor, path: str) -> Captured:
    sent: list[Statement] = []
    drawn: list[tuple[str, dict[str, Any]]] = []

    def log(query: LoggedQuery) -> None:
        # of transactions, too: the savings of another way to begin one are not what the limit shows
        sent.append((query.query, tuple(query.args or ())))

    original = rendering.render
    rendering.render = _drawing(original, drawn)  # type: ignore[assignment]
    assert db.DB.pool
    connections = [await db.DB.pool.acquire() for _ in range(db.DB.pool.get_size())]
    for connection in connections:
        connection.add_query_logger(log)
        await db.DB.pool.release(connection)
    try:
        await visitor.page(path)
    finally:
        rendering.render = original
    for connection in connections:
        pass
    [(template, words)] = drawn
    return Captured(sent, template, words)


def _drawing(original: Callable[..., str], drawn: list[tuple[str, dict[str, Any]]]) -> Callable[..., str]:
    def render(request: Any, name: str, /, **words: Any) -> str:
        drawn.append((name, {**rendering._context[0](request), **words}))
        return original(request, name, **words)

    return render
