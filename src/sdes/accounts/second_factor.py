"""What a person has set up beside the password, and what may be done to it now."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sdes.kit.forms import Form, without_control_characters

MOST_PASSKEYS = 20
LONGEST_NAME = 60
RECENT = timedelta(minutes=15)  # a sign-in so long ago still shows who sits there


@dataclass(frozen=True)
class PasskeyView:
    """One passkey as its owner sees it."""

    id: int
    name: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True)
class Factors:
    """A person's second factors, and whether the company asks for one."""

    authenticator_since: datetime | None = None
    passkeys: tuple[PasskeyView, ...] = ()
    recovery_codes: int = 0  # not used yet
    is_required: bool = False

    @property
    def count(self) -> int:
        """How many there are. Recovery codes are none: they stand for one that was lost."""
        return bool(self.authenticator_since) + len(self.passkeys)

    @property
    def may_remove(self) -> bool:
        """Whether one may be taken away: not the last one of somebody whose company asks for it."""
        return self.count > 1 or not self.is_required

    @property
    def may_add_passkey(self) -> bool:
        return len(self.passkeys) < MOST_PASSKEYS


def is_recent(signed_in_at: datetime | None, now: datetime) -> bool:
    """Whether a session has begun so short a time ago that second factors may be changed in it."""
    return signed_in_at is not None and now - signed_in_at <= RECENT


def knows_password(method: str) -> bool:
    """Whether a session begun by `method` shows that its person has a password to be asked for again."""
    return method.startswith("password")


def name_error(form: Form) -> str:
    """What is wrong with the name of a passkey in the field `name`, or nothing."""
    name = form.text("name")
    if not name:
        return "Enter a name, such as that of the device"
    if len(name) > LONGEST_NAME:
        return f"Enter a name of at most {LONGEST_NAME} characters"
    if without_control_characters(name) != name:
        return "Enter the name again: it contained characters that cannot be seen"
    return ""
