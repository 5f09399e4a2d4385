"""Something else sent, or typed on, in the page of a draft that was sent before: the first stands, nothing is lost."""

from typing import Any
from uuid import uuid4

import pytest

from sdes.attachments.vault import Vault
from sdes.kit import db
from tests.support.communications import count, filled, post_new, post_reply, replied, sent, told
from tests.support.people import HTMX, Browser, hidden

pytestmark = pytest.mark.anyio

DRAFTS = "/sdep/drafts"
KEPT = " What you typed since then is kept as a new draft: go on with it here, or under Drafts."


async def drafts() -> list[Any]:
    return await db.fetch("SELECT id, fields->>'text' AS text, communication FROM draft")


@pytest.mark.parametrize("headers", [{}, HTMX])
async def test_another_text_is_no_second_click(
    asha: Browser, nils: Browser, vault: Vault, headers: dict[str, str]
) -> None:
    reference = await sent(asha)
    draft = str(uuid4())
    await replied(nils, reference, "Tuesday.", draft_id=draft)
    for files in ([], [("day.txt", b"Friday")]):
        answer = await post_reply(nils, reference, "No, Friday.", files, draft_id=draft, words={"headers": headers})
        assert (answer.status_code, told(answer)) == (409, ["This was sent already, as message 2." + KEPT])
    assert await count("message") == 2
    (kept,) = await drafts()
    assert (kept["text"], str(kept["id"]) != draft) == ("No, Friday.", True)
    assert f'href="{DRAFTS}/{kept["id"]}"' in answer.text
    page = (await nils.get(f"/sdep/communications/{reference}")).text
    assert "No, Friday.</textarea>" in page
    assert "day.txt" in page
    await replied(nils, reference, "No, Friday.", draft_id=hidden(page, "draft_id"))
    assert await count("message") == 3
    assert await drafts() == []


async def test_another_file_is_no_second_click(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    draft = str(uuid4())
    await replied(nils, reference, "See the file.", draft_id=draft)
    answer = await post_reply(nils, reference, "See the file.", [("forgotten.txt", b"x")], draft_id=draft)
    assert answer.status_code == 409
    assert await count("draft_attachment") == 1


@pytest.mark.parametrize(
    "changes", [{"subject": "Another subject"}, {"text": "Another text"}, {"mpan": "1090000000029"}]
)
async def test_another_new_communication_is_no_second_click(asha: Browser, changes: dict[str, str]) -> None:
    fields = await filled()
    await post_new(asha, fields)
    other = {**await filled(**changes), "draft_id": fields["draft_id"]}
    answer = await post_new(asha, other)
    reference = (await db.fetch("SELECT reference FROM communication"))[0]["reference"]
    assert (answer.status_code, told(answer)) == (409, [f"This was sent already, as {reference}." + KEPT])
    (kept,) = await drafts()
    page = (await asha.get(f"{DRAFTS}/{kept['id']}")).text
    assert other["text"] in page
    assert (await post_new(asha, {**other, "draft_id": hidden(page, "draft_id")})).status_code == 303
    assert await count("communication") == 2


async def test_the_same_draft_at_another_communication_is_no_second_click(asha: Browser, nils: Browser) -> None:
    one, other = await sent(asha), await sent(asha)
    draft = str(uuid4())
    await replied(nils, one, "Tuesday.", draft_id=draft)
    assert (await post_reply(nils, other, "Tuesday.", draft_id=draft)).status_code == 409
    assert [row["text"] for row in await drafts()] == ["Tuesday."]


async def test_a_mistake_in_it_does_not_bring_the_sent_draft_back(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    draft = str(uuid4())
    await replied(nils, reference, "Tuesday.", draft_id=draft)
    answer = await post_reply(nils, reference, "Friday.", tag="x" * 61, draft_id=draft)
    assert answer.status_code == 409
    assert [str(row["id"]) == draft for row in await drafts()] == [False]


async def test_what_is_typed_on_is_saved_as_a_draft_of_its_own(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    draft = str(uuid4())
    await replied(nils, reference, "Tuesday.", draft_id=draft)
    for text in ("Tuesday. Or", "Tuesday. Or Friday."):
        answer = await nils.post(f"{DRAFTS}/{draft}", {"text": text, "reference": reference}, headers=HTMX)
        assert answer.status_code == 200
        assert f'id="draft-state-{draft}"' in answer.text
        assert "Already sent. This is kept as a new draft" in answer.text
    (kept,) = await drafts()
    assert kept["text"] == "Tuesday. Or Friday."
    assert kept["communication"] is not None
