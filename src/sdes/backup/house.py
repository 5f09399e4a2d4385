"""The house that is put by or built up again: its store of files with the master key, which is never made here."""

from sdes.attachments.vault import Vault, open_vault
from sdes.kit.crypto import MasterKeyRefused, load_master_key
from sdes.kit.errors import Refused
from sdes.settings import Settings


def vault_of(settings: Settings) -> Vault:
    """The vault that the settings name. Refuses where the master key is missing: a new one would open nothing."""
    if not settings.master_key and not (settings.home / "master.key").exists():
        raise Refused(
            f"There is no master key: neither SDES_MASTER_KEY nor {settings.home / 'master.key'}. It is part of no "
            "backup. Put the key of the house in place, readable by its owner alone, and start again."
        )
    try:
        load_master_key(settings.home, settings.master_key)
        return open_vault(settings)
    except (MasterKeyRefused, ValueError) as cause:
        raise Refused(str(cause)) from cause
