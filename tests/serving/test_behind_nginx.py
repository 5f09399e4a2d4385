"""nginx as docs/nginx.conf sets it up: no request is hidden in another, and nobody gets the answer to another's."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.fuzz import rough
from tests.fuzz.wire import everything
from tests.machines.proxy import Proxy
from tests.serving.serving import Web

pytestmark = [pytest.mark.anyio, pytest.mark.drill]


async def test_no_request_is_hidden_in_another(tmp_path: Path) -> None:
    proxy, hiding = Proxy(tmp_path), rough.hiding()
    with Web(tmp_path, "--behind-proxy", "127.0.0.1", SDES_PUBLIC_URL=proxy.address) as web:
        machines: list[Any] = [web, web]  # the file names two
        proxy.start(machines)
        try:
            heard = await asyncio.gather(*(everything(proxy.port, sent) for sent in hiding))
            honest = await everything(proxy.port, rough.get(b"/honest"))
        finally:
            proxy.stop()
    assert b'"path": "/honest"' in honest
    assert [sent for sent, answer in zip(hiding, heard, strict=True) if b"/hidden-in-another" in answer] == []
    assert sum(b'"path": "/sign-in"' in answer for answer in heard) == 2, "those whose length is true are answered"
    assert len(proxy.served("/hidden-in-another")) == 0
    assert "Traceback" not in web.log
