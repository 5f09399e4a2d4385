"""Several processes on one port: all serve, a dead one is started again, and none outlives the one above."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.sites import until
from tests.serving.serving import Web

pytestmark = pytest.mark.drill


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Web]:
    """Two processes, which both serve."""
    with Web(tmp_path, "--processes", "2") as web:
        until(lambda: len(serving(web)) == 2, "both serve", 30)
        yield web


def serving(web: Web) -> set[int]:
    """The processes that answer."""
    return {web.ask()["pid"] for _ in range(12)}


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"


def test_a_dead_one_is_started_again_and_nobody_is_turned_away(two: Web) -> None:
    before = serving(two)
    dead = min(before)
    os.kill(dead, signal.SIGKILL)
    after = {two.ask()["pid"] for _ in range(40)}  # whoever comes to the dead one's door waits for its successor
    assert dead not in after
    assert len(after) == 2, after
    assert len(before & after) == 1
    assert "stopped by itself" in two.log


def test_all_end_together(two: Web) -> None:
    pids = serving(two)
    two.send(signal.SIGTERM)
    until(two.has_ended, "the one above has ended", 20)
    assert two.child.exit_code == 0
    assert not any(map(lives, pids))


def test_none_outlives_the_one_above(two: Web) -> None:
    pids = serving(two)
    two.send(signal.SIGKILL)
    until(lambda: not any(map(lives, pids)), "they have ended", 20)


def test_they_count_together_in_a_folder_of_this_run(tmp_path: Path) -> None:
    left = tmp_path / "run" / "metrics-999999999"
    left.mkdir(parents=True)
    with Web(tmp_path, "--processes", "2") as web:
        folder = Path(web.ask()["counts"])
        assert folder == tmp_path / "run" / f"metrics-{web.pid}"
        assert folder.is_dir()
        assert not left.exists(), "what runs before have left"
    assert not folder.exists()


def test_one_alone_needs_no_folder(tmp_path: Path) -> None:
    with Web(tmp_path) as web:
        assert web.ask()["counts"] == ""
        assert web.ask()["pid"] == web.pid
