"""What the status page tells of the machines: clocks that are wrong, and disks with no room left."""

from datetime import timedelta
from pathlib import Path

import pytest

from sdes.kit import clock
from sdes.kit import db as database
from sdes.status import machine
from sdes.status.actions import Sign, keep_sign
from sdes.status.queries import Clock
from tests.support.people import Browser

pytestmark = pytest.mark.anyio

WORKER = "worker:a-machine:41"


@pytest.fixture
async def wrong(db: None) -> None:
    """A worker whose clock is two days ahead."""
    await keep_sign(Sign(WORKER, "worker", clock.now()))
    await database.fetch("UPDATE process_sign SET clock_ahead = 172800 WHERE name = $1", WORKER)


@pytest.mark.usefixtures("wrong")
async def test_those_who_run_it_are_told_whose_clock_is_wrong_and_by_how_much(piet: Browser, carys: Browser) -> None:
    for browser in (piet, carys):
        page = (await browser.get("/status")).text
        assert "Wrong by 2 days" in page
        assert "That of the worker on a-machine is 2 days ahead" in page


@pytest.mark.usefixtures("wrong")
async def test_a_company_is_told_what_it_means_for_it(asha: Browser) -> None:
    page = (await asha.get("/status")).text
    assert "Nothing is archived or deleted because of its date until it is right." in page
    assert "a-machine" not in page


async def test_a_company_is_not_told_of_clocks_that_are_right(asha: Browser, piet: Browser) -> None:
    await keep_sign(Sign(WORKER, "worker", clock.now()))
    assert "clock" not in (await asha.get("/status")).text.partition("<main")[2].lower()
    assert "The clocks of the service agree." in (await piet.get("/status")).text


def test_the_worst_clock_is_told() -> None:
    clocks = [Clock("one", timedelta(seconds=2)), Clock("two", timedelta(hours=-3)), Clock("three", timedelta(hours=1))]
    assert "two is 3 hours behind" in machine.clock_part(clocks).detail
    assert machine.clock_part([]).state == "ok"


def test_a_folder_with_room_and_one_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine.room_part(tmp_path).state == "ok"
    assert (machine.room_part(tmp_path / "gone").state, machine.room(tmp_path / "gone")) == ("bad", 0)
    monkeypatch.setattr(machine, "LEAST_ROOM", 1 << 62)
    assert "Make room there." in machine.room_part(tmp_path).detail
