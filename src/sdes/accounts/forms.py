"""What people post about their own account, turned into values or sentences."""

from urllib.parse import urlsplit

from sdes.accounts import passwords
from sdes.kit.forms import Form, without_control_characters

PAGE_SIZES = (25, 50, 100)
THEMES = ("", "light", "dark")
DENSITIES = ("comfortable", "compact")


def sign_in_errors(form: Form) -> dict[str, str]:
    """What is missing from a sign-in."""
    errors = {}
    email = form.text("email")
    if not email:
        errors["email"] = "Enter your e-mail address"
    elif without_control_characters(email) != email:
        errors["email"] = "Enter your e-mail address again: it contained characters that cannot be seen"
    if not form.raw("password"):
        errors["password"] = "Enter your password"
    return errors


def new_password_errors(form: Form, *personal: str) -> dict[str, str]:
    """What is wrong with a new password typed twice; `personal` are words that it may not contain."""
    password = form.raw("password")
    if not password:
        return {"password": "Enter a new password"}
    if not all(ok for _, ok in passwords.rules(password, *personal)):
        return {"password": "Choose a password that meets every rule below"}
    if password != form.raw("password_again"):
        return {"password_again": "The two passwords are not the same"}
    return {}


def display_values(form: Form) -> dict[str, object]:
    """The display settings that the form names; anything that is no choice is left as it was."""
    values: dict[str, object] = {}
    if form.text("theme") in THEMES and "theme" in form.values:
        values["theme"] = form.text("theme")
    if form.text("density") in DENSITIES:
        values["density"] = form.text("density")
    if form.text("keys") in ("on", "off"):
        values["has_keys"] = form.text("keys") == "on"
    if form.text("page_size") in map(str, PAGE_SIZES):
        values["page_size"] = int(form.text("page_size"))
    return values


def own_path(text: str | None) -> str:
    """Where to go after signing in: a path of this site, or the start page. Never another site."""
    if not text or not text.startswith("/") or text.startswith(("//", "/\\")) or "\\" in text or not text.isprintable():
        return "/"
    parts = urlsplit(text)
    return text if not parts.scheme and not parts.netloc else "/"
