"""Refused sign-ins in the audit log: for the account's company, or for the provider where there is no account."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sdes import auditlog
from sdes.accounts import rate_limits
from sdes.accounts.queries import overseer_companies
from sdes.accounts.sessions import act_for
from sdes.actor import Actor
from sdes.kit import clock


async def record_refusal(person: dict[str, Any] | None, why: str, *, event: str = "accounts.sign-in.refused") -> None:
    """Writes down that somebody was refused, `why` in words. What was typed is never written: it may be a password.

    The open transaction is then of the person's company, or of nobody's.
    """
    await _record(person, event, f"{person['name']}: {why}" if person else f"No such account: {why}")


async def record_locks(
    person: dict[str, Any] | None,
    email_key: str,
    address: str,
    attempt: Iterable[int],
    *,
    of: str = "passwords",
    mark: str = "",
) -> None:
    """Writes down, once, that the account or the network address may try no more for a while, where this wrong attempt
    (of `rate_limits.begin_attempt`) was the last that it had."""
    account, network = await rate_limits.locks_begun(email_key, address, attempt, mark=mark)
    if account:
        who = person["name"] if person else "An address without an account"
        where = " in a browser of theirs" if mark else ""
        detail = f"{who}: locked{where} {_until(account, of)}, last tried from {address}"
        await _record(person, "accounts.account.locked", detail)
    if network:
        await act_for(None)
        await _record(None, "accounts.address.locked", f"Network address {address}: locked {_until(network, of)}")


async def record_refusal_of(company_id: int | None, detail: str) -> None:
    """Writes down a refused sign-in of somebody who is not known, for the company whose door it was, or for the
    provider. The open transaction is then of that company, or of nobody's."""
    await act_for(company_id)
    for company in [company_id] if company_id else await overseer_companies("provider"):
        actor = Actor(company_id=company_id) if company_id else Actor.nobody()
        await auditlog.record(actor, "accounts.sign-in.refused", detail=detail, about_company=company)


async def _record(person: dict[str, Any] | None, event: str, detail: str) -> None:
    if person is None:
        for provider in await overseer_companies("provider"):
            await auditlog.record(Actor.nobody(), event, detail=detail, about_company=provider)
        return
    company = person["company"]
    await act_for(company)
    subject = f"person {person['id']}"
    await auditlog.record(Actor(company_id=company), event, subject=subject, detail=detail, about_company=company)


def _until(moment: datetime, of: str) -> str:
    return f"until {clock.local(moment):%H:%M} after too many wrong {of}"
