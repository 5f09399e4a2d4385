"""Jobs of the catalogue."""

from typing import Any

from sdes.actor import Actor
from sdes.administration.actions.catalogue_days import apply_due


async def catalogue_apply(ctx: dict[str, Any]) -> None:
    """Changes of process types take effect on the day that the Code Manager gave."""
    await apply_due(Actor.system("Catalogue"))
