"""Search words and indexes of the portal's lists; what was sent before gets its rules; no statistics keep words."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "0009"
VERSION = "1.38.0"
DESCRIPTION = "indexes of the portal"

# Columns that hold people's words: what ANALYZE remembers of them would outlive the communication (SD 14.4).
WORDS = {
    "communication": ("subject", "items"),
    "communication_party": ("tags", "alert"),
    "communication_level": ("reason",),
    "communication_search": ("words",),
    "message": ("text",),
    "attachment": ("name", "reason"),
    "draft": ("fields",),
    "notification": ("title",),
}

STATEMENTS = (
    "ALTER TABLE communication_search ADD COLUMN words tsvector NOT NULL DEFAULT ''",
    "CREATE INDEX communication_search_words ON communication_search USING gin (words)",
    "CREATE INDEX party_process ON communication_party"
    " (company, process_type, last_message_at DESC, communication DESC) WHERE archived_at IS NULL",
    "CREATE INDEX party_other ON communication_party"
    " (company, other_company, last_message_at DESC, communication DESC)",
    "CREATE INDEX party_owner ON communication_party (owner, last_message_at DESC, communication DESC)"
    " WHERE owner IS NOT NULL",
    "CREATE INDEX party_due ON communication_party (company, due_at, communication)"
    " WHERE archived_at IS NULL AND due_at IS NOT NULL",
    "CREATE INDEX party_changed ON communication_party (company, changed_at, communication)",
    "CREATE INDEX communication_to_archive ON communication (last_message_at) WHERE archived_at IS NULL",
    "CREATE INDEX communication_to_delete ON communication (archived_at) WHERE archived_at IS NOT NULL",
    "CREATE INDEX communication_process ON communication (process_type) WHERE archived_at IS NULL",
    "CREATE INDEX message_sent ON message (company, sent_at)",
    "CREATE INDEX notification_bell ON notification (person, created_at DESC, id DESC)",
    "CREATE INDEX notification_subject ON notification (subject)",
    "CREATE INDEX notification_to_mail ON notification (person, created_at) WHERE wants_mail AND mailed_at IS NULL",
    "CREATE INDEX deleted_communication_blobs ON deleted_communication (id) WHERE blobs <> '{}'",
    "CREATE INDEX deleted_communication_companies ON deleted_communication USING gin (companies)",
    "CREATE INDEX catalogue_change_due ON catalogue_change (takes_effect_on)"
    " WHERE applied_at IS NULL AND withdrawn_at IS NULL",
    "UPDATE communication c SET rules = jsonb_build_object("
    " 'may_escalate', t.contact_type NOT IN ('General Query', 'UTRN Contact', 'Retrospective Amendment Request'),"
    " 'levels', (SELECT jsonb_agg(jsonb_build_object('number', l.number, 'name', l.name, 'amount', l.response_amount,"
    " 'unit', l.response_unit) ORDER BY l.number) FROM process_level l WHERE l.process_type = t.id))"
    " FROM process_type t WHERE t.id = c.process_type",
    "UPDATE communication_party p SET level = c.level, due_at = c.due_at,"
    " is_due_from_us = c.awaiting IS NOT DISTINCT FROM p.company, changed_at = c.last_message_at"
    " FROM communication c WHERE c.id = p.communication",
    *(
        f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0"
        for table, columns in WORDS.items()
        for column in columns
    ),
)


class Raw(Table): ...


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="sdes", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await Raw.raw(statement.replace("{", "{{").replace("}", "}}"))

    manager.add_raw(run)
    return manager
