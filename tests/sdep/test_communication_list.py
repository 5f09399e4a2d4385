"""The communication list: what is on it, for whom, in which order."""

import pytest

from tests.support.people import Browser

pytestmark = pytest.mark.anyio


@pytest.mark.spec("SD 11.1(a)")
async def test_an_empty_list_says_so(asha: Browser) -> None:
    answer = await asha.get("/sdep/communications")
    assert answer.status_code == 200
    assert "Nothing is waiting for you" in answer.text


async def test_nobody_is_asked_to_sign_in_first(nobody: Browser) -> None:
    answer = await nobody.get("/sdep/communications")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Fsdep%2Fcommunications"


async def test_a_metering_firm_has_no_access(mei: Browser) -> None:
    assert (await mei.get("/sdep/communications")).status_code == 403
