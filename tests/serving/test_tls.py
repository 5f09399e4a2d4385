"""TLS 1.2 and 1.3 with ephemeral keys and authenticated ciphers, and nothing else, as a real client sees it."""

import signal
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import trustme

from tests.browser.sites import free_port, until
from tests.serving.serving import Pair, Web

pytestmark = pytest.mark.spec("SD 8.1", "SD 8.2")

OLD = {"-tls1": "TLSv1", "-tls1_1": "TLSv1.1"}
NEW = {"-tls1_2": "TLSv1.2", "-tls1_3": "TLSv1.3"}


def spoken(port: int, version: str, ciphers: str = "ALL:@SECLEVEL=0") -> str:
    """The version that `openssl s_client` speaks with the server when it offers only that one; empty for none."""
    said = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", version, "-cipher", ciphers],
        input=b"", capture_output=True, timeout=20, check=False,
    ).stdout.decode()  # fmt: skip
    new = [line for line in said.splitlines() if line.startswith("New, ")]
    assert new, said
    return "" if "(NONE)" in new[0] else _protocol(said)


def _protocol(said: str) -> str:
    told = [line.split(":")[1].strip() for line in said.splitlines() if line.strip().startswith("Protocol  :")]
    return told[0] if told else said.split("New, ")[1].split(",")[0]


def accepted(port: int) -> set[str]:
    """The ciphers of TLS 1.2 with which a connection comes about, each offered alone."""
    names = subprocess.run(["openssl", "ciphers", "-tls1_2", "ALL:@SECLEVEL=0"], capture_output=True, check=True)
    found = set()
    for name in names.stdout.decode().strip().split(":"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        try:
            context.set_ciphers(f"{name}:@SECLEVEL=0")
        except ssl.SSLError:  # one that Python's library does not know as a single one
            continue
        with suppress(OSError):
            plain = socket.create_connection(("127.0.0.1", port), 10)
            with plain, context.wrap_socket(plain) as connection:
                found.add(connection.cipher()[0])  # type: ignore[index]
    return found


def is_modern(cipher: str) -> bool:
    return cipher.startswith("ECDHE-") and ("GCM" in cipher or "CHACHA20" in cipher)


@pytest.fixture(scope="module", params=[trustme.KeyType.ECDSA, trustme.KeyType.RSA], ids=["ecdsa", "rsa"])
def permissive(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Pair]]:
    """A server of OpenSSL's own that takes whatever is offered, and its pair: what shows that the probes see."""
    pair, port = Pair(tmp_path_factory.mktemp("permissive"), request.param), free_port()
    command = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", str(pair.cert), "-key", str(pair.key)]
    command += ["-cipher", "ALL:@SECLEVEL=0", "-min_protocol", "TLSv1", "-quiet", "-www"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: _is_open(port), "openssl s_server listens", 20)
        yield port, pair
    finally:
        server.kill()
        server.wait()


def _is_open(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 5):
        return True
    return False


def test_old_versions_are_refused(over_tls: Web, permissive: tuple[int, Pair]) -> None:
    for option, name in OLD.items():
        assert spoken(permissive[0], option) == name, "the probe itself can speak it"
        assert spoken(over_tls.port, option) == ""


@pytest.mark.parametrize("option", NEW)
def test_new_versions_are_spoken(over_tls: Web, option: str) -> None:
    assert spoken(over_tls.port, option) == NEW[option]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_whoever_knows_the_authority_is_answered(over_tls: Web, served_pair: Pair, version: ssl.TLSVersion) -> None:
    trust = served_pair.context()
    trust.minimum_version = trust.maximum_version = version
    assert over_tls.ask(trust=trust)["scheme"] == "https"


def test_whoever_does_not_know_it_is_not(over_tls: Web) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        over_tls.ask(trust=ssl.create_default_context())


@pytest.mark.drill
def test_ciphers_are_ephemeral_and_authenticated(permissive: tuple[int, Pair], tmp_path: Path) -> None:
    port, pair = permissive
    assert any(not is_modern(cipher) for cipher in accepted(port)), "the probe itself can offer others"
    with Web(tmp_path, *pair.options) as web:
        found = accepted(web.port)
    assert len(found) == 3, found  # AES-128 and AES-256 with GCM, and ChaCha20
    assert all(map(is_modern, found)), found


def test_what_comes_in_clear_gets_nothing(over_tls: Web) -> None:
    with socket.create_connection(("127.0.0.1", over_tls.port), 10) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        got = b""
        with suppress(ConnectionResetError):
            while part := plain.recv(4096):
                got += part
    assert b"HTTP" not in got


@pytest.mark.drill
@pytest.mark.parametrize("processes", ["1", "2"])
def test_a_new_certificate_is_served_without_a_restart(tmp_path: Path, processes: str) -> None:
    pair = Pair(tmp_path)
    with Web(tmp_path, *pair.options, "--processes", processes) as web:
        until(lambda: len({_pid(web, pair) for _ in range(8)}) == int(processes), "all serve", 30)
        before = pair.context()
        held = web.connection(before)
        held.request("GET", "/")
        held.getresponse().read()
        pair.renew(trustme.KeyType.RSA)  # of another kind: the old one must not be served to those who know both
        web.send(signal.SIGHUP)
        until(lambda: web.log.count("read again") == int(processes), "the certificate was read again", 10)
        for _ in range(8):
            assert _pid(web, pair)
            with pytest.raises(ssl.SSLCertVerificationError):
                web.ask(trust=before)
        held.request("GET", "/")  # whoever is connected stays so
        assert held.getresponse().status == 200
        held.close()


@pytest.mark.drill
def test_a_broken_one_leaves_the_old_one_in_its_place(tmp_path: Path) -> None:
    pair = Pair(tmp_path)
    with Web(tmp_path, *pair.options) as web:
        trust = pair.context()
        pair.key.write_text("nothing")
        web.send(signal.SIGHUP)
        until(lambda: "the certificate before is kept" in web.log, "it is told", 10)
        assert web.ask(trust=trust)["scheme"] == "https"


def _pid(web: Web, pair: Pair) -> int:
    pid: int = web.ask(trust=pair.context())["pid"]
    return pid
