"""Folders that are in somebody's way."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def moved_away(folder: Path) -> Iterator[None]:
    """Puts a plain file in the folder's place, which not even root can write into."""
    aside = folder.with_name(f"{folder.name}-aside")
    folder.rename(aside)
    folder.write_text("in the way")
    try:
        yield
    finally:
        folder.unlink()
        aside.rename(folder)
