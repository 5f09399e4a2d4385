"""Jobs of accounts."""

from typing import Any

from sdes.accounts.actions.upkeep import forget_old_sessions
from sdes.actor import Actor


async def accounts_forget_sessions(ctx: dict[str, Any]) -> None:
    """Forgets sessions that ended long ago and wrong passwords that no longer count."""
    await forget_old_sessions(Actor.system("Old sessions"))
