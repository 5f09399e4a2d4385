"""The first lock by itself: queries asked by a stranger as the owner of the tables, for whom no policy holds."""

from collections.abc import Awaitable, Callable

import pytest

from sdes.attachments import queries as attachments
from sdes.auditlog.queries import count_about, entries_about
from sdes.kit import db
from sdes.kit.errors import NotFound
from sdes.notifications import queries as notifications
from sdes.sdep.filters import Filters
from sdes.sdep.queries import details, drafts, lists
from sdes.sdep.queries.choices import choices
from sdes.sdep.queries.counts import counts
from sdes.sdep.queries.filters import folder_clause
from sdes.sdep.queries.saved_filters import saved_filter, saved_filters
from sdes.sdep.queries.searching import reference_of
from sdes.sdep.tables import MessageKind
from tests.architecture.matter import Matter
from tests.support.people import Browser

SignIn = Callable[[str], Awaitable[Browser]]

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
async def no_policy_holds(db: None) -> None:
    (row,) = await _fetch("SELECT row_security_active('message') AS bound")
    assert not row["bound"]


async def test_a_communication(matter: Matter, otto: Browser, asha: Browser) -> None:
    with pytest.raises(NotFound):
        await details.communication(await otto.actor(), matter.reference)
    assert (await details.communication(await asha.actor(), matter.reference)).id == matter.id


async def test_the_list_and_its_counts(matter: Matter, otto: Browser, asha: Browser) -> None:
    stranger, party = await otto.actor(), await asha.actor()
    everything = {actor: folder_clause(actor, "active") for actor in (stranger, party)}
    assert (await lists.page_of(stranger, everything[stranger], lists.Order(), None, 50)).rows == []
    assert (await counts(stranger)).active == 0
    (row,) = (await lists.page_of(party, everything[party], lists.Order(), None, 50)).rows
    assert row.reference == matter.reference
    counted = await counts(party)
    assert counted.active == counted.folders["ours"] == counted.folders["unassigned"] == 1


async def test_search_and_what_a_list_is_narrowed_to(matter: Matter, otto: Browser, asha: Browser) -> None:
    stranger, party = await otto.actor(), await asha.actor()
    assert await reference_of(stranger, matter.reference) is None
    assert await reference_of(party, matter.reference) == matter.reference
    offered = await choices(stranger, Filters(owner=str(matter.person), company=str(matter.companies[1])))
    assert offered.companies == {}
    assert matter.person not in offered.people
    assert matter.companies[1] in (await choices(party, Filters())).companies


async def test_saved_filters(matter: Matter, otto: Browser, asha: Browser, ben: Browser) -> None:
    await _fetch("UPDATE saved_filter SET is_shared = id = $1", matter.saved_filter)
    assert await saved_filters(await otto.actor()) == []
    with pytest.raises(NotFound):
        await saved_filter(await otto.actor(), matter.saved_filter)
    names = {one.person_name for one in await saved_filters(await ben.actor())}
    assert names == {"Ben Carter", "Asha Rahman"}


async def test_files(matter: Matter, otto: Browser, asha: Browser) -> None:
    await _fetch("UPDATE attachment SET state = 'clean'")
    stranger, party = await otto.actor(), await asha.actor()
    both = [matter.attachment, matter.draft_attachment]
    assert await attachments.files(stranger, both) == {}
    assert await attachments.contents(stranger, both) == []
    assert set(await attachments.files(party, both)) == set(both)
    assert len(await attachments.contents(party, both)) == 2


async def test_files_of_a_draft_before_they_are_sent(matter: Matter, nils: Browser) -> None:
    """The other party of the communication sees what was sent, not what waits to be."""
    seen = await attachments.files(await nils.actor(), [matter.attachment, matter.draft_attachment])
    assert set(seen) == {matter.attachment}


async def test_history(matter: Matter, otto: Browser, asha: Browser) -> None:
    assert await entries_about(await otto.actor(), matter.reference) == []
    assert await count_about(await otto.actor(), matter.reference) == 0
    assert await count_about(await asha.actor(), matter.reference) > 2


@pytest.mark.parametrize("email", ["otto@clearvolt.example", "ben@brightwatt.example", "nils@northgrid.example"])
async def test_drafts(email: str, matter: Matter, sign_in: SignIn) -> None:
    stranger = await (await sign_in(email)).actor()
    assert matter.draft not in [draft.id for draft in await drafts.drafts(stranger)]
    with pytest.raises(NotFound):
        await drafts.draft(stranger, matter.draft)
    for kind in MessageKind:
        begun = await drafts.message_draft(stranger, matter.id, kind, matter.draft)
        assert begun is None or begun.id != matter.draft


_fetch = db.fetch


async def test_notifications(matter: Matter, otto: Browser, asha: Browser) -> None:
    told = (await notifications.notifications(await asha.actor(), None, 50)).rows
    assert {one.reference for one in told} == {matter.reference}
    stranger = await otto.actor()
    assert (await notifications.notifications(stranger, None, 50)).rows == []
    assert await notifications.news(stranger, 0) == []
    assert (await notifications.bell(stranger)).newest == 0
