"""Jobs of attachments: the virus check, nudged for one file and swept for all, and what lies about unheld."""

from functools import partial
from typing import Any
from uuid import UUID

from sdes.actor import Actor
from sdes.attachments import checking
from sdes.sdep.actions.files import tell_of_check

MOST_A_SWEEP = 200


async def attachments_check(ctx: dict[str, Any], *, attachment: str) -> None:
    """Checks one file that has just been received."""
    await _check(ctx, UUID(attachment))


async def attachments_sweep(ctx: dict[str, Any]) -> None:
    """Checks every file whose nudge was lost or whose check could not be made before."""
    for _ in range(MOST_A_SWEEP):
        if not await _check(ctx, None):
            break


async def attachments_tidy(ctx: dict[str, Any]) -> None:
    """Removes blobs that belong to nothing."""
    await checking.sweep_blobs(ctx["vault"])


async def _check(ctx: dict[str, Any], attachment: UUID | None) -> bool:
    if ctx["scanner"] is None:
        return False
    tell = partial(tell_of_check, Actor.system("Virus check"))
    return await checking.check(ctx["vault"], ctx["scanner"], attachment, tell) is not None
