"""A shelf: the folder that holds backups, who may write to it, and what leaves it when it is too old.

SHELF/20261122T135501Z-8f3a1c/    one backup: manifest.json and its sealed parts
SHELF/files/ab/ab12...            the sealed files of all of them, each once, as they lay in the store, beside MARK
SHELF/.unfinished-... .removing-  what a run has not finished; the next one takes it away
"""

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sdes.backup.manifest import FILE, Damaged, Manifest, read
from sdes.kit import clock
from sdes.kit.errors import Refused

FILES = "files"
MARK = "these-are-the-files-of-backups"  # lies among them: in no other folder is anything ever forgotten
_NAME = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")
_UNFINISHED, _REMOVING = ".unfinished-", ".removing-"


@dataclass(frozen=True)
class Shelf:
    """One folder of backups."""

    folder: Path

    @property
    def files(self) -> Path:
        return self.folder / FILES

    def backups(self) -> list[Path]:
        """The whole backups, oldest first, as far as their names and manifests tell."""
        found = [one for one in self.folder.iterdir() if _NAME.fullmatch(one.name) and (one / FILE).is_file()]
        return sorted(found, key=lambda one: one.name)

    def begin(self, taken_at: datetime) -> tuple[str, Path]:
        """A name for a new backup, and the folder in which it is made before it is whole."""
        name = f"{taken_at:%Y%m%dT%H%M%SZ}-{os.urandom(3).hex()}"
        folder = self.folder / f"{_UNFINISHED}{name}"
        folder.mkdir(mode=0o700)
        return name, folder

    def complete(self, name: str, unfinished: Path) -> Path:
        """Everything is on the disk before the backup gets its name: a power cut leaves none that only looks whole."""
        for path in (*unfinished.iterdir(), unfinished, *self.files.iterdir(), self.files):
            keep(path)
        whole = self.folder / name
        unfinished.rename(whole)
        keep(self.folder)
        return whole

    def clear(self) -> None:
        """Takes away what runs that were cut off have left."""
        for one in self.folder.iterdir():
            if one.name.startswith((_UNFINISHED, _REMOVING)):
                shutil.rmtree(one)

    def remove(self, backup: Path) -> None:
        """Removes one: first from sight, then from the disk."""
        hidden = self.folder / f"{_REMOVING}{backup.name}"
        backup.rename(hidden)
        keep(self.folder)
        shutil.rmtree(hidden)


def shelf_of(backup: Path) -> Shelf:
    """The shelf on which a backup lies. Refuses a path that is no backup."""
    if not _NAME.fullmatch(backup.name) or not backup.is_dir():
        raise Refused(f"There is no backup {backup}. Write FOLDER/NAME; `sdes backups list FOLDER` shows the names.")
    return Shelf(backup.parent)


def existing(folder: Path) -> Shelf:
    """A shelf to look at. Refuses what is no folder."""
    if not folder.is_dir():
        raise Refused(f"There is no folder {folder}.")
    return Shelf(folder)


@contextmanager
def opened(folder: Path) -> Iterator[Shelf]:
    """A shelf to write on, made where it is missing; refuses while another run writes on it, and a folder whose
    `files` are somebody else's."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (folder / ".lock").open("a")
    except OSError as cause:
        raise Refused(f"The folder {folder} cannot be written to ({cause.strerror}).") from cause
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # the kernel frees it with its holder
        except BlockingIOError:
            raise Refused(f"Another backup is being written to {folder}. Wait until it has finished.") from None
        _insist_on_ours(Shelf(folder).files)
        yield Shelf(folder)


def refuse_store_among_backups(shelf: Shelf, store: Path | None) -> None:
    """Refuses a store of files that shares its folder with backups: each would take away what is the other's."""
    if store is None:
        return
    ours, theirs = shelf.folder.resolve(), store.resolve()
    if ours.is_relative_to(theirs) or theirs.is_relative_to(ours):
        raise Refused(
            f"The store of files {store} and the backups in {shelf.folder} must not lie in one another. Name another "
            "folder for one of them."
        )


def too_old(shelf: Shelf, keep: timedelta) -> list[Path]:
    """The backups that were taken longer ago than `keep`, oldest first, but never the newest. Their names tell: so goes
    one whose manifest is damaged or lost, too."""
    newest, limit = shelf.backups()[-1:], clock.now() - keep
    named = sorted(one for one in shelf.folder.iterdir() if _NAME.fullmatch(one.name) and one.is_dir())
    return [one for one in named if one not in newest and (moment := _taken_at(one)) and moment < limit]


def _taken_at(backup: Path) -> datetime | None:
    """The moment that the name of a backup tells, if any."""
    try:
        return datetime.strptime(backup.name[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def _insist_on_ours(files: Path) -> None:
    try:
        files.mkdir(mode=0o700, exist_ok=True)
        if not (files / MARK).exists():
            if any(files.iterdir()):
                raise Refused(
                    f"The folder {files} is not one of backups: {MARK} is missing in it. Name another folder, or put "
                    "an empty file of that name into it if its files are those of backups and of nothing else."
                )
            (files / MARK).touch(mode=0o600)
    except OSError as cause:
        raise Refused(f"The folder {files} cannot be written to ({cause.strerror}).") from cause


def lines(shelf: Shelf) -> Iterator[str]:
    """Every backup as an operator reads it: name, moment in London, age, size."""
    for backup in shelf.backups():
        try:
            yield line(read(backup))
        except Damaged as damage:
            yield f"{backup.name}  {damage}"


def line(manifest: Manifest) -> str:
    """One backup on one line."""
    age = clock.now() - manifest.taken_at
    old = f"{age.days} days" if age.days > 1 else f"{age // timedelta(hours=1)} h"
    missing = f", {manifest.missing} files missing" if manifest.missing else ""
    size = f"{manifest.size / 1e6:.1f} MB, {manifest.files} files{missing}"
    return f"{manifest.name}  {clock.local(manifest.taken_at):%d %b %Y, %H:%M:%S}  {old} old  {size}"


def keep(path: Path) -> None:
    """Makes a file, or the names in a folder, safe from a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
