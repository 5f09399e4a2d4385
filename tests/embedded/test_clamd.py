"""Our own clamd: starts, ends with the program that started it, and leaves nothing in plain behind."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sdes.attachments.scanner import Scanner
from sdes.embedded import clamd as embedded
from sdes.embedded.clamd import ClamdMissing, EmbeddedClamd
from sdes.embedded.refusal import CannotStart

NOWHERE = Path("/nowhere")


def test_starts_answers_and_stops(tmp_path: Path) -> None:
    home = tmp_path / "a home"  # with a space
    clamd = EmbeddedClamd(home, NOWHERE)
    signatures = clamd.start()
    try:
        assert not signatures.is_official
        assert "EICAR" in signatures.description
        assert Scanner(clamd.socket).ping()
        assert clamd.is_running()
        assert clamd.socket.stat().st_mode & 0o777 == 0o660
        assert clamd.socket.parent.stat().st_mode & 0o777 == 0o700
        assert clamd._temporary.stat().st_mode & 0o777 == 0o700
    finally:
        clamd.stop()
    assert not clamd.is_running()
    assert not clamd.socket.exists()
    assert not clamd._temporary.exists()
    clamd.stop()
    with clamd:
        assert Scanner(clamd.socket).ping()


def test_a_long_home_moves_the_socket(tmp_path: Path) -> None:
    with EmbeddedClamd(tmp_path / ("x" * 120), NOWHERE) as clamd:
        assert len(str(clamd.socket)) < 100
        assert clamd.socket.parent.stat().st_mode & 0o777 == 0o700
        assert Scanner(clamd.socket).ping()
    shutil.rmtree(clamd.socket.parent)


def test_what_a_killed_clamd_left_is_removed(tmp_path: Path) -> None:
    first = EmbeddedClamd(tmp_path, NOWHERE)
    first.start()
    assert first.pid
    os.kill(first.pid, signal.SIGKILL)
    left = first._temporary / "clamav-left.tmp"
    left.write_bytes(b"plain")
    assert first.socket.exists()
    with EmbeddedClamd(tmp_path, NOWHERE) as second:
        assert not left.exists()
        assert Scanner(second.socket).ping()
    first.stop()


def test_ends_with_the_program_that_started_it(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from sdes.embedded.clamd import EmbeddedClamd\n"
        "clamd = EmbeddedClamd(Path(sys.argv[1]), Path('/nowhere')); clamd.start()\n"
        "print(clamd.pid, clamd.socket, flush=True); time.sleep(60)\n"
    )
    environment = {"PYTHONPATH": str(Path(__file__).parents[2] / "src"), "PATH": os.environ["PATH"]}
    program = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert program.stdout is not None
    pid, socket = program.stdout.readline().split(" ", 1)
    assert Scanner(Path(socket.strip())).ping()
    program.kill()
    program.wait()
    give_up = time.monotonic() + 10
    while _runs(int(pid)):
        assert time.monotonic() < give_up, "clamd outlived the program that started it"
        time.sleep(0.05)


def _runs(pid: int) -> bool:
    """Whether the process is there and no zombie, which it stays where nobody reaps orphans."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_without_clamd_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    with pytest.raises(ClamdMissing, match="sudo apt-get install clamav-daemon"):
        EmbeddedClamd(tmp_path, NOWHERE).start()


def test_a_broken_database_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "sdes-test.ndb"
    broken.write_text("no signature\n")
    monkeypatch.setattr(embedded, "OWN_SIGNATURES", broken)
    with pytest.raises(CannotStart, match=r"did not start\. It said: .*Malformed database"):
        EmbeddedClamd(tmp_path / "home", NOWHERE).start()


def test_the_official_database_is_taken_where_it_is_whole(tmp_path: Path) -> None:
    official = tmp_path / "official"
    official.mkdir()
    (official / "daily.cld").write_bytes(b"")
    assert EmbeddedClamd(tmp_path, official).database != official
    (official / "main.cvd").write_bytes(b"")
    assert EmbeddedClamd(tmp_path, official).database == official


def test_where_apparmor_confines_clamd_it_works_in_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The distribution's profile lets clamd write to /tmp, and to nothing else of ours."""
    for name, content in (("enabled", "Y\n"), ("profile", "/usr/sbin/clamd {}\n")):
        (tmp_path / name).write_text(content)
    monkeypatch.setattr(embedded, "_APPARMOR", (tmp_path / "enabled", tmp_path / "profile"))
    with EmbeddedClamd(tmp_path / "home", NOWHERE) as clamd:
        for path in (clamd.socket, clamd.log, clamd.database, clamd._temporary):
            assert path.is_relative_to("/tmp")
            assert path.parts[2].startswith("sdes-clamd-")
    shutil.rmtree(clamd.socket.parent)
