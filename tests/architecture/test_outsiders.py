"""Every door that leads to a record is shut, with 404, to everybody who has no part in the record; and with 403,
whatever the record, to those to whom no such door is open.

The doors are read from the application, so that a new one is covered without a word here.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import httpx
import pytest
from litestar import Litestar
from litestar.routes import BaseRoute, HTTPRoute

from sdes.kit import db
from sdes.permissions import Permission
from tests.architecture.matter import Matter
from tests.support.people import Browser

pytestmark = pytest.mark.anyio


class Door(NamedTuple):
    """`path` has its parameters in braces."""

    method: str
    path: str
    permission: Permission


# What stands for each parameter: a record of Brightwatt's and Northgrid's. `draft` says that the path leads to a draft.
RECORDS: dict[str, Callable[[Matter, bool], object]] = {
    "reference": lambda matter, draft: matter.reference,
    "draft_id": lambda matter, draft: matter.draft,
    "attachment_id": lambda matter, draft: matter.draft_attachment if draft else matter.attachment,
    "number": lambda matter, draft: 1,
    "company_id": lambda matter, draft: matter.companies[0],
    "participant_id": lambda matter, draft: matter.participant,
    "session_id": lambda matter, draft: matter.session,
    "passkey_id": lambda matter, draft: matter.passkey,
    "person_id": lambda matter, draft: matter.person,
    "upload_id": lambda matter, draft: matter.upload,
    "key_id": lambda matter, draft: matter.api_key,
    "process_id": lambda matter, draft: matter.gas_process,
    "level": lambda matter, draft: 1,
    "client_id": lambda matter, draft: "enquiry",
    "provider_id": lambda matter, draft: 1,
    "filter_id": lambda matter, draft: matter.saved_filter,
    "sign_in_id": lambda matter, draft: matter.sign_in,
}


def test_every_parameter_is_known(app: Litestar) -> None:
    doors = list(_doors(app))
    assert len(doors) > 10
    for method, path, _ in doors:
        unknown = set(_parameters(path)) - RECORDS.keys()
        assert not unknown, f"{method} {path}: say in RECORDS which record of others stands for {unknown}"


@pytest.fixture(params=["both locks", "the first lock alone"])
def locks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once with requests carried out as the owner, for whom row-level security does not hold."""
    if request.param == "the first lock alone":

        async def already() -> bool:
            return True

        monkeypatch.setattr("tests.support.world._is_web", already)


@pytest.mark.spec("SD 9.2(d)")
async def test_another_company_finds_nothing(
    app: Litestar, matter: Matter, other_matter: Matter, otto: Browser, cleo: Browser, olga: Browser, locks: None
) -> None:
    before = await _traces(matter)
    for stranger in (otto, cleo, olga):
        await _finds_nothing(stranger, _doors(app), matter)
    assert await _traces(matter) == before, "a stranger's visit left something behind"


async def test_no_other_page_tells_of_it(
    app: Litestar,
    matter: Matter,
    other_matter: Matter,
    asha: Browser,
    otto: Browser,
    cleo: Browser,
    locks: None,
) -> None:
    """Lists, forms and whatever else has an address without a record."""
    secrets = [matter.reference, "BRWT to NORG", "BRWT readings", "tag of BRWT", str(matter.draft)]
    pages = [route.path for route in app.routes if "{" not in route.path and _answers_get(route)]
    assert len(pages) > 5
    for stranger in (otto, cleo):
        for path in [*pages, "/sdep/communications?folder=archive", "/sdep/communications?sort=subject"]:
            text = (await stranger.get(path)).text
            found = [secret for secret in secrets if secret in text]
            assert not found, f"GET {path} tells a stranger of {found}"
    assert secrets[1] in (await asha.get("/sdep/communications")).text, "the list tells nobody of it"


async def test_another_company_s_own_record_does_not_lead_to_ours(
    app: Litestar, matter: Matter, other_matter: Matter, otto: Browser, cleo: Browser, locks: None
) -> None:
    """Their own communication or draft in front, our attachment behind it."""
    mixed = [door for door in _doors(app) if "attachment_id" in _parameters(door.path)]
    assert mixed
    for door in mixed:
        for attachment in (matter.attachment, matter.draft_attachment):
            address = door.path.replace("{attachment_id:uuid}", str(attachment))
            for stranger in (cleo, otto):
                await _finds_nothing(stranger, [door._replace(path=address)], other_matter)


@pytest.mark.spec("SD 9.2(e)")
async def test_a_colleague_who_is_not_assigned_to_the_process_finds_nothing(
    app: Litestar, matter: Matter, ben: Browser
) -> None:
    await db.fetch(
        "DELETE FROM assignment WHERE process_type = $1 AND person = (SELECT id FROM person WHERE name = 'Ben Carter')",
        matter.process_type,
    )
    await _finds_nothing(ben, _doors(app), matter)


async def test_drafts_are_their_writer_s_alone(app: Litestar, matter: Matter, ben: Browser, nils: Browser) -> None:
    drafts = [door for door in _doors(app) if "draft_id" in _parameters(door.path)]
    assert drafts
    for stranger in (ben, nils):
        await _finds_nothing(stranger, drafts, matter)
    kept = await db.fetch("SELECT id FROM draft_attachment WHERE draft = $1", matter.draft)
    assert len(kept) == 1


async def test_what_is_not_yours_looks_like_what_there_is_not(app: Litestar, matter: Matter, otto: Browser) -> None:
    ours = await otto.get(f"/sdep/communications/{matter.reference}")
    nobodys = await otto.get("/sdep/communications/SC99999999")
    assert ours.status_code == nobodys.status_code == 404
    assert ours.text == nobodys.text
    for answer in (ours, nobodys):
        del answer.headers["x-request-id"]  # each request has its own
    assert ours.headers == nobodys.headers


async def test_the_same_doors_open_to_those_whom_they_concern(
    app: Litestar, matter: Matter, asha: Browser, mo: Browser, piet: Browser, carys: Browser
) -> None:
    """Or else the refusals above prove nothing: to Asha, or else to her MAU or to those who look after companies."""
    holds = [(browser, (await browser.actor()).permissions) for browser in (asha, mo, piet, carys)]
    for method, path, permission in _doors(app):
        concerned = next((browser for browser, permissions in holds if permission in permissions), None)
        assert concerned, f"{method} {path}: nobody here holds {permission}: sign somebody in who does"
        unit = db.Unit()
        await unit.begin()
        answer = await _knock(concerned, method, _address(path, matter))
        await unit.rollback()
        assert answer.status_code in (200, 204, 303, 409, 422), f"{method} {path}: {answer.status_code}"


def _answers_get(route: BaseRoute) -> bool:
    return isinstance(route, HTTPRoute) and any("GET" in handler.http_methods for handler in route.route_handlers)


async def _finds_nothing(stranger: Browser, doors: Iterator[Door] | list[Door], matter: Matter) -> None:
    opened = []
    permissions = (await stranger.actor()).permissions
    for method, path, permission in doors:
        answer = await _knock(stranger, method, _address(path, matter))
        shut = 404 if permission in permissions else 403
        if answer.status_code != shut or matter.reference in answer.text:
            opened.append(f"{method} {path} answered {answer.status_code}, not {shut}")
    assert not opened, "Ask visible_to(actor) in its query and answer NotFound:\n" + "\n".join(opened)


async def _knock(browser: Browser, method: str, address: str) -> httpx.Response:
    if method == "GET":
        return await browser.get(address)
    words = {"csrf_token": browser.csrf_token, "text": "something typed"}
    return await browser.client.request(method, address, data=words)


def _doors(app: Litestar) -> Iterator[Door]:
    for route in app.routes:
        assert isinstance(route, HTTPRoute)
        for handler in route.route_handlers:
            for method in sorted(handler.http_methods - {"OPTIONS"}):
                is_of_programs = handler.opt.get("api", False)  # see test_outsiders_programs.py
                if "{" in route.path and not (is_of_programs or _is_everybodys(route.path, handler.opt["permission"])):
                    yield Door(method, route.path, handler.opt["permission"])


def _is_everybodys(path: str, permission: Permission) -> bool:
    """Static files, the catalogue, and links whose secret is the key itself: tests/accounts proves who those are good
    for."""
    if permission == Permission.CATALOGUE_VIEW:
        return True
    return (path.startswith("/static/") or "{token:" in path) and permission == Permission.ANYONE


def _parameters(path: str) -> list[str]:
    return re.findall(r"{(\w+):\w+}", path)


def _address(path: str, matter: Matter) -> str:
    draft = "draft_id" in path
    return re.sub(r"{(\w+):\w+}", lambda found: str(RECORDS[found[1]](matter, draft)), path)


async def _traces(matter: Matter) -> list[list[object]]:
    return [
        await db.fetch("SELECT id FROM audit_entry WHERE subject = $1 ORDER BY id", matter.reference),
        await db.fetch("SELECT * FROM message WHERE communication = $1 ORDER BY id", matter.id),
        await db.fetch("SELECT * FROM reading WHERE communication = $1 ORDER BY id", matter.id),
        await db.fetch("SELECT * FROM draft WHERE communication = $1 ORDER BY id", matter.id),
    ]
