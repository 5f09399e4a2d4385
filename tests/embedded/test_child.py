"""A program beside the supervisor: heard, quoted, ended, and never left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from sdes.embedded.child import Child

STARTER = """
import os, sys, time
from pathlib import Path
from sdes.embedded.child import Child
code = "import time; print('up', flush=True); time.sleep(60)"
child = Child("it", [sys.executable, "-c", code], Path(sys.argv[1]), dict(os.environ))
child.start()
while not child.log.read_text():
    time.sleep(0.02)
print(child.pid, flush=True)
time.sleep(60)
"""


def python(tmp_path: Path, code: str) -> Child:
    return Child("it", [sys.executable, "-u", "-c", code], tmp_path / "log" / "it.log", dict(os.environ))


def wait_until(holds: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.02)


def test_warnings_are_news_once_and_the_end_of_its_log_can_be_quoted(tmp_path: Path) -> None:
    child = python(tmp_path, "print('started'); print('ERROR: no paper'); raise SystemExit(3)")
    child.start()
    wait_until(lambda: child.exit_code is not None)
    assert child.news() == ["ERROR: no paper"]
    assert child.news() == []
    assert child.how_it_ended() == "exit code 3"
    assert child.last_words() == f"    started\n    ERROR: no paper\n    (all of it: {child.log})"
    child.stop()


def test_its_last_words_are_those_of_this_run(tmp_path: Path) -> None:
    for word in ("first", "second"):
        child = python(tmp_path, f"print('{word}')")
        child.start()
        wait_until(lambda child=child: child.exit_code is not None)  # type: ignore[misc]
    assert "second" in child.last_words()
    assert "first" not in child.last_words()


def test_the_terminals_ctrl_c_does_not_reach_it(tmp_path: Path) -> None:
    child = python(tmp_path, "import time; print('up'); time.sleep(60)")
    child.start()
    assert child.pid is not None
    assert os.getpgid(child.pid) != os.getpgid(0)
    child.stop()
    assert not child.is_running()


def test_one_that_will_not_end_is_ended_with_all_it_started(tmp_path: Path) -> None:
    code = (
        "import signal, subprocess, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep(60)"
    )
    child = python(tmp_path, code)
    child.start()
    wait_until(lambda: child.log.read_text().endswith("\n"))
    grandchild = int(child.log.read_text())
    child.stop(seconds=0.2)
    wait_until(lambda: is_gone(grandchild))


def test_it_ends_when_its_starter_is_killed(tmp_path: Path) -> None:
    starter = subprocess.Popen([sys.executable, "-c", STARTER, str(tmp_path / "log")], stdout=subprocess.PIPE)
    assert starter.stdout is not None
    pid = int(starter.stdout.readline())
    starter.send_signal(signal.SIGKILL)
    starter.wait()
    wait_until(lambda: is_gone(pid))


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True
