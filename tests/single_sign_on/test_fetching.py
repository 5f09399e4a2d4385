"""What is fetched from identity providers: little, soon, from where it may, and in the right form."""

import asyncio
import json
from typing import Any

import pytest

from sdes.single_sign_on import fetching
from sdes.single_sign_on.discovery import discovered, forget
from sdes.single_sign_on.fetching import Unreachable, fetch_json
from tests.support.communications import told
from tests.support.oidc import address_of, free_socket, provider_row, returning, rogue, serving
from tests.support.people import Browser

pytestmark = pytest.mark.anyio

CONFIGURATION = "/.well-known/openid-configuration"


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    forget()


@pytest.mark.parametrize(
    "address",
    [
        "http://idp.example/x",
        "http://127.0.0.1:1/x",
        "https://127.0.0.1/x",
        "https://localhost/x",
        "https://[::1]/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://10.0.0.1/x",
        "https://192.168.1.1/x",
        "https://172.16.0.1/x",
        "https://169.254.169.254/latest/meta-data",
        "https://0.0.0.0/x",
        "https://[fd00::1]/x",
        "https://[fe80::1]/x",
        "https://100.64.0.1/x",
        "https://[64:ff9b::a9fe:a9fe]/x",
        "https://[64:ff9b:1::1]/x",
        "https://[::a00:1]/x",
        "https://[2001:0:808:808::1]/x",
        "https://[2002:a00:1::1]/x",
        "https://[fec0::1]/x",
        "https://[ff0e::1]/x",
        "https://224.0.0.1/x",
        "https://239.255.255.250/x",
        "https://2130706433/x",
        "https://0x7f.1/x",
        "file:///etc/passwd",
        "https://user:word@idp.example/",
        "gopher://idp.example/",
    ],
)
async def test_production_knocks_at_no_door_of_its_own_network(address: str) -> None:
    with pytest.raises(Unreachable, match=r"not a public one|not one of https"):
        await fetch_json(address, is_strict=True)


@pytest.mark.parametrize("address", ["https://10.0.0.1/x", "https://169.254.169.254/", "http://192.168.1.1/"])
async def test_nor_does_a_trial_but_at_this_machine_s(address: str) -> None:
    with pytest.raises(Unreachable, match=r"not a public one|not one of https"):
        await fetch_json(address, is_strict=False)


async def test_the_address_that_was_judged_is_the_one_that_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that means a public address first and this machine afterwards leads nowhere else."""
    looked_up = []

    async def resolve(host: str, port: int, is_strict: bool) -> str:
        looked_up.append(host)
        return "127.0.0.1"

    monkeypatch.setattr(fetching, "_address_of", resolve)
    async with rogue() as there:
        port = there.issuer.rpartition(":")[2]
        found = await fetch_json(f"http://localhost:{port}{CONFIGURATION}", is_strict=False)
    assert (looked_up, found["issuer"]) == (["localhost"], there.issuer)


async def test_redirects_are_not_followed() -> None:
    async with rogue() as there, rogue() as other:
        there.answers[CONFIGURATION] = (302, f"{other.issuer}{CONFIGURATION}".encode())
        with pytest.raises(Unreachable, match="302"):
            await discovered(there.issuer, is_strict=False)
        assert other.asked == []


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (500, b"{}", "500"),
        (200, b"<html>", "cannot be read"),
        (200, b"[1]", "cannot be read"),
        (200, b"\xff\xfe", "cannot be read"),
        (200, b"[" * 100_000, "cannot be read"),
        (200, b'{"a": "' + b"x" * fetching.LARGEST + b'"}', "too long"),
    ],
)
async def test_an_answer_that_cannot_be_used(status: int, body: bytes, why: str) -> None:
    async with rogue() as there:
        there.answers[CONFIGURATION] = (status, body)
        with pytest.raises(Unreachable, match=why):
            await discovered(there.issuer, is_strict=False)


async def test_a_provider_that_takes_its_time_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(3)

    monkeypatch.setattr(fetching, "PATIENCE", 0.2)
    with free_socket() as listening:
        async with serving(silent, listening):
            with pytest.raises(Unreachable, match="in time"):
                await fetch_json(f"{address_of(listening)}/x", is_strict=False)


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://another.example"},
        {"issuer": None},
        {"token_endpoint": "http://idp.example/token"},
        {"token_endpoint": None},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": 7},
        {"userinfo_endpoint": "ftp://x"},
        {"code_challenge_methods_supported": ["plain"]},
    ],
)
async def test_a_provider_that_says_something_else_than_it_must(metadata: dict[str, Any]) -> None:
    async with rogue() as there:
        there.metadata = metadata
        with pytest.raises(Unreachable):
            await discovered(there.issuer, is_strict=False)


@pytest.mark.parametrize("path", ["/token", "/jwks"])
@pytest.mark.parametrize("answer", [(500, b"{}"), (200, b"nonsense"), (200, b"{}"), (200, b'{"keys": 7}')])
async def test_garbage_on_the_way_back_is_a_sentence(nobody: Browser, path: str, answer: tuple[int, bytes]) -> None:
    async with rogue() as there:
        there.answers[path] = answer
        page = await returning(nobody, there, await provider_row(there.issuer))
    assert page.status_code in (403, 503)
    assert len(told(page)) == 1
    assert 'href="/sign-in"' in page.text


async def test_what_was_found_is_remembered_for_a_while() -> None:
    async with rogue() as there:
        for _ in range(3):
            await discovered(there.issuer, is_strict=False)
        assert there.asked == [CONFIGURATION]
        assert json.loads(there._answer(CONFIGURATION))["issuer"] == there.issuer
