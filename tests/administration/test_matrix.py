"""The matrix without a database: what a form remembers of what it showed, and what becomes of what was ticked."""

from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdes.accounts.tables import PersonState
from sdes.administration.inactivity import Activity
from sdes.administration.matrix.filter import Filter
from sdes.administration.matrix.seen import Cell, Seen, Unreadable, changes, meanwhile, on_top, shown, ticks
from sdes.administration.matrix.table import rows
from sdes.administration.views.people import PersonView
from sdes.kit.forms import Form

ids = st.integers(1, 999_999_999)
cases = st.tuples(ids, st.integers(1, 15))


@st.composite
def seens(draw: st.DrawFn) -> Seen:
    people = tuple(draw(st.lists(ids, unique=True, max_size=12)))
    use_cases = tuple(draw(st.lists(cases, unique=True, max_size=12)))
    cells = [(one, case) for one in people for case in use_cases]
    return Seen(people, use_cases, frozenset(draw(st.sets(st.sampled_from(cells))) if cells else ()))


def person(number: int, **words: object) -> PersonView:
    when = datetime(2026, 11, 3, tzinfo=UTC)
    made = PersonView(
        number,
        f"Person {number}",
        f"person{number}@brightwatt.example",
        PersonState.ACTIVE,
        False,
        (),
        False,
        None,
        None,
        False,
        False,
        Activity(when),
    )
    return replace(made, **words)  # type: ignore[arg-type]


@given(seens())
def test_what_was_shown_comes_back_as_it_was(seen: Seen) -> None:
    assert Seen.read(str(seen)) == seen


@given(seens(), st.data())
def test_a_form_that_was_tampered_with_is_another_form_or_none(seen: Seen, data: st.DataObject) -> None:
    """Never an error of ours, and never rows without their cells."""
    text = str(seen)
    at = data.draw(st.integers(0, len(text)))
    broken = text[:at] + data.draw(st.text(max_size=3)) + text[at + data.draw(st.integers(0, 3)) :]
    try:
        read = Seen.read(broken)
    except Unreadable:
        return
    assert {cell for cell, _ in read.ticked} <= set(read.people)
    assert Seen.read(str(read)) == read


@pytest.mark.parametrize(
    "nonsense",
    [
        "",
        "null",
        "1_1.1_",
        "1_1.1_AAAA",
        "1_1.1_A",
        "1_1.1_!!",
        "1,1_1.1_AA",
        "1_1.1,1.1_AA",
        "9999999999_1.1_AA",
        "1_1.1_Ag",
        "-1_1.1_AA",
        "١_1.1_AA",
        "1_1_AA",
        "1_1.1_AA_",
        " 1_1.1_AA",
        ",".join(map(str, range(1, 100_002))) + "_1.1,1.2_" + "A" * 33_334,
    ],
)
def test_nonsense_is_told(nonsense: str) -> None:
    with pytest.raises(Unreadable):
        Seen.read(nonsense)


@given(seens(), st.data())
def test_what_was_ticked_is_what_the_boxes_say(seen: Seen, data: st.DataObject) -> None:
    ticked = subset(seen, data)
    values: dict[str, list[str]] = {"csrf_token": ["x"], "seen": [str(seen)]}
    for one, (process, level) in ticked:
        values.setdefault(f"p{one}", []).append(f"{process}.{level}")
    assert ticks(Form(values), seen) == ticked


@pytest.mark.parametrize(("name", "value"), [("p4", "1.1"), ("p3", "1.2"), ("p3", ""), ("p3", "1.1.1")])
def test_a_box_that_was_not_shown_is_refused(name: str, value: str) -> None:
    seen = Seen((3,), ((1, 1),), frozenset())
    with pytest.raises(Unreadable):
        ticks(Form({name: [value]}), seen)


@given(seens(), st.data())
def test_differences_lead_from_one_to_the_other(seen: Seen, data: st.DataObject) -> None:
    after = subset(seen, data)
    own = changes(seen.ticked, after)
    assert (seen.ticked - own.removed) | own.added == after
    assert not own.added & own.removed
    assert len(own) == len(seen.ticked ^ after)
    assert bool(own) == (seen.ticked != after)


@given(seens(), st.data())
def test_nobody_is_faster_when_nothing_has_changed(seen: Seen, data: st.DataObject) -> None:
    assert not meanwhile(seen, seen)
    now = Seen(seen.people, seen.use_cases, subset(seen, data))
    assert bool(meanwhile(seen, now)) == (now.ticked != seen.ticked)


@given(seens(), st.data())
def test_ones_own_changes_lie_on_top_of_those_of_others(seen: Seen, data: st.DataObject) -> None:
    """What I ticked stays ticked, what I cleared stays cleared, and the rest is what others made of it."""
    mine, theirs = subset(seen, data), subset(seen, data)
    own, now = changes(seen.ticked, mine), Seen(seen.people, seen.use_cases, theirs)
    drawn = on_top(now, own)
    for one in seen.people:
        for case in seen.use_cases:
            cell = (one, case)
            expected = mine if (cell in mine) != (cell in seen.ticked) else theirs
            assert (cell in drawn) == (cell in expected)


def test_people_who_have_gone_are_told_and_no_longer_drawn() -> None:
    seen = Seen((3, 4), ((1, 1),), frozenset({(3, (1, 1))}))
    now = Seen((4,), ((1, 1),), frozenset())
    others = meanwhile(seen, now)
    assert others.gone == {3}
    assert not others.changes
    assert on_top(now, changes(seen.ticked, frozenset({(3, (1, 1)), (4, (1, 1))}))) == {(4, (1, 1))}
    assert on_top(now, changes(frozenset(), frozenset({(3, (1, 1))}))) == frozenset()


def test_standing_in_as_default_contact_is_no_assignment() -> None:
    mau = person(3, use_cases=frozenset({(1, 1), (1, 2)}), default_for=frozenset({(1, 2)}))
    assert shown([mau], [(1, 1), (1, 2), (2, 1)]).ticked == {(3, (1, 1))}


def test_rows_escape_what_people_are_called() -> None:
    one = person(3, name='<b>"O\'Brien"</b>', email="<a@b.example>", use_cases=frozenset({(1, 1)}))
    html = rows([one], shown([one], [(1, 1), (1, 2)]), frozenset({(3, (1, 2))}))
    assert "<b>" not in html
    assert "<a@b" not in html
    assert html.count(" checked") == 1
    assert html.count("data-was=1") == html.count("data-was=0") == 1


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, Filter(size=25)),
        ({"q": "  a \x00 b "}, Filter(words="a b", size=25)),
        ({"holds": "7.2", "size": "500", "page": "3"}, Filter(holds=(7, 2), size=500, page=3)),
        ({"holds": "7", "size": "7", "page": "-3"}, Filter(size=25)),
        ({"holds": "7.99", "page": "٣"}, Filter(size=25)),
        ({"page": "999999999999"}, Filter(size=25)),
    ],
)
def test_an_address_asks_for_a_part(query: dict[str, str], expected: Filter) -> None:
    read = Filter.read(query, 25)
    assert read == expected
    assert Filter.read({"size": "25"} | dict(_pairs(read.query())), 100) == expected


def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query.removeprefix("?"))


def subset(seen: Seen, data: st.DataObject) -> frozenset[Cell]:
    cells = [(one, case) for one in seen.people for case in seen.use_cases]
    return frozenset(data.draw(st.sets(st.sampled_from(cells)))) if cells else frozenset()
