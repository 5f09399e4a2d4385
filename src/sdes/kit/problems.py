"""Errors as programs read them: application/problem+json (RFC 9457), one shape for every status."""

import logging
import re
from http import HTTPStatus
from typing import Any

import asyncpg
from litestar import Response
from litestar.exceptions import HTTPException, ValidationException

from sdes.kit.db import LOST
from sdes.kit.errors import SdesError, TooMany

log = logging.getLogger(__name__)

NO_ROOM = (asyncpg.InsufficientResourcesError, asyncpg.PostgresIOError)  # the database's disk or memory is full
MEDIA_TYPE = "application/problem+json"
NOT_VALID = "The request does not have the form that is asked for. `errors` says what is wrong with which field."
_OF_STATUS = {
    400: "The body is no valid JSON.",
    404: "There is nothing at this address.",
    405: "This address does not take that method.",
}


class NotValid(SdesError):
    """A field of what a program sends is not as it must be; `members` say which."""

    status = 422

    def __init__(self, **problems: str) -> None:
        super().__init__("The request does not have the form that is asked for.")
        self.members = {"errors": [{"field": name, "problem": text} for name, text in problems.items()]}


def problem(status: int, detail: str, *, headers: dict[str, str] | None = None, **members: Any) -> Response[Any]:
    """An answer that tells a program what went wrong; `members` are told besides."""
    words = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    headers = {"Cache-Control": "no-store", **(headers or {})}
    return Response({**words, **members}, status_code=status, media_type=MEDIA_TYPE, headers=headers)


def problem_of(error: Exception, request_id: str) -> Response[Any]:
    """The error as a program is told it; an error of ours is logged under `request_id`, which the answer names."""
    if isinstance(error, SdesError):
        return problem(error.status, str(error), headers=_headers(error), **error.members)
    if isinstance(error, ValidationException):
        return problem(422, NOT_VALID, errors=_field_errors(error))
    if isinstance(error, HTTPException) and error.status_code < 500:
        return problem(
            error.status_code,
            _OF_STATUS.get(error.status_code, "The request could not be read."),
            headers=dict(error.headers or {}),
        )
    if isinstance(error, RecursionError):
        log.warning("request %s: nested too deeply", request_id)
        return problem(400, "The body is nested too deeply.")
    if isinstance(error, UnicodeDecodeError):  # what decodes the body says so of a text in it, and of nothing else
        return problem(400, "The body is not text in UTF-8.")
    if isinstance(error, LOST):
        log.error("lost the database: %s", type(error).__name__)
        return problem(503, "The database does not answer. Nothing was saved.", headers={"Retry-After": "30"})
    if isinstance(error, NO_ROOM):
        log.error("the database has no room: %s", type(error).__name__)
        return problem(
            503, "The database has no room for anything new. Nothing was saved.", headers={"Retry-After": "30"}
        )
    log.exception("request %s failed", request_id, exc_info=error)
    return problem(500, "Something went wrong on our side. Nothing was saved.", request_id=request_id)


def _headers(error: SdesError) -> dict[str, str]:
    if error.status == 401:
        return {"WWW-Authenticate": 'Bearer realm="SDES"'}
    if error.status == 503:
        return {"Retry-After": "30"}
    if isinstance(error, TooMany) and error.retry_after:
        return {"Retry-After": str(error.retry_after)}
    return {}


def _field_errors(error: ValidationException) -> list[dict[str, str]]:
    told = error.extra if isinstance(error.extra, list) else []
    fields = [_field_error(str(one.get("key", "")), str(one.get("message", ""))) for one in told]
    return fields or [{"field": "", "problem": error.detail}]


def _field_error(field: str, message: str) -> dict[str, str]:
    """What the framework says of the whole body (`data`) names the field in its words."""
    if field == "data":
        named = re.search(r"`(\w+)`$", message)
        field = named[1] if named else ""
        message = "A body is needed" if message == "'data'" else message
    return {"field": field, "problem": message}
