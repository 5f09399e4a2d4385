"""Two workers share one timetable: each time of each job is kept once, whoever keeps it."""

import time
from collections.abc import Iterator

import pytest

from tests.browser.sites import until
from tests.machines.conftest import Park
from tests.machines.visitor import Visitor
from tests.support.people import hidden

pytestmark = pytest.mark.drill

ASHA, NILS = "asha@brightwatt.example", "nils@northgrid.example"

# Every taking and every ending of a job, written down by the database itself.
_WATCH = """
CREATE TABLE job_watched (key text, scheduled bigint, was text, is_now text);
CREATE FUNCTION watch_job() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO job_watched VALUES (NEW.key, NEW.scheduled, OLD.status, NEW.status); RETURN NULL;
END $$;
CREATE TRIGGER watched AFTER UPDATE ON saq_jobs FOR EACH ROW WHEN (OLD.status <> NEW.status)
    EXECUTE FUNCTION watch_job();
"""
_UNWATCH = "DROP TRIGGER watched ON saq_jobs; DROP FUNCTION watch_job(); DROP TABLE job_watched"
_TAKEN = """
SELECT key, scheduled, count(*) AS times FROM job_watched
 WHERE key LIKE 'cron:%%' AND was = 'queued' AND is_now = 'active' GROUP BY key, scheduled
"""


@pytest.fixture
def watched(park: Park) -> Iterator[Park]:
    park.a.rows(_WATCH)
    yield park
    park.a.rows(_UNWATCH)


def test_each_time_of_the_timetable_is_kept_once(watched: Park) -> None:
    """A job of every ten seconds, one of every minute, and one of the night, whose time is brought forward."""
    watched.a.rows("UPDATE saq_jobs SET scheduled = extract(epoch FROM now()) WHERE key = 'cron:sdep_archive'")

    def kept(key: str) -> list[int]:
        return [row["times"] for row in watched.a.rows(_TAKEN) if row["key"] == f"cron:{key}"]

    began = time.time()
    until(lambda: kept("sdep_archive") and kept("notifications_mail"), "the minute is over", 75)
    until(lambda: len(kept("attachments_sweep")) >= 2, "twice ten seconds are over", 30)
    assert kept("sdep_archive") == [1]
    assert set(kept("notifications_mail")) == set(kept("mail_sweep")) == set(kept("attachments_sweep")) == {1}
    assert len(kept("attachments_sweep")) <= (time.time() - began) / 10 + 2
    ended = watched.a.rows("SELECT key FROM job_watched WHERE is_now IN ('failed', 'aborted')")
    assert not ended, ended


def test_both_machines_have_a_worker_in_the_queue(park: Park) -> None:
    alive = "SELECT worker_id FROM saq_stats WHERE expire_at > extract(epoch FROM now())"
    until(lambda: len(park.a.rows(alive)) >= 2, "both workers have given a sign of life", 30)


def test_a_night_that_both_begin_at_once_is_one_night(park: Park) -> None:
    asha = park.visitor(ASHA)
    references = [asha.send(f"Old {n}", park.ids(), {}) for n in range(3)]
    park.a.rows(
        "UPDATE communication SET last_message_at = now() - interval '40 days' WHERE reference = ANY(%s)", references
    )
    _on_both(park, "jobs", "run", "sdep_archive")
    told = park.a.rows(
        "SELECT subject, count(*) AS times FROM audit_entry WHERE event = 'sdep.communication.archived'"
        " AND subject = ANY(%s) GROUP BY subject",
        references,
    )
    assert {row["subject"]: row["times"] for row in told} == dict.fromkeys(references, 1)


def test_what_is_due_is_mailed_once(park: Park) -> None:
    nils = park.visitor(NILS)
    _wants_mail(nils)
    asha = park.visitor(ASHA)
    park.a.rows("UPDATE session SET last_seen_at = now() - interval '1 hour' WHERE person = %s", _id(park, NILS))
    before = len(_mails_to(park, NILS))
    reference = asha.send("To be mailed", park.ids(), {})
    _on_both(park, "jobs", "run", "notifications_mail")
    _on_both(park, "jobs", "run", "mail_sweep")
    until(lambda: len(_mails_to(park, NILS)) > before, "the mail has come")
    written = park.a.rows("SELECT sent_at FROM mail WHERE person_id = %s AND kind = 'notifications'", _id(park, NILS))
    news = _mails_to(park, NILS)[before:]
    assert len([mail for mail in news if reference in mail]) == 1
    assert all(row["sent_at"] for row in written)


def _on_both(park: Park, *command: str) -> None:
    """That command of `sdes` on both machines at the same time."""
    running = [machine.by_hand(*command) for machine in park.machines]
    for program in running:
        until(lambda program=program: not program.is_running(), f"{command} has ended")
        assert program.exit_code == 0, program.last_words()


def _wants_mail(visitor: Visitor) -> None:
    page = visitor.get("/account/notifications")
    form = {"csrf_token": hidden(page.text, "csrf_token"), "frequency": "immediately"}
    assert visitor.post("/account/notifications", form).status_code == 303


def _id(park: Park, email: str) -> int:
    return int(park.a.rows("SELECT id FROM person WHERE email_key = %s", email)[0]["id"])


def _mails_to(park: Park, email: str) -> list[str]:
    return [mail.message.as_string() for mail in park.mails.received if email in mail.recipients]
