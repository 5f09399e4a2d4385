"""What a form whose session had ended comes to: the word of the route's `rescue` on which the sign-in page relies."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rescued:
    """Where to go on after signing in, and which notice of the sign-in page is true: `kept`, `ticked`, or `ended` where
    nothing of the form is kept."""

    next: str
    why: str = "ended"
