"""A clock that jumps a day ahead and comes back: what was put off in between does not wait until it is there again."""

import os
import signal
import sys
from datetime import UTC, datetime, timedelta

import pytest

from tests.faults.house import House
from tests.faults.numbered import Numbered
from tests.faults.test_mail import write

pytestmark = pytest.mark.drill

WAITING = "waiting@brightwatt.example"
AHEAD, BACK = ("attachments_sweep", "mail_sweep"), ("mail_sweep", "notifications_mail")


def test_it_jumps_ahead_and_back(broken: House, numbered: Numbered) -> None:
    one = numbered.one(files=(300, 400))
    assert broken.worker.pid
    os.kill(broken.worker.pid, signal.SIGSTOP)  # so that it does not put right at once what is to be looked at
    broken.clamd.stop()
    broken.mail.stop()
    try:
        numbered.send(one)
        write(broken, WAITING)
        jobs_as_at(broken, datetime.now(UTC) + timedelta(days=1), *AHEAD)
        ahead = "SELECT count(*) FROM attachment WHERE name LIKE %s AND next_attempt_at > now() + interval '20 hours'"
        assert broken.count(ahead, f"%-of-{one.id}.txt") > 0, "nothing was put off, so nothing is proven"
        assert broken.count("SELECT count(*) FROM mail WHERE next_attempt_at > now() + interval '20 hours'") > 0
    finally:
        broken.clamd.start()
        broken.mail.start()
    # the queue, too, was kept by the clock that was ahead
    broken.kill(broken.worker.pid)
    broken.rows("UPDATE saq_jobs SET scheduled = scheduled + 86400 WHERE status NOT IN ('active', 'aborting')")
    broken.until(lambda: broken.states(one.reference) == ["clean"] * 2, "the files are checked")
    broken.ask_worker("mail_sweep", "the next minute")
    sent = "SELECT 1 FROM mail WHERE to_address = %s AND sent_at IS NOT NULL"
    broken.until(lambda: broken.rows(sent, WAITING), "the mail goes out")
    jobs_as_at(broken, datetime.now(UTC) - timedelta(hours=1), *BACK)
    assert [got.recipients for got in broken.mail.received].count([WAITING]) == 1


def jobs_as_at(house: House, moment: datetime, *names: str) -> None:
    """Runs jobs of the timetable by hand, as at another time."""
    for name in names:
        child = house.program("job", [sys.executable, "-m", "sdes", "jobs", "run", name, "--at", moment.isoformat()])
        child.start()
        house.until(lambda child=child: not child.is_running(), f"{name} ends")
        assert child.exit_code == 0, child.last_words()
