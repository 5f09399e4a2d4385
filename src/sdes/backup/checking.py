"""Reading a backup whole: every byte is what was written, or it is said what is not."""

from dataclasses import dataclass
from pathlib import Path

from sdes.backup import files
from sdes.backup.files import File
from sdes.backup.manifest import Damaged, Keys, Manifest, proven
from sdes.backup.parts import opened, sha256_of
from sdes.backup.shelf import FILES, shelf_of
from sdes.kit.crypto import MasterKey

_WITHOUT = "If there is none, `sdes restore --without-damaged-files` restores it, and these files stand as failed then."


@dataclass(frozen=True)
class Checked:
    """A backup that was found whole, but for the files in `damaged`, where these were allowed."""

    folder: Path
    manifest: Manifest
    keys: Keys
    files: list[File]
    damaged: list[File]

    @property
    def there(self) -> list[File]:
        """Files that the backup holds as they were."""
        damaged = {file.key for file in self.damaged}
        return [file for file in self.files if file.sha256 and file.key not in damaged]


async def checked(backup: Path, master: MasterKey, *, without_damaged_files: bool = False) -> Checked:
    """Reads all of a backup. Refuses (Damaged) with what was altered, cut off or lost, and a wrong master key; lost and
    altered files are no reason to refuse `without_damaged_files`."""
    shelf = shelf_of(backup)
    manifest, keys = proven(backup, master)
    for name, part in manifest.parts.items():
        for _ in opened(backup / name, keys.of(name), part):
            pass
        if sha256_of(backup / name) != part.sha256:
            raise Damaged(backup.name, f"its part {name} was altered.")
    listed = files.from_lines(opened(backup / FILES, keys.of(FILES), manifest.parts[FILES]))
    bad = await files.damaged((file for file in listed if file.sha256), shelf.files)
    if bad and not without_damaged_files:
        what = f"{len(bad)} of its {manifest.files} files are lost or altered, first {bad[0].key}."
        raise Damaged(backup.name, what, _WITHOUT)
    return Checked(backup, manifest, keys, listed, bad)
