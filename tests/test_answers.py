"""Addresses that lead nowhere or cannot be read: a plain sentence and a way on, never the words of a library."""

import pytest

from tests.support.communications import sent, told
from tests.support.people import Browser

pytestmark = pytest.mark.anyio

LIST = "/sdep/communications"


@pytest.mark.parametrize("path", ["/nothing-here", "/sdep/drafts/zz", "/sdep/drafts/zz/removal"])
async def test_an_unknown_address_leads_to_the_start_page(asha: Browser, path: str) -> None:
    answer = await asha.get(path)
    assert answer.status_code == 404
    assert "Page not found" in answer.text
    assert 'href="/">Go to the start page</a>' in answer.text
    assert "Try again" not in answer.text


@pytest.mark.parametrize("query", ["folder=a&folder=b", "page=a&page=b", "sort=%00", "direction=x", "page=zz"])
async def test_what_cannot_be_read_of_a_list_is_told_plainly_or_ignored(asha: Browser, query: str) -> None:
    answer = await asha.get(f"{LIST}?{query}")
    assert answer.status_code in (200, 400)
    assert "Validation" not in answer.text
    if answer.status_code == 400:
        assert told(answer) == (
            "Part of the address could not be read. Check the address, or begin again from the start page."
        )


async def test_a_value_of_the_wrong_kind_is_told_plainly(asha: Browser) -> None:
    reference = await sent(asha)
    for number in ("zz", "-1", "9" * 30, "0x1"):
        answer = await asha.get(f"{LIST}/{reference}/messages/{number}/files")
        assert answer.status_code in (400, 404), number
        assert "Validation" not in answer.text


@pytest.mark.parametrize("draft", ["zz", "%00", "1", "", "zz&draft=yy"])
async def test_a_draft_that_is_none_is_ignored(asha: Browser, draft: str) -> None:
    reference = await sent(asha)
    answer = await asha.get(f"{LIST}/{reference}?draft={draft}")
    assert answer.status_code in (200, 400)
    assert (answer.status_code == 400) == (draft.count("=") == 1)
    assert "Validation" not in answer.text
