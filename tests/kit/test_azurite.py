"""The blob store in Azure Blob Storage (SD 8.3), against Microsoft's emulator."""

import base64
import os
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from sdes.kit.blobs import Blobs
from sdes.kit.blobstores import create_container, open_store
from sdes.kit.errors import Unavailable
from tests.azurite import azurite
from tests.kit import blobstore_contract

pytestmark = pytest.mark.anyio

KEY = base64.b64encode(os.urandom(64)).decode()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with azurite.running(KEY) as address:
        create_container(address, KEY)
        yield address


@pytest.fixture
def blobs(url: str) -> Blobs:
    return open_store(url, KEY)


@pytest.mark.parametrize("name", blobstore_contract.ALL)
async def test_contract(name: str, blobs: Blobs) -> None:
    await blobstore_contract.ALL[name](blobs)


async def test_the_container_may_be_there(url: str) -> None:
    create_container(url, KEY)


async def test_a_connection_string_is_a_key_too(url: str) -> None:
    endpoint = url.split("endpoint=")[1]
    text = f"DefaultEndpointsProtocol=http;AccountName={azurite.ACCOUNT};AccountKey={KEY};BlobEndpoint={endpoint};"
    await open_store(f"az://{azurite.CONTAINER}", text).ping()


async def test_a_wrong_key_or_container_is_said(url: str) -> None:
    wrong = base64.b64encode(os.urandom(64)).decode()
    with pytest.raises(ValueError, match="could not be made: 403"):
        create_container(url, wrong)
    for store in (open_store(url, wrong), open_store(url.replace("//files", "//nowhere"), KEY)):
        with pytest.raises(Unavailable):
            await store.ping()
        with pytest.raises(Unavailable, match="nothing was saved"):
            async with store.writer("one") as writer:
                await writer.write(b"x")


async def test_a_store_that_is_gone_is_said_soon(url: str) -> None:
    port = urlsplit(url.split("endpoint=")[1]).port
    gone = open_store(url.replace(f":{port}/", ":1/"), KEY)
    with pytest.raises(Unavailable, match="nothing was saved"):
        async with gone.writer("one") as writer:
            await writer.write(os.urandom(3 << 20))
    with pytest.raises(Unavailable):
        await gone.delete("one")
