"""Jobs of the portal: communications are archived and deleted by the clock, reports are made each month."""

from typing import Any

from sdes.actor import Actor
from sdes.sdep.actions import deletion, monthly_reports, retention
from sdes.status.exports import availability_report


async def sdep_archive(ctx: dict[str, Any]) -> None:
    """Archives what has had no message for 30 days (SD 14.1)."""
    await retention.archive_old(Actor.system("Archive"))


async def sdep_delete(ctx: dict[str, Any]) -> None:
    """Deletes irrecoverably what was archived 30 days ago (SD 14.4)."""
    await deletion.delete_old(Actor.system("Deletion"), ctx["vault"])


async def sdep_replay_deletions(ctx: dict[str, Any]) -> None:
    """Deletes again what a restored backup has brought back; run by hand, before the service opens again."""
    await deletion.replay(Actor.system("Deletion"), ctx["vault"])


async def sdep_monthly_reports(ctx: dict[str, Any]) -> None:
    """Makes the Code Manager's reports of the month before (SD 3.2, 12.2)."""
    await monthly_reports.make_monthly_reports(Actor.system("Monthly reports"), availability_report)
