"""What the provider's pages of a Master Admin User choose for nobody, and tell nobody without cause (SD 2.4)."""

import pytest

from tests.support.administration import MO, person_row
from tests.support.communications import count, told
from tests.support.companies import company_id, history
from tests.support.mails import mails_to
from tests.support.people import Browser
from tests.support.signing_in import is_signed_in

pytestmark = pytest.mark.anyio


async def test_who_had_no_second_factor_is_not_told_that_it_was_removed(piet: Browser, mo: Browser) -> None:
    page = f"/companies/{await company_id('Brightwatt Energy')}"
    assert (await piet.post(f"{page}/master-admin/reset")).status_code == 303
    assert [mail.subject for mail in await mails_to(MO)] == ["Your new password for SDES"]
    assert await count("audit_entry", "event = 'accounts.second-factor.reset'") == 0
    assert await history("master-admin.reset") == ["Brightwatt Energy: new single-use password for Mo Sheikh"]
    assert not await is_signed_in(mo)


async def test_what_happens_to_the_former_one_is_chosen_not_given(piet: Browser) -> None:
    door = f"/companies/{await company_id('Brightwatt Energy')}/master-admin"
    page = (await piet.get(door)).text
    assert 'name="former"' in page
    assert " checked" not in page
    fields = {"name": "Nia Hughes", "email": "nia@newcomer.example", "reason": "Mo Sheikh left"}
    answer = await piet.post(door, {**fields, "instead_of": str((await person_row(MO))["id"])})
    assert told(answer) == ["Choose what happens to the former Master Admin User's account"]
    assert (await person_row(MO))["is_master_admin"]
