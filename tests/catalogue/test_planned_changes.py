"""Changes of process types that wait for their day: applied once, withdrawn, or kept with what stands in the way."""

from datetime import UTC, datetime, timedelta

import pytest

from jobs.catalogue import catalogue_apply
from sdes.administration.actions import catalogue_days
from sdes.catalogue.queries import process_type
from sdes.kit import clock, db
from tests.support.catalogue import changed, form_of, opened, page_of, posted, said, with_words
from tests.support.communications import count, sent, told
from tests.support.people import SignIn

pytestmark = [pytest.mark.anyio, pytest.mark.spec("SL 8")]

CODE, OTHER = "PT0131", "PT0130"
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
DAY = datetime(2026, 12, 8, 0, 1, tzinfo=UTC)


async def test_a_change_takes_effect_on_its_day_and_once(sign_in: SignIn) -> None:
    with clock.at(NOON):
        carys = await sign_in("carys@codemanager.example")
        await changed(carys, CODE, title="Cut-off", takes_effect_on="8 December 2026")
        assert await title() == "Electricity Disconnection"
        text = (await carys.get(await page_of(CODE))).text
        assert "Changes on" in text
        assert await said("change-planned") == [
            "PT0131: From 8 December 2026: Title: Electricity Disconnection, now Cut-off"
        ]
    with clock.at(DAY - timedelta(minutes=2)):
        await catalogue_apply({})
        assert await title() == "Electricity Disconnection"
    with clock.at(DAY):
        await catalogue_apply({})
        assert await title() == "Cut-off"
        assert await said("changed") == [
            "PT0131: Planned by Carys Bevan on 1 December 2026. Title: Electricity Disconnection, now Cut-off"
        ]
    with clock.at(DAY + timedelta(minutes=10)):
        await db.fetch("UPDATE process_type SET title = 'By hand' WHERE code = $1", CODE)
        await catalogue_apply({})
        assert await title() == "By hand"
        assert await count("catalogue_change", "applied_at = $1", DAY) == 1


async def test_a_withdrawn_change_never_comes(sign_in: SignIn) -> None:
    with clock.at(NOON):
        carys = await sign_in("carys@codemanager.example")
        page = await page_of(CODE)
        await changed(carys, CODE, title="Cut-off", takes_effect_on="8 December 2026")
        (waits,) = await db.fetch("SELECT id FROM catalogue_change")
        door = f"{page}/change/withdrawal"
        assert (await carys.post(door, {"change": str(waits["id"])})).status_code == 303
        again = await carys.post(door, {"change": str(waits["id"])})
        assert again.status_code == 409
        assert "not waiting any more" in told(again)[0]
        assert await said("change-withdrawn")
        assert "Withdrawn" in (await carys.get(page)).text
    with clock.at(DAY):
        await catalogue_apply({})
        assert await title() == "Electricity Disconnection"


async def test_one_change_waits_at_a_time(sign_in: SignIn) -> None:
    with clock.at(NOON):
        carys = await sign_in("carys@codemanager.example")
        await changed(carys, CODE, title="Cut-off", takes_effect_on="8 December 2026")
        answer = await posted(carys, CODE, with_words(await opened(carys, CODE), title="Other"))
        assert answer.status_code == 409
        assert told(answer) == ["A change is waiting for 8 December 2026. Withdraw it, or let it come first."]
        assert form_of(answer.text)["title"] == ["Other"]


async def test_what_stands_in_the_way_is_kept_and_the_change_tried_again(sign_in: SignIn) -> None:
    with clock.at(NOON):
        carys, asha = await sign_in("carys@codemanager.example"), await sign_in("asha@brightwatt.example")
        reference = await sent(asha, code=CODE)
        fields = await opened(carys, CODE)
        fewer = {name: fields[name][:2] for name in ("level_name", "level_amount", "level_unit")}
        await changed(carys, CODE, **fewer, takes_effect_on="8 December 2026")
        await changed(carys, OTHER, title="Another thing", takes_effect_on="8 December 2026")
    with clock.at(DAY):
        await catalogue_apply({})
        await catalogue_apply({})
        assert await levels() == 3
        assert await title(OTHER) == "Another thing", "one that cannot be applied keeps no other waiting"
        (failed,) = await said("change-failed")
        assert "1 communication, active or archived, can still reach level 3" in failed
        carys = await sign_in("carys@codemanager.example")
        text = (await carys.get(await page_of(CODE))).text
        assert "could not be applied" in text
        assert "1 communication, active or archived" in text
        assert "Change not applied" in (await carys.get("/process-types?only=waiting")).text
        await db.fetch("DELETE FROM communication WHERE reference = $1", reference)
        await catalogue_apply({})
        assert await levels() == 2
        assert await count("catalogue_change", "problem = '' AND applied_at IS NOT NULL") == 2


@pytest.fixture
def breaking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Writing a definition breaks half-way for one of the process types."""
    write = catalogue_days.apply

    async def breaks(actor: object, change: object) -> bool:
        done = await write(actor, change)  # type: ignore[arg-type]
        if change.definition.title == "Cut-off":  # type: ignore[attr-defined]
            raise RuntimeError("half-way")
        return done

    monkeypatch.setattr(catalogue_days, "apply", breaks)


async def test_a_fault_leaves_nothing_half_done(sign_in: SignIn, breaking: None) -> None:
    with clock.at(NOON):
        carys = await sign_in("carys@codemanager.example")
        for code, name in ((CODE, "Cut-off"), (OTHER, "Another thing")):
            await changed(carys, code, title=name, takes_effect_on="8 December 2026")
    with clock.at(DAY):
        await catalogue_apply({})
    assert (await title(), await title(OTHER)) == ("Electricity Disconnection", "Another thing")
    assert await count("catalogue_change", "applied_at IS NULL AND problem = $1", catalogue_days.UNKNOWN) == 1


async def title(code: str = CODE) -> str:
    found = await process_type(code)
    assert found
    return found.title


async def levels() -> int:
    found = await process_type(CODE)
    assert found
    return len(found.levels)
