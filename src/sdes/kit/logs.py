"""Logs: one line an event on standard error, as JSON or text; no words of users, no search terms, nothing personal."""

import logging
import os
import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import msgspec

FORMS = ("json", "text")
ACCESS = "sdes.access"

_ADDRESS = re.compile(r"[^\s<>\"'(),;:]+@[^\s<>\"'(),;:]+")
# Errors whose text is made of our own and the machine's words. That of any other may quote what somebody typed: a
# statement that PostgreSQL refuses is told with its values.
_TELLING = (OSError, RuntimeError, TypeError, AttributeError, AssertionError, ImportError)

_id: ContextVar[str] = ContextVar("log_id", default="")
_access_form: list[str] = []  # empty until `begin`


def begin(form: str = "") -> None:
    """Sets up the lines of this process: "json", "text", or, where nothing is said, text for a terminal only. What has
    set up its own before, keeps it."""
    form = form or ("text" if sys.stderr.isatty() else "json")
    root = logging.getLogger()
    if not root.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(JsonLines() if form == "json" else TextLines())
        root.addHandler(handler)
        root.setLevel(logging.INFO)
        _access_form[:] = [form]
    for name in ("uvicorn", "uvicorn.error"):  # their lines become ours
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    for name in ("saq", "httpx", "uvicorn", "opentelemetry"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(True)


@contextmanager
def named(id: str) -> Iterator[None]:
    """Every line made within bears `id`: of a request, or of a job."""
    token = _id.set(id)
    try:
        yield
    finally:
        _id.reset(token)


def name_what_follows(id: str) -> None:
    """As `named`, until the task ends."""
    _id.set(id)


def access(line: dict[str, Any]) -> None:
    """One line on a request that was answered. Written at once, past `logging`: there are hundreds a second. A log that
    cannot be written fails no request."""
    if not _access_form:
        return
    if _access_form[0] == "json":
        told = msgspec.json.encode({"time": _now(), "level": "info", "logger": ACCESS, **line}) + b"\n"
    else:
        told = f"{_now()} {' '.join(str(value) for value in line.values() if value is not None)}\n".encode()
    with suppress(OSError):
        os.write(2, told)


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": _moment(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _without_addresses(record.getMessage()),
        }
        if id := _id.get():
            line["id"] = id
        if record.exc_info and record.exc_info[1]:
            line["error"] = told(record.exc_info[1])
        return msgspec.json.encode(line).decode()


class TextLines(logging.Formatter):
    """One line an event, and below it where an error came from."""

    def format(self, record: logging.LogRecord) -> str:
        id = f" [{_id.get()}]" if _id.get() else ""
        message = _without_addresses(record.getMessage())
        line = f"{_moment(record.created)} {record.levelname} {record.name}:{id} {message}"
        if record.exc_info and record.exc_info[1]:
            line += "".join(f"\n  {part}" for part in told(record.exc_info[1]))
        return line


def told(error: BaseException) -> list[str]:
    """Where an error came from, outermost first, and what it is: its own words only where nobody else's are in them."""
    lines: list[str] = []
    if cause := error.__cause__ or (None if error.__suppress_context__ else error.__context__):
        lines = [*told(cause), "which led to:"]
    for frame in traceback.extract_tb(error.__traceback__)[-30:]:
        lines.append(f"{frame.filename}:{frame.lineno} {frame.name}")
    words = _without_addresses(str(error)) if isinstance(error, _TELLING) else ""
    parts = [getattr(error, name, None) for name in ("sqlstate", "table_name", "constraint_name")]  # of PostgreSQL's
    what = " ".join(str(part) for part in parts if part) or words
    return [*lines, f"{type(error).__name__}: {what}" if what else type(error).__name__]


def _without_addresses(text: str) -> str:
    return _ADDRESS.sub("(address)", text) if "@" in text else text


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
