"""Sealing: what was sealed comes back, and nothing else is taken for it."""

import base64
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sdes.kit.crypto import (
    CHUNK,
    TAG,
    MasterKeyRefused,
    SealBroken,
    Sealer,
    load_master_key,
    open_chunk,
    sealed_ranges,
    sealed_size,
    unseal,
    unwrap,
    wrap,
)

pytestmark = pytest.mark.anyio

_RANDOM = os.urandom(3 * CHUNK + 100)
SIZES = st.one_of(
    st.sampled_from([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 2 * CHUNK + 1, 3 * CHUNK]),
    st.integers(0, 3 * CHUNK + 100),
)
FEW = settings(max_examples=25, deadline=None)


def seal(key: bytes, plain: bytes, pieces: list[int] | None = None) -> bytes:
    sealer, sealed, at = Sealer(key), [], 0
    for piece in pieces or []:
        sealed += sealer.push(plain[at : at + piece])
        at += piece
    sealed += sealer.push(plain[at:])
    return b"".join([*sealed, sealer.finish()])


async def opened(key: bytes, sealed: bytes, size: int) -> bytes:
    async def read(start: int, end: int) -> bytes:
        return sealed[start:end]

    return b"".join([chunk async for chunk in unseal(key, read, size)])


@FEW
@given(size=SIZES, pieces=st.lists(st.integers(0, 2 * CHUNK), max_size=4))
async def test_what_was_sealed_comes_back(size: int, pieces: list[int]) -> None:
    key, plain = os.urandom(32), _RANDOM[:size]
    sealed = seal(key, plain, pieces)
    assert len(sealed) == sealed_size(size) == list(sealed_ranges(size))[-1][1]
    assert await opened(key, sealed, size) == plain


@FEW
@given(size=SIZES, place=st.integers(0, 4 * CHUNK), bit=st.integers(0, 7))
async def test_a_flipped_bit_is_found(size: int, place: int, bit: int) -> None:
    key = os.urandom(32)
    sealed = bytearray(seal(key, _RANDOM[:size]))
    sealed[place % len(sealed)] ^= 1 << bit
    with pytest.raises(SealBroken):
        await opened(key, bytes(sealed), size)


@FEW
@given(size=SIZES, cut=st.integers(1, 2 * CHUNK))
async def test_a_cut_file_is_found(size: int, cut: int) -> None:
    key = os.urandom(32)
    sealed = seal(key, _RANDOM[:size])
    with pytest.raises(SealBroken):
        await opened(key, sealed[: max(0, len(sealed) - cut)], size)


@pytest.mark.parametrize("less", [1, CHUNK, CHUNK + 1])
async def test_a_row_that_states_another_size_is_found(less: int) -> None:
    key, size = os.urandom(32), 2 * CHUNK + 5
    sealed = seal(key, _RANDOM[:size])
    for stated in (size - less, size + less):
        with pytest.raises(SealBroken):
            await opened(key, sealed, stated)


@FEW
@given(order=st.permutations(range(4)))
async def test_chunks_in_another_order_are_found(order: list[int]) -> None:
    key, size = os.urandom(32), 4 * CHUNK
    plain = _RANDOM[:CHUNK] * 4  # alike, so that only their places tell them apart
    sealed = seal(key, plain)
    chunks = [sealed[start:end] for start, end in sealed_ranges(size)]
    mixed = b"".join(chunks[n] for n in order)
    if order == [0, 1, 2, 3]:
        assert await opened(key, mixed, size) == plain
    else:
        with pytest.raises(SealBroken):
            await opened(key, mixed, size)


async def test_dropped_appended_and_foreign_chunks_are_found() -> None:
    key, size = os.urandom(32), 3 * CHUNK
    sealed = seal(key, _RANDOM[:size])
    first = CHUNK + TAG
    foreign = seal(os.urandom(32), _RANDOM[:size])
    for wrong, stated in [
        (sealed[first:], 2 * CHUNK),
        (sealed[:first] + sealed[2 * first :], 2 * CHUNK),
        (sealed[: 2 * first], 2 * CHUNK),
        (sealed + sealed[:first], 4 * CHUNK),
        (foreign[:first] + sealed[first:], size),
    ]:
        with pytest.raises(SealBroken):
            await opened(key, wrong, stated)


def test_one_chunk_by_itself() -> None:
    key = os.urandom(32)
    sealed = seal(key, b"short")
    assert open_chunk(key, 0, True, sealed) == b"short"
    for number, last in ((0, False), (1, True)):
        with pytest.raises(SealBroken):
            open_chunk(key, number, last, sealed)


def test_a_data_key_seals_one_file_once() -> None:
    sealer = Sealer(os.urandom(32))
    sealer.finish()
    for again in (lambda: sealer.push(b"x"), sealer.finish):
        with pytest.raises(ValueError, match="once"):
            again()


def test_a_wrapped_key_belongs_to_its_file_and_master(tmp_path: Path) -> None:
    master = load_master_key(tmp_path, None)
    key, wrapped = wrap(master, "file-1")
    assert len(key) == 32
    assert len(wrapped) == 60
    assert unwrap(master, "file-1", wrapped) == key
    assert wrap(master, "file-1")[0] != key
    other = load_master_key(tmp_path, base64.b64encode(os.urandom(32)).decode())
    for master_key, file_id, text in [
        (master, "file-2", wrapped),
        (other, "file-1", wrapped),
        (master, "file-1", wrapped[:-1]),
        (master, "file-1", b""),
        (master, "file-1", wrapped[:-1] + bytes([wrapped[-1] ^ 1])),
    ]:
        with pytest.raises(SealBroken):
            unwrap(master_key, file_id, text)


def test_the_master_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    home = tmp_path / "home"
    first = load_master_key(home, None)
    path = home / "master.key"
    assert load_master_key(home, None) == first
    assert len(first.secret) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert [found.name for found in home.iterdir()] == ["master.key"]
    assert first.secret.hex() not in repr(first)
    assert first.id not in first.secret.hex()


def test_a_master_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    load_master_key(tmp_path, None)
    (tmp_path / "master.key").chmod(0o640)
    with pytest.raises(MasterKeyRefused, match=r"can be read by others \(mode 640\).*chmod 600"):
        load_master_key(tmp_path, None)


@pytest.mark.parametrize("content", [b"", b"short", bytes(33)])
def test_a_master_key_of_another_length_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "master.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(MasterKeyRefused, match=f"holds {len(content)} bytes instead of 32"):
        load_master_key(tmp_path, None)


@pytest.mark.parametrize("text", ["x", "not base64!", base64.b64encode(bytes(31)).decode(), "é"])
def test_a_bad_master_key_in_the_environment_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(MasterKeyRefused, match="base64 form of 32 bytes"):
        load_master_key(tmp_path, text)
    assert not (tmp_path / "master.key").exists()


def test_the_master_key_from_the_environment(tmp_path: Path) -> None:
    secret = os.urandom(32)
    assert load_master_key(tmp_path, base64.b64encode(secret).decode()).secret == secret
    assert not (tmp_path / "master.key").exists()
