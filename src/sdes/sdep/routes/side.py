"""The column beside every page of the portal: folders, the actor's processes, saved filters, each with its count."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sdes.actor import Actor
from sdes.permissions import Permission
from sdes.sdep.access import may_send, why_company_reads_only
from sdes.sdep.filters import Filters, SavedFilterView, href
from sdes.sdep.queries import counts as counting
from sdes.sdep.queries.beside import beside

MOST_SAVED = 30  # beside the list; all of them are on their own page

# Folders as they are spoken of: label, icon, and the heading of their list.
FOLDERS = {
    "active": ("Active", "inbox", "Active communications"),
    "mine": ("Assigned to me", "user-check", "Communications assigned to me"),
    "unassigned": ("Unassigned", "user-x", "Unassigned communications"),
    "ours": ("Awaiting our reply", "reply", "Communications awaiting our reply"),
    "theirs": ("Awaiting theirs", "hourglass", "Communications awaiting their reply"),
    "archive": ("Archive", "archive", "Archived communications"),
}


@dataclass(frozen=True)
class Place:
    """A line of the column that leads somewhere."""

    label: str
    href: str
    icon: str
    count: str
    badge: str
    current: bool


@dataclass(frozen=True)
class Column:
    """The whole column; `saved` are filters, the actor's own first. `current`, `process` and `saved_id` say beside what
    it stands."""

    folders: list[Place]
    processes: list[Place]
    saved: list[SavedFilterView]
    current: str
    process: str
    saved_id: int

    @property
    def mark(self) -> str:
        """What a page tells of the numbers that it shows."""
        return ".".join([place.count or place.badge for place in (*self.folders, *self.processes)])

    @property
    def seconds(self) -> int:
        """How long after a change the numbers are certain to tell of it."""
        return counting.KEPT

    @property
    def again_href(self) -> str:
        """Where the same column is to be had anew, if its numbers have changed."""
        beside = {"folder": self.current, "process": self.process, "saved": self.saved_id or ""}
        return f"/sdep/side?{urlencode({**beside, 'known': self.mark})}"


async def side_words(actor: Actor, current: str, process: str = "", saved: int = 0) -> dict[str, Any]:
    """The words of the column, and of the banner beside it. The page lies in the folder `current`, or shows all of the
    processes with the title `process`, or a saved filter."""
    counted = await counting.counts(actor)
    folders = [_folder(key, counted, is_current=key == current and not process and not saved) for key in FOLDERS]
    drafts, kept = await beside(actor, MOST_SAVED)
    if actor.may(Permission.DRAFT_KEEP):
        folders.insert(-1, Place("Drafts", "/sdep/drafts", "file-pen", count_text(drafts), "", current == "drafts"))
    processes = [
        Place(title, href(Filters(process=title).words()), "", count_text(count), "", process == title and not saved)
        for title, count in counted.processes
    ]
    return {
        "side": Column(folders, processes, kept, current, process, saved),
        "may_send": may_send(actor),
        "why_reads_only": why_company_reads_only(actor),
    }


def _folder(key: str, counted: counting.Counts, *, is_current: bool) -> Place:
    label, icon, _ = FOLDERS[key]
    address = href(Filters(folder=key).words())
    if key == "archive":
        unread = count_text(counted.archived_unread) if counted.archived_unread else ""
        return Place(label, address, icon, "", unread, is_current)
    count = counted.active if key == "active" else counted.folders[key]
    return Place(label, address, icon, count_text(count), "", is_current)


def count_text(count: int) -> str:
    """A count as it is told: no further than it was counted."""
    return f"{counting.MOST_COUNTED - 1}+" if count >= counting.MOST_COUNTED else str(count)
