"""Memory of the web process while large files come in, several at once."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from bench.house import Server
from bench.visitor import BOUNDARY, LIST, Visitor

SIZE = 10 * 1024 * 1024  # bytes of a file: the most that one message may carry
AT_ONCE = 8
LIMIT = 64  # MiB by which the process may grow
_LOOK_SECONDS = 0.02


@dataclass(frozen=True)
class Growth:
    """Resident memory in MiB before, at its highest and after; how many uploads there were and how many failed."""

    before: float
    peak: float
    after: float
    uploads: int
    failed: int
    seconds: float


async def growth(server: Server, visitor: Visitor, parts: tuple[bytes, bytes], uploads: int) -> Growth:
    """Sends so many communications with a file of 10 MB each, eight at once, and watches the process meanwhile."""
    before = peak = _resident(server.pid)
    loop = asyncio.get_running_loop()
    waiting = iter(range(uploads))
    failed = 0

    async def sender() -> None:
        nonlocal failed
        for _ in waiting:
            failed += not await _sent(server, visitor.cookie, parts)

    started = loop.time()
    senders = asyncio.gather(*(sender() for _ in range(AT_ONCE)))
    while not senders.done():
        peak = max(peak, _resident(server.pid))
        await asyncio.sleep(_LOOK_SECONDS)
    await senders
    seconds = loop.time() - started
    await asyncio.sleep(1)
    return Growth(before, peak, _resident(server.pid), uploads, failed, seconds)


async def _sent(server: Server, cookie: str, parts: tuple[bytes, bytes]) -> bool:
    """One upload by hand: written as fast as it is taken, nothing is copied here."""
    draft = str(uuid4()).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    head = (
        f"POST {LIST} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nCookie: {cookie}\r\nConnection: close\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
        f"Content-Length: {len(parts[0]) + len(draft) + len(parts[1])}\r\n\r\n"
    )
    try:
        writer.write(head.encode() + parts[0] + draft)
        rest = memoryview(parts[1])
        for start in range(0, len(rest), 1 << 18):
            writer.write(rest[start : start + (1 << 18)])
            await writer.drain()
        answer = await reader.read(4096)
    except OSError:
        return False
    finally:
        writer.close()
    return answer.startswith(b"HTTP/1.1 303") and b"sent=1" in answer


def _resident(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096 / 1024 / 1024
