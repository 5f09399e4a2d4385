"""Where the web application may listen: nothing crosses a network in clear, and what cannot work is refused at once."""

import os
import resource
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from sdes import settings as environment
from sdes.embedded.refusal import CannotStart
from sdes.serving.listening import BACKLOG, FILES, checked, listen, warn_of_limits
from sdes.settings import Settings
from tests.browser.sites import free_port
from tests.serving.serving import Pair, Web

HTTPS = "https://sdes.example"
OUTSIDE = ["0.0.0.0", "::", "192.0.2.1", "2001:db8::1"]


@pytest.fixture
def here(tmp_path: Path) -> Settings:
    """Settings that may be served."""
    return checked(Settings(tmp_path))


@pytest.mark.spec("SD 8.1", "SD 8.2")
@pytest.mark.parametrize("host", OUTSIDE)
def test_nothing_is_served_beyond_this_machine_in_clear(here: Settings, pair: Pair, host: str) -> None:
    with pytest.raises(CannotStart, match="in clear"):
        checked(replace(here, host=host))
    secure = replace(here, host=host, https=True, public_url=HTTPS)
    with pytest.raises(CannotStart, match="in clear"):
        checked(secure)
    checked(replace(secure, tls_cert=pair.cert, tls_key=pair.key))
    checked(replace(secure, proxies=("10.0.0.5",)))


@pytest.mark.spec("SD 8.1", "SD 8.2")
def test_the_command_says_so_and_ends(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sdes", "web", "--host", "0.0.0.0", "--port", str(free_port())]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert "--tls-cert" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_demo_is_for_this_machine_alone(tmp_path: Path, pair: Pair) -> None:
    """It shows everybody's mails, with their single-use passwords."""
    home = tmp_path / "home"
    command = [sys.executable, "-m", "sdes", "run", *pair.options, "--port", str(free_port())]
    words = {**os.environ, "SDES_HOST": "0.0.0.0", "SDES_HOME": str(home)}
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=words)
    assert ended.returncode == 1
    assert "for this machine alone" in ended.stdout
    assert not home.exists()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.0.0.53"])
def test_this_machine_alone_needs_no_tls(here: Settings, host: str) -> None:
    checked(replace(here, host=host))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"host": "sdes.example"}, "must be an address"),
        ({"port": 0}, "between 1 and 65535"),
        ({"port": 65536}, "between 1 and 65535"),
        ({"processes": 0}, "1 or more"),
        ({"tls_key": Path("key.pem")}, "SDES_TLS_CERT is not"),
        ({"tls_cert": Path("/nowhere.pem")}, "cannot be read"),
        ({"proxies": ("*",)}, "takes addresses"),
        ({"proxies": ("10.0.0.5", "0.0.0.0/0")}, "names too many"),
        ({"proxies": ("0.0.0.0/1",)}, "names too many"),
        ({"proxies": ("10.0.0.0/7",)}, "names too many"),
        ({"proxies": ("::/0",)}, "names too many"),
        ({"proxies": ("2000::/15",)}, "names too many"),
        ({"proxies": ("::ffff:0:0/96",)}, "names too many"),
        ({"proxies": ("::/16",)}, "names too many"),
        ({"proxies": ("balancer.example",)}, "takes addresses"),
        ({"https": True}, "SDES_PUBLIC_URL must begin with https://"),
    ],
)
def test_what_cannot_work_is_refused(here: Settings, words: dict[str, object], told: str) -> None:
    with pytest.raises(CannotStart, match=told):
        checked(replace(here, **words))  # type: ignore[arg-type]


@pytest.mark.parametrize("proxy", ["10.0.0.0/8", "2001::/16", "::ffff:10.0.0.0/104", "192.0.2.7", "2001:db8::7"])
def test_a_network_of_proxies_may_be_named(here: Settings, proxy: str) -> None:
    checked(replace(here, proxies=(proxy,)))


@pytest.mark.spec("SD 8.1")
@pytest.mark.parametrize("name", ["SDES_TLS_CERT", "SDES_PROXIES", "SDES_HTTPS"])
def test_with_tls_or_a_proxy_cookies_are_bound_to_it_by_themselves(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    for other in ("SDES_TLS_CERT", "SDES_PROXIES", "SDES_HTTPS", "SDES_PUBLIC_URL", "PORT"):
        monkeypatch.delenv(other, raising=False)
    assert not environment.load().https
    monkeypatch.setenv(name, "1")
    loaded = environment.load()
    assert loaded.https
    assert loaded.public_url == "https://localhost:8000"


@pytest.mark.parametrize("count", [1, 2])
def test_a_port_that_somebody_has_is_not_shared_with_them(here: Settings, count: int) -> None:
    here = replace(here, port=free_port())
    theirs = listen(here, 2)  # another run of ours, whose sockets share
    try:
        with pytest.raises(CannotStart, match="in use by another program"):
            listen(here, count)
    finally:
        for one in theirs:
            one.close()


def test_an_address_of_another_machine_is_refused(here: Settings) -> None:
    with pytest.raises(CannotStart, match="may not be used here"):
        listen(replace(here, host="192.0.2.1", port=free_port()), 1)


def test_it_may_hold_as_many_connections_as_the_machine_lets_it(tmp_path: Path) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with Web(tmp_path) as web:
        assert resource.prlimit(web.pid, resource.RLIMIT_NOFILE) == (most, most)


def test_a_connection_over_ipv6_is_served(here: Settings) -> None:
    with listen(replace(here, host="::1", port=free_port()), 1)[0] as listening:
        assert listening.family == socket.AF_INET6
        socket.create_connection(listening.getsockname()[:2], 5).close()


@pytest.mark.parametrize(
    ("files", "waiting", "told"),
    [
        (FILES, BACKLOG, []),
        (FILES - 1, BACKLOG, [f"LimitNOFILE={FILES}"]),
        (FILES, BACKLOG - 1, [f"net.core.somaxconn={BACKLOG}"]),
        (1024, 128, ["a process may open 1024 files", "no more than 128 may wait"]),
    ],
)
def test_limits_of_the_machine_that_are_too_low_are_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, files: int, waiting: int, told: list[str]
) -> None:
    somaxconn = tmp_path / "somaxconn"
    somaxconn.write_text(f"{waiting}\n")
    warn_of_limits(files, somaxconn)
    assert len(caplog.messages) == len(told)
    assert all(words in line for words, line in zip(told, caplog.messages, strict=True))


@pytest.mark.parametrize("processes", ["1", "2"])
def test_they_are_said_once_at_the_start(tmp_path: Path, processes: str) -> None:
    with Web(tmp_path, "--processes", processes, files=900) as web:
        assert web.log.count("a process may open 900 files") == 1
