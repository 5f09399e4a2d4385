"""Seeding: the reference data always, the demo world where it is wanted and nothing is there yet."""

from sdes.accounts.tables import Company
from sdes.attachments.checking import refuse_foreign_key
from sdes.attachments.vault import open_vault
from sdes.catalogue.load import load_defaults
from sdes.database.demo import load_demo
from sdes.database.demo_notifications import load_demo_notifications
from sdes.database.demo_people import load_demo_people
from sdes.database.world import load_cast
from sdes.kit import db, restoring
from sdes.settings import load


async def seed(*, demo: bool = False, only_if_empty: bool = False) -> None:
    """Loads what is missing. The pool must be open with the owner's login; `demo` needs SDES_DEMO_PASSWORD."""
    await restoring.refuse_half_restored()
    settings = load()
    await refuse_foreign_key(open_vault(settings))
    async with db.transaction():
        await load_defaults()
        if not demo or (only_if_empty and await Company.count()):
            return
        await load_cast(settings.demo_password or "")
        await load_demo_people(settings.demo_password or "")
        await load_demo(open_vault(settings))
        await load_demo_notifications()
