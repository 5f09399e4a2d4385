"""The status page: what is told of the files that wait for their virus check."""

from datetime import timedelta

import pytest

from sdes.kit import clock, db
from tests.support.communications import sent
from tests.support.people import Browser

pytestmark = pytest.mark.anyio


@pytest.fixture
async def waiting(asha: Browser) -> None:
    """One file that was sent 20 minutes ago and that the worker has not tried yet."""
    await sent(asha, [("a.txt", b"waits")])
    at = clock.now() - timedelta(minutes=20)
    await db.fetch("UPDATE attachment SET created_at = $1, next_attempt_at = $1", at)


@pytest.mark.usefixtures("waiting")
async def test_a_file_that_nobody_came_to_in_time_is_late(asha: Browser) -> None:
    page = (await asha.get("/status")).text
    assert "1 late" in page
    assert "Of 1 waiting, the oldest has waited 20 minutes." in page


@pytest.mark.usefixtures("waiting")
async def test_a_file_that_was_tried_in_vain_is_late_until_it_is_checked(asha: Browser) -> None:
    await db.fetch("UPDATE attachment SET attempts = 3, next_attempt_at = $1", clock.now() + timedelta(minutes=4))
    assert "1 late" in (await asha.get("/status")).text
    await db.fetch("UPDATE attachment SET state = 'clean'")
    assert "None waiting" in (await asha.get("/status")).text


@pytest.mark.usefixtures("waiting")
async def test_a_file_left_alone_for_now_waits_and_is_not_late(asha: Browser) -> None:
    await db.fetch("UPDATE attachment SET next_attempt_at = $1", clock.now() + timedelta(hours=1))
    page = (await asha.get("/status")).text
    assert "1 waiting" in page
    assert "late" not in page.partition("<main")[2].partition("</main>")[0]


async def test_a_file_just_sent_is_not_late(asha: Browser) -> None:
    await sent(asha, [("a.txt", b"waits")])
    page = (await asha.get("/status")).text
    assert "1 waiting" in page
    assert "Files are checked in the order in which they come." in page


@pytest.mark.usefixtures("waiting")
async def test_other_companies_files_are_not_told_of(cleo: Browser) -> None:
    assert "None waiting" in (await cleo.get("/status")).text
