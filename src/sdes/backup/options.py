"""What `sdes restore` may be told beside its backup, and how `sdes backup` is stopped."""

import asyncio
import signal
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager

from sdes.kit.errors import SdesError


def add_to(restore: ArgumentParser) -> None:
    """The options of `sdes restore`."""
    restore.add_argument(
        "--deletions", metavar="PLACE", help="a later list of deletions, with its roll: a folder of backups or a store"
    )
    restore.add_argument(
        "--as-it-was", action="store_true", help="let in again whoever and whatever was taken off the roll since"
    )
    restore.add_argument(
        "--shut-out-most", action="store_true", help="even if the roll suspends or deletes more than half of the people"
    )
    restore.add_argument(
        "--without-damaged-files",
        action="store_true",
        help="go on without files that are lost or altered in the backup",
    )


def told(chosen: Namespace) -> dict[str, bool]:
    """What of them `restoring.restore` is told."""
    return {name: getattr(chosen, name) for name in ("as_it_was", "shut_out_most", "without_damaged_files")}


@contextmanager
def stopped_in_words() -> Iterator[None]:
    """What runs within the block ends by itself when it is told to (SIGTERM, Ctrl-C), and it is said that it did."""
    run = asyncio.current_task()
    assert run
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, run.cancel)
    try:
        yield
    except asyncio.CancelledError:
        raise SdesError("The backup was stopped before it was whole. Nothing of it is left.") from None
