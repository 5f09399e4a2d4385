"""kill -9 of the web application in the middle of a send with files: nothing is lost, half there or double."""

import pytest

from tests.faults.house import House
from tests.faults.numbered import Numbered

pytestmark = pytest.mark.drill


def test_before_the_commit(broken: House, numbered: Numbered) -> None:
    one = numbered.one()
    with broken.holding("LOCK TABLE communication_search IN SHARE MODE"):
        thread = numbered.begun(one)
        broken.until(lambda: broken.is_waiting("sdep_index"), "the send waits in its transaction")
        broken.kill(broken.web.pid)
        thread.join(10)
    assert not one.reference
    broken.goes_on()
    assert not broken.rows("SELECT 1 FROM message WHERE draft = %s", one.draft_id)
    numbered.send(one)


def test_after_the_commit_and_before_the_answer(broken: House, numbered: Numbered) -> None:
    one = numbered.one()
    with broken.holding("LOCK TABLE saq_jobs IN EXCLUSIVE MODE"):  # the worker is nudged after the commit
        thread = numbered.begun(one)
        broken.until(lambda: broken.rows("SELECT 1 FROM message WHERE draft = %s", one.draft_id), "it is committed")
        assert not one.reference
        broken.kill(broken.web.pid)
        thread.join(10)
    assert not one.reference
    assert one.errors
    broken.goes_on()
    numbered.send(one)  # the person does not know: the same message is acknowledged, and no second one is there
