"""The clock of the running processes jumps, ahead and back, while people send and sign in, and while the worker checks,
mails and does the work of the night. PostgreSQL's stays right. Nobody loses anything, and nothing is destroyed."""

import time

import pytest

from tests.faults.house import BRIGHTWATT, PROVIDER, House
from tests.faults.moved_clock import moved_clock
from tests.faults.numbered import Numbered
from tests.faults.test_mail import write
from tests.faults.test_store_hangs import signs_in

pytestmark = pytest.mark.drill

WRITTEN = "jumps@brightwatt.example"
NIGHTLY = ("sdep_archive", "sdep_delete", "accounts_inactivity", "accounts_forget_sessions", "mail_forget")
# what would go by a clock that is two days ahead, and what would come back by one that is two days behind
_LATEST = "UPDATE communication SET {} = now() - interval '29 days' WHERE reference = %s"
_STATES = (
    "SELECT reference, archived_at IS NOT NULL AS archived FROM communication WHERE reference = ANY (%s) ORDER BY 1"
)
_OFF = "SELECT count(*) FROM message WHERE abs(extract(epoch FROM sent_at - now())) > 600 AND draft = ANY (%s::uuid[])"
_DISORDER = """
SELECT reference FROM (SELECT communication, sent_at < lag(sent_at) OVER (PARTITION BY communication ORDER BY number)
  AS is_before FROM message) m JOIN communication c ON c.id = m.communication WHERE is_before
"""
_FAR_OFF = "SELECT count(*) FROM saq_jobs WHERE scheduled > extract(epoch FROM now()) + 26 * 3600"
_SENT = "SELECT count(*) FROM mail WHERE to_address = %s AND sent_at IS NOT NULL"


def test_it_jumps_while_all_go_on(broken: House, numbered: Numbered) -> None:
    resting, gone = numbered.one(files=(300,)), numbered.one(files=(300,))
    numbered.send(resting, gone)
    broken.rows(_LATEST.format("last_message_at"), resting.reference)
    broken.rows(_LATEST.format("archived_at"), gone.reference)
    mails = 0
    with moved_clock(broken.home) as shown, broken.begun_anew(**shown.environment):
        numbered.begin()
        with broken.client(BRIGHTWATT) as somebody:
            for ahead, said in (("+1h", ""), ("+2d", "2 days ahead"), ("-2d", ""), ("+0", "")):
                shown.show(ahead)
                before = numbered.acknowledged()
                signs_in(broken)
                assert somebody.get("/sdep/communications").status_code == 200, "and nobody is signed out"
                if said:
                    broken.until(lambda said=said: said in broken.status("Clock", PROVIDER), "the page says so", 20)
                    assert "Being put right" in broken.status("Clock")
                    broken.until(
                        lambda: "clock of this machine is wrong" in broken.page("/health/ready").text, "ready, too"
                    )
                    nights_work(broken, ahead)
                write(broken, WRITTEN)
                mails += 1
                broken.ask_worker("mail_sweep", f"mails by {ahead}")
                broken.until(lambda mails=mails: broken.count(_SENT, WRITTEN) == mails, f"by {ahead} a mail goes out")
                broken.until(lambda before=before: numbered.acknowledged() > before + 2, f"by {ahead} people send")
            broken.until(lambda: "Right" in broken.status("Clock", PROVIDER), "the page says that it is right", 20)
            assert broken.status("Clock") == ""
            assert somebody.get("/sdep/communications").status_code == 200
            broken.until(lambda: broken.count(_FAR_OFF) == 0, "no job waits for a day that is far off")
            two = sorted((resting.reference, gone.reference))
            states = {row["reference"]: row["archived"] for row in broken.rows(_STATES, two)}
            assert states == {resting.reference: False, gone.reference: True}
    assert broken.count(_OFF, [str(one.draft_id) for one in numbered.written]) == 0, "sent at the true time"
    assert not broken.rows(_DISORDER)
    assert not numbered.told("500")
    assert [got.recipients for got in broken.mail.received].count([WRITTEN]) == mails


def nights_work(house: House, ahead: str) -> None:
    """Asks for the work of the night, and waits until the worker has refused it."""
    failed = "SELECT name FROM job_run WHERE last_failed_at > %s AND name = ANY (%s)"
    since = house.rows("SELECT clock_timestamp() AS at")[0]["at"]
    for name in NIGHTLY:
        house.ask_worker(name, f"{name} by {ahead} {time.monotonic()}")
    house.until(
        lambda: len(house.rows(failed, since, list(NIGHTLY))) == len(NIGHTLY), "the work of the night is refused"
    )
