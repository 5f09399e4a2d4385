"""Taking away again what a restored backup has brought back and the newest roll no longer knows (SD 2.6, 8.1)."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from sdes import auditlog
from sdes.actor import Actor
from sdes.administration.actions.assignments import fill_gaps
from sdes.administration.actions.people import blank
from sdes.administration.queries.lapsing import for_company
from sdes.backup.roll import PROVIDER, Roll, called, digest
from sdes.backup.striking import Struck, refuse_most, struck_off
from sdes.kit import db

_STATEMENTS = {
    "suspended": "UPDATE person SET state = 'suspended' WHERE id = ANY ($1) AND state = 'active' RETURNING company",
    "passwords": "UPDATE person SET password_hash = '', password_is_single_use = false WHERE id = ANY ($1)"
    " RETURNING company",
    "totp": "UPDATE person SET totp_secret = NULL, totp_confirmed_at = NULL, totp_last_step = 0 WHERE id = ANY ($1)"
    " RETURNING company",
    "passkeys": f"DELETE FROM passkey WHERE {digest('credential_id')} = ANY ($1) RETURNING company",
    "former_master_admins": "UPDATE person SET is_master_admin = false WHERE id = ANY ($1) RETURNING company",
    "master_admins": "UPDATE person SET is_master_admin = true WHERE id = ANY ($1) AND NOT EXISTS"
    " (SELECT 1 FROM person other WHERE other.company = person.company AND other.is_master_admin) RETURNING company",
    "keys": f"UPDATE api_key SET revoked_at = now() WHERE {digest('secret_hash')} = ANY ($1) AND revoked_at IS NULL"
    " RETURNING company",
    "clients": "UPDATE oidc_client SET revoked_at = now() WHERE client_id = ANY ($1) RETURNING NULL::int AS company",
    "providers": f"UPDATE identity_provider SET is_enabled = false WHERE {PROVIDER} = ANY ($1) RETURNING company",
    "unqualified": "UPDATE company SET is_qualified = false WHERE id = ANY ($1) RETURNING id AS company",
    "second_factor_asked": "UPDATE company SET requires_second_factor = true WHERE id = ANY ($1)"
    " RETURNING id AS company",
}
_USE_CASES = """
DELETE FROM assignment a USING unnest($1::int[], $2::int[]) AS gone(person, use_case)
 WHERE a.person = gone.person AND a.process_type * 16 + a.level = gone.use_case RETURNING a.company
"""
_FUNCTIONS = "UPDATE person SET functions = $2 WHERE id = $1 RETURNING company"
_SECRETS = "UPDATE oidc_client SET secret_hash = $2 WHERE client_id = $1 RETURNING NULL::int AS company"
_COMPANIES_OF = "SELECT company FROM person WHERE id = ANY ($1)"
_ONE = "WHERE company = $1 AND mpid = $2 AND role = $3 AND effective_from = $4::text::date RETURNING company"
_REMOVE = f"DELETE FROM market_participant {_ONE}"
_SHORTEN = f"""
UPDATE market_participant SET effective_from = $5::text::date, effective_to = nullif($6::text::date, 'infinity') {_ONE}
"""
_END = f"UPDATE market_participant SET effective_to = greatest(effective_from, $5::date - 1) {_ONE}"

# One of them, and several, as people are told.
_WORDS = {
    "deleted": ("person deleted", "people deleted"),
    "suspended": ("person suspended", "people suspended"),
    "passwords": ("password void", "passwords void"),
    "totp": ("authenticator removed", "authenticators removed"),
    "passkeys": ("passkey removed", "passkeys removed"),
    "use_cases": ("assignment removed", "assignments removed"),
    "functions": ("person with fewer system functions", "people with fewer system functions"),
    "former_master_admins": ("former Master Admin User", "former Master Admin Users"),
    "keys": ("API key revoked", "API keys revoked"),
    "clients": ("client of the one sign-in revoked", "clients of the one sign-in revoked"),
    "client_secrets": ("client of the one sign-in without its secret", "clients of the one sign-in without a secret"),
    "providers": ("identity provider disabled", "identity providers disabled"),
    "unqualified": ("company not Qualified any more", "companies not Qualified any more"),
    "participants": ("market participant ended", "market participants ended"),
    "second_factor_asked": ("company that asks for a second factor", "companies that ask for a second factor"),
}


@dataclass(frozen=True)
class Withdrawn:
    """How many of each were taken away again, by the names of `Struck`; `roll` is the one that told, if any was newer
    than the backup. `filled` are the use cases that had nobody left and have their Master Admin User now."""

    counts: Counter[str]
    roll: Roll | None = None
    filled: int = 0

    def __str__(self) -> str:
        """Such as “1 person deleted, 2 API keys revoked”; empty for nothing."""
        return _told(self.counts)


async def withdraw(known: Roll | None, backup: str, *, shut_out_most: bool = False) -> Withdrawn:
    """Takes away what does not stand on the roll `known`, with an entry in the audit log of each company that lost
    anything, and puts the Master Admin User where nobody is left (SD 2.5(b), 2.7(c)). Refuses to shut out most people
    unless told to. The pool must be the owner's, and the house closed."""
    if known is None:
        return Withdrawn(Counter())
    async with db.transaction():
        present = await called()
        if not shut_out_most:
            refuse_most(present, known)
        found = struck_off(present, known)
        by_company: dict[int | None, Counter[str]] = {}
        for what, rows in (await _take_away(found, known.at)).items():
            for row in rows:
                by_company.setdefault(row["company"], Counter())[what] += 1
        for company, counts in by_company.items():
            await auditlog.record(
                Actor.system("Restore"),
                "backup.access.withdrawn",
                subject=backup,
                detail=f"Taken away after this backup, and so again now: {_told(counts)}",
                about_company=company,
            )
        filled = sum([await _fill_gaps(company) for company in sorted(filter(None, by_company))])
    return Withdrawn(sum(by_company.values(), Counter()), known, filled)


async def _take_away(found: Struck, at: datetime) -> dict[str, Sequence[Any]]:
    """Gives the rows that were changed, with their companies. Who was deleted goes first: a company has one Master
    Admin User at a time."""
    gone: dict[str, Sequence[Any]] = {"deleted": await db.fetch(_COMPANIES_OF, found.deleted)}
    if found.deleted:
        await blank(*found.deleted)
    for what, statement in _STATEMENTS.items():
        gone[what] = await db.fetch(statement, getattr(found, what))
    gone["use_cases"] = await db.fetch(_USE_CASES, *_columns(found.use_cases))
    gone["functions"] = [row for one, left in found.functions.items() for row in await db.fetch(_FUNCTIONS, one, left)]
    gone["client_secrets"] = [
        row for one in found.client_secrets for row in await db.fetch(_SECRETS, one, os.urandom(32))
    ]
    gone["participants"] = [row for one in found.participants for row in await _shorten(*one, at)]
    return gone


async def _shorten(company: int, was: str, now: str, at: datetime) -> Sequence[Any]:
    one = (company, *was.split()[:3])
    if now:
        return await db.fetch(_SHORTEN, *one, *now.split()[2:])
    try:
        async with db.transaction():
            return await db.fetch(_REMOVE, *one)
    except (asyncpg.ForeignKeyViolationError, asyncpg.RestrictViolationError):
        return await db.fetch(_END, *one, at.date())  # communications name it


async def _fill_gaps(company: int) -> int:
    return await fill_gaps(await for_company(Actor.system("Restore"), company))


def _columns(pairs: Sequence[tuple[int, int]]) -> tuple[list[int], list[int]]:
    return [one for one, _ in pairs], [other for _, other in pairs]


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{counts[what]} {words[counts[what] > 1]}" for what, words in _WORDS.items() if counts[what])
