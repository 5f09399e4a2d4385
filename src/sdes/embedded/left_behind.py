"""What `sdes run` leaves in its home for commands that are run by hand beside it: the address of its site."""

from dataclasses import replace
from pathlib import Path

from sdes.embedded.postgres import EmbeddedPostgres
from sdes.settings import Settings


def leave_address(settings: Settings) -> None:
    """Leaves the address that links in mails begin with. The home must be there."""
    _file(settings.home).write_text(settings.public_url + "\n")


def as_it_runs(settings: Settings) -> Settings:
    """The settings of a command by hand, completed: at the database of `sdes run`, the site is at the address that was
    left unless the environment names another, and it is the demo."""
    if settings.database_owner_url != EmbeddedPostgres(settings.home).url("sdes_owner", "sdes"):
        return settings
    is_named = settings.public_url != Settings.public_url
    return replace(settings, public_url=settings.public_url if is_named else _left(settings), demo=True)


def _left(settings: Settings) -> str:
    try:
        return _file(settings.home).read_text().strip() or settings.public_url
    except FileNotFoundError:
        return settings.public_url


def _file(home: Path) -> Path:
    return home / "public-url"
