"""A new Authorised Person through the form: the account, its single-use password, its use cases and functions."""

import re

import pytest

from sdes.kit import db
from tests.support.administration import ASHA, BEN, boxes, events, id_of, page_text, person_row, use_cases_of
from tests.support.communications import told
from tests.support.mails import mails_to
from tests.support.people import Browser
from tests.support.signing_in import is_signed_in, signing_in

pytestmark = pytest.mark.anyio

WANDA = {"name": "Wanda Jones", "email": "wanda@brightwatt.example"}


@pytest.mark.spec("SD 2.3")
@pytest.mark.spec("SD 2.6")
async def test_a_new_person_gets_a_single_use_password_and_signs_in_with_it(mo: Browser, nobody: Browser) -> None:
    cases = sorted(await use_cases_of(ASHA))[:2]
    ticked = [f"{process}.{level}" for process, level in cases]
    answer = await mo.post("/users", {**WANDA, "p0": ticked, "function": ["reports", "cmrp"]})
    assert answer.status_code == 303, told(answer)
    row = await person_row("wanda@brightwatt.example")
    assert answer.headers["location"] == f"/users/{row['id']}?done=1"
    assert (row["company"], row["functions"]) == ((await person_row(ASHA))["company"], ["reports", "cmrp"])
    assert await use_cases_of("wanda@brightwatt.example") == set(cases)
    (mail,) = await mails_to("wanda@brightwatt.example")
    password = re.search(r"^    (\S+)$", mail.text, re.MULTILINE)
    assert password
    signed_in = await signing_in(nobody, "wanda@brightwatt.example", password[1])
    assert signed_in.status_code == 303
    assert not await is_signed_in(nobody), "nothing opens before the password is changed"
    chosen = {"password": "seven quiet herons land", "password_again": "seven quiet herons land"}
    assert (await nobody.post("/new-password", chosen)).status_code == 303


async def test_the_page_of_the_new_person_tells_where_the_password_went(mo: Browser) -> None:
    answer = await mo.post("/users", WANDA)
    page = await mo.get(answer.headers["location"])
    told_there = "Wanda Jones has an account now. A single-use password was sent to wanda@brightwatt.example."
    assert told_there in page_text(page)
    assert await events("wanda@brightwatt.example") == ["administration.person.created"]


@pytest.mark.spec("SD 2.5")
async def test_whole_rows_and_columns_are_assigned_at_once(mo: Browser) -> None:
    cases = await use_cases_of(ASHA)
    process = min(process for process, level in cases if level == 3)
    await mo.post("/users", {**WANDA, "row": str(process), "column": "2"})
    wanted = {case for case in cases if case[0] == process or case[1] == 2}
    assert await use_cases_of("wanda@brightwatt.example") == wanted


async def test_use_cases_are_copied_from_a_colleague(mo: Browser) -> None:
    cases = sorted(await use_cases_of(BEN))
    gone = cases[5:]
    await db.fetch(
        "DELETE FROM assignment a USING unnest($2::int[], $3::int[]) AS g(process, level)"
        " WHERE a.person = $1 AND a.process_type = g.process AND a.level = g.level",
        await id_of(BEN), [process for process, _ in gone], [level for _, level in gone],
    )  # fmt: skip
    more = "{}.{}".format(*cases[7])
    await mo.post("/users", {**WANDA, "colleague": str(await id_of(BEN)), "p0": more})
    assert await use_cases_of("wanda@brightwatt.example") == {*cases[:5], cases[7]}


async def test_a_colleague_elsewhere_is_not_copied(mo: Browser) -> None:
    stranger = str(await id_of("otto@clearvolt.example"))
    for colleague in (stranger, "99999999999999999999", "x"):
        answer = await mo.post("/users", {**WANDA, "colleague": colleague})
        assert (answer.status_code, told(answer)) == (422, ["Choose a colleague of your company, or nobody"])


@pytest.mark.spec("SL 21")
@pytest.mark.parametrize("taken", ["Otto@Clearvolt.example", "BEN@brightwatt.example"])
async def test_an_address_that_is_taken_is_refused_alike_wherever_it_is(mo: Browser, taken: str) -> None:
    answer = await mo.post("/users", {**WANDA, "email": taken, "function": "reports"})
    assert answer.status_code == 422
    sentence = "This e-mail address already has an account. Each address belongs to one person of one company only."
    assert told(answer) == [sentence]
    assert "Otto Brandt" not in answer.text
    assert "Clearvolt" not in answer.text.replace(taken, "")
    assert f'value="{taken}"' in answer.text
    assert boxes(answer.text) == {"function": ["reports"]}


@pytest.mark.parametrize(
    ("email", "sentence"),
    [
        ("", "Enter an e-mail address"),
        ("wanda", "like name@company.example"),
        ("wanda@brightwatt", "like name@company.example"),
        ("a@b@brightwatt.example", "like name@company.example"),
        ("wanda jones@brightwatt.example", "like name@company.example"),
        ("wanda@bright\u0007watt.example", "like name@company.example"),
        ("wanda@.example", "like name@company.example"),
        ("wanda.@brightwatt.example", "like name@company.example"),
        ("wanda@192.0.2.1", "like name@company.example"),
        ("wanda@brightwatt.example\r\nBcc: x@y.example", "like name@company.example"),
        ("<wanda@brightwatt.example>", "like name@company.example"),
        ("wanda@kraków.example", "begins with xn--"),
        (f"{'w' * 60}@{'.'.join(['brightwatt'] * 18)}.example", "to 254 characters. It has 266."),
    ],
)
async def test_an_address_that_is_none_is_refused(mo: Browser, email: str, sentence: str) -> None:
    answer = await mo.post("/users", {**WANDA, "email": email})
    assert answer.status_code == 422
    assert sentence in told(answer)[0]
    assert not await db.fetch("SELECT 1 FROM person WHERE name = 'Wanda Jones'")
    assert 'value="Wanda Jones"' in answer.text


@pytest.mark.parametrize("email", ["o'brien+sdes@brightwatt.example", f"{'w' * 64}@xn--krakw-3ta.example"])
async def test_an_unusual_address_is_taken(mo: Browser, email: str) -> None:
    answer = await mo.post("/users", {**WANDA, "email": f"  {email} "})
    assert answer.status_code == 303, told(answer)
    assert (await person_row(email))["email"] == email


@pytest.mark.parametrize(
    "name",
    ["Łukasz Żółć", "Llŷn Gruffydd", "Sinéad O'Brien", "Max 🙂", "<b>Bo</b>", "李雷", "N" * 120],
)
async def test_names_of_all_kinds_are_kept_and_shown(mo: Browser, name: str) -> None:
    answer = await mo.post("/users", {**WANDA, "name": name})
    assert answer.status_code == 303, told(answer)
    assert (await person_row("wanda@brightwatt.example"))["name"] == name
    for path in ("/users", answer.headers["location"]):
        page = await mo.get(path)
        assert "<b>Bo</b>" not in page.text
        if "<" not in name:
            assert name in page_text(page)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "Enter a name"),
        ("\u200b \u2800", "Enter a name"),
        ("N" * 121, "Shorten the name to 120 characters. It has 121."),
    ],
)
async def test_a_name_that_is_none_is_refused(mo: Browser, name: str, sentence: str) -> None:
    answer = await mo.post("/users", {**WANDA, "name": name})
    assert (answer.status_code, told(answer)) == (422, [sentence])


async def test_what_cannot_be_seen_is_taken_out_of_a_name(mo: Browser) -> None:
    await mo.post("/users", {**WANDA, "name": " Wanda\u202e \x00\r\n Jones "})
    assert (await person_row("wanda@brightwatt.example"))["name"] == "Wanda Jones"


async def test_a_form_with_mistakes_comes_back_whole(mo: Browser) -> None:
    first = "{}.{}".format(*min(await use_cases_of(ASHA)))
    words = {"name": "", "email": "wanda@", "is_proxy_address": "on", "function": ["cmrp"], "p0": [first]}
    answer = await mo.post("/users", {**words, "colleague": str(await id_of(BEN))})
    assert answer.status_code == 422
    assert len(told(answer)) == 2
    assert boxes(answer.text) == {"is_proxy_address": ["on"], "function": ["cmrp"], "p0": [first]}
    assert 'value="wanda@"' in answer.text
    assert f'<option value="{await id_of(BEN)}" selected>' in answer.text


async def test_a_function_or_a_use_case_that_the_company_cannot_have_is_refused(olga: Browser) -> None:
    """Clearvolt supplies electricity: it has no gas, and nobody has functions that there are not."""
    gas = (await db.fetch("SELECT id FROM process_type WHERE code = 'PT0103'"))[0]["id"]
    for words, said in (
        ({"p0": f"{gas}.1"}, "use cases have changed"),
        ({"p0": "nonsense"}, "use cases have changed"),
        ({"function": "launch-missiles"}, "do not include this function"),
        ({"row": "x\x00", "function": "\x00"}, "do not include this function"),
    ):
        answer = await olga.post("/users", {"name": "Wim", "email": "wim@clearvolt.example", **words})
        assert answer.status_code == 422
        assert said in told(answer)[0]
    assert not await db.fetch("SELECT 1 FROM person WHERE email_key = 'wim@clearvolt.example'")


@pytest.mark.spec("SD 2.6")
async def test_only_administrators_create_people(asha: Browser, nobody: Browser) -> None:
    assert (await asha.get("/users/new")).status_code == 403
    assert (await asha.post("/users", WANDA)).status_code == 403
    assert (await nobody.get("/users/new")).status_code == 303


async def test_a_deputy_creates_people(asha: Browser) -> None:
    await db.fetch("UPDATE person SET functions = '{user-administration}' WHERE email_key = $1", ASHA)
    assert (await asha.post("/users", WANDA)).status_code == 303


async def test_creating_the_same_person_twice_makes_one(mo: Browser) -> None:
    assert (await mo.post("/users", WANDA)).status_code == 303
    assert (await mo.post("/users", WANDA)).status_code == 422
    assert len(await db.fetch("SELECT 1 FROM person WHERE name = 'Wanda Jones'")) == 1
