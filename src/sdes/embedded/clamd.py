"""A clamd of our own: strict where Debian's is not, reached by a Unix socket only, ended with what started it.

It runs as the user who starts it. Production uses the system's clamd, with the settings of `_CONFIGURATION`.
"""

import hashlib
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

from sdes.attachments.scanner import Scanner, ScanUnavailable, Signatures, signature_database
from sdes.embedded.refusal import CannotStart
from sdes.embedded.unprivileged import bound_to_us

OFFICIAL = Path("/var/lib/clamav")  # where freshclam keeps its database
OWN_SIGNATURES = Path(__file__).resolve().parents[1] / "attachments" / "signatures" / "sdes-test.ndb"
_LONGEST_SOCKET = 100  # the kernel takes 107 bytes
_ROOM_IN_MEMORY = 1 << 30
_START_SECONDS = 180.0  # the official database takes up to a minute, longer on a busy machine
_STOP_SECONDS = 10.0
_APPARMOR = Path("/sys/module/apparmor/parameters/enabled"), Path("/etc/apparmor.d/usr.sbin.clamd")

# MaxFileSize = MaxScanSize: clamd silently cuts a zip member over MaxFileSize and says OK. StreamMaxLength takes the
# largest member that the inspection unpacks. AlertEncrypted and AlertExceedsMax: what it cannot look at is not clean.
_CONFIGURATION = """\
Foreground yes
LogTime yes
LocalSocket "{socket}"
LocalSocketMode 660
FixStaleSocket yes
TemporaryDirectory "{temporary}"
DatabaseDirectory "{database}"
OfficialDatabaseOnly no
SelfCheck {selfcheck}
ConcurrentDatabaseReload yes
MaxThreads 4
MaxQueue 100
ReadTimeout 60
CommandReadTimeout 10
IdleTimeout 30
ExitOnOOM yes
StreamMaxLength 160M
MaxFileSize 400M
MaxScanSize 400M
MaxScanTime 90000
MaxRecursion 16
MaxFiles 10000
AlertExceedsMax yes
AlertEncrypted yes
AlertOLE2Macros yes
AlertBrokenExecutables no
AlertBrokenMedia no
"""


class ClamdMissing(CannotStart):
    """There is no clamd on this machine; the text says what to install."""


class EmbeddedClamd:
    """One clamd for `home`. `socket` is where it answers once `start` has returned, `database` the folder it reads.

    `official` is the folder of freshclam's database; where it holds none, our own test signatures are used.
    """

    def __init__(self, home: Path, official: Path = OFFICIAL) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        mark = hashlib.sha256(os.fsencode(home.absolute())).hexdigest()[:12]
        self._folder = _folder(home.absolute() / "clamd", mark)
        self._temporary = _temporary(self._folder, mark)
        self.socket = self._folder / "clamd.sock"
        self.log = self._folder / "clamd.log"
        self._official = _is_complete(official)
        self.database = official if self._official else self._folder / "signatures"

    def start(self) -> Signatures:
        """Starts clamd, waits until it answers and says which signatures it uses.

        Raises ClamdMissing where it is not installed, CannotStart where it does not start. clamd lives no longer than
        the thread that calls this: call it from the main thread, as a rule.
        """
        if self._process is not None:
            raise ValueError("This clamd has been started.")
        binary = _binary()
        self._prepare()
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [*bound_to_us("TERM"), binary, f"--config-file={self._folder / 'clamd.conf'}"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={"TZ": "UTC", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},  # VERSION gives the time of TZ
                start_new_session=True,  # a Ctrl-C in the terminal is for the supervisor
            )
        scanner = Scanner(self.socket)
        give_up = time.monotonic() + _START_SECONDS
        while not scanner.ping():
            if self._process.poll() is not None or time.monotonic() > give_up:
                said = self.log.read_text(errors="replace").strip().splitlines()[-3:]
                self.stop()
                raise CannotStart(f"The virus scanner clamd did not start. It said: {' / '.join(said) or 'nothing'}")
            time.sleep(0.02)
        try:
            return signature_database(scanner.version(), self.database)
        except ScanUnavailable as error:
            self.stop()
            raise CannotStart(f"The virus scanner clamd stopped as it started: {error}") from error

    def stop(self) -> None:
        """Ends clamd and removes what it had unpacked; doing it twice is fine."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.socket.unlink(missing_ok=True)
        shutil.rmtree(self._temporary, ignore_errors=True)

    def is_running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """The process number, once started."""
        return self._process.pid if self._process else None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def _prepare(self) -> None:
        # A killed clamd leaves the attachment that it was looking at, in plain.
        shutil.rmtree(self._temporary, ignore_errors=True)
        self._temporary = _private(self._temporary)
        if not self._official:
            _private(self.database)
            shutil.copyfile(OWN_SIGNATURES, self.database / OWN_SIGNATURES.name)
        (self._folder / "clamd.conf").write_text(
            _CONFIGURATION.format(
                socket=self.socket,
                temporary=self._temporary,
                database=self.database,
                selfcheck=600 if self._official else 0,
            )
        )


def _binary() -> str:
    binary = shutil.which("clamd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if binary is None:
        raise ClamdMissing(
            "The virus scanner clamd is not installed, so attachments stay pending. "
            "Install it and start again: sudo apt-get install clamav-daemon"
        )
    return binary


def _is_complete(folder: Path) -> bool:
    """Whether freshclam's database is there and may be read."""
    return all(
        any(os.access(folder / f"{name}.{kind}", os.R_OK) for kind in ("cvd", "cld")) for name in ("main", "daily")
    )


def _folder(wished: Path, mark: str) -> Path:
    """Where clamd's own files lie: `wished`, or a private folder under /tmp.

    There where the socket's path would be too long, or where AppArmor lets clamd write to /tmp only.
    """
    if len(os.fsencode(wished / "clamd.sock")) < _LONGEST_SOCKET and not _is_confined():
        wished.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return _private(wished)
    return _private(Path("/tmp") / f"sdes-clamd-{os.getuid()}-{mark}")


def _temporary(folder: Path, mark: str) -> Path:
    """Where clamd puts what it is looking at, in plain: in memory where there is room, so as not to lie on disk."""
    memory = Path("/dev/shm")
    if not _is_confined() and os.access(memory, os.W_OK):
        room = os.statvfs(memory)
        if room.f_bavail * room.f_frsize >= _ROOM_IN_MEMORY:
            return memory / f"sdes-clamd-{os.getuid()}-{mark}"
    return folder / "temporary"


def _is_confined() -> bool:
    enabled, profile = _APPARMOR
    return profile.exists() and enabled.exists() and enabled.read_text().strip() == "Y"


def _private(folder: Path) -> Path:
    """The folder, ours and open to nobody else. In a shared place somebody may have made one of that name before."""
    folder.mkdir(exist_ok=True, mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        return Path(tempfile.mkdtemp(prefix=f"{folder.name}-", dir=folder.parent))
    folder.chmod(0o700)
    return folder
