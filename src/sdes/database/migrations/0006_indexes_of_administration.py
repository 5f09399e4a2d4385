"""Indexes of people, mail and the administration's log; one MAU a company, one holder of an MPID at a time."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "0006"
VERSION = "1.38.0"
DESCRIPTION = "indexes of administration"

STATEMENTS = (
    "CREATE UNIQUE INDEX person_one_master_admin ON person (company) WHERE is_master_admin",
    "CREATE INDEX assignment_use_case ON assignment (company, process_type, level)",
    "CREATE INDEX market_participant_mpid ON market_participant (mpid, role)",
    "CREATE INDEX audit_entry_about ON audit_entry (about_company, at DESC, id DESC) WHERE about_company IS NOT NULL",
    "CREATE INDEX audit_entry_by_company ON audit_entry (company_id, at DESC, id DESC) WHERE about_company IS NOT NULL",
    "CREATE INDEX mail_waiting ON mail (next_attempt_at)"
    " WHERE sent_at IS NULL AND given_up_at IS NULL AND handed_over_at IS NULL",
    "CREATE INDEX demo_mail_at ON demo_mail (at)",
    "UPDATE company SET applied_on = '2021-09-01', validated_on = '2021-09-01', agreement_signed_on = '2021-09-01'"
    " WHERE kind = 'market'",
)


class Raw(Table): ...


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="sdes", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await Raw.raw(statement)

    manager.add_raw(run)
    return manager
