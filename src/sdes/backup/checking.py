"""Reading a backup whole: every byte is what was written, or it is said what is not."""

from dataclasses import dataclass
from pathlib import Path

from sdes.backup import files
from sdes.backup.files import File
from sdes.backup.manifest import Damaged, Keys, Manifest, proven
from sdes.backup.parts import opened, sha256_of
from sdes.backup.shelf import FILES, shelf_of
from sdes.kit.crypto import MasterKey


@dataclass(frozen=True)
class Checked:
    """A backup that was found whole."""

    folder: Path
    manifest: Manifest
    keys: Keys
    files: list[File]

    @property
    def there(self) -> list[File]:
        return [file for file in self.files if file.sha256]


async def checked(backup: Path, master: MasterKey) -> Checked:
    """Reads all of a backup. Refuses (Damaged) with what was altered, cut off or lost, and a wrong master key."""
    shelf = shelf_of(backup)
    manifest, keys = proven(backup, master)
    for name, part in manifest.parts.items():
        for _ in opened(backup / name, keys.of(name), part):
            pass
        if sha256_of(backup / name) != part.sha256:
            raise Damaged(backup.name, f"its part {name} was altered.")
    listed = files.from_lines(opened(backup / FILES, keys.of(FILES), manifest.parts[FILES]))
    found = Checked(backup, manifest, keys, listed)
    if bad := await files.damaged(found.there, shelf.files):
        raise Damaged(backup.name, f"{len(bad)} of its {manifest.files} files are lost or altered, first {bad[0]}.")
    return found
