"""The Code Manager changes process types at once: what becomes of them, and what is refused (SL 8)."""

from datetime import UTC, datetime, timedelta

import pytest

from jobs.accounts import accounts_default_contacts
from sdes.catalogue.load import load_defaults
from sdes.catalogue.queries import process_type
from sdes.catalogue.views import ProcessTypeView
from sdes.kit import clock, db
from tests.support.catalogue import changed, form_of, opened, posted, said, with_words
from tests.support.communications import count, process, sent, told
from tests.support.nudges import Nudges
from tests.support.people import Browser, SignIn

pytestmark = pytest.mark.anyio

CODE = "PT0131"  # Electricity Disconnection, Escalation: three levels, between suppliers and distributors
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


async def now_is(code: str = CODE) -> ProcessTypeView:
    found = await process_type(code)
    assert found
    return found


@pytest.mark.spec("SL 8")
async def test_a_process_type_is_changed_whole_at_once(carys: Browser, asha: Browser) -> None:
    fields = await opened(carys, CODE)
    answer = await posted(
        carys,
        CODE,
        with_words(
            fields,
            title="Electricity Cut-off",
            level_name=["Operations desk", "Team manager", "Director"],
            level_amount=["4", "3", "6"],
            level_unit=["WD", "WD", "OH"],
            item_label=["MPAN", "Serial number", "Type of disconnection", "Requested date"],
            item_mandatory=["yes", "yes", "no", "no"],
        ),
    )
    assert answer.status_code == 303, told(answer)
    now = await now_is()
    assert now.full_title == "Electricity Cut-off - Escalation (Electricity)"
    assert [(one.name, one.response_text) for one in now.levels] == [
        ("Operations desk", "4 working days"),
        ("Team manager", "3 working days"),
        ("Director", "6 operational hours"),
    ]
    assert [(one.key, one.label, one.mandatory) for one in now.items][1] == ("msn", "Serial number", True)
    assert await said("changed") == [
        "PT0131: Title: Electricity Disconnection, now Electricity Cut-off."
        " Level 1: called Operational contact, now Operations desk. Level 1: 5 working days, now 4 working days."
        " Level 3: called Final escalation, now Director. Level 3: 2 working days, now 6 operational hours."
        " Data item Meter serial number: label Meter serial number, now Serial number."
        " Data item Meter serial number: optional, now mandatory"
    ]
    for browser in (carys, asha):
        text = (await browser.get(answer.headers["location"])).text
        assert "Level 3: 2 working days, now 6 operational hours." in text
        assert ("Carys Bevan" in text.partition("<main")[2]) is (browser is carys)


async def test_the_audit_log_shows_what_was_changed_and_by_whom(carys: Browser) -> None:
    await changed(carys, CODE, title="Electricity Cut-off")
    text = (await carys.get("/audit?kind=catalogue")).text
    assert "Process type changed" in text
    assert "now Electricity Cut-off" in text
    assert f"{CODE}: Title" in text


async def test_data_items_are_added_taken_away_and_put_in_another_order(carys: Browser) -> None:
    fields = await opened(carys, CODE)
    items = {name: values for name, values in fields.items() if name.startswith("item_")}
    last_first = {name: [values[3], *values[:2], *more] for (name, values), more in zip(
        items.items(), ([""], ["Subject"], ["text"], ["no"], [""], [""]), strict=True)}  # fmt: skip
    answer = await posted(carys, CODE, {**fields, **last_first})
    assert answer.status_code == 303, told(answer)
    assert [one.key for one in (await now_is()).items] == ["requested_date", "mpan", "msn", "subject_2"]
    assert (await said("changed"))[0] == (
        "PT0131: Data item added: Subject (One line of text, optional). Data item removed: Type of disconnection."
        " Data items in another order: Requested date, MPAN, Meter serial number, Subject"
    )


@pytest.mark.spec("SL 8")
async def test_a_level_that_communications_can_still_reach_is_not_taken_away(carys: Browser, asha: Browser) -> None:
    await sent(asha, code=CODE)
    await db.fetch("UPDATE communication SET archived_at = now() WHERE reference = $1", await sent(asha, code=CODE))
    fields = await opened(carys, CODE)
    fewer = with_words(fields, **{name: fields[name][:2] for name in ("level_name", "level_amount", "level_unit")})
    answer = await posted(carys, CODE, fewer)
    assert answer.status_code == 409
    assert told(answer)[0].startswith(
        "2 communications, active or archived, can still reach level 3, which you want to remove. Nothing was changed."
    )
    assert form_of(answer.text)["level_name"] == fewer["level_name"]
    assert len((await now_is()).levels) == 3
    assert await count("catalogue_change") == 0
    await changed(carys, CODE, title="Cut-off")  # what takes nothing away is allowed


async def test_a_pair_of_roles_between_which_communications_run_is_not_taken_away(
    carys: Browser, asha: Browser
) -> None:
    await sent(asha, code=CODE)
    answer = await posted(carys, CODE, with_words(await opened(carys, CODE), route=["R>X"]))
    assert answer.status_code == 409
    assert told(answer)[0].startswith(
        "1 communication, active or archived, runs from electricity supplier to distributor, which you want to remove."
    )
    await changed(carys, CODE, route=["X>R"])  # nothing was sent the other way
    assert [one.text for one in (await now_is()).routes] == ["electricity supplier to distributor"]


async def test_nobody_stays_assigned_to_a_level_that_there_is_no_longer(carys: Browser, mo: Browser) -> None:
    where = "process_type = $1 AND level = 3"
    number = int(await process(CODE))
    assert await count("assignment", where, number) > 3
    fields = await opened(carys, CODE)
    await changed(carys, CODE, **{name: fields[name][:2] for name in ("level_name", "level_amount", "level_unit")})
    assert await count("assignment", where, number) == 0
    assert await count("assignment", "process_type = $1 AND level = 2", number) > 3
    ended = await said("level-ended")
    assert len(ended) == 4
    title = "PT0131 Electricity Disconnection - Escalation (Electricity)"
    assert ended[0] == f"{title}: 3 people were taken out of levels above 2, which have ended"
    assert "People taken out of a level that ended" in (await mo.get("/audit")).text


@pytest.mark.spec("SD 2.5(b)")
async def test_master_admin_users_stand_in_at_a_new_level(carys: Browser, nudges: Nudges) -> None:
    fields = await opened(carys, CODE)
    more = {"level_name": "Director", "level_amount": "1", "level_unit": "WD"}
    await changed(carys, CODE, **{name: [*fields[name], word] for name, word in more.items()})
    assert "accounts_default_contacts" in [job for job, _ in nudges.asked]
    await accounts_default_contacts({})
    rows = await db.fetch(
        "SELECT p.name, a.is_default_contact FROM assignment a JOIN person p ON p.id = a.person"
        " WHERE a.process_type = $1 AND a.level = 4 ORDER BY p.name",
        int(await process(CODE)),
    )
    assert [tuple(row) for row in rows] == [
        (name, True) for name in ("Cora Lindqvist", "Mo Sheikh", "Nora Price", "Olga Novak")
    ]


@pytest.mark.spec("SL 8")
async def test_the_second_of_two_code_managers_sees_what_the_first_did(carys: Browser, sign_in: SignIn) -> None:
    late = with_words(await opened(carys, CODE), title="Cut-off")
    other = await sign_in("carys@codemanager.example")
    await changed(other, CODE, level_amount=["9", "3", "2"])
    answer = await posted(carys, CODE, late)
    assert answer.status_code == 409
    assert told(answer) == [
        "Somebody else changed this while you were looking at it. Nothing was saved. Carys Bevan made this change:"
        " Level 1: 5 working days, now 9 working days. Check what you typed and save again."
    ]
    again = form_of(answer.text)
    assert again["title"] == ["Cut-off"]
    assert (await now_is()).title == "Electricity Disconnection"
    assert (await posted(carys, CODE, again)).status_code == 303
    assert (await now_is()).title == "Cut-off"


@pytest.mark.spec("SL 8")
async def test_a_process_type_is_made_with_the_next_code_and_assigned_to(sign_in: SignIn, asha: Browser) -> None:
    with clock.at(NOON):
        carys = await sign_in("carys@codemanager.example")
        fields = form_of((await carys.get("/process-types/new")).text)
        assert fields["code"] == ["PT0140"]
        words = with_words(
            fields,
            title="Electricity Disconnection",
            contact_type="utrn contact",
            fuel="E",
            level_amount=["5"],
            route=["X>R"],
            item_key=[""],
            item_label=["Device"],
            item_kind=["eui64"],
            item_mandatory=["no"],
            item_hint=[""],
            item_choices=[""],
        )
        answer = await carys.post("/process-types", {**words, "do": "save"})
        assert answer.status_code == 303, told(answer)
        assert (await carys.get(answer.headers["location"])).status_code == 200
        taken = await carys.post("/process-types", {**with_words(words, title="Another"), "do": "save"})
    made = await now_is("PT0140")
    assert made.contact_type == "UTRN Contact"  # as it is written elsewhere, for it is never escalated
    assert made.position == (await now_is(CODE)).position + 1
    assert (await said("added"))[0].startswith(
        "PT0140: Electricity Disconnection - UTRN Contact (Electricity), from 1 Dec"
    )
    assert (taken.status_code, told(taken)) == (409, ["There is a process type PT0140 already. Choose another code."])
    await accounts_default_contacts({})
    assert await count("assignment", "process_type = $1", made.id) == 4  # each MAU of the two roles
    found = (await asha.get("/process-types?q=utrn disconnection device")).text
    assert "PT0140" in found
    assert CODE not in found


async def test_two_of_one_name_could_not_be_told_apart(carys: Browser) -> None:
    twin = await process_type("PT0130")
    assert twin
    answer = await posted(
        carys, CODE, with_words(await opened(carys, CODE), title=twin.title, contact_type=twin.contact_type,
                                level_name=["One"], level_amount=["5"], level_unit=["WD"])
    )  # fmt: skip
    assert answer.status_code == 409
    assert told(answer)[0].startswith(f"PT0130 is called {twin.full_title} already.")


async def test_what_was_changed_is_not_loaded_over(carys: Browser) -> None:
    await changed(carys, CODE, title="Cut-off", route=["X>R"])
    before = await now_is()
    assert await load_defaults() == 0
    assert await now_is() == before


async def test_nothing_different_is_no_change(carys: Browser) -> None:
    answer = await posted(carys, CODE, await opened(carys, CODE))
    assert (answer.status_code, told(answer)) == (409, ["Nothing differs from what holds now."])


async def test_what_would_change_is_shown_first(carys: Browser) -> None:
    answer = await posted(carys, CODE, with_words(await opened(carys, CODE), title="Cut-off"), do="show")
    assert answer.status_code == 200
    assert "Title: Electricity Disconnection, now Cut-off" in answer.text
    assert (await now_is()).title == "Electricity Disconnection"
    assert (await posted(carys, CODE, form_of(answer.text))).status_code == 303


async def test_an_ended_process_type_is_not_sent_any_more(carys: Browser, asha: Browser) -> None:
    reference = await sent(asha, code=CODE)
    await changed(carys, CODE, effective_to=f"{clock.today()}")
    assert (await now_is()).is_in_use(clock.today())
    await changed(carys, CODE, effective_to=f"{clock.today() - timedelta(days=1)}")
    assert not (await now_is()).is_in_use(clock.today())
    assert (await asha.get(f"/sdep/communications/{reference}")).status_code == 200
    assert "Ended" in (await carys.get(f"/process-types?only=ended&q={CODE}")).text
