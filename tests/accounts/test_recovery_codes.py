"""Recovery codes: shown once, each stands for the second factor once, and nobody else's does."""

import pytest

from sdes.accounts import recovery
from sdes.accounts.actions.second_step import WRONG_RECOVERY_CODE
from sdes.kit import db
from tests.support.communications import count, told
from tests.support.people import Browser
from tests.support.second_factors import SECURITY, STEP, give, half_way, mails, recovery_codes, with_app, with_passkey
from tests.support.signing_in import ASHA, is_signed_in

pytestmark = pytest.mark.anyio


async def test_a_code_signs_in_once_and_its_owner_is_told(asha: Browser, nobody: Browser) -> None:
    _, codes = await with_app(asha)
    await half_way(nobody)
    assert "Use a recovery code" in (await nobody.get(STEP)).text
    assert "Recovery code" in (await nobody.get(f"{STEP}?by=recovery")).text
    assert (await give(nobody, codes[3], "recovery")).status_code == 303
    assert await is_signed_in(nobody)
    assert await count("session", "method = 'password+recovery' AND stage = 'full'") == 1
    assert await mails("second_factor_changed") == [ASHA, ASHA]
    assert await count("audit_entry", "event = 'accounts.recovery-code.used' AND detail LIKE '%9 left'") == 1
    await half_way(nobody)
    answer = await give(nobody, codes[3], "recovery")
    assert (answer.status_code, told(answer)) == (422, [WRONG_RECOVERY_CODE])
    assert (await give(nobody, codes[4], "recovery")).status_code == 303


async def test_a_code_may_be_typed_in_capitals_and_without_its_hyphens(asha: Browser, nobody: Browser) -> None:
    _, codes = await with_app(asha)
    await half_way(nobody)
    assert (await give(nobody, f" {codes[0].upper().replace('-', ' ')} ", "recovery")).status_code == 303


@pytest.mark.parametrize("code", ["0000-0000-0000-0000", "x", "\x00", "é" * 5000, "123456"])
async def test_anything_else_does_not(asha: Browser, nobody: Browser, code: str) -> None:
    await with_app(asha)
    await half_way(nobody)
    assert (await give(nobody, code, "recovery")).status_code == 422


async def test_another_persons_code_does_not(asha: Browser, ben: Browser, nobody: Browser) -> None:
    _, codes = await with_app(asha)
    await with_app(ben)
    await half_way(nobody, "ben@brightwatt.example")
    assert (await give(nobody, codes[0], "recovery")).status_code == 422


async def test_wrong_ones_are_counted_with_wrong_codes(asha: Browser, nobody: Browser) -> None:
    _, codes = await with_app(asha)
    await half_way(nobody)
    for by in ("recovery", "code", "recovery", "code", "recovery"):
        assert (await give(nobody, "000000", by)).status_code == 422
    assert (await give(nobody, codes[0], "recovery")).status_code == 429
    assert await count("recovery_code", "used_at IS NULL") == 10


async def test_only_hashes_are_kept(asha: Browser) -> None:
    _, codes = await with_app(asha)
    kept = [row["everything"] for row in await db.fetch("SELECT r::text AS everything FROM recovery_code r")]
    assert len(kept) == 10
    assert not any(code in row or code.replace("-", "") in row for code in codes for row in kept)
    assert recovery.hashed(1, codes[0]) != recovery.hashed(2, codes[0])


async def test_new_codes_replace_the_old_ones(asha: Browser, nobody: Browser) -> None:
    _, old = await with_app(asha)
    answer = await asha.post(f"{SECURITY}/recovery-codes")
    new = recovery_codes(answer)
    assert len(set(new) - set(old)) == 10
    await half_way(nobody)
    assert (await give(nobody, old[0], "recovery")).status_code == 422
    assert (await give(nobody, new[0], "recovery")).status_code == 303


async def test_without_a_second_factor_there_are_none(asha: Browser) -> None:
    assert (await asha.post(f"{SECURITY}/recovery-codes")).status_code == 409
    assert await count("recovery_code") == 0


async def test_a_passkey_as_the_first_factor_brings_some_too_and_a_second_one_no_more(asha: Browser) -> None:
    await with_passkey(asha)
    before = await db.fetch("SELECT id FROM recovery_code ORDER BY id")
    assert len(before) == 10
    await with_app(asha)
    assert await db.fetch("SELECT id FROM recovery_code ORDER BY id") == before


async def test_the_file_holds_ones_own_codes_and_nothing_else_that_is_posted(asha: Browser, ben: Browser) -> None:
    _, codes = await with_app(asha)
    _, others = await with_app(ben)
    posted = [*codes, others[0], "<script>", "a\r\nb"]
    answer = await asha.post(f"{SECURITY}/recovery-codes/text", {"codes": posted})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.text.split("\r\n")[2:-1] == codes
