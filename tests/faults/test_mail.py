"""A mail server that is away, slow, puts off, rejects or hangs up: every mail arrives once or is given up and told."""

import asyncio
import time
from collections import Counter

import pytest

from sdes import mail
from sdes.kit import db, keyring
from tests.faults.checking import Checker
from tests.faults.house import House
from tests.mail.conftest import WORDS
from tests.support.mail_server import HANG_UP
from tests.support.own_database import pool_of_its_own

pytestmark = [pytest.mark.drill, pytest.mark.spec("SD 2.3")]

PUT_OFF, PUT_OFF_LATE, REJECTED, CUT_BEFORE, CUT_AFTER, PLAIN = (
    f"{name}@brightwatt.example" for name in ("put-off", "put-off-late", "rejected", "cut-before", "cut-after", "plain")
)
_STATES = """
SELECT to_address, CASE WHEN sent_at IS NOT NULL THEN 'sent' WHEN given_up_at IS NOT NULL THEN 'given up'
       WHEN handed_over_at IS NOT NULL THEN 'unanswered' ELSE 'waiting' END AS state
  FROM mail WHERE to_address = ANY (%s)
"""
ALL = [PUT_OFF, PUT_OFF_LATE, REJECTED, CUT_BEFORE, CUT_AFTER, PLAIN]


def test_each_mail_arrives_once_or_is_given_up(broken: House) -> None:
    server = broken.mail
    server.stop()
    write(broken, *ALL)
    broken.rows("UPDATE mail SET created_at = created_at - interval '10 minutes' WHERE to_address = ANY (%s)", ALL)
    broken.ask_worker("mail_deliver", "now, and not at the next minute's sweep")
    broken.until(lambda: tried(broken) > 0, "the worker has tried in vain")
    assert "The oldest has waited since" in broken.status("E-mail")
    server.to_rcpt[PUT_OFF] = ["450 4.2.0 not now", "421 4.3.2 closing"]
    server.to_data[PUT_OFF_LATE] = ["451 4.3.0 not now"]
    server.to_rcpt[REJECTED] = ["550 5.1.1 nobody of that name"]
    server.to_rcpt[CUT_BEFORE] = [HANG_UP]
    server.to_data[CUT_AFTER] = [HANG_UP]
    server.at_data = lambda: time.sleep(1)  # slow
    server.start()
    expected = {**dict.fromkeys(ALL, "sent"), REJECTED: "given up", CUT_AFTER: "unanswered"}
    try:
        broken.until(lambda: minutes_pass(broken) == expected, "each has found its end")
        broken.ask_worker("mail_sweep", "once more")
        broken.until(lambda: "No e-mail waits" in broken.status("E-mail"), "the status page says that none waits")
    finally:
        server.at_data = lambda: None
    came = Counter(received.recipients[0] for received in server.received)
    assert {address: came[address] for address in ALL} == {**dict.fromkeys(ALL, 1), REJECTED: 0}
    refused = "SELECT count(*) FROM audit_entry WHERE event = 'mail.message.refused' AND strpos(detail, %s) > 0"
    assert broken.count(refused, REJECTED) == 1
    Checker(broken).nobody_was_mailed_twice()


def minutes_pass(house: House) -> dict[str, str]:
    """What has become of each, and for those that wait the time comes."""
    house.rows("UPDATE mail SET next_attempt_at = now() WHERE next_attempt_at > now() AND lease_until IS NULL")
    if "waiting" in (states := {row["to_address"]: row["state"] for row in house.rows(_STATES, ALL)}).values():
        house.ask_worker("mail_deliver", f"a minute later {time.monotonic()}")
    return states


def tried(house: House) -> int:
    return house.count("SELECT max(attempts) FROM mail WHERE to_address = ANY (%s)", ALL)


def write(house: House, *addresses: str) -> None:
    """Writes a mail to each, as an action does."""

    async def post() -> None:
        async with pool_of_its_own(house.owner_url), db.transaction():
            for address in addresses:
                await mail.post("single_use_password", to_address=address, to_name="Somebody", **WORDS)

    keyring.use(house.vault().master)
    asyncio.run(post())
