"""kill -9 of the worker in the middle of a check, a mail, a deletion and a digest, all at once: the next one takes up
what is safe to take up, and does nothing twice."""

import os
import re
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from sdes.embedded.clamd import EmbeddedClamd
from tests.faults.house import BRIGHTWATT, NORTHGRID, PROVIDER, House
from tests.faults.numbered import Numbered, Sending

pytestmark = pytest.mark.drill

_LAST_TOLD = "SELECT n.id, n.person FROM notification n JOIN person p ON p.id = n.person WHERE p.email_key = %s"
_MAILS = "SELECT count(*) FROM mail WHERE to_address = %s"
_DELETED = "SELECT reference, blobs FROM deleted_communication WHERE reference = ANY (%s)"


@pytest.mark.spec("SD 8.4")
@pytest.mark.spec("SD 11.1(f)")
@pytest.mark.spec("SD 14.4")
def test_in_the_middle_of_four_jobs(broken: House, numbered: Numbered) -> None:
    old = [numbered.one(files=(300,)) for _ in range(4)]
    numbered.send(*old)
    numbered.written.clear()  # they will be gone at the end
    gone = [one.reference for one in old]
    broken.rows("UPDATE communication SET archived_at = now() - interval '40 days' WHERE reference = ANY (%s)", gone)
    broken.rows(
        "INSERT INTO notification_setting (company, person, frequency) SELECT company, id, 'immediately' FROM person"
        " WHERE email_key = %s ON CONFLICT (person) DO UPDATE SET frequency = 'immediately'",
        NORTHGRID,
    )
    came, goes_on, before = threading.Event(), threading.Event(), broken.count(_MAILS, NORTHGRID)

    def hold() -> None:
        came.set()
        goes_on.wait(60)

    broken.mail.at_data = hold
    numbered.send(numbered.one(files=()))
    broken.ask_worker("notifications_mail", "the first digest")
    broken.until(came.is_set, "a mail is being handed over")
    with mute(broken.clamd) as is_asked, digest_held_up(broken, numbered):
        numbered.send(checked := numbered.one(files=(300,)))
        broken.ask_worker("notifications_mail", "the second digest")
        broken.until(lambda: broken.is_waiting("INSERT INTO mail"), "a digest is being written")
        held = "SELECT 1 FROM communication_party p JOIN communication c ON c.id = p.communication WHERE"
        with broken.holding(f"{held} c.reference = '{gone[2]}' FOR UPDATE OF p"):
            broken.ask_worker("sdep_delete", "the deletion")
            broken.until(lambda: broken.is_waiting("DELETE FROM communication_party"), "a deletion is under way")
            broken.until(is_asked, "a file is being checked")
            broken.kill(broken.worker.pid)
    broken.mail.at_data = lambda: None
    goes_on.set()
    assert broken.count("SELECT count(*) FROM communication WHERE reference = ANY (%s)", gone) == 4, "none is half gone"
    assert broken.count(_MAILS, NORTHGRID) == before + 1, "the second digest was not written"
    broken.until(lambda: broken.worker.is_running() and files_of(broken, checked) == ["clean"], "the file is checked")
    broken.ask_worker("notifications_mail", "the second digest, the minute after")
    broken.until(lambda: broken.count(_MAILS, NORTHGRID) == before + 2, "the digest is written, once")
    broken.until(
        lambda: len(told := broken.rows(_DELETED, gone)) == 4 and not any(row["blobs"] for row in told),
        "the queue has the deletion done by the next worker",
        120,
    )
    deleted = "SELECT count(*) FROM audit_entry WHERE event = 'sdep.communication.deleted' AND subject = ANY (%s)"
    assert broken.count(deleted, gone) == 4
    assert broken.count("SELECT count(*) FROM communication WHERE reference = ANY (%s)", gone) == 0
    broken.ask_worker("mail_sweep", "the mails, the minute after")
    sent = "SELECT sent_at IS NOT NULL AS sent FROM mail WHERE to_address = %s ORDER BY id"
    broken.until(lambda: broken.rows(sent, NORTHGRID)[-1]["sent"], "the second mail goes out")
    handed = [row["sent"] for row in broken.rows(sent, NORTHGRID)][before:]
    assert handed == [False, True], "what may have arrived is not sent again"


def test_while_it_is_away_everybody_is_told(broken: House) -> None:
    gone = broken.worker.pid
    assert gone
    os.kill(gone, signal.SIGSTOP)  # alive for whoever watches over it, and it does nothing
    try:
        time.sleep(0.5)
        broken.rows("UPDATE process_sign SET seen_at = seen_at - interval '1 minute' WHERE kind = 'worker'")
        broken.rows("UPDATE job_run SET due_at = now() - interval '6 minutes' WHERE name = 'mail_sweep'")
        broken.ask_worker("mail_deliver", "a nudge that nobody takes")
        for email in (BRIGHTWATT, PROVIDER):
            assert "No sign of life" in broken.status("Worker", email)
        assert "waiting" in broken.status("Queue of jobs", PROVIDER)
        assert re.search(r"mail_sweep.*?Missed", broken.page("/status", PROVIDER).text, re.DOTALL)
        assert broken.page("/health/ready").status_code == 200, "people are served without it"
    finally:
        broken.kill(gone)
    broken.goes_on()
    broken.until(lambda: "No sign of life" not in broken.status("Worker"), "it is back")
    broken.until(lambda: "Missed" not in broken.page("/status", PROVIDER).text, "what was missed is done")


def files_of(house: House, one: Sending) -> list[str]:
    return house.states(one.reference)


@contextmanager
def digest_held_up(house: House, numbered: Numbered) -> Iterator[None]:
    """Inside the block whoever writes the next mail to Nils waits: another has begun to write the same one."""
    numbered.send(numbered.one(files=()))
    (last,) = house.rows(f"{_LAST_TOLD} ORDER BY n.id DESC LIMIT 1", NORTHGRID)
    with house.holding("SELECT 1") as connection:
        for further in range(6):  # whatever it is told of until it is written
            connection.execute(
                "INSERT INTO mail (kind, to_address, to_name, subject, once_key, created_at, next_attempt_at)"
                " VALUES ('', '', '', '', %s, now(), now())",
                (f"notifications:{last['person']}:{last['id'] + further}",),
            )
        yield


@contextmanager
def mute(clamd: EmbeddedClamd) -> Iterator["Mute"]:
    """Inside the block clamd takes what it is given and says nothing; calling what is given tells whether of a file."""
    clamd.stop()
    made = Mute(clamd)
    try:
        yield made
    finally:
        made.end()
        clamd.start()


class Mute:
    """A scanner that hears and does not speak."""

    def __init__(self, clamd: EmbeddedClamd) -> None:
        self._path = clamd.socket
        self._path.unlink(missing_ok=True)
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(self._path))
        self._server.listen()
        self._lines: list[socket.socket] = []  # kept open: a closed one is an answer
        self._heard = threading.Event()
        threading.Thread(target=self._hear, daemon=True).start()

    def __call__(self) -> bool:
        return self._heard.is_set()

    def end(self) -> None:
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for line in self._lines:
            line.close()
        self._path.unlink(missing_ok=True)

    def _hear(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self._server.accept()
                self._lines.append(line)
                if b"INSTREAM" in line.recv(64):
                    self._heard.set()
