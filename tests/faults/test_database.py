"""PostgreSQL killed and started again under load: what was acknowledged stays, once; all goes on by itself."""

import os
import signal
import time
from collections.abc import Callable

import psycopg
import pytest

from tests.faults.house import BRIGHTWATT, House, full
from tests.faults.numbered import Numbered

pytestmark = pytest.mark.drill

_BACKEND = (
    "SELECT pid FROM pg_stat_activity WHERE usename = 'sdes_web' AND query <> '' ORDER BY state, query_start DESC"
)


def kill_a_backend(house: House) -> None:
    os.kill(house.rows(_BACKEND)[0]["pid"], signal.SIGKILL)


def kill_the_server(house: House) -> None:
    house.kill(house.postgres.pid)


def restart_the_server(house: House) -> None:
    assert house.postgres.pid
    os.kill(house.postgres.pid, signal.SIGINT)


@pytest.mark.parametrize("how", [kill_a_backend, kill_the_server, restart_the_server])
def test_in_the_middle_of_load(broken: House, numbered: Numbered, how: Callable[[House], None]) -> None:
    numbered.begin()
    broken.until(lambda: numbered.acknowledged() > 6, "people send")
    how(broken)
    broken.until(lambda: numbered.failed() > 0, "somebody was told that it did not go through")
    before = numbered.acknowledged()
    broken.until(lambda: numbered.acknowledged() > before + 6, "people send again")
    assert not numbered.told("500")


def test_the_commit_whose_outcome_nobody_hears(broken: House, numbered: Numbered) -> None:
    """A commit that waits for a standby is true already, and its connection is killed: to the web application it is as
    if it had failed, and after the recovery the message is there. Its files must be, too."""
    one = numbered.one()
    with broken.holding("LOCK TABLE communication_search IN SHARE MODE"):
        thread = numbered.begun(one)
        broken.until(lambda: broken.is_waiting("sdep_index"), "the send waits in its transaction")
        commits_wait(broken, True)
    sending = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND usename = 'sdes_web'"
    broken.until(lambda: broken.rows(sending), "the commit waits for a standby that does not come")
    os.kill(broken.rows(sending)[0]["pid"], signal.SIGKILL)
    broken.until(lambda: commits_wait(broken, False), "commits wait no more")
    thread.join(60)
    assert one.errors
    assert not one.reference
    broken.until(lambda: broken.rows("SELECT 1 FROM message WHERE draft = %s", one.draft_id), "it was committed")
    numbered.send(one)


def commits_wait(house: House, wait: bool) -> bool:
    with psycopg.connect(house.owner_url, autocommit=True) as connection:
        which = "SET synchronous_standby_names = 'nobody'" if wait else "RESET synchronous_standby_names"
        connection.execute(f"ALTER SYSTEM {which}")
        connection.execute("SELECT pg_reload_conf()")
    time.sleep(0.5)  # until every process has read it
    return True


def test_its_disk_is_full(broken: House, numbered: Numbered) -> None:
    numbered.begin()
    broken.until(lambda: numbered.acknowledged() > 6, "people send")
    with full(broken.home / "postgres"):
        # what is written now is refused, or PostgreSQL stops altogether; either is told, and neither loses anything
        broken.until(lambda: numbered.failed() > 3, "people are told that it does not go through")
        broken.until(lambda: is_told_that_it_is_full(broken), "the status page says so, or that nothing answers")
    assert not numbered.told("500")
    before = numbered.acknowledged()
    broken.until(lambda: numbered.acknowledged() > before + 6, "people send again")


def is_told_that_it_is_full(house: House) -> bool:
    answer = house.page("/status")
    return answer.status_code == 503 or "Full" in house.status("Database")


def test_while_it_is_away_everybody_is_told(broken: House) -> None:
    asha = broken.client(BRIGHTWATT)
    assert broken.postgres.pid
    with asha:
        os.kill(broken.postgres.pid, signal.SIGINT)  # and nobody starts it again meanwhile
        give_up = time.monotonic() + 20
        while (page := asha.get("/status")).status_code == 200 and time.monotonic() < give_up:
            time.sleep(0.1)
        assert (page.status_code, "The database does not answer" in page.text) == (503, True)
        while (ready := asha.get("/health/ready")).status_code == 200 and time.monotonic() < give_up:
            time.sleep(0.1)
        assert ready.status_code == 503
        assert ready.json()["parts"]["database"] == "The database does not answer."
        assert asha.get("/health/live").status_code == 200
    broken.goes_on()
    broken.until(lambda: broken.page("/health/ready").status_code == 200, "it is ready again")
    broken.until(lambda: "Working" in broken.status("Database"), "the status page says that it works", 30)
