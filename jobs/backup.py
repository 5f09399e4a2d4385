"""Jobs of backups: one each night, and the roll that a restore of an older one goes by."""

import asyncio
import logging
import os
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from typing import Any

from sdes.backup import rolls
from sdes.kit import true_clock
from sdes.kit.errors import SdesError
from sdes.settings import Settings

_TO_TIDY = 30  # seconds in which a backup that was stopped says so and takes away what it has begun

log = logging.getLogger(__name__)


async def backup_keep_roll(ctx: dict[str, Any]) -> None:
    """Writes beside the files who may sign in and with what, where that has changed (SD 7.2). By a wrong clock none is
    too old."""
    await rolls.keep(ctx["vault"], None if await true_clock.is_wrong() else ctx["settings"].backup_keep)


async def backup_take(ctx: dict[str, Any]) -> None:
    """Takes a backup as `sdes backup` does, into the folder that the settings name if they name one (SD 7.2).

    In a process of its own: hours of reading and sealing must not keep this one from its other jobs. By a wrong clock
    it is taken all the same, and no old one is removed: this process has seen whether the clock has jumped.
    """
    settings: Settings = ctx["settings"]
    if settings.backup_to is None:
        return
    command = [sys.executable, "-m", "sdes", "backup", str(settings.backup_to)]
    if await true_clock.is_wrong():
        command.append("--keep-all")
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE, env=os.environ)
    try:
        said, complaint = await process.communicate()
    finally:
        await _ended(process)
    for line in said.decode(errors="replace").splitlines():
        log.info("%s", line)
    if process.returncode:
        raise SdesError(complaint.decode(errors="replace").strip() or "sdes backup failed")


async def _ended(process: Process) -> None:
    """Stops it where it runs, and waits: the next one finds the folder free."""
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _TO_TIDY)
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
