"""kill -9 of the web application in the middle of a send with files: nothing is lost, half there or double."""

import socket
from pathlib import Path

import pytest

from tests.faults.house import BRIGHTWATT, House
from tests.faults.numbered import Numbered

pytestmark = pytest.mark.drill


def test_before_the_commit(broken: House, numbered: Numbered) -> None:
    one = numbered.one()
    with broken.holding("LOCK TABLE communication_search IN SHARE MODE"):
        thread = numbered.begun(one)
        broken.until(lambda: broken.is_waiting("sdep_index"), "the send waits in its transaction")
        broken.kill(broken.web.pid)
        thread.join(10)
    assert not one.reference
    broken.goes_on()
    assert not broken.rows("SELECT 1 FROM message WHERE draft = %s", one.draft_id)
    numbered.send(one)


def test_after_the_commit_and_before_the_answer(broken: House, numbered: Numbered) -> None:
    one = numbered.one()
    with broken.holding("LOCK TABLE saq_jobs IN EXCLUSIVE MODE"):  # the worker is nudged after the commit
        thread = numbered.begun(one)
        broken.until(lambda: broken.rows("SELECT 1 FROM message WHERE draft = %s", one.draft_id), "it is committed")
        assert not one.reference
        broken.kill(broken.web.pid)
        thread.join(10)
    assert not one.reference
    assert one.errors
    broken.goes_on()
    numbered.send(one)  # the person does not know: the same message is acknowledged, and no second one is there


@pytest.mark.parametrize("ends", ["the web application", "the line"])
def test_while_the_body_arrives(broken: House, ends: str) -> None:
    before, blobs = (all_rows(broken), whole_blobs(broken)), all_blobs(broken)
    with socket.create_connection(("127.0.0.1", broken.port)) as line:
        line.sendall(half_an_upload(broken))
        broken.until(lambda: all_blobs(broken) > blobs, "the first half arrives")
        if ends == "the web application":
            broken.kill(broken.web.pid)
    if ends == "the line":
        broken.until(lambda: all_blobs(broken) == blobs, "the half is removed")
    broken.goes_on()
    assert (all_rows(broken), whole_blobs(broken)) == before


def all_rows(house: House) -> list[dict[str, int]]:
    return house.rows(
        "SELECT (SELECT count(*) FROM attachment) AS files, (SELECT count(*) FROM message) AS messages,"
        " (SELECT count(*) FROM communication) AS communications, (SELECT count(*) FROM draft) AS drafts"
    )


def all_blobs(house: House) -> set[Path]:
    return {path for path in house.blobs.rglob("*") if path.is_file()}


def whole_blobs(house: House) -> set[Path]:
    """Without what a killed program was still writing: no key opens it, and the sweep takes it a day later."""
    return {path for path in all_blobs(house) if "#" not in path.name}


def half_an_upload(house: House) -> bytes:
    """The first 4 MB of a form that promises 8 MB."""
    boundary = "a-boundary-of-forms"
    body = ""
    for name, value in (("csrf_token", house.form_token(BRIGHTWATT)), ("subject", "Cut off"), ("text", "Cut off")):
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
    body += f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'
    head = (
        f"POST /sdep/communications HTTP/1.1\r\nHost: 127.0.0.1:{house.port}\r\nContent-Length: {8 << 20}\r\n"
        f"Content-Type: multipart/form-data; boundary={boundary}\r\n"
        f"Cookie: sdes={house.session(BRIGHTWATT)}; sdes-form=a-form-cookie\r\n\r\n"
    )
    return (head + body).encode() + b"reading 41871\n" * ((4 << 20) // 14)
