"""Notifications in words: what one is called, and several of a kind together."""

from sdes.notifications.tables import NotificationKind

_ONE = {
    NotificationKind.MESSAGE: "New message from {who}",
    NotificationKind.ESCALATION: "Escalated by {who}",
    NotificationKind.OWNER: "{who} made you the owner",
    NotificationKind.ARCHIVED: "Archived by {who}",
}
ICONS = {
    NotificationKind.MESSAGE: "message-square",
    NotificationKind.ESCALATION: "trending-up",
    NotificationKind.OWNER: "user-check",
    NotificationKind.ARCHIVED: "archive",
}


def headline(kind: str, from_name: str) -> str:
    """One notification in words: “New message from Northgrid Networks”."""
    return _ONE[NotificationKind(kind)].format(who=from_name)


def counted(kind: str, number: int, from_name: str) -> str:
    """So many notifications of a kind in words: “2 new messages from Northgrid Networks”."""
    if number > 1 and kind == NotificationKind.MESSAGE:
        return f"{number} new messages from {from_name}"
    return headline(kind, from_name)
