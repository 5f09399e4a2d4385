"""Jobs of the status page: the measure of how much the service carries and how it grows; old minutes are forgotten."""

from typing import Any

from sdes.status import actions


async def status_sample(ctx: dict[str, Any]) -> None:
    """Takes the day's measure (SD 6.1, 6.2)."""
    await actions.take_sample(ctx["settings"].session_idle)


async def status_forget_minutes(ctx: dict[str, Any]) -> None:
    """Forgets in which minutes the service was available so long ago that no report of them is kept (SD 3.2)."""
    await actions.forget_minutes()
