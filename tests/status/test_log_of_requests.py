"""The log of a run through many pages: a line a request, and none of the words that were typed, shown or sent."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from sdes.kit import logs
from tests.support.communications import sent
from tests.support.people import Browser

pytestmark = pytest.mark.anyio

WORDS = ("zanzibar", "1200023305967", "asha", "Rahman", "example", "confidential", "four lively words", "Mozilla-Q")
KEYS = {"time", "level", "logger", "id", "method", "route", "status", "ms", "bytes", "company"}


@pytest.fixture
def written(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What `logging` writes; lines on requests are in `capfd`."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.JsonLines())
    monkeypatch.setattr(logs, "_access_form", ["json"])
    root, before = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    handler.addFilter(lambda record: record.name != "httpx")  # the tests' own browser
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)


async def test_the_log_of_a_day_holds_nobody_s_words(
    asha: Browser, nobody: Browser, written: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    reference = await sent(asha, [("zanzibar confidential.txt", b"waits")], subject="zanzibar", text="confidential")
    agent = {"User-Agent": "Mozilla-Q", "X-Forwarded-For": "zanzibar"}
    for path in (
        f"/sdep/communications/{reference}",
        "/sdep/communications?q=zanzibar+1200023305967",
        "/sdep/communications?q=asha%40brightwatt.example",
        "/zanzibar/1200023305967?confidential=asha",
        "/sdep/communications/zanzibar",
        "/sign-in?next=/sdep/communications?q=zanzibar",
        "/static/zanzibar/confidential.css",
        "/account/sessions",
        "/status",
    ):
        for browser in (asha, nobody):
            await browser.get(path, headers=agent)
    await nobody.post("/sign-in", {"email": "asha@brightwatt.example", "password": "four lively words of zanzibar"})
    await nobody.post("/sign-in", {"email": "zanzibar@brightwatt.example", "password": "four lively words"})
    await nobody.client.request("ZANZIBAR", "/sign-in")
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{")]
    assert len(lines) >= 20
    assert all(line.keys() == KEYS for line in lines)
    everything = written.getvalue() + json.dumps(lines)
    found = [word for word in (*WORDS, reference) if word.lower() in everything.lower()]
    assert not found


async def test_a_line_says_what_became_of_the_request_and_for_which_company(
    asha: Browser, nobody: Browser, written: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = await asha.get("/sdep/communications/SC99999999")
    await nobody.get("/sign-in")
    lost, sign_in = (json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{"))
    assert (lost["method"], lost["status"]) == ("GET", 404)
    assert lost["route"] == "/sdep/communications/{reference}"
    assert lost["company"] == (await asha.actor()).company_id
    assert lost["bytes"] == len(answer.content)
    assert lost["ms"] > 0
    assert lost["id"] == answer.headers["x-request-id"]
    assert (sign_in["status"], sign_in["company"]) == (200, None)


async def test_what_is_logged_meanwhile_bears_the_request_s_id(
    asha: Browser, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise ValueError("zanzibar")

    monkeypatch.setattr("sdes.status.queries.workers", broken)
    answer = await asha.get("/status")
    assert answer.status_code == 500
    (line,) = (json.loads(line) for line in written.getvalue().splitlines() if '"error"' in line)
    assert line["id"] == answer.headers["x-request-id"]
    assert line["id"] in answer.text, "the page shows it, so that the service desk can find the line"
    assert "zanzibar" not in json.dumps(line)
    assert line["error"][-1] == "ValueError"


async def test_no_two_requests_share_an_id_and_none_is_taken_from_outside(asha: Browser) -> None:
    given = {"X-Request-ID": "chosen-by-others"}
    ids = {(await asha.get("/status", headers=given)).headers["x-request-id"] for _ in range(3)}
    assert len(ids) == 3
    assert "chosen-by-others" not in ids
