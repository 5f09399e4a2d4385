"""A store of files that is gone, full or hangs: no message goes without its files, and whatever needs none goes on."""

import pytest

from tests.faults.house import House, full
from tests.faults.numbered import Numbered
from tests.support.folders import moved_away

pytestmark = pytest.mark.drill

LIST = "/sdep/communications"


def test_it_is_gone(broken: House, numbered: Numbered) -> None:
    numbered.begin()
    broken.until(lambda: numbered.acknowledged() > 6, "people send")
    reference = next(one.reference for one in numbered.written if one.reference)
    with moved_away(broken.blobs):
        broken.until(lambda: numbered.failed() > 3, "people are told that it does not go through")
        assert "Not answering" in broken.status("Store of attachments")
        assert broken.page(f"{LIST}/{reference}").status_code == 200
        numbered.send(numbered.one(files=()))
    assert "Not answering" not in broken.status("Store of attachments")
    before = numbered.acknowledged()
    broken.until(lambda: numbered.acknowledged() > before + 6, "people send again")
    assert all("The store of attachments" in error for one in numbered.written for error in one.errors)


def test_it_is_full(broken: House, numbered: Numbered) -> None:
    numbered.begin()
    broken.until(lambda: numbered.acknowledged() > 6, "people send")
    with full(broken.home / "store"):
        broken.until(lambda: numbered.failed() > 3, "people are told that it does not go through")
        assert "Full" in broken.status("Store of attachments")
        numbered.send(numbered.one(files=()))
    assert "Full" not in broken.status("Store of attachments")
    before = numbered.acknowledged()
    broken.until(lambda: numbered.acknowledged() > before + 6, "people send again")
    assert all("The store of attachments" in error for one in numbered.written for error in one.errors)
