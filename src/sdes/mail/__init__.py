"""E-mail: every mail is a row first, written in the transaction that causes it; the worker sends it once.

`post` writes one. What a mail says is `templates/email/KIND.txt`: its first line is the subject, and its text is laid
out as HTML by `layout.py`, so that the two never differ.
"""

import asyncio
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any

from jinja2 import Template

from sdes.kit import clock, db, keyring, queue
from sdes.kit.rendering import environment
from sdes.mail.layout import as_html

__all__ = ["Letter", "post", "post_all", "use"]

_INSERT = """
INSERT INTO mail (kind, to_address, to_name, subject, body, company_id, person_id, once_key, created_at,
                  next_attempt_at, attempts, last_error)
SELECT $1, one.address, one.name, one.subject, one.body, one.company, one.person, one.once_key,
       $2::timestamptz + $10::interval,
       least($2, statement_timestamp()) + $10::interval, 0, ''
  FROM unnest($3::text[], $4::text[], $5::text[], $6::bytea[], $7::int[], $8::int[], $9::text[])
       AS one(address, name, subject, body, company, person, once_key)
    ON CONFLICT DO NOTHING
"""
_site: list[str] = ["http://localhost:8000"]


def use(public_url: str) -> None:
    """Sets the address of this site that links in mails begin with; whoever starts the process calls it."""
    _site[:] = [public_url.rstrip("/")]


@dataclass(frozen=True)
class Letter:
    """One of many mails of a kind. `words` are the template's; a second mail of a `once_key` is not written."""

    to_address: str
    to_name: str
    company_id: int | None = None
    person_id: int | None = None
    words: dict[str, Any] = field(default_factory=dict)
    once_key: str | None = None


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
    `to_name`. A second mail of the same `once_key` is not written. What is written as at a later time, by a job by
    hand, goes out now.
    """
    letter = Letter(to_address, to_name, company_id, person_id, words, once_key)
    await _insert(kind, [letter], [_written(kind, letter)])


async def post_all(kind: str, letters: Sequence[Letter], *, later: timedelta = timedelta()) -> None:
    """Writes many mails of one kind, like `post`, in one statement. They go out so much `later`, and count as
    written then: what is written meanwhile need not wait behind them."""
    if letters:
        await _insert(kind, letters, await asyncio.to_thread(_all_written, kind, letters), later)


async def _insert(
    kind: str, letters: Sequence[Letter], written: list[tuple[str, bytes]], later: timedelta = timedelta()
) -> None:
    await db.fetch(
        _INSERT,
        kind,
        clock.now(),
        [letter.to_address for letter in letters],
        [letter.to_name for letter in letters],
        [subject for subject, _ in written],
        [body for _, body in written],
        [letter.company_id for letter in letters],
        [letter.person_id for letter in letters],
        [letter.once_key for letter in letters],
        later,
    )
    queue.enqueue("mail_deliver", key="mail_deliver")


def _all_written(kind: str, letters: Iterable[Letter]) -> list[tuple[str, bytes]]:
    return [_written(kind, letter) for letter in letters]


def _written(kind: str, letter: Letter) -> tuple[str, bytes]:
    """A mail's subject, and its text sealed for its receiver."""
    whole = _template(kind).render(site=_site[0], to_name=letter.to_name, **letter.words)
    subject, _, text = whole.strip().partition("\n")
    text = re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
    body = json.dumps({"text": text, "html": as_html(subject, text, _site[0])})
    return subject[:200], keyring.seal(f"mail:{letter.to_address}", body.encode())


@cache
def _template(kind: str) -> Template:
    return environment().overlay(autoescape=False).get_template(f"templates/email/{kind}.txt")
