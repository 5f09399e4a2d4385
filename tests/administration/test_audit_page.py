"""The audit page: a MAU reads what is of their own company, overseers what overseers do; filtered, paged, taken out."""

import html
import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from sdes import auditlog
from sdes.administration.audit.filter import AuditFilter, read_filter
from sdes.administration.queries import audit as queries
from sdes.administration.queries.audit import audit_page
from sdes.kit import clock, db
from tests.support.audit import NOON, happened, told
from tests.support.communications import count
from tests.support.people import Browser, SignIn
from tests.support.signing_in import signing_in
from tests.support.world import as_web

pytestmark = pytest.mark.anyio


async def company(name: str) -> int:
    return int((await db.fetch("SELECT id FROM company WHERE name = $1", name))[0]["id"])


async def test_a_master_admin_user_reads_what_is_of_the_own_company(mo: Browser, asha: Browser, olga: Browser) -> None:
    await asha.post("/sign-out")
    await happened(mo, "Ben Carter: put in Erroneous Transfers level 2", event="administration.assignment.changed")
    await happened(olga, "Otto Brandt is now Ottilie Brandt")
    assert await told(mo) == [
        ("Asha Rahman", "Signed out", ""),
        ("Mo Sheikh", "Assignments changed", "Ben Carter: put in Erroneous Transfers level 2"),
    ]
    assert [row[2] for row in await told(olga)] == ["Otto Brandt is now Ottilie Brandt"]


@pytest.mark.spec("SD 8.1")
async def test_every_sign_in_is_there_and_every_refused_one(mo: Browser, nobody: Browser) -> None:
    await signing_in(nobody, password="wrong")
    await signing_in(nobody)
    signed_in, refused = await told(mo)
    assert signed_in[:2] == ("Asha Rahman", "Signed in")
    assert refused[:2] == ("Somebody not signed in", "Sign-in refused")
    assert "Asha Rahman" in refused[2]
    assert "192.0.2.7" in refused[2]
    assert [row[1] for row in await told(mo, "?kind=refused")] == ["Sign-in refused"]


async def test_overseers_read_each_others_acts_and_never_another_companys_own(
    piet: Browser, carys: Browser, mo: Browser, asha: Browser, nobody: Browser
) -> None:
    page = f"/companies/{await company('Brightwatt Energy')}"
    await happened(mo, "Ben Carter suspended", event="administration.person.suspended")
    await asha.post("/sign-out")
    await signing_in(nobody, "nobody@nowhere.example", "wrong")
    assert (await carys.post(f"{page}/qualification", {"qualified": "no", "reason": "Left"})).status_code == 303
    assert (await piet.post("/companies", {"name": "Newcomer Energy"})).status_code == 303
    acts = [
        ("Piet de Vries", "SDES Provider", "Company opened"),
        ("Carys Bevan", "Code Manager", "Marked not Qualified"),
    ]
    assert [row[:3] for row in await told(carys)] == acts
    assert [row[:3] for row in await told(piet)] == [*acts, ("Somebody not signed in", "–", "Sign-in refused")]
    assert [row[:2] for row in await told(mo)] == [
        ("Carys Bevan", "Marked not Qualified"),
        ("Asha Rahman", "Signed out"),
        ("Mo Sheikh", "Person suspended"),
    ]


async def test_the_history_of_a_company_is_what_overseers_did_to_it(piet: Browser, carys: Browser, mo: Browser) -> None:
    page = f"/companies/{await company('Brightwatt Energy')}"
    actor, provider = await mo.actor(), await company("SDES Provider")
    words = {"detail": "Ben Carter suspended", "about_company": actor.company_id, "audience": [provider]}
    await auditlog.record(actor, "administration.person.suspended", **words)  # even where the provider may read it
    await carys.post(f"{page}/qualification", {"qualified": "no", "reason": "Left the market"})
    for browser in (piet, carys):
        text = (await browser.get(page)).text
        assert "Brightwatt Energy: Left the market" in text
        assert "Ben Carter" not in text


async def test_the_history_of_an_overseers_own_company_is_no_list_of_its_sign_ins(
    piet: Browser, carys: Browser, nobody: Browser
) -> None:
    number = await company("SDES Provider")
    page = f"/companies/{number}"
    await signing_in(nobody, "piet@provider.example")
    new = await piet.get(page)
    mark = re.search(rf'action="{page}/name".*?name="mark" value="(\w+)"', new.text, re.DOTALL)
    assert mark
    assert (await piet.post(f"{page}/name", {"name": "The Provider", "mark": mark[1]})).status_code == 303
    assert await count("audit_entry", "event = 'accounts.session.started' AND about_company = $1", number) == 1
    for browser in (piet, carys):
        text = (await browser.get(page)).text
        assert "SDES Provider is now The Provider" in text
        assert "Signed in" not in text


async def test_the_audit_page_says_what_is_not_in_it(piet: Browser, mo: Browser) -> None:
    sentence = "What another company does by itself, its sign-ins too, only its own Master Admin User reads."
    assert sentence in (await piet.get("/audit")).text
    assert sentence not in (await mo.get("/audit")).text


async def test_the_first_lock_holds_by_itself(mo: Browser, olga: Browser, piet: Browser) -> None:
    """As the owner of the tables, for whom no policy holds."""
    await happened(mo, "of Brightwatt")
    for browser, seen in ((mo, ["of Brightwatt"]), (olga, []), (piet, [])):
        page = await audit_page(await browser.actor(), AuditFilter())
        assert [line.detail for line in page.rows] == seen


async def test_entries_are_found_by_day_person_kind_and_words(mo: Browser, ben: Browser) -> None:
    ids = {row["name"]: row["id"] for row in await db.fetch("SELECT id, name FROM person")}
    actor = await mo.actor()
    for number, (event, subject, detail) in enumerate(
        [
            ("administration.person.created", f"person {ids['Ben Carter']}", "<b>first</b>"),
            ("administration.assignment.changed", f"person {ids['Asha Rahman']}", "Asha Rahman: put in 100% of it"),
            ("administration.second-factor.required", "", "third"),
        ]
    ):
        with clock.at(NOON + timedelta(days=number)):
            await auditlog.record(actor, event, subject=subject, detail=detail, about_company=actor.company_id)
    one, two, three = "<b>first</b>", "Asha Rahman: put in 100% of it", "third"
    for query, found in (
        ("", [three, two, one]),
        ("?from=21+11+2026", [three, two]),
        ("?to=21/11/2026", [two, one]),
        ("?from=21+Nov+2026&to=2026-11-21", [two]),
        ("?person=ben", [one]),
        ("?person=BEN%40brightwatt.example", [one]),
        ("?person=asha", [two]),
        ("?person=Mo+Sheikh", [three, two, one]),
        ("?person=nobody", []),
        ("?person=_", []),
        ("?kind=people", [one]),
        ("?kind=settings", [three]),
        ("?kind=sign-ins", []),
        ("?kind=nonsense", [three, two, one]),
        ("?text=100%25+OF", [two]),
        ("?text=FIRST", [one]),
        ("?text=%25", [two]),
        ("?person=mo&kind=people&text=first&to=20+11+2026", [one]),
    ):
        assert [row[-1] for row in await told(mo, query)] == found, query


async def test_the_last_day_is_londons(mo: Browser) -> None:
    actor = await mo.actor()
    for moment in (datetime(2026, 6, 9, 22, 59, tzinfo=UTC), datetime(2026, 6, 9, 23, 0, tzinfo=UTC)):
        with clock.at(moment):
            await auditlog.record(
                actor, "accounts.session.started", detail=f"{moment:%H:%M}", about_company=actor.company_id
            )
    assert [row[-1] for row in await told(mo, "?from=9/6/2026&to=9/6/2026")] == ["22:59"]
    assert [row[-1] for row in await told(mo, "?from=10/6/2026&to=10/6/2026")] == ["23:00"]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("?from=31+2+2026", "First day: February 2026 has no day 31."),
        ("?to=soon", "Last day: Enter a date with day, month and year"),
        ("?from=2+2+2026&to=1+2+2026", "Last day: The last day is before the first."),
    ],
)
async def test_a_date_that_is_none_is_told(mo: Browser, query: str, sentence: str) -> None:
    await happened(mo, "something")
    answer = await mo.get(f"/audit{query}")
    assert answer.status_code == 200
    assert sentence in html.unescape(answer.text)
    assert "Entries of all days are shown." in answer.text
    assert "something" in answer.text


@pytest.mark.parametrize(
    "query", ["page=nonsense", "page=WyJ4IiwxLGZhbHNlXQ", "from=%00", "text=%00", "person=" + "x" * 5000]
)
async def test_nonsense_in_the_address_is_no_fault(mo: Browser, query: str) -> None:
    assert (await mo.get(f"/audit?{query}")).status_code == 200


async def test_pages_follow_each_other_there_and_back(mo: Browser) -> None:
    await happened(mo, *(f"entry {number}" for number in range(120)))
    pages, path = [], "/audit?text=entry"
    while path:
        text = (await mo.get(path)).text
        pages.append((path, re.findall(r"entry \d+", text.partition("<tbody")[2])))
        found = re.search(r'<a href="([^"]+)" rel="next"', text)
        path = html.unescape(found[1]) if found else ""
    assert [entry for _, page in pages for entry in page] == [f"entry {number}" for number in reversed(range(120))]
    assert [len(page) for _, page in pages] == [50, 50, 20]
    for (_, page), (path, _) in pairwise(pages):
        found = re.search(r'<a href="([^"]+)" rel="prev"', (await mo.get(path)).text)
        assert found
        back = (await mo.get(html.unescape(found[1]))).text
        assert re.findall(r"entry \d+", back.partition("<tbody")[2]) == page


@pytest.mark.parametrize("person", ["asha@brightwatt.example", "mei@fieldline.example", "otto@clearvolt.example"])
async def test_others_read_no_audit(sign_in: SignIn, person: str) -> None:
    browser = await sign_in(person)
    for path in ("/audit", "/audit/export.csv", "/audit/export.xlsx"):
        assert (await browser.get(path)).status_code == 403, path
    assert "/audit" not in (await browser.get("/account/display")).text
    assert await count("audit_entry") == 0


async def test_a_deputy_reads_no_audit(sign_in: SignIn) -> None:
    await db.fetch("UPDATE person SET functions = '{user-administration}' WHERE email_key = 'ben@brightwatt.example'")
    deputy = await sign_in("ben@brightwatt.example")
    assert (await deputy.get("/users")).status_code == 200
    assert (await deputy.get("/audit")).status_code == 403


@pytest.mark.parametrize("person", ["mo@brightwatt.example", "piet@provider.example"])
async def test_a_page_of_many_reads_an_index_and_no_more(sign_in: SignIn, person: str, monkeypatch: Any) -> None:
    """With the locks of the web's login. 200,000 entries were measured to be the same."""
    actor = await (await sign_in(person)).actor()
    await db.fetch(
        "INSERT INTO audit_entry (at, event, person_name, company_id, company_name, subject, process, fuel, detail,"
        " audience, request_id, about_company)"
        " SELECT now() - n * interval '1 minute', 'accounts.session.started', 'x', c.id, c.name, '', '', '', '',"
        " ARRAY[c.id]::bigint[], '', c.id FROM company c,"
        " generate_series(1, CASE WHEN c.id = $1 THEN 10000 ELSE 500 END) n",
        actor.company_id,
    )
    await db.fetch("ANALYZE audit_entry")
    statements: list[tuple[str, list[Any]]] = []
    raw = queries.AuditEntry.raw

    def remembered(sql: str, *words: Any) -> Any:
        made = raw(sql, *words)
        statements.append(made.querystrings[0].compile_string())
        return made

    monkeypatch.setattr(queries.AuditEntry, "raw", remembered)
    async with as_web(actor.company_id):
        page = await audit_page(actor, AuditFilter())
        ((sql, words),) = statements
        plan = "\n".join(row[0] for row in await db.fetch(f"EXPLAIN (ANALYZE, TIMING OFF) {sql}", *words))
    assert len(page.rows) == 50
    assert "Seq Scan on audit_entry" not in plan, plan
    assert "Index Scan using audit_entry_about" in plan, plan
    read = [int(float(rows)) for rows in re.findall(r"Scan using .*? \(actual rows=([\d.]+)", plan)]
    assert sum(read) <= 3 * 51, plan


def test_what_an_address_asks_for_comes_back_as_an_address() -> None:
    asked = read_filter(
        {"from": " 1  1 2026 ", "to": "", "person": "Zoë & Co", "kind": "x", "text": "a\u202eb", "y": "z"}
    )
    assert asked.query(page="p") == "?from=1+1+2026&person=Zo%C3%AB+%26+Co&text=a%E2%80%AEb&page=p"
    assert read_filter({}).query() == ""
