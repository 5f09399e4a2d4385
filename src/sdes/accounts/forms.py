"""What people post about their own account, turned into values or sentences."""

from urllib.parse import urlencode, urlsplit

from sdes.kit.forms import Form, without_control_characters

PAGE_SIZES = (25, 50, 100)
THEMES = ("", "light", "dark")
DENSITIES = ("comfortable", "compact")
LONGEST_PATH = 2000  # letters: longer ones do not fit into the headers of an answer


def address_errors(form: Form) -> dict[str, str]:
    """What is wrong with the e-mail address that somebody says is theirs."""
    email = form.text("email")
    if not email:
        return {"email": "Enter your e-mail address"}
    if without_control_characters(email) != email:
        return {"email": "Enter your e-mail address again: it contained characters that cannot be seen"}
    return {}


def sign_in_errors(form: Form) -> dict[str, str]:
    """What is missing from a sign-in."""
    errors = address_errors(form)
    if not form.raw("password"):
        errors["password"] = "Enter your password"
    return errors


def new_password_errors(form: Form, rules: list[tuple[str, bool]]) -> dict[str, str]:
    """What is wrong with a new password typed twice; `rules` say what `passwords.judged` thinks of it."""
    password = form.raw("password")
    if not password:
        return {"password": "Enter a new password"}
    if not all(ok for _, ok in rules):
        return {"password": "Choose a password that meets every rule below"}
    if password != form.raw("password_again"):
        return {"password_again": "The two passwords are not the same"}
    if password == form.raw("current"):
        return {"password": "Choose a password other than the present one"}
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


def with_next(path: str, next: str) -> str:
    """The address `path`, which has no query, with where to go on from there; `next` is empty or the start for nowhere
    in particular."""
    return f"{path}?{urlencode({'next': next})}" if own_path(next) != "/" else path


def own_path(text: str | None) -> str:
    """Where to go after signing in: a path of this site, or the start page. Never another site."""
    if not text or len(text) > LONGEST_PATH or not text.isascii() or not text.isprintable():
        return "/"
    if not text.startswith("/") or text.startswith("//") or "\\" in text:
        return "/"
    parts = urlsplit(text)
    return text if not parts.scheme and not parts.netloc else "/"
