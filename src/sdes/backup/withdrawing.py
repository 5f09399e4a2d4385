"""Taking away again what a restored backup has brought back and the newest roll no longer knows (SD 2.6, 8.1)."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sdes import auditlog
from sdes.actor import Actor
from sdes.administration.actions.people import blank
from sdes.backup.roll import PROVIDER, Roll, called, digest
from sdes.backup.striking import Struck, struck_off
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
    "second_factor_asked": ("company that asks for a second factor", "companies that ask for a second factor"),
}


@dataclass(frozen=True)
class Withdrawn:
    """How many of each were taken away again, by the names of `Struck`; `roll` is the one that told, if any was newer
    than the backup."""

    counts: Counter[str]
    roll: Roll | None = None

    def __str__(self) -> str:
        """Such as “1 person deleted, 2 API keys revoked”; empty for nothing."""
        return _told(self.counts)


async def withdraw(known: Roll | None, backup: str) -> Withdrawn:
    """Takes away what does not stand on the roll `known`, with an entry in the audit log of each company that lost
    anything. The pool must be the owner's, and the house closed."""
    if known is None:
        return Withdrawn(Counter())
    async with db.transaction():
        found = struck_off(await called(), known)
        by_company: dict[int | None, Counter[str]] = {}
        for what, rows in (await _take_away(found)).items():
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
    return Withdrawn(sum(by_company.values(), Counter()), known)


async def _take_away(found: Struck) -> dict[str, Sequence[Any]]:
    """Gives the rows that were changed, with their companies."""
    gone: dict[str, Sequence[Any]] = {}
    for what, statement in _STATEMENTS.items():
        gone[what] = await db.fetch(statement, getattr(found, what))
    gone["use_cases"] = await db.fetch(_USE_CASES, *_columns(found.use_cases))
    gone["functions"] = [row for one, left in found.functions.items() for row in await db.fetch(_FUNCTIONS, one, left)]
    gone["client_secrets"] = [
        row for one in found.client_secrets for row in await db.fetch(_SECRETS, one, os.urandom(32))
    ]
    gone["deleted"] = await db.fetch(_COMPANIES_OF, found.deleted)
    if found.deleted:
        await blank(*found.deleted)
    return gone


def _columns(pairs: Sequence[tuple[int, int]]) -> tuple[list[int], list[int]]:
    return [one for one, _ in pairs], [other for _, other in pairs]


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{counts[what]} {words[counts[what] > 1]}" for what, words in _WORDS.items() if counts[what])
