"""What lets programs and another sign-in into a company ends when its Master Admin User is replaced (SD 2.4)."""

from sdes.kit import clock, db

_REVOKE_KEYS = """
UPDATE api_key SET revoked_at = $2
 WHERE company = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2) RETURNING id
"""
_DISABLE_PROVIDER = """
UPDATE identity_provider SET is_enabled = false WHERE company = $1 AND is_enabled RETURNING name
"""
_END_ITS_SESSIONS = """
UPDATE session SET ended_at = $3 WHERE company = $1 AND method = ANY ($2) AND ended_at IS NULL
"""


async def end_company_credentials(company_id: int) -> list[str]:
    """Revokes the company's API keys, and disables its own identity provider and the sessions that it let in; gives a
    sentence for each of the two that there was.

    A former MAU made them, and whoever has them acts as an administrator. The open transaction must be of that
    company.
    """
    now = clock.now()
    said = []
    if keys := await db.fetch(_REVOKE_KEYS, company_id, now):
        said.append(
            f"The company's {'API key was' if len(keys) == 1 else f'{len(keys)} API keys were'} revoked:"
            " make new ones where they are needed."
        )
    if providers := await db.fetch(_DISABLE_PROVIDER, company_id):
        names = [row["name"] for row in providers]
        await db.fetch(_END_ITS_SESSIONS, company_id, [f"sso:{name}"[:60] for name in names], now)
        said.append(
            f"Signing in with {' and '.join(names)} was disabled: look at its settings before you enable it again."
        )
    return said
