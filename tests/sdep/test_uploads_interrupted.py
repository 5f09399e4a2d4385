"""Uploads that go wrong on their way: a line that is cut, a store that is gone or full; and what lies in the store."""

from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar

from sdes.attachments.vault import Vault
from sdes.kit import db
from sdes.kit.blobs import BlobWriter
from sdes.kit.errors import Unavailable
from tests.support.communications import count, filled, post_new, post_reply, replied, sent, told
from tests.support.people import Browser
from tests.support.world import answering

pytestmark = pytest.mark.anyio

MB = 1024 * 1024
GOOD = ("good.txt", b"A good file.")


async def blobs(vault: Vault) -> int:
    return len([blob async for blob in vault.blobs.keys()])  # noqa: SIM118 (no dictionary)


async def cut_off(browser: Browser, app: Litestar, path: str, fields: dict[str, Any], share: float) -> int:
    """Posts a form with two files of which only a part arrives before the line is cut; gives the status, 0 for none."""
    request = browser.client.build_request(
        "POST",
        path,
        data={"csrf_token": browser.csrf_token, **fields},
        files=[("files", ("first.txt", random_free_text(200_000))), ("files", ("second.txt", b"y" * 3 * MB))],
    )
    body = b"".join([piece async for piece in request.stream])  # type: ignore[union-attr]
    body = body[: int(len(body) * share)]
    incoming = [body[at : at + 65536] for at in range(0, len(body), 65536)]
    statuses: list[int] = []

    async def receive() -> Any:
        if incoming:
            return {"type": "http.request", "body": incoming.pop(0), "more_body": True}
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope: Any = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": ("192.0.2.7", 1),
        "server": ("sdes.example", 80),
    }
    token = answering.set(True)
    try:
        await app(scope, receive, send)
    finally:
        answering.reset(token)
    return statuses[0] if statuses else 0


def random_free_text(size: int) -> bytes:
    return b"line of text\n" * (size // 13)


@pytest.mark.parametrize("share", [0.01, 0.05, 0.5, 0.999])
async def test_an_upload_that_is_cut_off_leaves_nothing(
    app: Litestar, asha: Browser, nils: Browser, vault: Vault, share: float, caplog: pytest.LogCaptureFixture
) -> None:
    reference = await sent(asha)
    for browser, path, fields in (
        (asha, "/sdep/communications", await filled()),
        (nils, f"/sdep/communications/{reference}/messages", {"text": "x"}),
    ):
        assert await cut_off(browser, app, path, fields, share) in (0, 400)
    assert await count("communication") == await count("message") == 1
    assert await count("attachment") == await blobs(vault) == 0
    assert await count("draft") == 0
    assert "failed" not in caplog.text, "a line that was cut is no fault of ours"


async def test_a_store_that_is_gone_is_told_and_the_text_is_kept(asha: Browser, nils: Browser, tmp_path: Path) -> None:
    reference = await sent(asha)
    folder = tmp_path / "blobs"
    folder.rename(tmp_path / "elsewhere")
    folder.write_text("no folder")
    sentence = "The store of attachments does not answer, so nothing was saved. Try again in a few minutes."
    answer = await post_new(asha, await filled(text="Kept words"), [GOOD])
    assert (answer.status_code, told(answer)) == (422, [sentence])
    assert "Kept words</textarea>" in answer.text
    answer = await post_reply(nils, reference, "Kept answer", [GOOD])
    assert (answer.status_code, told(answer)) == (422, [sentence])
    assert await count("communication") == await count("message") == 1
    assert await count("attachment") == 0
    await replied(nils, reference, "Without a file it can be sent.")
    folder.unlink()
    (tmp_path / "elsewhere").rename(folder)
    await replied(nils, reference, "With a file again.", [GOOD])


async def test_a_store_that_is_full_is_told_too(asha: Browser, vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(self: BlobWriter) -> None:
        await self.abort()
        raise Unavailable("The store of attachments does not answer, so nothing was saved. Try again in a few minutes.")

    monkeypatch.setattr(BlobWriter, "close", full)
    answer = await post_new(asha, await filled(), [GOOD, ("other.txt", b"x")])
    assert answer.status_code == 422
    assert len(told(answer)) == 1
    assert await count("communication") == await count("attachment") == await blobs(vault) == 0


@pytest.mark.spec("SD 8.3")
async def test_what_is_stored_cannot_be_read(asha: Browser, tmp_path: Path, vault: Vault) -> None:
    secret = b"Meter readings of 4 Mill Lane. " * 100
    await sent(asha, [("readings.txt", secret), ("random.txt", b"a" * MB)])
    stored = [path.read_bytes() for path in (tmp_path / "blobs").glob("*/*")]
    assert len(stored) == 2
    for content in stored:
        assert b"Mill Lane" not in content
        assert b"aaaa" not in content
    assert not any("readings" in str(path) for path in (tmp_path / "blobs").rglob("*"))
    keys = await db.fetch("SELECT wrapped_key FROM attachment")
    assert len({row["wrapped_key"] for row in keys}) == 2, "each file has a key of its own"
