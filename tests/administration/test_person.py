"""One person's page: their details and their system functions, changed by one administrator or by two at once."""

from datetime import timedelta

import pytest

from sdes.administration.forms.people import Details, functions_mark
from sdes.kit import clock, db
from tests.support.administration import (
    ASHA,
    BEN,
    MO,
    boxes,
    details_form,
    events,
    functions_form,
    id_of,
    page_text,
    person_row,
    rename,
)
from tests.support.communications import told
from tests.support.mails import mails_to
from tests.support.people import Browser, SignIn, hidden
from tests.support.signing_in import is_signed_in

pytestmark = pytest.mark.anyio


@pytest.mark.spec("SD 2.6")
async def test_a_person_is_renamed(mo: Browser) -> None:
    ben = await id_of(BEN)
    answer = await mo.post(f"/users/{ben}", await details_form(mo, BEN, name="Ben O'Carter"))
    assert answer.status_code == 303, told(answer)
    assert (await person_row(BEN))["name"] == "Ben O'Carter"
    page = page_text(await mo.get(answer.headers["location"]))
    assert "The details of Ben O'Carter were saved." in page
    assert "Ben Carter is now Ben O'Carter" in page, "the history says so"


async def test_what_was_done_is_not_claimed_by_an_address_alone(mo: Browser) -> None:
    assert "were saved" not in page_text(await mo.get(f"/users/{await id_of(BEN)}?done=1"))
    assert "was deleted" not in page_text(await mo.get(f"/users?deleted={await id_of(BEN)}"))


async def test_what_was_done_is_told_to_who_did_it_and_soon_after(mo: Browser, asha: Browser) -> None:
    await rename(ASHA, functions=["user-administration"])
    path = f"/users/{await id_of(BEN)}"
    await asha.post(path, await details_form(asha, BEN, name="Benedict"))
    told_there = "The details of Benedict were saved."
    assert told_there in page_text(await asha.get(f"{path}?done=1"))
    assert told_there not in page_text(await mo.get(f"{path}?done=1"))
    with clock.at(clock.now() + timedelta(minutes=2)):
        assert told_there not in page_text(await asha.get(f"{path}?done=1"))


@pytest.mark.spec("SD 2.6")
async def test_a_new_address_is_confirmed_anew_and_ends_sessions(mo: Browser, ben: Browser) -> None:
    person = await id_of(BEN)
    await mo.post(f"/users/{person}", await details_form(mo, BEN, email="Benny@brightwatt.example"))
    row = await person_row("benny@brightwatt.example")
    assert (row["id"], row["email"], row["email_verified_at"]) == (person, "Benny@brightwatt.example", None)
    assert not await is_signed_in(ben)
    (mail,) = await mails_to("Benny@brightwatt.example", "verify_address")
    assert mail.path.startswith("/verify-address/")


@pytest.mark.spec("SD 2.3")
async def test_a_newcomer_s_password_goes_to_the_right_address_and_the_old_one_is_void(mo: Browser) -> None:
    await rename(BEN, password_is_single_use=True, password_hash="what was sent to the wrong address")
    await mo.post(f"/users/{await id_of(BEN)}", await details_form(mo, BEN, email="benjamin@brightwatt.example"))
    assert len(await mails_to("benjamin@brightwatt.example", "single_use_password")) == 1
    row = await person_row("benjamin@brightwatt.example")
    assert row["password_is_single_use"]
    assert row["password_hash"] != "what was sent to the wrong address"


async def test_who_changes_their_own_address_stays_signed_in(mo: Browser) -> None:
    answer = await mo.post(f"/users/{await id_of(MO)}", await details_form(mo, MO, email="mo.s@brightwatt.example"))
    assert answer.status_code == 303
    assert await is_signed_in(mo)


async def test_only_capitals_of_an_address_change_nothing_else(mo: Browser, ben: Browser) -> None:
    await mo.post(f"/users/{await id_of(BEN)}", await details_form(mo, BEN, email="Ben@Brightwatt.example"))
    row = await person_row(BEN)
    assert row["email"] == "Ben@Brightwatt.example"
    assert row["email_verified_at"]
    assert await is_signed_in(ben)


@pytest.mark.spec("SL 21")
@pytest.mark.parametrize("taken", ["otto@clearvolt.example", "ASHA@brightwatt.example"])
async def test_a_taken_address_is_refused_and_nothing_typed_is_lost(mo: Browser, taken: str) -> None:
    form = await details_form(mo, BEN, name="Benedict", email=taken)
    answer = await mo.post(f"/users/{await id_of(BEN)}", form)
    assert answer.status_code == 422
    assert told(answer)[0].startswith("This e-mail address already has an account.")
    assert 'value="Benedict"' in answer.text
    assert f'value="{taken}"' in answer.text
    assert (await person_row(BEN))["name"] == "Ben Carter"


@pytest.mark.parametrize(("field", "typed"), [("name", " "), ("email", "ben at brightwatt"), ("name", "x" * 121)])
async def test_bad_details_are_refused(mo: Browser, field: str, typed: str) -> None:
    answer = await mo.post(f"/users/{await id_of(BEN)}", await details_form(mo, BEN, **{field: typed}))
    assert (answer.status_code, len(told(answer))) == (422, 1)
    assert await events(BEN) == []


async def test_two_administrators_at_once_do_not_overwrite_each_other(mo: Browser, asha: Browser) -> None:
    await rename(ASHA, functions=["user-administration"])
    ben = await id_of(BEN)
    of_mo = await details_form(mo, BEN, name="Ben Mo")
    of_asha = await details_form(asha, BEN, name="Ben Asha")
    assert (await mo.post(f"/users/{ben}", of_mo)).status_code == 303
    answer = await asha.post(f"/users/{ben}", of_asha)
    assert answer.status_code == 422
    assert "It is now Ben Mo, ben@brightwatt.example." in told(answer)[0]
    assert 'value="Ben Asha"' in answer.text
    assert (await person_row(BEN))["name"] == "Ben Mo"
    again = await asha.post(f"/users/{ben}", {**of_asha, "mark": hidden(answer.text, "mark")})
    assert again.status_code == 303
    assert (await person_row(BEN))["name"] == "Ben Asha"


@pytest.mark.spec("SD 2.6")
async def test_functions_are_granted_and_taken_back(mo: Browser) -> None:
    ben = await id_of(BEN)
    for functions in (["cmrp", "reports"], ["user-administration"], []):
        answer = await mo.post(f"/users/{ben}/functions", await functions_form(mo, BEN, *functions))
        assert answer.status_code == 303
        assert sorted((await person_row(BEN))["functions"]) == functions
    assert await events(BEN) == ["administration.person.granted"] * 3
    assert "The system functions of Ben Carter were saved." in page_text(await mo.get(f"/users/{ben}?done=1"))


async def test_functions_that_somebody_else_changed_meanwhile_are_not_overwritten(mo: Browser) -> None:
    ben = await id_of(BEN)
    form = await functions_form(mo, BEN, "cmrp")
    await rename(BEN, functions=["reports"])
    answer = await mo.post(f"/users/{ben}/functions", form)
    assert (answer.status_code, told(answer)[0][:20]) == (422, "Somebody else change")
    assert boxes(answer.text)["function"] == ["cmrp"]
    assert (await person_row(BEN))["functions"] == ["reports"]


@pytest.mark.parametrize("function", ["launch-missiles", "\x00", ""])
async def test_a_function_that_there_is_not_is_refused(mo: Browser, function: str) -> None:
    answer = await mo.post(f"/users/{await id_of(BEN)}/functions", await functions_form(mo, BEN, function))
    assert answer.status_code == 409
    assert (await person_row(BEN))["functions"] == []


async def test_a_function_outside_the_company_s_market_roles_is_refused(sign_in: SignIn) -> None:
    """Fieldline is a metering firm: it has crossed meter cases, and no requests for new metering points."""
    marc, mei = await sign_in("marc@fieldline.example"), "mei@fieldline.example"
    assert "New metering point requests" not in (await marc.get(f"/users/{await id_of(mei)}")).text
    form = await functions_form(marc, mei, "metering-requests")
    answer = await marc.post(f"/users/{await id_of(mei)}/functions", form)
    assert (answer.status_code, told(answer)) == (
        409,
        ["Your company's market roles do not include New metering point requests."],
    )
    assert (await marc.post(f"/users/{await id_of(mei)}/functions", {**form, "function": "cmrp"})).status_code == 303


async def test_a_deputy_neither_raises_themselves_nor_touches_the_mau(asha: Browser) -> None:
    await rename(ASHA, functions=["user-administration"])
    page = await asha.get(f"/users/{await id_of(ASHA)}")
    assert "You cannot change your own system functions. Ask your Master Admin User." in page_text(page)
    ben = await functions_form(asha, BEN, "cmrp")
    own = {**ben, "mark": functions_mark(["user-administration"]), "function": ["user-administration", "reports"]}
    answer = await asha.post(f"/users/{await id_of(ASHA)}/functions", own)
    assert answer.status_code == 409
    assert (await person_row(ASHA))["functions"] == ["user-administration"]
    for path, words in (
        ("", {"name": "Mo Zero", "email": MO, "mark": await _mark_of_mo()}),
        ("/functions", {"mark": functions_mark([]), "function": "cmrp"}),
        ("/password-reset", {}),
        ("/second-factor-reset", {}),
        ("/verification", {}),
        ("/suspension", {}),
        ("/deletion", {}),
    ):
        answer = await asha.post(f"/users/{await id_of(MO)}{path}", words)
        assert answer.status_code == 409, path
    assert (await person_row(MO))["name"] == "Mo Sheikh"
    assert await events(MO) == []


async def test_the_page_of_the_mau_shows_a_deputy_no_buttons(asha: Browser) -> None:
    await rename(ASHA, functions=["user-administration"])
    html = (await asha.get(f"/users/{await id_of(MO)}")).text
    assert "Only the Master Admin User changes their own account." in html
    for action in ("password-reset", "second-factor-reset", "functions", "verification", "deletion", "suspension"):
        assert f'/users/{await id_of(MO)}/{action}"' not in html


DOORS = ["", "/functions", "/assignments", "/password-reset", "/second-factor-reset", "/verification", "/suspension"]
DOORS += ["/reinstatement", "/deletion"]


@pytest.mark.parametrize("door", DOORS)
async def test_people_of_other_companies_are_not_there(olga: Browser, asha: Browser, door: str) -> None:
    ben = await id_of(BEN)
    words = {"seen": f"{ben}__", "mark": "x", "take_over": "mau", "name": "Taken", "email": "taken@clearvolt.example"}
    assert (await olga.post(f"/users/{ben}{door}", words)).status_code == 404
    assert (await olga.post(f"/users/99999999999999{door}", words)).status_code == 404
    assert (await asha.post(f"/users/{ben}{door}", words)).status_code == 403
    if door in ("", "/suspension", "/deletion"):
        assert (await olga.get(f"/users/{ben}{door}")).status_code == 404
        assert (await asha.get(f"/users/{ben}{door}")).status_code == 403
    row = await person_row(BEN)
    assert (row["name"], row["state"], row["password_is_single_use"]) == ("Ben Carter", "active", False)


@pytest.mark.parametrize("email", ["carys@codemanager.example", "piet@provider.example"])
async def test_those_who_look_after_companies_have_only_their_own_people(sign_in: SignIn, email: str) -> None:
    overseer = await sign_in(email)
    assert (await overseer.get(f"/users/{await id_of(BEN)}")).status_code == 404
    own = await overseer.get(f"/users/{await id_of(email)}")
    assert "Your company has no market role" in own.text


async def test_a_deleted_person_has_no_page(mo: Browser) -> None:
    ben = await id_of(BEN)
    await db.fetch("UPDATE person SET state = 'deleted' WHERE id = $1", ben)
    assert (await mo.get(f"/users/{ben}")).status_code == 404


async def _mark_of_mo() -> str:
    row = await person_row(MO)
    return Details(row["name"], row["email"], row["is_proxy_address"]).mark
