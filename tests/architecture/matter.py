"""Two companies' matter, made through the doors that people use: sent, read, answered, and begun on each side."""

import json
import re
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID, uuid4

from sdes.administration.uploads.future import Verdict
from sdes.catalogue.queries import process_types
from sdes.catalogue.rules import may_send
from sdes.catalogue.tables import ItemKind
from sdes.catalogue.views import ProcessTypeView
from sdes.kit import db
from tests.support.people import Browser

ITEMS = {
    ItemKind.MPAN: "1090000000010",
    ItemKind.MPRN: "3938424403",
    ItemKind.MSN: "E12A34567",
    ItemKind.DATE: "3/11/2025",
    ItemKind.AMOUNT: "12.50",
    ItemKind.DIGITS: "1234",
    ItemKind.PHONE: "020 7946 0000",
    ItemKind.TEXT: "as agreed",
    ItemKind.TEXTAREA: "as agreed",
}


@dataclass(frozen=True)
class Matter:
    """One communication between two companies, and what hangs on it."""

    id: int
    reference: str
    process_type: int
    companies: tuple[int, int]
    attachment: UUID  # carried by the sender's first message
    draft: UUID  # the sender's unfinished reply
    draft_attachment: UUID
    participant: int  # of the sender, in the role in which it sent
    passkey: int  # of the sender, as of everybody in both companies
    gas_process: int  # a process type between gas suppliers, which a company without that role has no part in
    session: int  # of the draft's writer
    person: int  # the draft's writer
    api_key: int  # of the sender
    upload: UUID  # of people, by the sender's MAU
    saved_filter: int  # the draft's writer's, shared with nobody
    sign_in: int  # at a client, of the draft's writer


async def exchanged(sender: Browser, from_mpid: str, recipient: Browser, to_mpid: str) -> Matter:
    """Sends a communication with a file, has it read and answered with a file, and leaves a draft with a file on
    each side."""
    mine, theirs = await _participant(from_mpid), await _participant(to_mpid)
    process = await _process_between(mine["role"], theirs["role"])
    items = {item.key: item.choices[0] if item.choices else ITEMS[item.kind] for item in process.items}
    words = {
        "draft_id": str(uuid4()),
        "sender": str(mine["id"]),
        "process": str(process.id),
        "recipient": str(theirs["id"]),
        "subject": f"From {from_mpid} to {to_mpid}",
        "text": "Please look at the attached readings.",
        "tag": f"own tag of {from_mpid}",
        **items,
    }
    sent = await sender.post("/sdep/communications", words, files=_file(from_mpid))
    assert sent.status_code == 303, _problems(sent.text)
    path = sent.headers["location"].partition("?")[0]
    assert (await recipient.get(path)).status_code == 200
    words = {"draft_id": str(uuid4()), "text": "We have looked at them.", "tag": f"own tag of {to_mpid}"}
    answered = await recipient.post(f"{path}/messages", words, files=_file(to_mpid))
    assert answered.status_code == 303, _problems(answered.text)
    assert (await sender.get(path)).status_code == 200
    draft = await _begun(sender, path, from_mpid)
    await _begun(recipient, path, to_mpid)
    return await _matter(path.rpartition("/")[2], mine, theirs, process.id, draft)


async def insert(table: str, row: dict[str, Any]) -> None:
    """Adds a row that is given with all its columns."""
    await db.fetch(f'INSERT INTO "{table}" SELECT * FROM jsonb_populate_record(NULL::"{table}", $1)', json.dumps(row))


async def _matter(reference: str, mine: Any, theirs: Any, process: int, draft: UUID) -> Matter:
    (row,) = await db.fetch("SELECT id FROM communication WHERE reference = $1", reference)
    (sent,) = await db.fetch(
        "SELECT m.attachment FROM message_attachment m JOIN message s ON s.id = m.message"
        " WHERE m.communication = $1 AND s.number = 1",
        row["id"],
    )
    (kept,) = await db.fetch("SELECT attachment FROM draft_attachment WHERE draft = $1", draft)
    companies = (mine["company"], theirs["company"])
    passkey = await _with_second_factors(companies, draft)
    (gas,) = await db.fetch(
        "SELECT process_type FROM process_route GROUP BY 1 HAVING bool_and(from_role = 'G' AND to_role = 'G')"
        " ORDER BY 1 LIMIT 1"
    )
    await _signed_in_at_a_client(companies)
    await _with_filters_and_what_was_deleted(companies, mine, theirs, process)
    return Matter(
        row["id"],
        reference,
        process,
        companies,
        sent["attachment"],
        draft,
        kept["attachment"],
        mine["id"],
        passkey,
        gas["process_type"],
        await _with_links_and_browsers(companies, draft),
        *await _with_keys_and_uploads(companies, draft),
        await _saved_filter_of(draft),
        await _sign_in_of(draft),
    )


async def _sign_in_of(draft: UUID) -> int:
    (row,) = await db.fetch("SELECT g.id FROM oidc_grant g JOIN draft d ON d.person = g.person WHERE d.id = $1", draft)
    return int(row["id"])


async def _saved_filter_of(draft: UUID) -> int:
    (row,) = await db.fetch(
        "SELECT f.id FROM saved_filter f JOIN draft d ON d.person = f.person WHERE d.id = $1", draft
    )
    return int(row["id"])


async def _with_links_and_browsers(companies: tuple[int, int], draft: UUID) -> int:
    """A link by e-mail and a known browser for everybody; gives the session of the draft's writer."""
    await db.fetch(
        "INSERT INTO account_link (company, person, purpose, email_key, token_hash, created_at, expires_at)"
        " SELECT company, id, 'reset', email_key, decode(md5(email), 'hex'), now(), now() FROM person"
        " WHERE company = ANY ($1) ON CONFLICT DO NOTHING",
        list(companies),
    )
    await db.fetch(
        "INSERT INTO known_browser (company, person, token_hash, first_seen_at) SELECT company, id, '', now()"
        " FROM person WHERE company = ANY ($1) ON CONFLICT DO NOTHING",
        list(companies),
    )
    (row,) = await db.fetch("SELECT s.id FROM session s JOIN draft d ON d.person = s.person WHERE d.id = $1", draft)
    return int(row["id"])


async def _with_keys_and_uploads(companies: tuple[int, int], draft: UUID) -> tuple[int, int, UUID]:
    """An API key and an upload of people for each company; gives the draft's writer, and key and upload of theirs."""
    await db.fetch(
        "INSERT INTO api_key (company, name, prefix, secret_hash, made_by, created_at)"
        " SELECT id, 'directory', 'sdes_1234567', decode(md5('key of ' || id), 'hex'), '', now() FROM company"
        " WHERE id = ANY ($1)",
        list(companies),
    )
    await db.fetch(
        "INSERT INTO people_upload (id, company, person, filename, rows, problems, created_at)"
        " SELECT gen_random_uuid(), company, id, 'people.csv', $2, $3, now() FROM person"
        " WHERE company = ANY ($1) AND is_master_admin",
        list(companies),
        json.dumps([["Email"], ["somebody@company.example"]]),
        json.dumps([asdict(Verdict(2, "somebody@company.example", "", "", "", "Enter a name"))]),
    )
    (row,) = await db.fetch(
        "SELECT d.person, k.id AS key, u.id AS upload FROM draft d JOIN api_key k ON k.company = d.company"
        " JOIN people_upload u ON u.company = d.company WHERE d.id = $1",
        draft,
    )
    return row["person"], row["key"], row["upload"]


async def _with_second_factors(companies: tuple[int, int], draft: UUID) -> int:
    """A passkey and a recovery code for everybody; gives the passkey of the draft's writer."""
    await db.fetch(
        "INSERT INTO passkey (company, person, name, credential_id, public_key, sign_count, created_at)"
        " SELECT company, id, 'Laptop', decode(md5(email), 'hex'), '', 0, now() FROM person WHERE company = ANY ($1)"
        " ON CONFLICT DO NOTHING",
        list(companies),
    )
    await db.fetch(
        "INSERT INTO recovery_code (company, person, code_hash) SELECT company, id, '' FROM person"
        " WHERE company = ANY ($1)",
        list(companies),
    )
    (row,) = await db.fetch("SELECT k.id FROM passkey k JOIN draft d ON d.person = k.person WHERE d.id = $1", draft)
    return int(row["id"])


async def _signed_in_at_a_client(companies: tuple[int, int]) -> None:
    """A grant for every session of both companies."""
    await db.fetch(
        "INSERT INTO oidc_client (client_id, name, secret_hash, redirect_uris, post_logout_uris, created_at)"
        " VALUES ('enquiry', 'Enquiry', '', '{}', '{}', now()) ON CONFLICT DO NOTHING"
    )
    await db.fetch(
        "INSERT INTO oidc_grant (company, person, session, client, code_hash, redirect_uri, scope, nonce,"
        " code_challenge, auth_time, expires_at) SELECT s.company, s.person, s.id, c.id, s.token_hash, '', '', '', '',"
        " now(), now() FROM session s, oidc_client c WHERE s.company = ANY ($1) AND c.client_id = 'enquiry'"
        " ON CONFLICT DO NOTHING",
        list(companies),
    )
    await db.fetch(
        "INSERT INTO oidc_refresh_token (company, sign_in, token_hash, created_at)"
        " SELECT g.company, g.id, g.code_hash, now() FROM oidc_grant g WHERE g.company = ANY ($1)"
        " ON CONFLICT DO NOTHING",
        list(companies),
    )


async def _with_filters_and_what_was_deleted(companies: tuple[int, int], mine: Any, theirs: Any, process: int) -> None:
    """A saved filter and a setting of mails for everybody, and what is left of a communication between them."""
    await db.fetch(
        "INSERT INTO saved_filter (company, person, name, query, created_at) SELECT company, id, 'Mine', 'folder=mine',"
        " now() FROM person WHERE company = ANY ($1) ON CONFLICT DO NOTHING",
        list(companies),
    )
    await db.fetch(
        "INSERT INTO notification_setting (company, person, frequency) SELECT company, id, 'daily' FROM person"
        " WHERE company = ANY ($1) ON CONFLICT DO NOTHING",
        list(companies),
    )
    await db.fetch(
        "INSERT INTO deleted_communication (communication, reference, process_type, companies, sender, recipient,"
        " level, created_at, archived_at, deleted_at, facts)"
        " SELECT -$1::int, 'SC' || lpad($1::text, 8, '0'), $2, $3, $1, $4, 1, now(), now(), now(), $5",
        mine["id"],
        process,
        list(companies),
        theirs["id"],
        json.dumps({"levels": [], "messages": []}),
    )


async def _begun(writer: Browser, path: str, name: str) -> UUID:
    """A reply without its text: it is refused, and kept as a draft with its file."""
    draft = uuid4()
    answer = await writer.post(f"{path}/messages", {"draft_id": str(draft), "text": ""}, files=_file(f"{name} next"))
    assert answer.status_code == 422, _problems(answer.text)
    return draft


async def _participant(mpid: str) -> Any:
    (row,) = await db.fetch("SELECT id, company, role FROM market_participant WHERE mpid = $1", mpid)
    return row


async def _process_between(from_role: str, to_role: str) -> ProcessTypeView:
    return next(process for process in await process_types() if may_send(process, from_role, to_role))


def _file(name: str) -> list[tuple[str, tuple[str, bytes, str]]]:
    return [("files", (f"{name} readings.csv", b"date,reading\n2026-11-01,048377\n", "text/csv"))]


def _problems(html: str) -> list[str]:
    """What the page says is wrong with the form."""
    return re.findall(r'<a href="#[^"]+">([^<]+)</a></li>', html) or [html[:400]]
