"""Pages and fragments: who gets the whole page, who a part, and how a browser is sent on."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from jinja2 import UndefinedError
from litestar import Request
from markupsafe import Markup

from sdes.kit import clock, rendering
from sdes.kit.rendering import dom_id, drawn, environment, go, pairs, static_path, wants_fragment
from tests.support.people import HTMX, Browser

LIST = "/sdep/communications"


def request(**headers: str) -> Request[Any, Any, Any]:
    scope: Any = {"type": "http", "headers": [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()]}
    return Request(scope)


DATES = environment().get_template("partials/ui/dates.html")
NIGHT = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)  # half past midnight in London's summer, on the next day
LATER = datetime(2026, 7, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize("moment", [NIGHT, clock.local(NIGHT), NIGHT.astimezone(ZoneInfo("Asia/Dhaka"))])
@pytest.mark.parametrize("now", [LATER, clock.local(LATER)])
def test_moments_are_told_in_london_s_time_whatever_zone_they_come_in(moment: datetime, now: datetime) -> None:
    told: Any = DATES.module
    assert "Today, 00:30</time>" in told.when(moment, now)
    assert "1 Jul</time>" in told.day(moment, now)
    assert "1 Jul 2026, 00:30</time>" in told.exact(moment)
    assert told.short(moment, now) == "00:30"
    assert told.short(moment, now + timedelta(days=1)) == "1 Jul, 00:30"
    assert told.days_until(moment, now - timedelta(hours=10)).strip() == "tomorrow"


@pytest.mark.parametrize(
    ("headers", "is_fragment"),
    [
        ({}, False),
        ({"hx_request": "true"}, True),
        ({"hx_request": "false"}, False),
        ({"hx_request": "true", "hx_history_restore_request": "true"}, False),
    ],
)
def test_who_wants_a_fragment(headers: dict[str, str], is_fragment: bool) -> None:
    assert wants_fragment(request(**headers)) is is_fragment


def test_a_browser_is_sent_on_with_303_and_htmx_with_its_header() -> None:
    plain = go(request(), "/status").to_asgi_response(None, request())
    assert plain.status_code == 303
    answer = go(request(hx_request="true"), "/status")
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/status")


@pytest.mark.anyio
async def test_a_list_is_a_page_for_browsers_and_rows_for_htmx(asha: Browser) -> None:
    whole, rows = await asha.get(LIST), await asha.get(LIST, headers=HTMX)
    restored = await asha.get(LIST, headers={**HTMX, "HX-History-Restore-Request": "true"})
    assert "<!doctype html>" in whole.text
    assert "<!doctype html>" in restored.text
    assert rows.text.strip().startswith('<div id="results"')
    for answer in (whole, rows, restored):
        assert answer.headers["vary"] == "HX-Request"
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.anyio
async def test_static_files_may_be_kept_for_ever_and_pages_never(asha: Browser) -> None:
    answer = await asha.get(static_path("sdes.css"))
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    assert (await asha.get("/static/000000000000/sdes.css")).status_code == 404


@pytest.mark.anyio
async def test_every_answer_has_its_security_headers(nobody: Browser, asha: Browser) -> None:
    for browser, path in ((nobody, "/sign-in"), (asha, LIST), (asha, "/nowhere"), (asha, static_path("sdes.css"))):
        headers = (await browser.get(path)).headers
        assert "default-src 'none'" in headers["content-security-policy"], path
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "strict-transport-security" not in headers  # only behind HTTPS


def test_ids_of_elements() -> None:
    assert dom_id("message", 3, "files") == "message-3-files"


OPTIONS = "partials/ui/options.html"


def test_a_fragment_is_drawn_once_for_equal_words_and_anew_for_others() -> None:
    first = drawn(OPTIONS, pairs=pairs([("1", "Asha"), ("2", "Ben")]), value="1")
    assert '<option value="1" selected>Asha</option>' in first
    assert drawn(OPTIONS, pairs=pairs([("1", "Asha"), ("2", "Ben")]), value="1") is first
    assert '<option value="2" selected>Ben</option>' in drawn(
        OPTIONS, pairs=pairs([("1", "Asha"), ("2", "Ben")]), value="2"
    )
    assert "Cleo" in drawn(OPTIONS, pairs=pairs([("1", "Cleo"), ("2", "Ben")]), value="1")


def test_what_somebody_typed_is_escaped_in_a_fragment_even_after_markup_that_equals_it() -> None:
    typed = "<b>Asha</b>"
    assert "&lt;b&gt;Asha" in drawn(OPTIONS, pairs=pairs([("1", Markup(typed))]), value="")
    assert "&lt;b&gt;Asha" in drawn(OPTIONS, pairs=pairs([("1", typed)]), value="")
    assert "&lt;b&gt;" in drawn("partials/sdep/owners.html", pairs=pairs([("1", typed)]), value="", me="")


def test_a_fragment_knows_nothing_but_its_words() -> None:
    with pytest.raises(UndefinedError):
        drawn("partials/sdep/bulk.html")


def test_options_are_pairs_of_text_however_they_are_given() -> None:
    assert pairs([1, "two", ("3", "three")]) == (("1", "1"), ("two", "two"), ("3", "three"))
    once = pairs({"4": "four"}.items())
    assert pairs(once) is once
    assert hash(once) == hash(pairs([("4", "four")]))


def test_fragments_are_forgotten_when_their_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    words = {"pairs": pairs([("9", "Deleted since")]), "value": ""}
    first = drawn(OPTIONS, **words)
    assert drawn(OPTIONS, **words) is first
    later = rendering.monotonic() + rendering.KEPT + 1
    monkeypatch.setattr(rendering, "monotonic", lambda: later)
    assert drawn(OPTIONS, **words) is not first


@pytest.mark.anyio
@pytest.mark.parametrize("name", ["nothing.css", "sdes.css/below", "x" * 300, "%00", "a%00b.css"])
async def test_a_file_that_cannot_be_is_not_there(nobody: Browser, name: str) -> None:
    assert (await nobody.get(rendering.static_path(name))).status_code == 404
