"""Posted forms: read as a stream, cleaned, never half believed."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Request
from litestar.exceptions import ClientException

from sdes.kit import csrf
from sdes.kit.errors import Forbidden
from sdes.kit.forms import FIELD_COUNT, TEXT_LIMIT, Form, TooLarge, read_form, without_control_characters

pytestmark = pytest.mark.anyio

COOKIE = "a form cookie"
TOKEN = csrf.token_for(COOKIE)
PLAIN = "application/x-www-form-urlencoded"


class Sink:
    """Keeps the files of a form, and what happened to them in which order."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.ended: list[str] = []
        self._name = ""

    async def begin(self, filename: str) -> None:
        self._name = filename
        self.files[filename] = b""

    async def write(self, piece: bytes) -> None:
        self.files[self._name] += piece

    async def end(self) -> None:
        self.ended.append(self._name)


def request(body: bytes, kind: str, piece: int = 1 << 16, *, cut: int = 0, **headers: str) -> Request[Any, Any, Any]:
    """A posted request whose body comes in pieces; `cut` leaves bytes off its end."""
    body = body[: len(body) - cut] if cut else body
    pieces = [body[at : at + piece] for at in range(0, len(body), piece)] or [b""]
    sent = {"content-type": kind, **{name.replace("_", "-"): value for name, value in headers.items()}}
    scope: Any = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
        "state": {},
        "route_handler": SimpleNamespace(resolve_request_max_body_size=lambda: None),
    }

    async def receive() -> Any:
        return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

    return Request(scope, receive=receive)


def multipart(*parts: tuple[str, str | None, bytes], token: str | None = TOKEN) -> tuple[bytes, str]:
    """A multipart body of (field, file name or None, content), its token first."""
    first = [("csrf_token", None, token.encode())] if token is not None else []
    body = b""
    for name, filename, content in [*first, *parts]:
        head = f'form-data; name="{name}"' + (f'; filename="{filename}"' if filename is not None else "")
        body += b"--line\r\nContent-Disposition: " + head.encode() + b"\r\n\r\n" + content + b"\r\n"
    return body + b"--line--\r\n", "multipart/form-data; boundary=line"


async def read(parts: tuple[bytes, str], sink: Sink | None = None, **words: Any) -> Form:
    return await read_form(request(*parts, **words), COOKIE, sink)


@pytest.mark.parametrize("piece", [1, 7, 1 << 16])
async def test_text_and_files_come_whatever_the_pieces(piece: int) -> None:
    sink = Sink()
    form = await read(
        multipart(("text", None, "Grüße 😀".encode()), ("files", "a.txt", b"\r\n--lin")), sink, piece=piece
    )
    assert form.text("text") == "Grüße 😀"
    assert sink.files == {"a.txt": b"\r\n--lin"}
    assert sink.ended == ["a.txt"]


async def test_an_empty_file_field_is_no_file() -> None:
    sink = Sink()
    form = await read(multipart(("files", "", b""), ("text", None, b"x")), sink)
    assert sink.files == {}
    assert "files" not in form.values


async def test_a_file_is_not_even_begun_before_the_token_is_right() -> None:
    for token in (None, "", "wrong"):
        sink = Sink()
        with pytest.raises(Forbidden, match="security token"):
            await read(multipart(("files", "a.txt", b"x"), token=token), sink)
        assert sink.files == {}


async def test_a_token_behind_the_files_is_too_late() -> None:
    sink = Sink()
    with pytest.raises(Forbidden):
        await read(multipart(("files", "a.txt", b"x"), ("csrf_token", None, TOKEN.encode()), token=None), sink)
    assert sink.files == {}


@pytest.mark.parametrize("cut", [1, 4, 10, 60])
async def test_a_form_that_was_cut_off_is_refused(cut: int) -> None:
    sink = Sink()
    with pytest.raises(ClientException, match="cut off on its way"):
        await read(multipart(("files", "a.txt", b"x" * 40)), sink, cut=cut + 2)


async def test_what_is_no_multipart_at_all_is_refused() -> None:
    for body, kind in ((b"nonsense", "multipart/form-data; boundary=line"), (b"x", "multipart/form-data")):
        with pytest.raises(ClientException, match=r"cut off|read"):
            await read_form(request(body, kind), COOKIE, Sink())


async def test_too_many_fields_are_refused() -> None:
    many = [(f"field{n}", None, b"x") for n in range(FIELD_COUNT + 1)]
    with pytest.raises(TooLarge, match="too many fields or files"):
        await read(multipart(*many))
    body = "&".join(f"field{n}=x" for n in range(FIELD_COUNT + 1)).encode()
    with pytest.raises(ClientException, match="too many fields"):
        await read_form(request(body, PLAIN), COOKIE)


async def test_too_much_text_is_refused_in_either_kind_of_form() -> None:
    with pytest.raises(TooLarge, match="too long to be read"):
        await read(multipart(("text", None, b"x" * (TEXT_LIMIT + 1))))
    half = b"x" * (TEXT_LIMIT // 2 + 1)
    with pytest.raises(TooLarge):
        await read(multipart(("text", None, half), ("more", None, half)))
    with pytest.raises(TooLarge, match="Nothing was saved"):
        await read_form(request(b"text=" + b"x" * TEXT_LIMIT, PLAIN), COOKIE)


async def test_a_plain_form_is_read_and_its_token_verified() -> None:
    form = await read_form(request(f"csrf_token={TOKEN}&text=a%0D%0Ab+c&empty=".encode(), PLAIN), COOKIE)
    assert form.lines("text") == "a\nb c"
    assert form.values["empty"] == [""]
    with pytest.raises(Forbidden):
        await read_form(request(b"csrf_token=wrong&text=a", PLAIN), COOKIE)


async def test_another_kind_of_body_has_no_token_and_is_refused() -> None:
    with pytest.raises(Forbidden):
        await read_form(request(b'{"csrf_token": "x"}', "application/json"), COOKIE)


async def test_bytes_that_are_no_text_become_marks_of_replacement() -> None:
    form = await read(multipart(("text", None, b"caf\xe9")))
    assert form.text("text") == "caf\ufffd"


def test_ways_to_read_a_field() -> None:
    form = Form({"text": ["  one \r\n two\rthree  "], "many": ["a", "b"]})
    assert form.text("text") == "one two three"
    assert form.lines("text") == "one \n two\nthree"
    assert form.raw("text") == "  one \n two\nthree  "
    assert form.text("missing") == form.lines("missing") == form.raw("missing") == ""
    assert form.all("many") == ["a", "b"]
    assert form.all("missing") == []


def test_control_characters_go_and_what_people_write_stays() -> None:
    assert without_control_characters("a\x00b\x08c\x1fd\x7fe\x85f\ufffe\ud800") == "abcdef"
    kept = "tab\t line\n return\r \u200f\u202eright to left\u2069 👩‍💻 e\u0301 中文"
    assert without_control_characters(kept) == kept


@given(st.text())
def test_cleaned_text_is_stored_as_it_is(text: str) -> None:
    cleaned = without_control_characters(text)
    assert "\0" not in cleaned
    assert cleaned.encode().decode() == cleaned == without_control_characters(cleaned)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_a_form_from_another_site_is_refused_even_with_its_token(site: str) -> None:
    with pytest.raises(Forbidden, match="another site"):
        await read_form(request(f"csrf_token={TOKEN}".encode(), PLAIN, sec_fetch_site=site), COOKIE)


@pytest.mark.parametrize("site", ["same-origin", "none"])
async def test_a_form_of_our_own_page_is_taken(site: str) -> None:
    await read_form(request(f"csrf_token={TOKEN}".encode(), PLAIN, sec_fetch_site=site), COOKIE)


async def test_without_a_form_cookie_no_token_is_right() -> None:
    with pytest.raises(Forbidden):
        await read_form(request(f"csrf_token={csrf.token_for('')}".encode(), PLAIN), "")


async def test_tokens_of_two_browsers_differ_and_no_strange_one_is_an_error_of_ours() -> None:
    assert csrf.token_for("one") != csrf.token_for("two")
    with pytest.raises(Forbidden):
        await read_form(request("csrf_token=tökén 😀".encode(), PLAIN), COOKIE)
