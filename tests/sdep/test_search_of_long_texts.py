"""However long and strange the texts are: every message is sent, and what is said last is found by both."""

import random
import re

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sdes.kit import db
from sdes.sdep.actions import bulk
from sdes.sdep.queries import searching
from sdes.sdep.ticks import Tick
from sdes.sdep.views import CommunicationView
from tests.support.communications import replied, sent
from tests.support.handling import LIST, add_tag
from tests.support.people import Browser
from tests.support.world import as_web

pytestmark = [pytest.mark.anyio, pytest.mark.spec("SD 11.1(a)s")]

LONGEST = 20_000  # characters of a message
IDEOGRAPHS = [chr(0x4E00 + n) for n in range(9000)]
MOST_KEPT = 4800  # lexemes of one part


def readings(days: int) -> str:
    """Half-hourly reads, as they are pasted from a sheet."""
    dice = random.Random(1)
    return " ".join(f"{dice.randint(10, 999) / 1000}" for _ in range(48 * days))[:LONGEST]


def digits() -> str:
    dice = random.Random(2)
    return " ".join(str(dice.randint(0, 9)) for _ in range(LONGEST // 2))


def ideographs(seed: int) -> str:
    """Words of nearly as many bytes as a word may have, each another one."""
    dice = random.Random(seed)
    return " ".join("".join(dice.choices(IDEOGRAPHS, k=62)) for _ in range(317))[:LONGEST]


def mpans(first: int) -> str:
    spaced = (f"{10 + n % 20} {n:04} {n * 7 % 10_000:04} {n % 1000:03}" for n in range(first, first + 1240))
    return " ".join(spaced)[:LONGEST]


async def found(browser: Browser, words: str) -> list[str]:
    answer = await browser.get(LIST, params={"q": words})
    assert answer.status_code == 200, answer.text[:500]
    return re.findall(r'id="open-(SC\d+)"', answer.text)


async def parts(reference: str) -> int:
    """How many parts its words have; insists that none is larger than it may be."""
    rows = await db.fetch(
        "SELECT s.part, length(s.words) AS lexemes FROM communication_search s"
        " JOIN communication c ON c.id = s.communication WHERE c.reference = $1",
        reference,
    )
    assert all(row["lexemes"] <= MOST_KEPT for row in rows)
    return max(row["part"] for row in rows)


@pytest.mark.parametrize("text", [digits(), readings(31), readings(80), ideographs(3)], ids=["dials", "31", "80", "漢"])
async def test_a_long_text_is_sent_and_answered_and_found(asha: Browser, nils: Browser, text: str) -> None:
    reference = await sent(asha, subject="Peregrine", text=f"Wombat {text}"[:LONGEST])
    await replied(nils, reference, text)
    await replied(asha, reference, "The quokka has been seen.")
    for browser in (asha, nils):
        for words in ("wombat", "quokka", "peregrine quokka", f"{reference} quokka"):
            assert await found(browser, words) == [reference], words


async def test_a_thread_full_of_long_words_is_answered_and_tagged_and_found(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha, subject="Peregrine")
    assert (await add_tag(nils, reference, "heron")).status_code == 303
    for number in range(18):
        await replied(asha, reference, ideographs(number))
    await replied(nils, reference, "We reply in time: cassowary.")
    for browser in (asha, nils):
        assert await found(browser, "peregrine cassowary") == [reference], "each part has the subject"
    assert await found(nils, "heron cassowary") == [reference], "and the tags"
    assert await found(asha, "heron") == []
    assert await parts(reference) == 2
    assert (await add_tag(nils, reference, "osprey")).status_code == 303
    assert await found(nils, "osprey heron cassowary") == await found(nils, "osprey") == [reference]


async def test_what_is_said_after_thousands_of_numbers_is_found(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha, subject="Peregrine", text=mpans(0))
    await replied(asha, reference, mpans(1240))
    await replied(nils, reference, "The quokka has been seen.")
    for browser in (asha, nils):
        assert await found(browser, "quokka peregrine 1090000000010") == [reference]
    await parts(reference)


async def test_the_longest_words_there_can_be_fit_the_parts(asha: Browser) -> None:
    reference = await sent(asha, subject="Peregrine")
    (row,) = await db.fetch("SELECT id FROM communication WHERE reference = $1", reference)
    actor = await asha.actor()
    words = [f"{number:06}".translate(str.maketrans("0123456789", "abcdefghij")) + "x" * 193 for number in range(9000)]
    async with as_web(actor.company_id):
        await db.fetch("SELECT sdep_index($1, $2, $3)", row["id"], " ".join(words), " ".join(words[::-1]))
        await db.fetch("SELECT sdep_index_tags($1, $2)", row["id"], " ".join(words))
        await db.fetch("SELECT sdep_index($1, 'quokka')", row["id"])
        await db.fetch("SELECT sdep_index_tags($1, 'heron')", row["id"])
    assert await found(asha, "quokka heron") == [reference]
    assert await parts(reference) > 2


@pytest.mark.parametrize("most", [2000, 0], ids=["hits are listed", "the list is walked"])
async def test_what_several_parts_have_is_listed_once(
    asha: Browser, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(searching, "MOST_LISTED", most)
    reference = await sent(asha, subject="Peregrine")
    await db.fetch(
        "INSERT INTO communication_search (communication, company, part, words)"
        " SELECT communication, company, 2, words FROM communication_search"
        " WHERE communication = (SELECT id FROM communication WHERE reference = $1)",
        reference,
    )
    assert await found(asha, "peregrine") == [reference]


async def test_what_was_too_large_before_there_were_parts_is_answered_and_tagged(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha, subject="Peregrine")
    assert (await add_tag(asha, reference, "heron")).status_code == 303
    await db.fetch(
        "UPDATE communication_search s SET words = words || (SELECT array_to_tsvector(array_agg("
        "s.company || ':' || n || repeat('x', 20))) FROM generate_series(1, 30000) n)"
    )
    assert (await add_tag(asha, reference, "osprey")).status_code == 303
    assert await found(asha, "osprey heron") == [reference]
    await replied(nils, reference, "The quokka has been seen.")
    assert await found(asha, "osprey heron quokka peregrine") == await found(nils, "quokka") == [reference]


@pytest.mark.parametrize("words", ["㍿" * 170 + "abcde", "ß" * 150, "\ufdfa" * 200, "𠀀" * 200, "x" * 200])
async def test_a_search_of_characters_that_stand_for_several(
    asha: Browser, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    await sent(asha)
    for typed in (words, words[:50], words[:200]):
        await found(asha, typed)
    assert words[:20] not in caplog.text


@pytest.mark.parametrize("word", ["x" * 200, "x" * 2045, "漢" * 681, "x" * 5000])
async def test_a_query_leaves_out_what_is_too_long_for_a_word(asha: Browser, word: str) -> None:
    async with as_web((await asha.actor()).company_id):
        (row,) = await db.fetch(
            "SELECT sdep_query($1, '')::text AS long, sdep_query($2, '')::text AS rest", [word], [word, "meter"]
        )
    assert row["long"] is None
    assert word[:100] not in row["rest"]


async def test_characters_that_stand_for_several_are_found(asha: Browser) -> None:
    reference = await sent(asha, text="㍿" * 50)
    assert await found(asha, "㍿" * 50) == await found(asha, "株式会社") == [reference]


async def test_a_search_that_is_too_long_as_it_is_looked_for_is_told(asha: Browser) -> None:
    page = (await asha.get(LIST, params={"q": "㍿" * 170})).text
    assert "Nothing was searched for: shorten it to 200 characters. It has 680." in page


@st.composite
def messages(draw: st.DrawFn) -> str:
    """Any text of at most 20,000 characters: words of some characters, so many that it is long."""
    letters = draw(st.lists(st.characters(exclude_categories=["C"]), min_size=1, max_size=40))
    letters += draw(st.sampled_from([[], IDEOGRAPHS, list("0123456789"), ["㍿", "\ufdfa", "㌖"], [chr(0x20000)]]))
    between = draw(st.sampled_from([" ", "\n", "-", "."]))
    longest, dice = draw(st.integers(1, 80)), random.Random(draw(st.integers()))
    words = ("".join(dice.choices(letters, k=dice.randint(1, longest))) for _ in range(LONGEST // longest))
    return ("a " + between.join(words))[: draw(st.integers(1, LONGEST))]


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(text=messages())
async def test_any_message_is_sent(asha: Browser, text: str) -> None:
    reference = await sent(asha)
    await replied(asha, reference, text)
    await parts(reference)


async def test_what_the_database_does_not_take_is_the_outcome_of_its_row(
    asha: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = await sent(asha), await sent(asha)
    actor = await asha.actor()

    async def fail(view: CommunicationView, tick: Tick) -> str:
        await db.fetch("UPDATE communication SET subject = 'half done' WHERE id = $1", view.id)
        if view.reference == first:
            await db.fetch("SELECT 'wordofthetext'::int")
        return "Done."

    outcomes = await bulk.each(actor, [Tick(first, 1, None), Tick(second, 1, None)], fail)
    assert [(outcome.is_done, outcome.text) for outcome in outcomes] == [(False, bulk.FAILED), (True, "Done.")]
    rows = await db.fetch("SELECT subject FROM communication ORDER BY id")
    assert [row["subject"] == "half done" for row in rows] == [False, True], "a row that fails is as it was"
    assert first in caplog.text
    assert "wordofthetext" not in caplog.text


async def test_a_lost_connection_is_no_outcome_of_a_row(asha: Browser) -> None:
    reference = await sent(asha)

    async def lose(view: CommunicationView, tick: Tick) -> str:
        raise asyncpg.ConnectionDoesNotExistError

    with pytest.raises(asyncpg.ConnectionDoesNotExistError):
        await bulk.each(await asha.actor(), [Tick(reference, 1, None)], lose)
