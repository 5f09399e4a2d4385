"""An upload's plan is carried out in as many statements for one person as for five thousand (SD 2.3, 2.5, 2.6)."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sdes import auditlog, mail
from sdes.accounts import passwords
from sdes.accounts.actions.links import VERIFY_LASTS
from sdes.accounts.actions.passwords import SINGLE_USE_LASTS
from sdes.accounts.functions import SystemFunction
from sdes.accounts.queries import master_admin_name
from sdes.accounts.sessions import new_token, token_hash
from sdes.actor import Actor
from sdes.administration.actions.people import blank, shut_out
from sdes.administration.uploads.future import Future, as_they_are, changes_of
from sdes.administration.uploads.plan import Plan
from sdes.catalogue.rules import UseCase
from sdes.catalogue.views import ProcessTypeView
from sdes.kit import clock, db

_CREATE = """
INSERT INTO person (company, email, email_key, name, state, functions, is_proxy_address, created_at,
                    password_hash, password_is_single_use, password_expires_at)
SELECT $1, one.email, lower(one.email), one.name, 'active', one.functions, one.proxy, $3, one.password_hash, true, $4
  FROM jsonb_to_recordset($2::jsonb) AS one(email text, name text, functions text[], proxy bool, password_hash text)
RETURNING id, email_key
"""
_MAKE_ROOM = "UPDATE person SET email_key = 'moving:' || id WHERE company = $1 AND id = ANY($2)"
_CHANGE = """
UPDATE person p SET name = one.name, email = one.email, email_key = lower(one.email), is_proxy_address = one.proxy,
       functions = one.functions,
       email_verified_at = CASE WHEN lower(p.email) = lower(one.email) THEN p.email_verified_at END
  FROM jsonb_to_recordset($2::jsonb) AS one(id int, email text, name text, functions text[], proxy bool)
 WHERE p.id = one.id AND p.company = $1
"""
_SUSPEND = "UPDATE person SET state = 'suspended' WHERE company = $1 AND id = ANY($2)"
_REINSTATE = """
UPDATE person SET state = 'active', reinstated_at = $3, warned_from = NULL, was_last_user = false
 WHERE company = $1 AND id = ANY($2)
"""
_UNASSIGN = """
DELETE FROM assignment a USING unnest($2::int[], $3::int[], $4::int[], $5::bool[]) AS gone(person, process, level, _)
 WHERE a.company = $1 AND a.person = gone.person AND a.process_type = gone.process AND a.level = gone.level
"""
_ASSIGN = """
INSERT INTO assignment (company, person, process_type, level, is_default_contact)
SELECT $1, * FROM unnest($2::int[], $3::int[], $4::int[], $5::bool[])
"""
_END_SESSIONS = """
UPDATE session SET ended_at = $2 WHERE person = ANY($1) AND ended_at IS NULL AND id IS DISTINCT FROM $3
"""
_VOID_LINKS = "UPDATE account_link SET used_at = $2 WHERE person = ANY($1) AND used_at IS NULL"
_LINK = """
INSERT INTO account_link (company, person, purpose, email_key, token_hash, created_at, expires_at)
SELECT $1, one.person, 'verify', one.email_key, one.token_hash, $2, $3
  FROM unnest($4::int[], $5::text[], $6::bytea[]) AS one(person, email_key, token_hash)
"""

Held = tuple[int, UseCase, bool]  # a person, by id, in a use case; whether as the default contact only


@dataclass(frozen=True)
class Changed:
    """A person of the plan who becomes another, with the id that their row has or was given."""

    id: int
    future: Future


async def carry_out(actor: Actor, catalogue: list[ProcessTypeView], plan: Plan) -> None:
    """Makes the company's list what the plan says. Its people must be locked, and the plan good and of this moment.

    An address that somebody else took meanwhile fails as a unique violation: then nothing may be kept.
    """
    assert plan.is_good
    old = [Changed(one.before.id, one) for one in plan.futures if one.before]
    gone = [one for one in old if one.future.is_deleted]
    stays = [one for one in old if not one.future.is_deleted]
    if gone:
        await blank(*(one.id for one in gone))
    await _change(actor, stays)
    new = await _create(actor, [one for one in plan.futures if one.before is None])
    await _assign(actor, [*stays, *new])
    await _suspend_and_reinstate(actor, stays)
    await _record(actor, catalogue, [*gone, *stays, *new])


async def _change(actor: Actor, stays: list[Changed]) -> None:
    changed = [one for one in stays if _details(one.future) != _details_before(one.future)]
    moved = [one for one in changed if one.future.before and one.future.before.email.lower() != one.future.key]
    if not changed:
        return
    await db.fetch(_MAKE_ROOM, actor.company_id, [one.id for one in moved])  # two people may exchange addresses
    await db.fetch(_CHANGE, actor.company_id, json.dumps([{"id": one.id, **_details(one.future)} for one in changed]))
    if moved:
        ids, now = [one.id for one in moved], clock.now()
        await db.fetch(_END_SESSIONS, ids, now, actor.session_id)
        await db.fetch(_VOID_LINKS, ids, now)
        await _tell_former_addresses(actor, moved)
        await _ask_to_verify(actor, moved)


async def _tell_former_addresses(actor: Actor, moved: list[Changed]) -> None:
    """A notice to each address that is no longer anybody's of theirs, like `links.tell_former_address`."""
    master_admin = await master_admin_name(actor.company_id or 0) or "your Master Admin User"
    at = f"{clock.local(clock.now()):%-d %B %Y, %H:%M}"
    letters = []
    for one in moved:
        assert one.future.before
        before = one.future.before
        helper = "the service desk" if before.is_master_admin else master_admin
        words = {"by": actor.name, "at": at, "helper": helper}
        letters.append(mail.Letter(before.email, before.name, actor.company_id, one.id, words))
    await mail.post_all("address_changed", letters)


async def _ask_to_verify(actor: Actor, moved: list[Changed]) -> None:
    """A link to each new address, like `links.send_verification` (SD 11.1(f))."""
    now = clock.now()
    tokens = [new_token() for _ in moved]
    addresses = [one.future.key for one in moved]
    hashes = [token_hash(token) for token in tokens]
    await db.fetch(_LINK, actor.company_id, now, now + VERIFY_LASTS, [one.id for one in moved], addresses, hashes)
    until = f"{clock.local(now + VERIFY_LASTS):%-d %B %Y, %H:%M}"
    letters = [
        _letter(actor, one, {"path": f"/verify-address/{token}", "until": until})
        for one, token in zip(moved, tokens, strict=True)
    ]
    await mail.post_all("verify_address", letters)


async def _create(actor: Actor, new: list[Future]) -> list[Changed]:
    """Accounts with a single-use password each, which is sent by e-mail (SD 2.3)."""
    if not new:
        return []
    chosen = [passwords.single_use() for _ in new]
    hashes = await asyncio.to_thread(lambda: [passwords.hashed_random(password) for password in chosen])
    rows = [{**_details(one), "password_hash": made} for one, made in zip(new, hashes, strict=True)]
    now = clock.now()
    until = now + SINGLE_USE_LASTS
    made = await db.fetch(_CREATE, actor.company_id, json.dumps(rows), now, until)
    ids = {row["email_key"]: row["id"] for row in made}
    created = [Changed(ids[one.key], one) for one in new]
    words = {
        "again": False,
        "by": actor.name,
        "company": actor.company_name,
        "until": f"{clock.local(until):%-d %B %Y, %H:%M}",
        "master_admin": await master_admin_name(actor.company_id or 0) or actor.name,
    }
    letters = [
        _letter(actor, one, {**words, "password": password}) for one, password in zip(created, chosen, strict=True)
    ]
    await mail.post_all("single_use_password", letters)
    return created


async def _assign(actor: Actor, those: list[Changed]) -> None:
    before: set[Held] = set()
    after: set[Held] = set()
    for one in those:
        if known := one.future.before:
            before |= {(one.id, case, case in known.default_for) for case in known.use_cases}
        after |= {(one.id, case, False) for case in one.future.use_cases}
        after |= {(one.id, case, True) for case in one.future.stands_in}
    for sql, held in ((_UNASSIGN, sorted(before - after)), (_ASSIGN, sorted(after - before))):
        if held:
            people, cases, default = zip(*held, strict=True)
            processes, levels = zip(*cases, strict=True)
            await db.fetch(sql, actor.company_id, list(people), list(processes), list(levels), list(default))


async def _suspend_and_reinstate(actor: Actor, stays: list[Changed]) -> None:
    turned = [one for one in stays if one.future.before and one.future.is_active != one.future.before.is_active]
    if out := [one.id for one in turned if not one.future.is_active]:
        await db.fetch(_SUSPEND, actor.company_id, out)
        await shut_out(*out)
    if back := [one.id for one in turned if one.future.is_active]:
        await db.fetch(_REINSTATE, actor.company_id, back, clock.now())


async def _record(actor: Actor, catalogue: list[ProcessTypeView], those: Iterable[Changed]) -> None:
    """One entry a person, whether a row is about them or they take over from somebody."""
    entries = []
    for one in those:
        future, before = one.future, one.future.before
        words = "; ".join(changes_of(catalogue, future))
        if before is None:
            event, detail = "person.created", f"{future.name} <{future.email}>{'; ' if words else ''}{words}"
        elif future.is_deleted:
            event, detail = "person.deleted", f"{before.name} <{before.email}>"
        elif future.is_active != before.is_active:
            event = f"person.{'reinstated' if future.is_active else 'suspended'}"
            detail = f"{future.name}{'; ' if words else ''}{words}"
        elif words:
            is_detail = _details(future) != _details_before(future)
            event = "person.changed" if is_detail else "assignment.changed"
            detail = f"{future.name}: {words}"
        else:
            continue
        entries.append(auditlog.Entry(f"administration.{event}", f"person {one.id}", detail))
    await auditlog.record_all(actor, entries)


def _letter(actor: Actor, one: Changed, words: dict[str, Any]) -> mail.Letter:
    return mail.Letter(one.future.email, one.future.name, actor.company_id, one.id, words)


def _details(one: Future) -> dict[str, Any]:
    functions = [function.value for function in SystemFunction if function in one.functions]
    return {"email": one.email, "name": one.name, "functions": functions, "proxy": one.is_proxy_address}


def _details_before(one: Future) -> dict[str, Any] | None:
    return _details(as_they_are(one.before)) if one.before else None
