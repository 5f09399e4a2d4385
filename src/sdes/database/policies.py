"""Row-level security: which rows the web's login sees and what it may do to them. The second lock on every row.

Applied whole after every migration: this file is the present truth, migrations hold only the shape of tables.
A table without a line in `RULES` is refused by `grants.scripts()`: closed by default.
"""

from dataclasses import dataclass

WEB_LOGIN = "sdes_web"

# Asked in a subquery, it is asked once a statement, and the planner takes whichever company for an ordinary one. Told
# of none, as where a statement itself says whose rows it reads (`db.Reading`), it would plan for one with no rows.
OWN = "company = (SELECT sdes_company())"
PARTY = (
    "EXISTS (SELECT 1 FROM communication_party mine"
    " WHERE mine.communication = {table}.communication AND mine.company = (SELECT sdes_company()))"
)

OWN_FILE = (
    "EXISTS (SELECT 1 FROM attachment mine"
    " WHERE mine.id = {table}.attachment AND mine.company = (SELECT sdes_company()))"
)
OWN_MESSAGE = (
    "EXISTS (SELECT 1 FROM message mine WHERE mine.id = {table}.message"
    " AND mine.communication = {table}.communication AND mine.company = (SELECT sdes_company()))"
)
OWN_PERSON = "EXISTS (SELECT 1 FROM person p WHERE p.id = {table}.person AND p.company = (SELECT sdes_company()))"
OWN_OWNER = (
    "(owner IS NULL OR EXISTS (SELECT 1 FROM person p"
    " WHERE p.id = {table}.owner AND p.company = (SELECT sdes_company())))"
)
OVERSEES = "(SELECT sdes_oversees())"
KEEPS_CATALOGUE = "(SELECT sdes_keeps_catalogue())"
PROVIDER_OF = f"(company = (SELECT sdes_company()) AND NOT is_enquiry_service OR company IS NULL AND {OVERSEES})"
BUSY = (
    *("seen_at", "requests_per_second", "connections_in_use", "connections_at_most", "waiting_for_connection"),
    "clock_ahead",
)


@dataclass(frozen=True)
class Rule:
    """What the web's login may do to one table. A clause is SQL; `{table}` stands for the table; None means never.

    `update` binds the row as it was and as it becomes (`becomes`, where that is another clause), and only the columns
    that are named may be written.
    """

    select: str | None = None
    insert: str | None = None
    update: str | None = None
    becomes: str | None = None
    update_columns: tuple[str, ...] = ()
    delete: str | None = None
    holds_company_matter: bool = True


SHARED = Rule(select="true", holds_company_matter=False)
CLOSED = Rule(holds_company_matter=False)  # read and written by functions and the worker alone
NAMELESS = Rule(select="true", insert="true", delete="true", holds_company_matter=False)

RULES: dict[str, Rule] = {
    # everybody's: who there is to write to, and by which rules
    "company": Rule(
        select="true",
        insert=OVERSEES,
        update=f"id = (SELECT sdes_company()) OR {OVERSEES}",  # and what `company_is_not_its_own_judge` asks
        update_columns=(
            *("name", "is_qualified", "applied_on", "validated_on", "agreement_signed_on", "requires_second_factor"),
        ),
        holds_company_matter=False,
    ),
    "market_participant": Rule(
        select="true",
        insert=OVERSEES,
        update=OVERSEES,
        update_columns=("effective_from", "effective_to"),
        delete=OVERSEES,  # but none that a communication refers to
        holds_company_matter=False,
    ),
    # what the service knows of itself: times and numbers
    "process_sign": Rule(
        select="true", insert="kind = 'web'", update="kind = 'web'", update_columns=BUSY, holds_company_matter=False
    ),
    "available_minute": Rule(  # the present one; nobody makes good what is past
        select="true", insert="minute = date_trunc('minute', now())", holds_company_matter=False
    ),
    "job_run": SHARED,  # written by the worker, like the next one
    "tally": SHARED,
    "capacity_sample": Rule(select=OVERSEES, holds_company_matter=False),
    "backup": SHARED,  # when and how large; written by `sdes backup`
    # the catalogue, which the Code Manager keeps
    "process_type": Rule(
        select="true",
        insert=KEEPS_CATALOGUE,
        update=KEEPS_CATALOGUE,
        update_columns=("title", "contact_type", "fuel", "effective_from", "effective_to", "position"),
        holds_company_matter=False,
    ),
    "process_level": Rule(
        select="true",
        insert=KEEPS_CATALOGUE,
        update=KEEPS_CATALOGUE,
        update_columns=("name", "response_amount", "response_unit"),
        delete=KEEPS_CATALOGUE,
        holds_company_matter=False,
    ),
    "process_route": Rule(select="true", insert=KEEPS_CATALOGUE, delete=KEEPS_CATALOGUE, holds_company_matter=False),
    "data_item": Rule(
        select="true",
        insert=KEEPS_CATALOGUE,
        update=KEEPS_CATALOGUE,
        update_columns=("position", "label", "hint", "kind", "mandatory", "choices"),
        delete=KEEPS_CATALOGUE,
        holds_company_matter=False,
    ),
    "catalogue_change": Rule(
        select="true",
        insert=KEEPS_CATALOGUE,
        update=KEEPS_CATALOGUE,
        update_columns=("applied_at", "withdrawn_at", "problem", "process_type"),
        holds_company_matter=False,
    ),
    "extra_day": Rule(select="true", insert=KEEPS_CATALOGUE, delete=KEEPS_CATALOGUE, holds_company_matter=False),
    "monthly_report": Rule(select=KEEPS_CATALOGUE, holds_company_matter=False),
    # the doors themselves: counted, asked and begun before anybody is known
    "sign_in_attempt": NAMELESS,
    "passkey_challenge": NAMELESS,
    "oidc_sign_in": NAMELESS,
    "identity_provider": Rule(
        select="true",
        insert=PROVIDER_OF,
        update=PROVIDER_OF,
        update_columns=("name", "issuer", "client_id", "client_secret", "email_domains", "is_enabled"),
        delete=PROVIDER_OF,
        holds_company_matter=False,
    ),
    "oidc_client": Rule(
        select="true",
        insert=OVERSEES,
        update=OVERSEES,
        update_columns=("name", "secret_hash", "redirect_uris", "post_logout_uris", "revoked_at"),
        holds_company_matter=False,
    ),
    "signing_key": Rule(
        select="true", insert="true", update="true", update_columns=("retired_at",), holds_company_matter=False
    ),
    # written by everybody, read by the worker alone
    "mail": Rule(
        insert=(
            "sent_at IS NULL AND handed_over_at IS NULL AND given_up_at IS NULL"
            f" AND (company_id IS NULL OR company_id = (SELECT sdes_company()) OR {OVERSEES})"
        ),
        holds_company_matter=False,
    ),
    "demo_mail": SHARED,  # empty but in the demo
    # one company's own
    "person": Rule(
        select=OWN,
        insert=OWN,
        update=OWN,
        update_columns=(
            *("email", "email_key", "name", "state", "is_master_admin", "functions", "is_proxy_address"),
            *("password_hash", "password_is_single_use", "password_expires_at", "last_sign_in_at"),
            *("email_verified_at", "totp_secret", "totp_confirmed_at", "totp_last_step"),
            *("reinstated_at", "warned_from", "was_last_user", "deleted_at"),
            *("theme", "density", "has_keys", "page_size"),
        ),
    ),
    "assignment": Rule(
        select=OWN, insert=f"{OWN} AND {OWN_PERSON}", update=OWN, update_columns=("is_default_contact",), delete=OWN
    ),
    "session": Rule(select=OWN, insert=f"{OWN} AND {OWN_PERSON}", update=OWN, update_columns=("ended_at",)),
    "account_link": Rule(select=OWN, insert=f"{OWN} AND {OWN_PERSON}", update=OWN, update_columns=("used_at",)),
    "known_browser": Rule(select=OWN, insert=f"{OWN} AND {OWN_PERSON}", delete=OWN),
    "recovery_code": Rule(
        select=OWN, insert=f"{OWN} AND {OWN_PERSON}", update=OWN, update_columns=("used_at",), delete=OWN
    ),
    "passkey": Rule(
        select=OWN,
        insert=f"{OWN} AND {OWN_PERSON}",
        update=OWN,
        update_columns=("name", "sign_count", "last_used_at"),
        delete=OWN,
    ),
    "api_key": Rule(select=OWN, insert=OWN, update=OWN, update_columns=("revoked_at",)),
    "people_upload": Rule(
        select=OWN, insert=f"{OWN} AND {OWN_PERSON}", update=OWN, update_columns=("applied_at",), delete=OWN
    ),
    "oidc_grant": Rule(
        select=OWN,
        insert=f"{OWN} AND {OWN_PERSON}",
        update=OWN,
        update_columns=(
            *("used_at", "token_hash", "token_expires_at", "revoked_at"),
            *("offline_until", "offline_mark"),
        ),
    ),
    "oidc_refresh_token": Rule(
        select=OWN,
        insert=f"{OWN} AND EXISTS (SELECT 1 FROM oidc_grant mine"
        " WHERE mine.id = {table}.sign_in AND mine.company = (SELECT sdes_company()))",
        update=OWN,
        update_columns=("used_at",),
    ),
    "reading": Rule(
        select=OWN,
        insert=f"{OWN} AND {OWN_PERSON} AND {PARTY}",
        update=OWN,
        update_columns=("number", "viewed_at", "sessions"),
    ),
    "draft": Rule(
        select=OWN,
        insert=f"{OWN} AND {OWN_PERSON} AND (communication IS NULL OR {PARTY})",
        update=OWN,
        update_columns=("fields", "updated_at"),
        delete=OWN,
    ),
    "draft_attachment": Rule(select=OWN, insert=f"{OWN} AND {OWN_FILE}", delete=OWN),
    "saved_filter": Rule(
        select=OWN,
        insert=f"{OWN} AND {OWN_PERSON}",
        update=OWN,
        update_columns=("name", "query", "is_shared"),
        delete=OWN,
    ),
    "notification": Rule(
        select=OWN,
        insert=f"{OWN} AND {OWN_PERSON} AND mailed_at IS NULL",
        update=OWN,
        update_columns=("read_at", "closed_by", "wants_mail"),
        delete=OWN,
    ),
    "notification_setting": Rule(
        select=OWN, insert=f"{OWN} AND {OWN_PERSON}", update=OWN, update_columns=("frequency",)
    ),
    # of the companies that an entry or a file names
    "audit_entry": Rule(
        select="sdes_company() = ANY (audience)",
        insert="company_id IS NOT DISTINCT FROM sdes_company()",  # and what `audit_entry_is_true` asks of it
    ),
    "attachment": Rule(
        select="sdes_company() = ANY (audience)",
        insert=(
            f"{OWN} AND NOT is_sent AND audience = ARRAY[sdes_company()::bigint]"
            " AND state = 'pending' AND checked_at IS NULL"  # the verdict is the worker's
        ),
        update=f"{OWN} AND NOT is_sent",  # what was sent stays sent, to whom it was sent
        becomes=f"{OWN} AND sdes_company() = ANY (audience)",
        delete=f"{OWN} AND NOT is_sent",
        update_columns=("audience", "is_sent"),
    ),
    # of the parties of a communication; parties are made by `sdep_open_communication` alone
    "communication_party": Rule(
        select=OWN,
        update=OWN,
        becomes=f"{OWN} AND {OWN_OWNER}",
        update_columns=("last_read", "owner", "tags", "alert"),
    ),
    "communication": Rule(
        select=PARTY.replace("{table}.communication", "{table}.id"),
        update=PARTY.replace("{table}.communication", "{table}.id"),
        update_columns=("level", "message_count", "last_message_at", "awaiting", "due_at", "archived_at"),
    ),
    "communication_search": CLOSED,
    "deleted_communication": Rule(select="sdes_company() = ANY (companies)"),
    "communication_level": Rule(
        select=PARTY,
        insert=PARTY,  # and what `level_is_begun_under_own_names` asks of it
        update=PARTY,
        update_columns=("responded_at",),
    ),
    "message": Rule(
        select=PARTY,
        insert=f"{OWN} AND {OWN_PERSON} AND {PARTY}",  # and what `message_is_under_own_names` asks of it
    ),
    "message_attachment": Rule(select=PARTY, insert=f"{PARTY} AND {OWN_FILE} AND {OWN_MESSAGE}"),
}
