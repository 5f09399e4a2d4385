"""Every refused sign-in and every lock is written down, for those whom it concerns, and without a secret (SD 13.1)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from sdes.accounts import passwords, rate_limits
from sdes.kit import clock, db
from tests.support.communications import count
from tests.support.people import PASSWORD, Browser
from tests.support.signing_in import ASHA, give_single_use, signing_in

pytestmark = [pytest.mark.anyio, pytest.mark.spec("SD 8.1")]

MORNING = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)
UNKNOWN = "no-such-person@brightwatt.example"
LOCKED = ["accounts.account.locked", "accounts.address.locked"]


async def entries(*events: str) -> list[Any]:
    return await db.fetch(
        "SELECT e.*, c.name AS about FROM audit_entry e JOIN company c ON c.id = e.about_company"
        " WHERE event = ANY($1) ORDER BY e.id",
        events,
    )


@pytest.mark.spec("SD 13.1")
async def test_a_wrong_password_is_written_down_for_the_company(nobody: Browser) -> None:
    await signing_in(nobody, ASHA, "wrong", address="192.0.2.99")
    (entry,) = await entries("accounts.sign-in.refused")
    assert entry["detail"] == "Asha Rahman: wrong password, from 192.0.2.99"
    assert (entry["person_id"], entry["about"]) == (None, "Brightwatt Energy")
    assert list(entry["audience"]) == [entry["about_company"]]
    assert entry["subject"] == f"person {(await _person())['id']}"


async def test_an_address_without_an_account_is_written_down_for_the_provider(nobody: Browser) -> None:
    await signing_in(nobody, UNKNOWN, "wrong")
    (entry,) = await entries("accounts.sign-in.refused")
    assert (entry["detail"], entry["about"]) == ("No such account: wrong password, from 192.0.2.7", "SDES Provider")
    assert list(entry["audience"]) == [entry["about_company"]]


async def test_nothing_that_was_typed_is_written_down(nobody: Browser) -> None:
    await signing_in(nobody, "my secret typed in the wrong field", "another secret")
    await signing_in(nobody, ASHA, "another secret")
    rows = await db.fetch("SELECT e::text AS everything FROM audit_entry e")
    assert len(rows) == 2
    assert not any("secret" in row["everything"] for row in rows)


async def test_a_suspended_person_and_a_used_password_are_written_down(nobody: Browser) -> None:
    await db.fetch("UPDATE person SET state = 'suspended' WHERE email_key = $1", ASHA)
    await signing_in(nobody)
    await db.fetch("UPDATE person SET state = 'active' WHERE email_key = $1", ASHA)
    await signing_in(nobody, password=await give_single_use(until=clock.now()))
    assert [entry["detail"] for entry in await entries("accounts.sign-in.refused")] == [
        "Asha Rahman: suspended, from 192.0.2.7",
        "Asha Rahman: a single-use password that is too old or was used, from 192.0.2.7",
    ]


async def test_a_sign_in_is_written_down_with_its_way(nobody: Browser) -> None:
    await signing_in(nobody)
    (entry,) = await entries("accounts.session.started")
    assert (entry["person_name"], entry["detail"], entry["about"]) == (
        "Asha Rahman",
        "192.0.2.7, password",
        "Brightwatt Energy",
    )


@pytest.mark.parametrize(
    ("email", "detail", "about"),
    [
        (ASHA, "Asha Rahman: locked until 10:45 after too many wrong passwords", "Brightwatt Energy"),
        (UNKNOWN, "An address without an account: locked until 10:45 after too many wrong passwords", "SDES Provider"),
    ],
)
async def test_a_lock_is_written_down_once_when_it_begins(nobody: Browser, email: str, detail: str, about: str) -> None:
    with clock.at(MORNING):
        for n in range(rate_limits.PER_ACCOUNT + 3):
            assert len(await entries(*LOCKED)) == (1 if n >= rate_limits.PER_ACCOUNT else 0)
            await signing_in(nobody, email, "wrong")
    (entry,) = await entries(*LOCKED)
    assert (entry["detail"].partition(", last tried")[0], entry["about"]) == (detail, about)
    with clock.at(MORNING + rate_limits.WINDOW):
        for _ in range(rate_limits.PER_ACCOUNT):
            await signing_in(nobody, email, "wrong")
    assert len(await entries(*LOCKED)) == 2, "the next lock is another one"


async def test_of_many_wrong_ones_at_once_only_one_says_that_it_locked(nobody: Browser) -> None:
    attempts = [await rate_limits.begin_attempt(ASHA, "192.0.2.7") for _ in range(rate_limits.PER_ACCOUNT)]
    begun = [(await rate_limits.locks_begun(ASHA, "192.0.2.7", attempt))[0] for attempt in attempts]
    assert [until is not None for until in begun] == [False] * (rate_limits.PER_ACCOUNT - 1) + [True]


async def test_a_network_address_that_is_locked_is_the_providers_to_know(nobody: Browser) -> None:
    with clock.at(MORNING):
        for n in range(rate_limits.PER_ADDRESS - 1):
            await rate_limits.begin_attempt(f"guess-{n}@brightwatt.example", "192.0.2.66")
        await signing_in(nobody, ASHA, "wrong", address="192.0.2.66")
        await signing_in(nobody, ASHA, "wrong", address="192.0.2.66")
    (entry,) = await entries(*LOCKED)
    assert (entry["event"], entry["about"]) == ("accounts.address.locked", "SDES Provider")
    assert entry["detail"] == "Network address 192.0.2.66: locked until 10:45 after too many wrong passwords"
    assert (entry["company_id"], list(entry["audience"])) == (None, [entry["about_company"]])


async def test_a_wrong_present_password_is_counted_written_down_and_locks(asha: Browser) -> None:
    form = {"current": "wrong", "password": "nine wooden spoons", "password_again": "nine wooden spoons"}
    for _ in range(rate_limits.PER_ACCOUNT):
        await asha.post("/account/password", form)
    refused = await entries("accounts.password.refused")
    assert len(refused) == rate_limits.PER_ACCOUNT
    assert refused[0]["detail"] == "Asha Rahman: wrong present password, from 192.0.2.7"
    assert len(await entries("accounts.account.locked")) == 1


@pytest.mark.parametrize("password", ["wrong", PASSWORD])
async def test_an_unknown_address_costs_as_much_as_a_known_one(
    nobody: Browser, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many statements and one hash, whoever is asked for, so that nobody can time who has an account."""
    costs = [
        await _cost(nobody, email, "wrong" if email == ASHA else password, monkeypatch) for email in (ASHA, UNKNOWN)
    ]
    assert costs[0] == costs[1]
    assert costs[0][0] > 5
    assert costs[0][1] == 1


async def _cost(browser: Browser, email: str, password: str, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int, int]:
    """How many statements were sent, and hashes computed, for a refused sign-in; and the status of the answer."""
    sent: list[str] = []
    hashed: list[str] = []
    connection = type(db.DB.current_transaction.get().connection._con)  # type: ignore[union-attr]
    execute, verify = connection._execute, passwords._hasher.verify

    async def noting(self: Any, query: str, *arguments: Any, **words: Any) -> Any:
        sent.append(query)
        return await execute(self, query, *arguments, **words)

    class Counting:
        def verify(self, against: str, typed: str) -> bool:
            hashed.append(against)
            return verify(against, typed)

    passwords._nobodys_hash()
    with monkeypatch.context() as patch:
        patch.setattr(connection, "_execute", noting)
        patch.setattr(passwords, "_hasher", Counting())
        answer: httpx.Response = await signing_in(browser, email, password)
    assert await count("sign_in_attempt") > 0
    return len(sent), len(hashed), answer.status_code


async def test_after_the_window_the_count_begins_anew(nobody: Browser) -> None:
    with clock.at(MORNING):
        for _ in range(rate_limits.PER_ACCOUNT - 1):
            await signing_in(nobody, ASHA, "wrong")
    with clock.at(MORNING + rate_limits.WINDOW + timedelta(seconds=1)):
        await signing_in(nobody, ASHA, "wrong")
    assert await entries(*LOCKED) == []


async def _person() -> Any:
    return (await db.fetch("SELECT * FROM person WHERE email_key = $1", ASHA))[0]
