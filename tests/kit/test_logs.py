"""Lines of the log: one JSON object each, with the id of the request or job, and nothing that anybody has typed."""

import json
import logging
import sys

import asyncpg
import pytest

from sdes.kit import logs

SECRET = "mpan 1200023305967 of asha@brightwatt.example"


def record(message: str, *words: object, error: BaseException | None = None) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("sdes.test", logging.WARNING, __file__, 1, message, words, info)


def raised(error: BaseException) -> BaseException:
    try:
        raise error
    except type(error):
        found = sys.exc_info()[1]
        assert found
        return found


def test_a_line_is_one_object_with_the_id_of_what_it_was_made_for() -> None:
    with logs.named("abc123"):
        line = json.loads(logs.JsonLines().format(record("%s files wait", 3)))
    assert (line["level"], line["logger"], line["message"], line["id"]) == (
        "warning",
        "sdes.test",
        "3 files wait",
        "abc123",
    )
    assert "id" not in json.loads(logs.JsonLines().format(record("later")))


def test_line_breaks_stay_within_their_line() -> None:
    assert "\n" not in logs.JsonLines().format(record("one\ntwo %s", "three\n{}"))


@pytest.mark.parametrize("lines", [logs.JsonLines(), logs.TextLines()], ids=["json", "text"])
def test_e_mail_addresses_are_left_out_wherever_they_come_from(lines: logging.Formatter) -> None:
    cause = raised(OSError("550 <asha@brightwatt.example> is unknown"))
    told = lines.format(record("given up: %s", "550 <asha@brightwatt.example> unknown", error=cause))
    assert "brightwatt" not in told
    assert "550 <(address)> unknown" in told


@pytest.mark.parametrize("lines", [logs.JsonLines(), logs.TextLines()], ids=["json", "text"])
@pytest.mark.parametrize("kind", [ValueError, KeyError, LookupError, Exception])
def test_what_an_error_quotes_is_left_out_and_where_it_came_from_is_told(
    kind: type[Exception], lines: logging.Formatter
) -> None:
    told = lines.format(record("request failed", error=raised(kind(SECRET))))
    assert "1200023305967" not in told
    assert kind.__name__ in told
    assert "test_logs.py" in told


def test_neither_what_led_to_an_error() -> None:
    error = RuntimeError("the second")
    error.__cause__ = raised(ValueError(SECRET))
    told = logs.told(raised(error))
    assert "1200023305967" not in "".join(told)
    assert [line for line in told if line == "ValueError"]
    assert told[-1] == "RuntimeError: the second"


def test_of_postgresql_the_code_and_the_constraint_are_told() -> None:
    error = asyncpg.UniqueViolationError(f"duplicate key\nDETAIL: Key (email)=({SECRET})")
    error.sqlstate, error.constraint_name = "23505", "person_email_key"  # type: ignore[attr-defined]
    (*_, last) = logs.told(raised(error))
    assert last == "UniqueViolationError: 23505 person_email_key"


def test_a_log_that_cannot_be_written_fails_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(logs, "_access_form", ["json"])
    monkeypatch.setattr(logs.os, "write", full)
    logs.access({"id": "a"})
