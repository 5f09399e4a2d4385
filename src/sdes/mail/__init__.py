"""E-mail: every mail is a row first, written in the transaction that causes it; the worker sends it once.

`post` writes one. What a mail says is `templates/email/KIND.txt`: its first line is the subject, and its text is laid
out as HTML by `layout.py`, so that the two never differ.
"""

import json
import re
from typing import Any

from sdes.kit import clock, db, keyring, queue
from sdes.kit.rendering import environment
from sdes.mail.layout import as_html

__all__ = ["post", "use"]

_INSERT = """
INSERT INTO mail (kind, to_address, to_name, subject, body, company_id, person_id, once_key, created_at,
                  next_attempt_at, attempts, last_error)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, 0, '') ON CONFLICT DO NOTHING
"""
_site: list[str] = ["http://localhost:8000"]


def use(public_url: str) -> None:
    """Sets the address of this site that links in mails begin with; whoever starts the process calls it."""
    _site[:] = [public_url.rstrip("/")]


async def post(
    kind: str,
    *,
    to_address: str,
    to_name: str,
    company_id: int | None = None,
    person_id: int | None = None,
    once_key: str | None = None,
    **words: Any,
) -> None:
    """Writes the mail `templates/email/KIND.txt` in the open transaction; the worker is nudged after the commit.

    `words` are the template's, which also knows `site` (the address of this site, without a slash at its end) and
    `to_name`. A second mail of the same `once_key` is not written.
    """
    template = environment().overlay(autoescape=False).get_template(f"templates/email/{kind}.txt")
    subject, _, text = template.render(site=_site[0], to_name=to_name, **words).strip().partition("\n")
    text = re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
    body = json.dumps({"text": text, "html": as_html(subject, text, _site[0])})
    await db.fetch(
        _INSERT,
        kind,
        to_address,
        to_name,
        subject[:200],
        keyring.seal(f"mail:{to_address}", body.encode()),
        company_id,
        person_id,
        once_key,
        clock.now(),
    )
    queue.enqueue("mail_deliver", key="mail_deliver")
