"""Codes of an authenticator app (RFC 6238): the secret that they come from, how the app gets it, which are right."""

from datetime import datetime
from hmac import compare_digest

import pyotp
import segno
from markupsafe import Markup

STEP = 30  # seconds that a code is shown
AROUND = (0, -1, 1)  # steps by which a clock may be off
DIGITS = 6


def new_secret() -> str:
    """A secret that nobody can guess (160 bits), in the letters that people can type."""
    return pyotp.random_base32()


def in_groups(secret: str) -> str:
    """The secret as it is read from one screen and typed into another."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def address(secret: str, email: str) -> str:
    """What the QR code says: the address that authenticator apps take a secret from."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name="SDES")


def picture(secret: str, email: str) -> Markup:
    """The QR code as SVG elements, black on white in every theme: cameras read no other."""
    code = segno.make(address(secret, email), error="m", micro=False)
    return Markup(code.svg_inline(scale=4, border=4, dark="#000", light="#fff", svgclass=None, lineclass=None))  # noqa: S704


def step_of(secret: str, code: str, at: datetime) -> int | None:
    """The time step whose code this is, near the moment `at`; None where it is wrong. Blanks within are forgiven."""
    typed = "".join(code.split())
    if len(typed) != DIGITS or not (typed.isascii() and typed.isdigit()):
        return None
    present, codes = int(at.timestamp()) // STEP, pyotp.TOTP(secret)
    right = [present + by for by in AROUND if compare_digest(codes.generate_otp(present + by), typed)]
    return max(right, default=None)
