"""The certificate and its key: what of them is refused or warned of, and the TLS they are served with (SD 8.1, 8.2)."""

import logging
import ssl
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from sdes.embedded.refusal import CannotStart
from sdes.kit import clock
from sdes.serving.connections import LimitedTls

log = logging.getLogger(__name__)

SOON = timedelta(days=30)
_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"  # of TLS 1.2; those of 1.3 are all of this kind
_MODE_OF_OTHERS = 0o037  # a group may read it, as Debian's ssl-cert does
_FORM = Encoding.DER, PublicFormat.SubjectPublicKeyInfo


class Tls:
    """The TLS of a server: versions 1.2 and 1.3, ephemeral keys and authenticated ciphers only.

    Refuses (CannotStart) files that cannot be read, do not belong together, or are not of these days.
    """

    def __init__(self, cert: Path, key: Path | None) -> None:
        self._files = cert, key
        self._newest = _context(cert, key)
        self.context = _context(cert, key)
        self.context.sni_callback = self._give_newest

    def read_again(self) -> None:
        """Serves new connections with the certificate that the files hold now; the old one, where they do not do."""
        try:
            self._newest = _context(*self._files)
        except CannotStart as refusal:
            log.error("the certificate before is kept: %s", refusal)
        else:
            log.info("the certificate was read again: it ends on %s", _day(ends(self._files[0])))
            warn(*self._files)

    def _give_newest(self, connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
        # an own context each time: one into which a second pair is loaded may go on serving the first
        connection.context = self._newest


def check(cert: Path, key: Path | None) -> None:
    """Refuses (CannotStart) a pair that cannot be served."""
    _context(cert, key)


def ends(cert: Path) -> datetime:
    """When the certificate in this file ends."""
    return _certificate(cert).not_valid_after_utc


def warn(cert: Path, key: Path | None) -> None:
    """Logs what should be mended before it hurts: a key that others may read, a certificate that ends soon. Refuses
    nothing: what is served goes on, whatever has become of its files."""
    private = key or cert
    try:
        mode, end = private.stat().st_mode, ends(cert)
    except (OSError, CannotStart) as failure:
        log.warning("the files of the certificate are served no longer than this process lives: %s", failure)
        return
    if mode & _MODE_OF_OTHERS:
        log.warning("the key file %s may be read or changed by others: chmod 600 %s", private, private)
    if end - clock.now() < SOON:
        log.warning("the certificate %s ends on %s: put a new one there, then send SIGHUP", cert, _day(end))


def _context(cert: Path, key: Path | None) -> ssl.SSLContext:
    _refuse_unfit(cert, key or cert)
    context = LimitedTls(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(cert, key)
    except ssl.SSLError as failure:
        raise CannotStart(f"The certificate {cert} and its key are not taken ({failure.reason}).") from None
    return context


def _refuse_unfit(cert: Path, key: Path) -> None:
    certificate, now = _certificate(cert), clock.now()
    if certificate.public_key().public_bytes(*_FORM) != _public_half(key):
        raise CannotStart(
            f"The key {key} does not belong to the certificate {cert}. Name the pair that belongs together."
        )
    if now >= certificate.not_valid_after_utc:
        day = _day(certificate.not_valid_after_utc)
        raise CannotStart(f"The certificate {cert} ended on {day}. Put a new one there.")
    if now < certificate.not_valid_before_utc:
        day = _day(certificate.not_valid_before_utc)
        raise CannotStart(f"The certificate {cert} is not valid before {day}. Look at the machine's clock, or wait.")


def _certificate(file: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificates(_read(file, "certificate"))[0]
    except ValueError:
        raise CannotStart(f"The file {file} holds no certificate in PEM form.") from None


def _public_half(file: Path) -> bytes:
    try:
        return load_pem_private_key(_read(file, "key"), password=None).public_key().public_bytes(*_FORM)
    except TypeError:
        raise CannotStart(
            f"The key {file} is protected by a password. Give one without, readable by us alone."
        ) from None
    except ValueError:
        raise CannotStart(f"The file {file} holds no private key in PEM form.") from None


def _read(file: Path, what: str) -> bytes:
    try:
        return file.read_bytes()
    except OSError as failure:
        raise CannotStart(f"The {what} {file} cannot be read ({failure.strerror}).") from None


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"
