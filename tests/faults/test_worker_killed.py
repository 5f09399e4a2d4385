"""kill -9 of the worker in the middle of a check, a mail, a deletion and a digest, all at once: the next one takes each
up where it is safe to, and does none of them twice."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.faults.house import BRIGHTWATT, NORTHGRID, House
from tests.faults.numbered import Numbered, Sending

pytestmark = pytest.mark.drill

FORGOTTEN = 40  # communications whose time to be deleted has come
TAKEN = "handed_over_at IS NOT NULL"


@dataclass
class Under:
    """What the worker was at when it was killed."""

    checked: Sending
    mailed: int
    due: list[str] = field(default_factory=list)


def test_in_the_middle_of_four_jobs(broken: House, numbered: Numbered) -> None:
    old = [numbered.one(files=(300,)) for _ in range(4)]
    numbered.send(*old)
    came, goes_on = threading.Event(), threading.Event()
    broken.until(lambda: broken.count("SELECT count(*) FROM mail WHERE sent_at IS NULL AND given_up_at IS NULL") == 0, "no mail waits")


