"""A certificate that cannot be served is refused in a sentence; what will hurt later is warned of."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from sdes.embedded.refusal import CannotStart
from sdes.kit import clock
from sdes.serving import certificates
from tests.serving.serving import Pair

pytestmark = pytest.mark.spec("SD 8.1", "SD 8.2")


def no_certificate(pair: Pair) -> None:
    pair.cert.write_text("nothing")


def no_key(pair: Pair) -> None:
    pair.key.write_text("nothing")


def no_certificate_file(pair: Pair) -> None:
    pair.cert.unlink()


def no_key_file(pair: Pair) -> None:
    pair.key.unlink()


def anothers_key(pair: Pair) -> None:
    cert = pair.cert.read_bytes()
    pair.renew()
    pair.cert.write_bytes(cert)


def password(pair: Pair) -> None:
    key = load_pem_private_key(pair.key.read_bytes(), None)
    protected = BestAvailableEncryption(b"secret")
    pair.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protected))


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (no_certificate, "holds no certificate in PEM form"),
        (no_key, "holds no private key in PEM form"),
        (no_certificate_file, "cert.pem cannot be read (No such file or directory)"),
        (no_key_file, "key.pem cannot be read (No such file or directory)"),
        (anothers_key, "does not belong to the certificate"),
        (password, "is protected by a password"),
    ],
)
def test_a_pair_that_cannot_be_served_is_refused(pair: Pair, spoil: Callable[[Pair], None], told: str) -> None:
    certificates.check(pair.cert, pair.key)
    spoil(pair)
    with pytest.raises(CannotStart) as refusal:
        certificates.check(pair.cert, pair.key)
    assert told in str(refusal.value)


@pytest.mark.parametrize(
    ("year", "told"), [(3001, "ended on 1 January 3000"), (1999, "is not valid before 1 January 2000")]
)
def test_one_that_is_not_of_these_days_is_refused(pair: Pair, year: int, told: str) -> None:
    with clock.at(datetime(year, 6, 1, tzinfo=UTC)), pytest.raises(CannotStart) as refusal:
        certificates.check(pair.cert, pair.key)
    assert told in str(refusal.value)


def test_key_and_certificate_may_share_a_file(pair: Pair) -> None:
    pair.cert.write_bytes(pair.key.read_bytes() + pair.cert.read_bytes())
    certificates.check(pair.cert, None)


@pytest.mark.parametrize(("mode", "is_warned_of"), [(0o600, False), (0o640, False), (0o644, True), (0o620, True)])
def test_a_key_that_others_may_read_is_warned_of(
    pair: Pair, caplog: pytest.LogCaptureFixture, mode: int, is_warned_of: bool
) -> None:
    pair.key.chmod(mode)
    certificates.warn(pair.cert, pair.key)
    assert ("may be read or changed by others" in caplog.text) == is_warned_of


@pytest.mark.parametrize(("day", "is_warned_of"), [(1, False), (3, True)])
def test_one_that_ends_within_thirty_days_is_warned_of(
    pair: Pair, caplog: pytest.LogCaptureFixture, day: int, is_warned_of: bool
) -> None:
    with clock.at(datetime(2999, 12, day, tzinfo=UTC)):
        certificates.warn(pair.cert, pair.key)
    assert ("ends on 1 January 3000" in caplog.text) == is_warned_of


def test_files_that_have_gone_are_warned_of_and_no_more(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    pair.key.unlink()
    certificates.warn(pair.cert, pair.key)
    assert "No such file" in caplog.text


def test_a_key_that_is_too_weak_is_refused(tmp_path: Path) -> None:
    pair = Pair(tmp_path)
    weak = generate_private_key(65537, 1024)
    pair.cert.write_bytes(_signed_by(weak))
    pair.key.write_bytes(weak.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(CannotStart, match="are not taken"):
        certificates.check(pair.cert, pair.key)


def _signed_by(key: RSAPrivateKey) -> bytes:
    """A certificate for localhost that `key` has signed itself."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    begun = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    dated = begun.not_valid_before(datetime(2000, 1, 1, tzinfo=UTC)).not_valid_after(datetime(3000, 1, 1, tzinfo=UTC))
    return dated.sign(key, SHA256()).public_bytes(Encoding.PEM)
