"""Small secrets open for what they were sealed for, with the key that sealed them, and for nothing else."""

from collections.abc import Iterator

import pytest

from sdes.kit import keyring
from sdes.kit.crypto import MasterKey, SealBroken


@pytest.fixture(autouse=True)
def master() -> Iterator[None]:
    keyring.use(MasterKey("one", b"1" * 32))
    yield
    keyring.use(None)


def test_what_was_sealed_is_opened() -> None:
    assert keyring.unseal("totp:7", keyring.seal("totp:7", b"secret")) == b"secret"


def test_two_seals_of_the_same_differ_and_hide_it() -> None:
    first, second = keyring.seal("totp:7", b"secret"), keyring.seal("totp:7", b"secret")
    assert first != second
    assert b"secret" not in first


def test_another_purpose_does_not_open_it() -> None:
    with pytest.raises(SealBroken):
        keyring.unseal("totp:8", keyring.seal("totp:7", b"secret"))


def test_another_master_key_does_not_open_it() -> None:
    sealed = keyring.seal("totp:7", b"secret")
    keyring.use(MasterKey("two", b"2" * 32))
    with pytest.raises(SealBroken):
        keyring.unseal("totp:7", sealed)


@pytest.mark.parametrize("change", [lambda sealed: sealed[:-1], lambda sealed: b"", lambda sealed: b"x" + sealed[1:]])
def test_altered_bytes_do_not_open(change: object) -> None:
    with pytest.raises(SealBroken):
        keyring.unseal("totp:7", change(keyring.seal("totp:7", b"secret")))  # type: ignore[operator]


def test_without_a_master_key_nothing_is_sealed() -> None:
    keyring.use(None)
    with pytest.raises(AssertionError):
        keyring.seal("totp:7", b"secret")
