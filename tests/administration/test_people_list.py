"""The Maintain Assigned Users List: whom it shows, what it tells of each, how it is searched, sorted and paged."""

import re
from datetime import timedelta
from typing import Any

import pytest

from sdes.accounts.passwords import hashed
from sdes.administration.queries.listing import Filters, Order, gaps, page_of
from sdes.kit import clock, db
from tests.support.administration import ASHA, BEN, MO, id_of, leave_alone, page_text, rename, use_cases_of
from tests.support.people import HTMX, Browser, SignIn

pytestmark = pytest.mark.anyio

ALL = ["Asha Rahman", "Ben Carter", "Mo Sheikh"]


async def names(browser: Browser, query: str = "") -> list[str]:
    """Who is on the list, in its order."""
    answer = await browser.get(f"/users{query}")
    assert answer.status_code == 200
    return re.findall(r'data-row-link dir="auto">([^<]+)</a>', answer.text)


async def row_of(browser: Browser, name: str) -> str:
    """What the list says of somebody."""
    html = (await browser.get("/users")).text
    row = next(row for row in re.findall(r'<tr role="row">.*?</tr>', html, re.DOTALL) if f">{name}</a>" in row)
    return " ".join(re.sub(r"<[^>]+>", " ", row).split())


@pytest.mark.spec("SD 2.6")
async def test_the_list_shows_the_company_s_people_and_nobody_else(mo: Browser, olga: Browser) -> None:
    assert [name for name in await names(mo) if name in ALL] == ALL
    assert set(await names(mo)) & set(await names(olga)) == set()
    await rename(BEN, state="deleted")
    assert "Ben Carter" not in await names(mo)


@pytest.mark.spec("SD 2.6")
async def test_only_administrators_see_it(asha: Browser, nobody: Browser, sign_in: SignIn) -> None:
    assert (await asha.get("/users")).status_code == 403
    assert "/users" not in (await asha.get("/status")).text
    assert (await nobody.get("/users")).status_code == 303
    await rename(ASHA, functions=["user-administration"])
    assert (await asha.get("/users")).status_code == 200
    assert (await asha.get("/users/settings")).status_code == 403
    assert "Company settings" not in (await asha.get("/users")).text


async def test_a_proxy_address_is_marked(mo: Browser) -> None:
    await rename(BEN, is_proxy_address=True)
    assert "Proxy address" in await row_of(mo, "Ben Carter")
    assert "Proxy address" not in await row_of(mo, "Asha Rahman")


@pytest.mark.spec("SL 9")
async def test_a_row_tells_state_last_sign_in_and_what_somebody_works_on(mo: Browser) -> None:
    cases = await use_cases_of(BEN)
    processes = len({process for process, _ in cases})
    await rename(BEN, last_sign_in_at=None, password_is_single_use=True, functions=["reports"])
    row = await row_of(mo, "Ben Carter")
    assert "Waiting for first sign-in" in row
    assert "Never" in row
    assert f"{len(cases)} in {processes} process types" in row
    assert "User reports and secure communications administration" in row
    await rename(BEN, last_sign_in_at=clock.now() - timedelta(days=86), password_is_single_use=False)
    await rename(BEN, created_at=clock.now() - timedelta(days=400))
    assert "Deleted in 7 days" in await row_of(mo, "Ben Carter"), "the reminders are still to come"
    await rename(BEN, warned_from=clock.local(clock.now()).date() - timedelta(days=3))
    assert "Deleted in 4 days" in await row_of(mo, "Ben Carter")
    await rename(BEN, state="suspended")
    assert "Suspended" in await row_of(mo, "Ben Carter")
    assert "Master Admin User" in await row_of(mo, "Mo Sheikh")


@pytest.mark.spec("SD 2.5(b)")
async def test_the_only_user_of_a_use_case_is_marked(mo: Browser) -> None:
    assert "Only user" not in await row_of(mo, "Ben Carter")
    alone = await leave_alone(BEN)
    assert f"only user of {len(alone)}" in await row_of(mo, "Ben Carter")
    assert await names(mo, "?held=only") == ["Ben Carter"]
    await rename(BEN, state="suspended")
    assert "Only user" not in await row_of(mo, "Ben Carter"), "who is suspended is nobody's user"


@pytest.mark.spec("SD 2.7(c)")
async def test_a_mau_who_stands_in_is_counted_by_their_own_use_cases(mo: Browser) -> None:
    await db.fetch("UPDATE assignment SET is_default_contact = true WHERE person = $1", await id_of(MO))
    row = await row_of(mo, "Mo Sheikh")
    assert f"default contact of {len(await use_cases_of(MO))}" in row
    assert "process type" not in row
    case = min(await use_cases_of(MO))
    await db.fetch(
        "UPDATE assignment SET is_default_contact = false WHERE person = $1 AND process_type = $2 AND level = $3",
        await id_of(MO),
        *case,
    )
    assert "1 in 1 process type default contact" in await row_of(mo, "Mo Sheikh")


@pytest.mark.spec("SD 2.5(b)")
async def test_what_nobody_can_be_assigned_to_now_is_no_gap(mo: Browser) -> None:
    await db.fetch("DELETE FROM assignment USING person p WHERE p.id = person AND p.email_key = ANY($1)", [ASHA, BEN])
    await db.fetch("UPDATE assignment SET is_default_contact = true WHERE person = $1", await id_of(MO))
    before = len(await use_cases_of(MO))
    assert f"{before} use cases have nobody" in page_text(await mo.get("/users"))
    await db.fetch("UPDATE market_participant SET effective_to = '2024-01-01' WHERE mpid = 'BWG'")
    shown = re.search(r"(\d+) use cases have nobody", page_text(await mo.get("/users")))
    assert shown
    assert 0 < int(shown[1]) < before, "the gas supplier's are not counted any more"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("BEN", ["Ben Carter"]),
        ("rahman", ["Asha Rahman"]),
        ("asha@bright", ["Asha Rahman"]),
        ("  mo   sheikh ", ["Mo Sheikh"]),
        ("%", []),
        ("_", []),
        ("\\", []),
        ("Otto", []),
        ("nobody at all", []),
        ("\x00", None),
    ],
)
async def test_people_are_searched_by_name_and_address(mo: Browser, text: str, found: list[str] | None) -> None:
    answer = await mo.get("/users", params={"q": text})
    assert answer.status_code == 200
    shown = re.findall(r'data-row-link dir="auto">([^<]+)</a>', answer.text)
    assert shown == found if found is not None else set(shown) >= set(ALL)
    if found == []:
        assert "Nobody found" in answer.text


async def test_people_are_filtered(mo: Browser) -> None:
    case = "{}.{}".format(*min(await use_cases_of(BEN)))
    await db.fetch("DELETE FROM assignment WHERE person = $1", await id_of(ASHA))
    await rename(ASHA, state="suspended", functions=["cmrp"])
    await rename(BEN, password_is_single_use=True)
    await rename(MO, created_at=clock.now() - timedelta(days=200), last_sign_in_at=clock.now() - timedelta(days=88))
    assert [one for one in await names(mo, "?state=suspended") if one in ALL] == ["Asha Rahman"]
    assert [one for one in await names(mo, "?state=waiting") if one in ALL] == ["Ben Carter"]
    assert [one for one in await names(mo, "?state=active") if one in ALL] == ["Ben Carter", "Mo Sheikh"]
    assert [one for one in await names(mo, "?function=cmrp") if one in ALL] == ["Asha Rahman"]
    assert [one for one in await names(mo, f"?use_case={case}") if one in ALL] == ["Ben Carter", "Mo Sheikh"]
    assert [one for one in await names(mo, "?held=none") if one in ALL] == ["Asha Rahman"]
    assert "Mo Sheikh" not in await names(mo, "?state=deletion"), "a Master Admin User is never deleted for it"


@pytest.mark.spec("SD 2.7")
@pytest.mark.parametrize(("days", "is_shown"), [(82, False), (83, True), (90, True)])
async def test_those_about_to_be_deleted_are_found(mo: Browser, days: int, is_shown: bool) -> None:
    away = clock.now() - timedelta(days=days)
    await rename(BEN, created_at=away, last_sign_in_at=away)
    assert ("Ben Carter" in await names(mo, "?state=deletion")) == is_shown
    assert ("Deleted " in await row_of(mo, "Ben Carter")) == is_shown


async def test_an_address_that_makes_no_sense_shows_everybody(mo: Browser) -> None:
    for query in ("?state=x&function=x&held=x&use_case=x", "?use_case=999999.99", "?sort=x&direction=x", "?page=zzz"):
        assert set(await names(mo, query)) >= set(ALL)
    assert (await mo.get("/users?page=WzEsIDFlOTksIHRydWVd&q=%ff&deleted=99999999999999")).status_code == 200


async def test_the_list_is_sorted_and_paged(mo: Browser) -> None:
    await _hire(60)
    await db.fetch("UPDATE person SET page_size = 25 WHERE email_key = $1", MO)
    seen, path = [], "?q=colleague"
    for count in (25, 25, 10):
        answer = await mo.get(f"/users{path}")
        shown = re.findall(r'data-row-link dir="auto">([^<]+)</a>', answer.text)
        assert len(shown) == count
        assert f"Showing {count} of 60" in page_text(answer)
        seen += shown
        following = re.search(r'href="/users(\?[^"]+)" rel="next"', answer.text)
        path = following[1].replace("&amp;", "&") if following else ""
    assert seen == [f"Colleague {number:03}" for number in range(60)]
    assert path == ""
    back = re.search(r'href="/users(\?[^"]+)" rel="prev"', answer.text)
    assert back
    assert await names(mo, back[1].replace("&amp;", "&")) == seen[25:50]
    assert await names(mo, "?q=colleague&sort=name&direction=down") == seen[:-26:-1]
    latest = await names(mo, "?q=colleague&sort=last_sign_in")
    assert latest[0] == "Colleague 059"
    following = re.search(
        r'href="/users(\?[^"]+)" rel="next"', (await mo.get("/users?q=colleague&sort=last_sign_in")).text
    )
    assert following
    assert (await names(mo, following[1].replace("&amp;", "&")))[0] == "Colleague 034"


async def test_htmx_gets_the_rows_and_the_address_of_what_is_shown(mo: Browser) -> None:
    answer = await mo.get("/users?q=ben&state=&held=", headers=HTMX)
    assert answer.text.startswith('<div id="results"')
    assert answer.headers["HX-Push-Url"] == "/users?q=ben"
    assert "HX-Request" in answer.headers["Vary"]


async def test_five_hundred_people_take_as_many_statements_as_five(
    mo: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _hire(2)
    few = await _statements(mo, monkeypatch)
    await _hire(500, first=100)
    await db.fetch("UPDATE person SET page_size = 100 WHERE email_key = $1", MO)
    assert await _statements(mo, monkeypatch) == few


async def _statements(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many statements the list takes."""
    told: list[str] = []
    connection: Any = db.DB.current_transaction.get().connection  # type: ignore[union-attr]
    with connection.query_logger(lambda record: told.append(record.query)):
        assert (await browser.get("/users")).status_code == 200
    assert told
    return len(told)


async def _hire(count: int, first: int = 0) -> None:
    """Gives Brightwatt more people, each assigned to all that Ben is."""
    password = await hashed("four lively words together")
    await db.fetch(
        "INSERT INTO person (company, name, email, email_key, password_hash, created_at, last_sign_in_at)"
        " SELECT company, 'Colleague ' || lpad(n::text, 3, '0'), 'colleague' || n || '@brightwatt.example',"
        " 'colleague' || n || '@brightwatt.example', $3, $4, $4::timestamptz + n * interval '1 minute'"
        " FROM person, generate_series($1::int, $1::int + $2::int - 1) n WHERE email_key = 'ben@brightwatt.example'",
        first, count, password, clock.now() - timedelta(days=2),
    )  # fmt: skip
    await db.fetch(
        "INSERT INTO assignment (company, person, process_type, level, is_default_contact)"
        " SELECT a.company, p.id, a.process_type, a.level, false FROM assignment a JOIN person b ON b.id = a.person"
        " JOIN person p ON p.company = a.company AND p.name LIKE 'Colleague %'"
        " WHERE b.email_key = 'ben@brightwatt.example' ON CONFLICT DO NOTHING"
    )


async def test_the_list_asks_for_one_s_own_company_whatever_the_database_would_show(mo: Browser, olga: Browser) -> None:
    """As the owner of the tables, for whom row-level security does not hold."""
    for browser, company in ((mo, "brightwatt"), (olga, "clearvolt")):
        actor = await browser.actor()
        held = await gaps(actor)
        for filters in (Filters(), Filters(text="a"), Filters(state="active"), Filters(held="none")):
            found = await page_of(actor, filters, Order(), None, held, 100)
            assert all(one.email.endswith(f"@{company}.example") for one in found.rows)
        assert (await page_of(actor, Filters(), Order(), None, held, 100)).total > 1
        strangers = {row["id"] for row in await db.fetch("SELECT id FROM person WHERE company <> $1", actor.company_id)}
        assert not strangers & held.only.keys()
