"""The system user as whom a server that refuses root is run, and the command prefix that makes it so."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from sdes.embedded.refusal import CannotStart

_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Account:
    """A system user: by whose ids a server runs and to whom its data belongs."""

    name: str
    uid: int
    gid: int

    @property
    def is_us(self) -> bool:
        return self.uid == os.geteuid()

    def own(self, folder: Path) -> None:
        """Makes `folder`, private to this account. Folders above it are made if missing, and never changed."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(folder, self.uid, self.gid)
        folder.chmod(0o700)

    def give(self, folder: Path) -> None:
        """Hands over `folder` and all that lies in it; asked of root only."""
        for place, folders, files in os.walk(folder):
            for name in (".", *folders, *files):
                os.chown(Path(place, name), self.uid, self.gid, follow_symlinks=False)


def owner_of(folder: Path) -> Account | None:
    """The account to which `folder` belongs; None when there is no such folder."""
    try:
        status = folder.stat()
    except FileNotFoundError:
        return None
    try:
        name = pwd.getpwuid(status.st_uid).pw_name
    except KeyError:
        name = str(status.st_uid)
    return Account(name, status.st_uid, status.st_gid)


def account() -> Account:
    """Ourselves, or where we are root the system user `sdes` (made once), or `nobody` where none can be made."""
    if os.geteuid() != 0:
        return _named(None)
    try:
        return _named("sdes")
    except KeyError:
        _make("sdes")
    try:
        return _named("sdes")
    except KeyError:
        return _named("nobody")


def _named(name: str | None) -> Account:
    if name is None:
        return Account(str(os.geteuid()), os.geteuid(), os.getegid())
    entry = pwd.getpwnam(name)
    return Account(name, entry.pw_uid, entry.pw_gid)


def _make(name: str) -> None:
    if useradd := shutil.which("useradd", path=_SYSTEM_PATH):
        options = ("--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent")
        subprocess.run([useradd, *options, "--shell", "/usr/sbin/nologin", name], capture_output=True, check=False)


def bound_to_us(signal_name: str) -> list[str]:
    """Command prefix: the program gets this signal ("INT", "TERM") when the thread that started it ends."""
    setpriv = shutil.which("setpriv", path=_SYSTEM_PATH)
    if setpriv is None:
        raise CannotStart("The program setpriv is missing. Install the package util-linux, then start again.")
    return [setpriv, "--pdeathsig", signal_name]


def run_as(who: Account, probe: list[str]) -> list[str]:
    """Command prefix that runs a program as `who`, bound to us.

    `probe` is a command that succeeds when `who` can reach all it needs. A private folder on the way (a clone in
    /root) is not opened to everybody: the program is lent one capability to pass through it instead.
    Refuses (CannotStart) when that does not help either.
    """
    prefix = bound_to_us("INT")
    if not who.is_us:
        prefix += ["--reuid", str(who.uid), "--regid", str(who.gid), "--clear-groups"]
    said = ""
    for capability in (None,) if who.is_us else (None, "dac_read_search", "dac_override"):
        attempt = prefix + _lent(capability)
        answer = subprocess.run([*attempt, *probe], capture_output=True, text=True, cwd="/", check=False)
        if answer.returncode == 0:
            return attempt
        said = said or answer.stderr.strip()
    raise CannotStart(
        f"The system user {who.name} cannot use the folders it needs, because a folder above them is private. "
        f"Set SDES_HOME to a folder that it can reach, for example /var/lib/sdes, then start again. ({said})"
    )


def _lent(capability: str | None) -> list[str]:
    if capability is None:
        return []
    only = f"-all,+{capability}"
    # no_setuid_fixup: access(2) otherwise ignores the capabilities of whoever is not root
    return [
        *("--inh-caps", only, "--ambient-caps", only, "--bounding-set", only),
        *("--securebits", "+no_setuid_fixup"),
    ]
