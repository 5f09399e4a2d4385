"""The transcript as a page to print: every message open (SD 11.1(b)vii)."""

import pytest

from tests.support.communications import count, replied, sent
from tests.support.people import Browser

pytestmark = [pytest.mark.anyio, pytest.mark.spec("SD 11.1(b)vii")]


async def printed(browser: Browser, reference: str) -> str:
    answer = await browser.get(f"/sdep/communications/{reference}/print")
    assert answer.status_code == 200
    return answer.text


async def test_it_holds_every_message_open_and_what_was_sent_with_it(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha, [("plan.txt", b"x")], subject="Mill <Lane>", text="First\n\nSecond", tag="own tag")
    await replied(nils, reference, "On Tuesday.")
    for browser in (asha, nils):
        page = await printed(browser, reference)
        assert f"<title>{reference}, Mill &lt;Lane&gt;" in page
        for words in ("First", "Second", "On Tuesday.", "Asha Rahman", "Nils Andersen", "plan.txt", "NORG", "BRWT"):
            assert words in page
        assert "10 9000 0000 010" in page
        assert "own tag" not in page
        assert '<details class="msg' not in page
        assert page.index("First") < page.index("On Tuesday.")


async def test_it_is_linked_and_recorded_in_the_history(asha: Browser, nils: Browser) -> None:
    reference = await sent(asha)
    assert (
        f'href="/sdep/communications/{reference}/print"' in (await asha.get(f"/sdep/communications/{reference}")).text
    )
    await printed(asha, reference)
    assert await count("audit_entry", "event = 'sdep.transcript.printed' AND subject = $1", reference) == 1
    assert "Opened for printing" in (await nils.get(f"/sdep/communications/{reference}/audit")).text


async def test_it_is_not_there_for_others(asha: Browser, otto: Browser, mei: Browser) -> None:
    address = f"/sdep/communications/{await sent(asha)}/print"
    assert (await otto.get(address)).status_code == 404
    assert (await mei.get(address)).status_code == 403
    assert (await asha.get("/sdep/communications/SC99999999/print")).status_code == 404
    assert (await asha.get("/sdep/communications/%00/print")).status_code == 404
    assert await count("audit_entry", "event = 'sdep.transcript.printed'") == 0


async def test_a_browser_that_only_fetches_ahead_is_refused(asha: Browser) -> None:
    reference = await sent(asha)
    answer = await asha.get(f"/sdep/communications/{reference}/print", headers={"Sec-Purpose": "prefetch"})
    assert answer.status_code >= 400
    assert await count("audit_entry", "event = 'sdep.transcript.printed'") == 0
