"""A store of files in the cloud that hangs or trickles: who sends or fetches files waits for it, and nobody else."""

import base64
import os
import signal
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pytest

from sdes.kit.blobstores import create_container
from tests.azurite import azurite
from tests.browser.sites import PASSWORD
from tests.faults.checking import Checker
from tests.faults.hanging import Line
from tests.faults.house import BRIGHTWATT, House
from tests.faults.numbered import Numbered

pytestmark = [pytest.mark.drill, pytest.mark.spec("SD 8.3")]

DATABASE = "sdes_cloud"
AT_ONCE = 9  # more than the threads that a process of two cores has for everything
FETCHING = 20  # more, together with them, than may wait for the store at once
RATE = 200  # bytes a second


@pytest.fixture(scope="module")
def line() -> Iterator[tuple[Line, str, str]]:
    """A store in Azure's emulator behind a line that can hang; its URL and key."""
    key = base64.b64encode(os.urandom(64)).decode()
    with azurite.running(key) as url:
        create_container(url, key)
        port = urlsplit(url.split("endpoint=")[1]).port
        assert port
        made = Line(port)
        yield made, url.replace(f":{port}/", f":{made.port}/"), key
        made.close()


@pytest.fixture(scope="module")
def in_the_cloud(the_house: House, line: tuple[Line, str, str]) -> Iterator[House]:
    with psycopg.connect(the_house.postgres.url("sdes_owner", "postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {DATABASE} OWNER sdes_owner")
    made = House(the_house.home / "cloud", the_house.postgres, the_house.clamd, the_house.mail, DATABASE)
    made.keep_files_at(*line[1:])
    try:
        made.begin()
        yield made
    finally:
        made.close()


def test_who_sends_files_waits_and_nobody_else(in_the_cloud: House, line: tuple[Line, str, str]) -> None:
    house, numbered = in_the_cloud, Numbered(in_the_cloud)
    with line[0].hanging():
        for _ in range(AT_ONCE):
            numbered.begun(numbered.one())
        time.sleep(1)
        assert house.page("/sdep/communications").status_code == 200
        assert signs_in(house) < 5
        house.until(lambda: "Not answering" in house.status("Store of attachments"), "the status page says so")
        assert numbered.acknowledged() == 0
        assert house.count("SELECT count(*) FROM attachment WHERE name LIKE 'part-%%'") == 0
    numbered.stop()
    assert numbered.failed() == 0, "a store that was slow for some seconds is no error"
    Checker(house).look_at(numbered)
    house.until(lambda: "Not answering" not in house.status("Store of attachments"), "it is back")


def test_a_store_that_trickles_holds_nobody_who_needs_no_file(in_the_cloud: House, line: tuple[Line, str, str]) -> None:
    house, numbered = in_the_cloud, Numbered(in_the_cloud)
    numbered.send(there := numbered.one(files=(40_000,)))
    house.until(lambda: house.states(there.reference) == ["clean"], "its file is checked")
    (file,) = house.rows("SELECT id, name FROM attachment WHERE name = %s", next(iter(there.files)))
    path, fetched = f"/sdep/communications/{there.reference}/attachments/{file['id']}", list[bytes]()
    fetching = [threading.Thread(target=lambda: fetched.append(house.page(path).content)) for _ in range(FETCHING)]
    assert house.worker.pid
    os.kill(house.worker.pid, signal.SIGSTOP)  # so that it begins the next check when the store trickles
    numbered.send(checked := numbered.one(files=(40_000,)))
    with line[0].trickling(RATE):
        os.kill(house.worker.pid, signal.SIGCONT)
        for _ in range(AT_ONCE):
            numbered.begun(numbered.one())
        for thread in fetching:
            thread.start()
        house.until(lambda: "Not answering" in house.status("Store of attachments"), "the status page says so", 10)
        assert house.page("/sdep/communications").status_code == 200
        assert signs_in(house) < 5
        house.goes_on()  # the worker, too, though a check of its own waits
        assert numbered.acknowledged() == 2
        assert not fetched
        assert house.states(checked.reference) == ["pending"]
    for thread in fetching:
        thread.join(60)
    assert fetched == [there.files[file["name"]]] * FETCHING
    numbered.stop()
    assert numbered.failed() == 0, "a store that was slow for some seconds is no error"
    house.until(lambda: house.states(checked.reference) == ["clean"], "what was being checked is checked")
    Checker(house).look_at(numbered)
    house.until(lambda: "Not answering" not in house.status("Store of attachments"), "it is back")


def signs_in(house: House) -> float:
    """Seconds that it takes; the password is checked in a thread."""
    began = time.monotonic()
    with house.client(BRIGHTWATT) as client:
        client.cookies.delete("sdes")
        form = client.get("/sign-in").text
        token = form.split('name="csrf_token" value="')[1].split('"')[0]
        answer = client.post("/sign-in", data={"csrf_token": token, "email": BRIGHTWATT, "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    return time.monotonic() - began
