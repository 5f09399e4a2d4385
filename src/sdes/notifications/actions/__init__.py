"""What happens to notifications: somebody is told, has read, was relieved by a colleague, is mailed."""

from sdes.notifications.actions.mailing import mail_what_is_due
from sdes.notifications.actions.telling import close, forget_old, read, read_all, set_frequency, tell

__all__ = ["close", "forget_old", "mail_what_is_due", "read", "read_all", "set_frequency", "tell"]
