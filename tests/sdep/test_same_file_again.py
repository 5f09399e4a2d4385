"""Files that are chosen again after a send that did not go through: each is in the message once."""

from pathlib import Path

import pytest

from sdes.attachments.vault import Vault
from sdes.kit import db
from tests.support.communications import filled, post_new
from tests.support.people import Browser

pytestmark = [pytest.mark.anyio, pytest.mark.spec("SD 11.1(g)")]

PLAN, MAP = ("plan.txt", b"The plan."), ("map.txt", b"The map.")


async def names() -> list[str]:
    return [row["name"] for row in await db.fetch("SELECT name FROM attachment ORDER BY name")]


async def blobs(vault: Vault) -> int:
    return len([blob async for blob in vault.blobs.keys()])  # noqa: SIM118 (no dictionary)


async def test_what_the_draft_has_already_is_not_kept_twice(asha: Browser, vault: Vault) -> None:
    fields = await filled()
    assert (await post_new(asha, {**fields, "text": ""}, [PLAN, MAP])).status_code == 422
    assert (await post_new(asha, fields, [PLAN, MAP])).status_code == 303
    assert await names() == ["map.txt", "plan.txt"]
    assert await blobs(vault) == 2


async def test_another_file_of_the_same_name_and_size_is_kept(asha: Browser, vault: Vault) -> None:
    fields = await filled()
    assert (await post_new(asha, {**fields, "text": ""}, [PLAN])).status_code == 422
    assert (await post_new(asha, fields, [("plan.txt", b"New plan!")])).status_code == 303
    assert await names() == ["plan.txt", "plan.txt"]
    assert await blobs(vault) == 2


async def test_the_same_file_chosen_twice_at_once_is_what_the_writer_wants(asha: Browser, vault: Vault) -> None:
    fields = await filled()
    assert (await post_new(asha, {**fields, "text": ""}, [PLAN, PLAN])).status_code == 422
    assert (await post_new(asha, fields, [PLAN, PLAN])).status_code == 303
    assert await names() == ["plan.txt", "plan.txt"]


@pytest.mark.parametrize("what", ["damaged", "gone"])
async def test_a_kept_file_that_cannot_be_read_keeps_nobody_from_sending_it_again(
    what: str, asha: Browser, tmp_path: Path
) -> None:
    fields = await filled()
    assert (await post_new(asha, {**fields, "text": ""}, [PLAN])).status_code == 422
    (row,) = await db.fetch("SELECT blob FROM attachment")
    stored = tmp_path / "blobs" / row["blob"]
    if what == "gone":
        stored.unlink()
    else:
        stored.write_bytes(bytes(len(stored.read_bytes())))
    assert (await post_new(asha, fields, [PLAN])).status_code == 303
    assert await names() == ["plan.txt", "plan.txt"]
