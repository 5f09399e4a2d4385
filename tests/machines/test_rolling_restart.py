"""Programs are restarted one after the other while people work: no request is lost, and none is carried out twice."""

from collections import Counter

import pytest

from tests.browser.sites import until
from tests.machines.conftest import Park
from tests.machines.driver import Crowd
from tests.machines.machine import Machine

pytestmark = pytest.mark.drill

CROWD = ["asha@brightwatt.example", "ben@brightwatt.example", "nils@northgrid.example", "mo@brightwatt.example"] * 2

_WRITTEN = """
SELECT m.text FROM message m JOIN communication c ON c.id = m.communication
 WHERE c.reference = ANY(%s) AND m.number > 1
"""
_CHECKED = """
SELECT a.state, count(*) AS n FROM attachment a JOIN message_attachment x ON x.attachment = a.id
  JOIN communication c ON c.id = x.communication WHERE c.reference = ANY(%s) GROUP BY a.state
"""


def test_no_request_is_lost_while_the_web_applications_are_restarted(park: Park) -> None:
    before = len(park.proxy.served())
    with Crowd(park, CROWD) as crowd:
        for machine in park.machines:
            _works(park, machine)
            machine.restart_web()
            _works(park, machine)
    served = park.proxy.served()[before:]
    assert not crowd.wrong
    assert Counter(row["text"] for row in park.a.rows(_WRITTEN, crowd.references)) == Counter(crowd.acknowledged)
    assert len(crowd.acknowledged) > 3 * len(CROWD), "too little was done to prove anything"
    assert not [request for request in served if request.status >= 500]
    assert [request for request in served if len(request.by) > 1], "nginx never had to ask the other"


def test_no_file_stays_unchecked_and_no_job_is_lost_while_the_workers_are_restarted(park: Park) -> None:
    with Crowd(park, CROWD[:4]) as crowd:
        for machine in park.machines:
            done = len(crowd.acknowledged)
            until(lambda done=done: len(crowd.acknowledged) > done + 12, "files have come in")
            machine.restart_worker()
    assert not crowd.wrong
    until(lambda: _states(park, crowd) == {"clean"}, "every file has been checked", 60)
    active = "SELECT key FROM saq_jobs WHERE status = 'active'"
    left = {row["key"] for row in park.a.rows(active)}
    until(lambda: not left & {row["key"] for row in park.a.rows(active)}, "no job is held by a worker that is gone", 45)


def test_nobody_notices_a_migration(park: Park) -> None:
    """One that finds nothing new does what each does: it makes functions, grants and policies anew."""
    with Crowd(park, CROWD[:4]) as crowd:
        _works(park, park.a)
        for _ in range(3):
            migration = park.a.by_hand("migrate")
            until(lambda migration=migration: not migration.is_running(), "it has ended")
            assert migration.exit_code == 0, migration.last_words()
        _works(park, park.b)
    assert not crowd.wrong


def _works(park: Park, machine: Machine) -> None:
    """Waits until nginx gives work to that machine, and it does it."""
    at, before = f"127.0.0.1:{machine.port}", len(park.proxy.served())

    def has_served() -> int:
        return sum(request.by[-1:] == (at,) and request.status < 400 for request in park.proxy.served()[before:])

    until(lambda: has_served() >= 20, f"nginx gives work to {at}")


def _states(park: Park, crowd: Crowd) -> set[str]:
    return {row["state"] for row in park.a.rows(_CHECKED, crowd.references)}
