"""The alert of files that failed their virus check: it stands until those who sent them have looked (SD 11.1(g))."""

import re
from datetime import timedelta

import pytest

from sdes.attachments.scanner import Scanner
from sdes.attachments.vault import Vault
from sdes.kit import clock, db
from tests.attachments.samples import eicar
from tests.support.communications import checked, count, replied, sent
from tests.support.people import Browser

pytestmark = pytest.mark.anyio

LIST = "/sdep/communications"


async def alert(browser: Browser) -> str:
    """What the list tells the person, empty for nothing."""
    found = re.search(r"[^>]*failed the virus check", (await browser.get(LIST)).text)
    return found[0] if found else ""


async def looks(browser: Browser, reference: str) -> None:
    """Opens the communication, a moment later."""
    with clock.at(clock.now() + timedelta(seconds=1)):
        await browser.get(f"{LIST}/{reference}")


@pytest.mark.spec("SD 11.1(g)")
async def test_the_sender_is_told_until_they_have_looked(
    asha: Browser, ben: Browser, vault: Vault, scanner: Scanner
) -> None:
    reference = await sent(asha, [("bad.txt", eicar())])
    await checked(vault, scanner)
    await looks(ben, reference)
    assert await alert(asha) == await alert(ben) == "bad.txt failed the virus check", "Ben has looked, not Asha"
    assert "It was destroyed and nobody can download it" in (await asha.get(f"{LIST}/{reference}")).text
    assert await alert(asha) == await alert(ben) == ""
    await checked(vault, scanner)
    assert await count("audit_entry", "event = 'sdep.attachment.failed'") == 1


async def test_several_failures_are_told_together_and_each_to_its_writer(
    asha: Browser, ben: Browser, vault: Vault, scanner: Scanner
) -> None:
    reference = await sent(asha, [("a.txt", eicar()), ("b.txt", eicar())])
    await replied(ben, reference, "And mine.", [("c.txt", eicar())])
    await checked(vault, scanner)
    assert await alert(asha) == "a.txt and 2 more files failed the virus check"
    await looks(asha, reference)
    assert await alert(asha) == "c.txt failed the virus check"
    with clock.at(clock.now() + timedelta(minutes=1)):
        await replied(asha, reference, "Once more.", [(f"{'long' * 40}.txt", eicar())])
        await checked(vault, scanner)
        assert await alert(ben) == "c.txt and 1 more file failed the virus check"
        await looks(ben, reference)
        assert (await alert(ben)).startswith("longlong")


async def test_the_failure_of_somebody_who_is_gone_is_anybody_s(
    asha: Browser, ben: Browser, vault: Vault, scanner: Scanner
) -> None:
    reference = await sent(asha, [("bad.txt", eicar())])
    await checked(vault, scanner)
    await db.fetch("UPDATE person SET state = 'deactivated' WHERE name = 'Asha Rahman'")
    await looks(ben, reference)
    assert await alert(ben) == ""


async def test_looking_while_it_concerns_somebody_else_writes_nothing(
    asha: Browser, ben: Browser, vault: Vault, scanner: Scanner
) -> None:
    reference = await sent(asha, [("bad.txt", eicar())])
    await checked(vault, scanner)
    await looks(ben, reference)
    before = await db.fetch("SELECT * FROM reading")
    with clock.at(clock.now() + timedelta(minutes=1)):
        await ben.get(f"{LIST}/{reference}")
    assert await db.fetch("SELECT * FROM reading") == before
