"""Jobs of accounts."""

from typing import Any

from sdes.accounts.actions.upkeep import forget_old_sessions
from sdes.actor import Actor
from sdes.administration.actions.lapsing import fill_all_gaps, look_at_inactive_accounts
from sdes.administration.actions.uploads import forget_old_uploads


async def accounts_forget_sessions(ctx: dict[str, Any]) -> None:
    """Forgets sessions that ended long ago and wrong passwords that no longer count."""
    await forget_old_sessions(Actor.system("Old sessions"))


async def accounts_inactivity(ctx: dict[str, Any]) -> None:
    """Reminds, warns and deletes people who have not signed in for long (SD 2.7, 2.8)."""
    await look_at_inactive_accounts(Actor.system("Inactive accounts"))


async def accounts_default_contacts(ctx: dict[str, Any]) -> None:
    """Makes each MAU the default contact of the use cases that nobody of their company holds (SD 2.5(b))."""
    await fill_all_gaps(Actor.system("Default contacts"))


async def accounts_forget_uploads(ctx: dict[str, Any]) -> None:
    """Forgets uploads of people that are more than a day old."""
    await forget_old_uploads(Actor.system("Old uploads"))
