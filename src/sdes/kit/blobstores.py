"""Opens the blob store that a URL names: a local folder, or a container of Azure Blob Storage or its emulator."""

import base64
import hashlib
import hmac
import logging
import os
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from datetime import timedelta
from email.utils import formatdate
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from obstore.store import AzureStore, LocalStore

from sdes.kit.blobs import MARK, Blobs

log = logging.getLogger(__name__)

_RETRY = {"max_retries": 2, "retry_timeout": timedelta(seconds=20)}
_PARTIAL = re.compile(r"#\d+$")  # how obstore names a file that is still being written
_VERSION = "2021-08-06"


def open_store(url: str, account_key: str | None = None) -> Blobs:
    """The blobs at `url`; raises ValueError with a sentence where the URL or the key cannot be used.

    `file:///folder` or a plain path: a local folder, made with mode 0700 when missing.
    `https://ACCOUNT.blob.core.windows.net/CONTAINER` or `az://CONTAINER?account_name=...&endpoint=...`: Azure, opened
    with `account_key`, which may also be a whole connection string. Without a key Azure's workload identity is used.
    """
    parts = urlsplit(url)
    if parts.scheme in ("", "file"):
        return _open_folder(Path(unquote(parts.path)))
    container, options = azure_options(parts, account_key)
    plain = options.get("endpoint", "").startswith("http://")
    store = AzureStore(
        container,
        config=options,  # type: ignore[arg-type]
        client_options={"allow_http": plain, "timeout": "30s", "connect_timeout": "5s"},
        retry_config=_RETRY,  # type: ignore[arg-type]
    )
    return Blobs(store)


def azure_options(parts: SplitResult, account_key: str | None = None) -> tuple[str, dict[str, str]]:
    """The container and the options (account_name, account_key, endpoint) that an Azure URL and its key name."""
    options = dict(parse_qsl(parts.query))
    if parts.scheme == "az" and parts.netloc:
        container = parts.netloc
    elif parts.scheme == "https" and ".blob." in parts.netloc and parts.path.strip("/"):
        container = parts.path.strip("/")
        options.setdefault("account_name", parts.netloc.split(".", 1)[0])
    else:
        raise ValueError(
            f"The blob store “{parts.scheme}://{parts.netloc}{parts.path}” is not understood. "
            "Write a folder as file:///folder, Azure as https://ACCOUNT.blob.core.windows.net/CONTAINER or az://CONTAINER?account_name=ACCOUNT"
        )
    if account_key and "AccountKey=" in account_key:
        options |= _connection(account_key)
    elif account_key:
        options["account_key"] = account_key
    if not options.get("account_name"):
        raise ValueError("The blob store in Azure needs the name of its account: az://CONTAINER?account_name=ACCOUNT")
    options.setdefault("endpoint", f"https://{options['account_name']}.blob.core.windows.net")
    return container, options


def create_container(url: str, account_key: str) -> None:
    """Makes the Azure container of `url`; one that exists is fine. obstore cannot, hence the SharedKey request here."""
    container, options = azure_options(urlsplit(url), account_key)
    address = f"{options['endpoint'].rstrip('/')}/{container}?restype=container"
    headers = {"x-ms-date": formatdate(time.time(), usegmt=True), "x-ms-version": _VERSION}
    headers["Authorization"] = _shared_key(address, headers, options)
    request = urllib.request.Request(address, data=b"", method="PUT", headers=headers)  # noqa: S310 (operator's URL)
    # Without this urllib names a content type that is not in what was signed.
    request.add_header("Content-Type", "")
    try:
        urllib.request.urlopen(request, timeout=10).close()  # noqa: S310
    except urllib.error.HTTPError as error:
        if error.code != 409:
            raise ValueError(f"The container {container} could not be made: {error.code} {error.reason}") from error


def _open_folder(folder: Path) -> Blobs:
    if not folder.is_absolute():
        raise ValueError(f"The folder of the blob store must be a full path, not “{folder}”.")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    _remove_partial(folder)
    (folder / MARK).touch(mode=0o600)
    return Blobs(LocalStore(folder), folder)


def _remove_partial(folder: Path) -> None:
    """What a killed program was writing a day ago or more stays behind sealed with a key that nobody has."""
    a_day_ago = time.time() - 24 * 3600
    for path in folder.rglob("*#*"):
        if _PARTIAL.search(path.name) and path.is_file() and path.stat().st_mtime < a_day_ago:
            os.unlink(path)
            log.info("removed an unfinished blob: %s", path.name)


def _connection(text: str) -> dict[str, str]:
    """The parts that matter of `AccountName=...;AccountKey=...;BlobEndpoint=...`."""
    given = dict(part.split("=", 1) for part in text.split(";") if "=" in part)
    names = {"AccountName": "account_name", "AccountKey": "account_key", "BlobEndpoint": "endpoint"}
    found = {ours: given[theirs] for theirs, ours in names.items() if theirs in given}
    if "endpoint" not in found and "EndpointSuffix" in given and "AccountName" in given:
        found["endpoint"] = f"https://{given['AccountName']}.blob.{given['EndpointSuffix']}"
    return found


def _shared_key(address: str, headers: Mapping[str, str], options: Mapping[str, str]) -> str:
    """The Authorization header of Azure's SharedKey scheme for a PUT without content."""
    parts = urlsplit(address)
    named = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    query = "".join(f"\n{name}:{value}" for name, value in sorted(parse_qsl(parts.query)))
    to_sign = f"PUT{chr(10) * 12}{named}/{options['account_name']}{parts.path}{query}"
    digest = hmac.new(base64.b64decode(options["account_key"]), to_sign.encode(), hashlib.sha256).digest()
    return f"SharedKey {options['account_name']}:{base64.b64encode(digest).decode()}"
