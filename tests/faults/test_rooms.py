"""The disks of the processes themselves are full: of temporary files, and of the folder of logs. Whoever needs room is
told so, nobody else notices, and nothing is left lying about."""

import pytest

from tests.faults.house import BRIGHTWATT, PROVIDER, House, full
from tests.faults.numbered import Numbered

pytestmark = pytest.mark.drill

MASTER_ADMIN, REPORTER = "mo@brightwatt.example", "farida@brightwatt.example"
MADE_AS_FILES = (
    *(("/sdep/reports/messages.xlsx", REPORTER), ("/sdep/reports/messages.csv", REPORTER)),
    ("/audit/export.xlsx", MASTER_ADMIN),
)
NEVER_IN_A_FILE = (("/audit/export.csv", MASTER_ADMIN), ("/sdep/communications", BRIGHTWATT))
PART = "Disk of the service"


def test_there_is_no_room_for_temporary_files(broken: House, numbered: Numbered) -> None:
    taken_out(broken, MADE_AS_FILES)
    with full(broken.temporary):
        numbered.send(numbered.one(files=(300, 9_000_000)))  # nothing of it lies in a file of ours on its way
        assert not numbered.failed()
        for path, email in MADE_AS_FILES:
            answer = broken.page(path, email)
            assert (answer.status_code, "The server has no room for the file" in answer.text) == (503, True), path
        taken_out(broken, NEVER_IN_A_FILE)
        assert left_over(broken) == ["filler"]
        assert "Full" in broken.status(PART, PROVIDER)
        assert "temporary" in broken.status(PART, PROVIDER)
    taken_out(broken, MADE_AS_FILES)
    assert left_over(broken) == []
    assert "Enough" in broken.status(PART, PROVIDER)


def test_there_is_no_room_at_home(broken: House, numbered: Numbered) -> None:
    numbered.begin()
    with full(broken.home):
        before = numbered.acknowledged()
        broken.until(lambda: numbered.acknowledged() > before + 6, "people send, though no log is written")
        assert "Full" in broken.status(PART, PROVIDER)
        taken_out(broken, (*MADE_AS_FILES, *NEVER_IN_A_FILE))
        broken.kill(broken.web.pid)
        broken.goes_on()
        broken.kill(broken.worker.pid)
        broken.goes_on()
    assert not numbered.told("500")
    assert "Enough" in broken.status(PART, PROVIDER)


def taken_out(house: House, files: tuple[tuple[str, str], ...]) -> None:
    for path, email in files:
        answer = house.page(path, email)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[-500:])


def left_over(house: House) -> list[str]:
    return sorted(file.name for file in house.temporary.iterdir())
