"""Files that an answer is written to before it is sent. They lie nowhere: closing one removes it."""

import errno
import logging
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from sdes.kit.errors import Unavailable

log = logging.getLogger(__name__)

FOLDER = Path(tempfile.gettempdir())  # looked for once, at the start: a full one would be passed over for another
PIECE = 64 * 1024  # bytes

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_FULL = (
    "The server has no room for the file that you asked for. Nothing else is affected. Try again in a few minutes, or"
    " ask for fewer rows."
)


@contextmanager
def temporary_file() -> Iterator[IO[bytes]]:
    """An open file to be filled in the block and sent after it, from its start, with `pieces`. Whatever happens in the
    block closes it; a disk that is full is `Unavailable`, with a sentence for whoever asked for the file."""
    with needing_room():
        file = tempfile.TemporaryFile()  # noqa: SIM115  whoever sends it closes it
        try:
            yield file
            file.seek(0)
        except BaseException:
            with suppress(OSError):  # what it still holds cannot be written either
                file.close()
            raise


@contextmanager
def needing_room() -> Iterator[None]:
    """What the block writes to temporary files may find no room: then it is `Unavailable`."""
    try:
        yield
    except OSError as cause:
        if cause.errno not in _NO_ROOM:
            raise
        log.error("no room for temporary files in %s", FOLDER)
        raise Unavailable(_FULL) from cause


async def pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    """An open file, piece by piece."""
    with file:
        while piece := file.read(PIECE):
            yield piece
