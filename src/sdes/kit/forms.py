"""What people post: text fields and files, read as a stream, cleaned, and never half believed."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl

from litestar import Request
from litestar.exceptions import ClientException, InternalServerException
from litestar.types import Receive
from multipart import MultipartError, MultipartSegment, ParserLimitReached, PushMultipartParser, parse_options_header

from sdes.kit import csrf
from sdes.kit.characters import without_control_characters as without_control_characters  # for whoever reads forms
from sdes.kit.errors import SdesError

TEXT_LIMIT = 4 * 1024 * 1024  # bytes of all text fields together
FIELD_COUNT = 500
SILENCE = 30.0  # seconds that a sender may take from one piece of a form to the next
CUT_OFF = "The form was cut off on its way. Nothing was saved. Send it again."


class TooLarge(SdesError):
    """More was sent than is read; nothing was saved."""

    status = 413
    title = "That is too much to send at once"


class FileSink(Protocol):
    """Where the files of a form go, piece by piece, in the order in which they come."""

    async def begin(self, filename: str) -> None: ...
    async def write(self, piece: bytes) -> None: ...
    async def end(self) -> None: ...


@dataclass
class Form:
    """The text fields of a posted form."""

    values: dict[str, list[str]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """One line: trimmed, without line breaks; empty when it was not sent."""
        return " ".join(self.raw(name).split())

    def lines(self, name: str) -> str:
        """Many lines: trimmed at its ends, line breaks as \\n."""
        return self.raw(name).strip()

    def raw(self, name: str) -> str:
        """As typed, but for line breaks, which become \\n."""
        return (self.values.get(name) or [""])[0].replace("\r\n", "\n").replace("\r", "\n")

    def all(self, name: str) -> list[str]:
        return self.values.get(name, [])


async def read_form(
    request: Request[Any, Any, Any], cookie: str, files: FileSink | None = None, *, most_fields: int = FIELD_COUNT
) -> Form:
    """Reads the posted form and verifies its token, before any file where there are some.

    Refuses a wrong token (403), more text than `TEXT_LIMIT` (413), and what cannot be read, was cut off or has more
    than `most_fields` fields (400; sent as multipart, 413 and never more than `FIELD_COUNT`).
    """
    csrf.refuse_foreign_origin(request)
    kind, options = parse_options_header(request.headers.get("Content-Type", ""))
    if kind == "multipart/form-data":
        form = await _multipart(request, cookie, options.get("boundary", ""), files)
    else:
        form = await _urlencoded(request, most_fields)
    if not request.scope["state"].get("form_is_ours"):
        csrf.verify(request, cookie, form.raw(csrf.FIELD))
    return form


async def whole_body(request: Request[Any, Any, Any], limit: int = TEXT_LIMIT) -> Receive:
    """Reads the body to its end, at most `limit` bytes, and gives a `receive` that tells it again at once."""
    body = bytearray()
    async for piece in _pieces(request):
        body += piece
        if len(body) > limit:
            raise TooLarge("The form is too long to be read. Nothing was saved. Shorten it and send it again.")
    waiting = [bytes(body)]

    async def receive() -> Any:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return {"type": "http.disconnect"}

    return receive


async def _urlencoded(request: Request[Any, Any, Any], most_fields: int) -> Form:
    body = bytearray()
    async for piece in _pieces(request):
        body += piece
        if len(body) > TEXT_LIMIT:
            raise TooLarge("The text is too long to be read. Nothing was saved. Shorten it and send it again.")
    form = Form()
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=most_fields)
    except ValueError as cause:
        raise ClientException("The form has too many fields.") from cause
    for name, value in pairs:
        form.values.setdefault(name, []).append(value)
    return form


async def _multipart(request: Request[Any, Any, Any], cookie: str, boundary: str, files: FileSink | None) -> Form:
    form = Form()
    text_left = TEXT_LIMIT
    segment: MultipartSegment | None = None
    text = bytearray()
    try:
        parser = PushMultipartParser(boundary, max_segment_count=FIELD_COUNT, max_header_size=8192)
        with parser:
            async for piece in _pieces(request):
                for event in parser.parse(piece):
                    if isinstance(event, MultipartSegment):
                        segment = event
                        if segment.filename is not None:
                            await _begin_file(request, cookie, form, segment, files)
                    elif event:
                        if segment is not None and segment.filename is None:
                            text += event
                            text_left -= len(event)
                            if text_left < 0:
                                raise TooLarge("The text is too long to be read. Nothing was saved. Shorten it.")
                        elif files and segment is not None and segment.filename:
                            await files.write(bytes(event))
                    elif segment is not None:
                        if segment.filename is None:
                            form.values.setdefault(segment.name, []).append(text.decode("utf-8", "replace"))
                            text.clear()
                        elif files and segment.filename:
                            await files.end()
                        segment = None
    except ParserLimitReached as cause:
        raise TooLarge("The form has too many fields or files. Nothing was saved.") from cause
    except MultipartError as cause:
        raise ClientException(CUT_OFF) from cause
    return form


async def _begin_file(
    request: Request[Any, Any, Any], cookie: str, form: Form, segment: MultipartSegment, files: FileSink | None
) -> None:
    """Files are taken only behind a verified token: it is the first field of every form."""
    if not request.scope["state"].get("form_is_ours"):
        csrf.verify(request, cookie, form.raw(csrf.FIELD))
    if files and segment.filename:  # an empty file input sends a nameless part
        await files.begin(segment.filename)


async def _pieces(request: Request[Any, Any, Any]) -> AsyncIterator[bytes]:
    """The body as it comes. A line that was cut is no fault of ours, as Litestar has it; a silent one is cut."""
    pieces = request.stream()
    try:
        while True:
            async with asyncio.timeout(SILENCE):
                piece = await anext(pieces, None)
            if piece is None:
                return
            yield piece
    except (InternalServerException, TimeoutError) as cause:
        raise ClientException(CUT_OFF) from cause
