"""What comes back with a backup and is taken away again: worked out from two rolls (SD 2.6, 8.1)."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from sdes.backup.roll import Company, Person, Roll
from sdes.backup.striking import Struck, refuse_most, struck_off
from sdes.kit.errors import Refused

NOW = datetime(2026, 11, 2, 1, tzinfo=UTC)
ONE = Person(1, "active", False, ["reports", "cmrp"], "one@", "secret", "code", ["laptop", "phone"], [17, 18])
MAU = Person(1, "active", True, [], "mau@", "secret", "", [], [])
ROLL = Roll(NOW, {5: ONE, 6: MAU}, {1: Company(True, False, ["k1", "k2"])}, {"ees": "s", "old": "s"}, ["azure"])


def known(**changes: Any) -> Roll:
    """As it stands now, where person 5 has changed since."""
    return replace(ROLL, people={**ROLL.people, 5: replace(ONE, **changes)})


def only(**lists: Any) -> Struck:
    return Struck(**lists)


def test_nothing_goes_where_nothing_has_changed() -> None:
    assert struck_off(ROLL, ROLL) == only()


@pytest.mark.parametrize(
    ("since", "gone"),
    [
        ({"state": "deleted", "account": "deleted:5"}, {"deleted": [5]}),
        ({"state": "suspended"}, {"suspended": [5]}),
        ({"password": "another"}, {"passwords": [5]}),
        ({"passkeys": ["phone"]}, {"passkeys": ["laptop"]}),
        ({"passkeys": ["phone", "new"], "totp": ""}, {"passkeys": ["laptop"], "totp": [5]}),
        ({"use_cases": [18]}, {"use_cases": [(5, 17)]}),
        ({"functions": ["cmrp", "new"]}, {"functions": {5: ["cmrp"]}}),
        (
            {"account": "another@"},
            {"suspended": [5], "passwords": [5], "totp": [5], "passkeys": ["laptop", "phone"]},
        ),
    ],
)
def test_what_changed_of_a_person(since: dict[str, Any], gone: dict[str, Any]) -> None:
    assert struck_off(ROLL, known(**since)) == only(**gone)


def test_what_was_given_since_is_not_given_again() -> None:
    more = known(functions=[*ONE.functions, "new"], use_cases=[17, 18, 19], passkeys=[*ONE.passkeys, "new"])
    more = replace(more, companies={1: Company(True, False, ["k1", "k2", "k3"])}, clients={**ROLL.clients, "new": "s"})
    assert struck_off(ROLL, more) == only()


def test_nobody_is_let_in_with_less_than_they_had_needed() -> None:
    """With every second factor gone, the password alone would do: then it is void, too."""
    assert struck_off(ROLL, known(passkeys=["new"], totp="")).passwords == [5]
    bare = replace(ONE, passkeys=[], totp="")
    before = replace(ROLL, people={**ROLL.people, 5: bare})
    assert struck_off(before, known()).passwords == [5], "it was set up since"
    assert struck_off(before, before).passwords == []


def test_who_is_not_known_is_kept_out() -> None:
    """Such as whoever has got the number of somebody else, after another restore."""
    unknown = replace(ROLL, people={6: MAU})
    found = struck_off(ROLL, unknown)
    assert (found.suspended, found.passwords, found.deleted) == ([5], [5], [])


def test_who_was_deleted_before_is_left_alone() -> None:
    before = known(state="deleted")
    assert struck_off(before, ROLL) == only()


def test_the_master_admin_user_is_who_it_was_last() -> None:
    now = replace(ROLL, people={5: replace(ONE, is_master_admin=True), 6: replace(MAU, is_master_admin=False)})
    found = struck_off(ROLL, now)
    assert (found.former_master_admins, found.master_admins) == ([6], [5])
    gone = replace(now, people={**now.people, 5: replace(ONE, is_master_admin=True, state="suspended")})
    assert struck_off(ROLL, gone).master_admins == [], "not who is shut out"


@pytest.mark.parametrize("since", [{"state": "deleted", "account": "deleted:6"}, {"account": "another@"}])
def test_a_former_master_admin_user_who_was_changed_since_is_none(since: dict[str, Any]) -> None:
    former = replace(MAU, is_master_admin=False, **since)
    found = struck_off(ROLL, replace(ROLL, people={5: replace(ONE, is_master_admin=True), 6: former}))
    assert found.master_admins == [5]
    assert 6 in {*found.deleted, *found.former_master_admins}, "there is one at a time"


def test_a_master_admin_user_whose_address_was_changed_since_stays_so() -> None:
    found = struck_off(ROLL, replace(ROLL, people={**ROLL.people, 6: replace(MAU, account="another@")}))
    assert (found.suspended, found.former_master_admins, found.master_admins) == ([6], [], [])


def test_a_roll_by_which_most_would_go_is_refused() -> None:
    half = known(state="suspended")
    refuse_most(ROLL, half)
    for most in (
        replace(ROLL, people={}),
        replace(half, people={**half.people, 6: replace(MAU, state="deleted")}),
    ):
        with pytest.raises(Refused, match=r"2 of the 2 people .* --shut-out-most.* --deletions.* --as-it-was"):
            refuse_most(ROLL, most)
    gone = known(state="deleted")
    refuse_most(gone, gone)


FIRST, OPEN = "2020-01-01", "infinity"


@pytest.mark.parametrize(
    ("since", "gone"),
    [
        ([f"AAAA E {FIRST} {OPEN}"], []),
        ([f"AAAA E {FIRST} 2026-10-31"], [(1, f"AAAA E {FIRST} {OPEN}", f"AAAA E {FIRST} 2026-10-31")]),
        (["AAAA E 2021-01-01 infinity"], [(1, f"AAAA E {FIRST} {OPEN}", f"AAAA E 2021-01-01 {OPEN}")]),
        ([f"AAAA G {FIRST} {OPEN}"], [(1, f"AAAA E {FIRST} {OPEN}", "")]),
        ([f"AAAA E {FIRST} {OPEN}", f"BBBB E {FIRST} {OPEN}"], []),
        (["AAAA E 2019-01-01 infinity"], []),
        ([], [(1, f"AAAA E {FIRST} {OPEN}", "")]),
        (None, []),
    ],
)
def test_market_participants_that_ended_since(since: list[str] | None, gone: list[tuple[int, str, str]]) -> None:
    before = replace(ROLL, companies={1: replace(ROLL.companies[1], participants=[f"AAAA E {FIRST} {OPEN}"])})
    now = replace(ROLL, companies={1: replace(ROLL.companies[1], participants=since)})
    assert struck_off(before, now) == only(participants=gone)


def test_what_companies_and_programs_have_lost() -> None:
    now = replace(
        ROLL,
        companies={1: Company(False, True, ["k2"])},
        clients={"ees": "another"},
        providers=[],
    )
    assert struck_off(ROLL, now) == only(
        keys=["k1"],
        clients=["old"],
        client_secrets=["ees"],
        providers=["azure"],
        unqualified=[1],
        second_factor_asked=[1],
    )
