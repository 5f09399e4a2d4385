"""Cursors: a place in a list survives the URL, and nothing that a URL can carry breaks the page."""

import json
from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdes.kit.paging import Cursor, Cut, cut

VALUES = st.one_of(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), st.integers(), st.none())


@given(VALUES, st.integers(-(2**63), 2**63 - 1), st.booleans())
def test_a_cursor_survives_the_url(value: str | int | None, row: int, is_before: bool) -> None:
    cursor = Cursor(value, row, is_before)
    assert "=" not in str(cursor)
    assert Cursor.read(str(cursor)) == cursor


def carried(value: object) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "x",
        "%%%",
        "é😀",
        "=",
        "AAAA",
        carried({}),
        carried([]),
        carried(7),
        carried(None),
        carried(["a", 1]),
        carried(["a", "1", False]),
        carried(["a", True, False]),
        carried(["a", 1.5, False]),
        carried([["a"], 1, False]),
        carried([1.5, 1, False]),
        carried([{"a": 1}, 1, False]),
        carried(["a", 1, False, 2]),
        carried(["a\x00b", 1, False]),
        carried(["\ud800", 1, False]),
        carried(["a", 2**63, False]),
        "W" * 100_000,
        urlsafe_b64encode(b"[" * 100_000).decode(),
    ],
)
def test_a_broken_cursor_is_the_first_page(text: str | None) -> None:
    assert Cursor.read(text) is None


@given(st.text(max_size=60))
def test_any_text_is_a_cursor_or_none(text: str) -> None:
    assert Cursor.read(text) is None or isinstance(Cursor.read(text), Cursor)


def test_a_list_is_walked_forth_and_back_without_a_gap() -> None:
    everything = [{"id": number} for number in range(10)]

    def page_at(cursor: Cursor | None, size: int = 3) -> Cut:
        if cursor and cursor.is_before:
            found = [row for row in reversed(everything) if row["id"] < cursor.id]
        else:
            found = [row for row in everything if cursor is None or row["id"] > cursor.id]
        return cut(found[: size + 1], size, cursor)

    forth = [page_at(None)]
    while forth[-1].has_next:
        forth.append(page_at(Cursor(None, forth[-1].rows[-1]["id"])))
    assert [[row["id"] for row in page.rows] for page in forth] == [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9]]
    assert [page.has_previous for page in forth] == [False, True, True, True]
    back = [forth[-1]]
    while back[-1].has_previous:
        back.append(page_at(Cursor(None, back[-1].rows[0]["id"], is_before=True)))
    assert [[row["id"] for row in page.rows] for page in back] == [[9], [6, 7, 8], [3, 4, 5], [0, 1, 2]]
    assert [page.has_next for page in back] == [False, True, True, True]


def test_beyond_the_end_there_is_an_empty_page_without_neighbours() -> None:
    assert cut([], 3, Cursor(None, 9)) == Cut([], False, False)
