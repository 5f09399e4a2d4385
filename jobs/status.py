"""Jobs of the status page: the measure of how much the service carries and how it grows."""

from typing import Any

from sdes.status import actions


async def status_sample(ctx: dict[str, Any]) -> None:
    """Takes the day's measure (SD 6.1, 6.2)."""
    await actions.take_sample(ctx["settings"].session_idle)
