"""The forms of notifications: how often somebody wants mail, and up to where everything counts as read."""

from sdes.kit.forms import Form
from sdes.kit.numbers import whole_number
from sdes.notifications.tables import Frequency

FREQUENCIES = [
    (Frequency.NEVER.value, "Never", "You see what is new when you visit the portal"),
    (Frequency.IMMEDIATELY.value, "Immediately", "A mail within minutes of each message"),
    (Frequency.HOURLY.value, "Every hour", "At the full hour, one mail with all that came in the hour before it"),
    (Frequency.DAILY.value, "Every day", "At 08:00, one mail with all that came in the day before it"),
]


def frequency_from(form: Form) -> tuple[Frequency | None, dict[str, str]]:
    """What was chosen, or what is wrong with it."""
    try:
        return Frequency(form.text("frequency")), {}
    except ValueError:
        return None, {"frequency": "Choose how often you want mail"}


def newest_from(form: Form) -> int:
    """The id of the newest notification that the page showed; 0, which is none, for what is no id."""
    return whole_number(form.text("newest"), 18) or 0
