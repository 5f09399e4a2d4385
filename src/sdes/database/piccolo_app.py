"""The one Piccolo app: every table of every feature, one history of migrations."""

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="sdes",
    migrations_folder_path=str(Path(__file__).parent / "migrations"),
    table_classes=table_finder(
        modules=[
            "sdes.catalogue.tables",
            "sdes.workingdays.tables",
            "sdes.auditlog.tables",
            "sdes.mail.tables",
            "sdes.accounts.tables",
            "sdes.administration.tables",
            "sdes.single_sign_on.tables",
            "sdes.attachments.tables",
            "sdes.notifications.tables",
            "sdes.sdep.tables",
            "sdes.backup.tables",
            "sdes.status.tables",
        ]
    ),
)
