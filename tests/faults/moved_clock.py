"""A clock that processes are shown in the stead of the machine's, and that can be moved while they run."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

BELIEVED = 1  # second, for which what was read of the file is believed
LIBRARY = Path("faketime") / "libfaketimeMT.so.1"


class MovedClock:
    """The clock of whoever runs in its `environment`. PostgreSQL, which is not among them, keeps the true one."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "moved-clock"
        self.show("+0")

    def show(self, ahead: str) -> None:
        """From now on it is so far ahead: "+1h", "-2d"; "+0" puts it right. What only counts seconds goes on."""
        aside = self._file.with_suffix(".new")
        aside.write_text(f"{ahead}\n")
        aside.replace(self._file)
        time.sleep(BELIEVED + 0.2)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": str(_library()),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": str(BELIEVED),
            "DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }


@contextmanager
def moved_clock(folder: Path) -> Iterator[MovedClock]:
    """A clock that is put right at the end."""
    made = MovedClock(folder)
    try:
        yield made
    finally:
        made.show("+0")


def _library() -> Path:
    for above in ("/usr/lib", "/usr/lib64", "/usr/local/lib"):
        for found in [*Path(above).glob(str(LIBRARY)), *Path(above).glob(f"*/{LIBRARY}")]:
            return found
    installed = subprocess.run(["sh", "-c", "command -v faketime"], capture_output=True, check=False).returncode == 0
    pytest.fail(f"libfaketime is missing ({installed=}): run `make setup`, or apt-get install faketime")
