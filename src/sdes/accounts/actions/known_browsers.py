"""Browsers in which a person has signed in before: a sign-in from another one is told by e-mail."""

import re
from typing import Any

from sdes import mail
from sdes.accounts.browsers import in_words
from sdes.accounts.queries import who_helps
from sdes.accounts.sessions import new_token, token_hash
from sdes.kit import clock, db

_MARK = re.compile(r"[A-Za-z0-9_-]{43}")
_INSERT = """
INSERT INTO known_browser (company, person, token_hash, first_seen_at) VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING RETURNING id
"""


async def is_known(person: dict[str, Any] | None, mark: str) -> bool:
    """Whether the person has signed in before in the browser that has this mark. The open transaction must be of their
    company."""
    rows = await db.fetch(
        "SELECT 1 FROM known_browser WHERE person = $1 AND token_hash = $2",
        person["id"] if person else None,
        token_hash(mark),
    )
    return bool(rows)


async def note_browser(person: dict[str, Any], mark: str, *, address: str, browser: str) -> str:
    """Remembers the browser by its `mark` (what its lasting cookie holds, if any) and gives the mark to be kept there.

    One that is new to the person is told to them by e-mail, but not at their very first sign-in. The open transaction
    must be of their company.
    """
    mark = mark if _MARK.fullmatch(mark) else new_token()
    now = clock.now()
    is_new = await db.fetch(_INSERT, person["company"], person["id"], token_hash(mark), now)
    if is_new and person["last_sign_in_at"]:
        await mail.post(
            "new_browser",
            to_address=person["email"],
            to_name=person["name"],
            company_id=person["company"],
            person_id=person["id"],
            at=f"{clock.local(now):%-d %B %Y, %H:%M}",
            browser=in_words(browser),
            address=address or "unknown",
            helper=await who_helps(person),
        )
    return mark
