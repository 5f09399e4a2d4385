"""A bare application that `sdes web` serves in tests: it tells who asks, or takes its time."""

import asyncio
import json
import os
from typing import Any


def make() -> Any:
    """The application."""
    return _answer


async def _answer(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        while True:
            step = (await receive())["type"]
            await send({"type": f"{step}.complete"})
            if step == "lifespan.shutdown":
                return
    if scope["path"] == "/slow":  # as long as the query says, in seconds
        await asyncio.sleep(float(scope["query_string"]))
    told = {"pid": os.getpid(), "counts": os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")}
    told |= {"client": scope["client"][0], "scheme": scope["scheme"], "path": scope["path"]}
    body = json.dumps(told).encode()
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": body})
