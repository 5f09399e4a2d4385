"""Intake: what is taken is sealed, what is not leaves nothing, whatever the order of things."""

import pytest

from sdes.attachments.intake import LIMIT, Intake
from sdes.attachments.vault import Vault
from sdes.kit.blobs import Blobs

pytestmark = pytest.mark.anyio


async def take(intake: Intake, name: str, content: bytes, piece: int = 65536) -> None:
    await intake.begin(name)
    for start in range(0, len(content), piece):
        await intake.write(content[start : start + piece])
    await intake.end()


async def blobs(vault: Vault) -> list[str]:
    return [blob.key async for blob in vault.blobs.keys()]  # noqa: SIM118 (no dictionary)


async def test_a_taken_file_can_be_read_back_with_its_own_key_only(vault: Vault) -> None:
    intake = Intake(vault)
    content = b"line\n" * 500_000
    await take(intake, "a.txt", content)
    await take(intake, "b.txt", b"other")
    first, second = intake.received
    assert (first.name, first.size) == ("a.txt", len(content))
    pieces = [piece async for piece in vault.reading(first.id, first.blob, first.wrapped_key, first.size)]
    assert b"".join(pieces) == content
    with pytest.raises(Exception, match="does not match its key"):
        [_ async for _ in vault.reading(second.id, first.blob, first.wrapped_key, first.size)]


async def test_a_refused_file_leaves_no_blob_and_the_next_is_taken(vault: Vault) -> None:
    intake = Intake(vault)
    for name, content in (("a.exe", b"x"), ("a.pdf", b"no pdf" * 50_000), ("...", b"x"), ("a.csv", b"")):
        await take(intake, name, content)
    await take(intake, "b.txt", b"fine")
    assert [file.name for file in intake.received] == ["b.txt"]
    assert len(intake.refusals) == 4
    assert await blobs(vault) == [intake.received[0].blob]


async def test_refused_bytes_count_too_so_that_nobody_sends_for_ever(vault: Vault) -> None:
    intake = Intake(vault)
    await take(intake, "a.exe", b"x" * LIMIT)
    await take(intake, "b.txt", b"x")
    assert [file.name for file in intake.received] == []
    assert any("more than 10 MB" in sentence for sentence in intake.refusals)


async def test_too_much_is_said_once(vault: Vault) -> None:
    intake = Intake(vault)
    for name in ("a.txt", "b.txt", "c.txt"):
        await take(intake, name, b"x" * (LIMIT - 1), 1 << 20)
    assert [file.name for file in intake.received] == ["a.txt"]
    assert intake.refusals == ["The files add up to more than 10 MB. Send some of them in another message."]


async def test_discarding_removes_what_was_taken_and_what_is_under_way(vault: Vault) -> None:
    intake = Intake(vault)
    await take(intake, "a.txt", b"taken")
    await intake.begin("b.txt")
    await intake.write(b"x" * 3_000_000)
    await intake.discard()
    assert intake.received == []
    assert await blobs(vault) == []


def test_a_vault_s_blobs_are_what_this_tests(vault: Vault) -> None:
    assert isinstance(vault.blobs, Blobs)
