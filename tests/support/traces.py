"""Traces of words: everywhere in the database, in the planner's samples, and in the store of files."""

from collections.abc import Iterable

from sdes.attachments.vault import LEDGER, Vault
from sdes.kit import db

_COLUMNS = """
SELECT c.relname AS table, a.attname AS column, format_type(a.atttypid, NULL) AS type
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE c.relkind IN ('r', 'p', 'm') AND c.relnamespace = 'public'::regnamespace
 ORDER BY c.relname, a.attnum
"""
_SAMPLES = """
SELECT tablename || '.' || attname AS place,
       concat_ws(' ', most_common_vals, histogram_bounds, most_common_elems) AS said
  FROM pg_stats WHERE schemaname = 'public'
"""


async def traces(words: Iterable[str], vault: Vault, *, samples: bool = False) -> dict[str, set[str]]:
    """Where each of the words is found, in whatever case: tables' columns of every type, and blobs as they lie there.
    With `samples` the planner looks at every table first, and what it has noted is searched as well."""
    found: dict[str, set[str]] = {word: set() for word in words}
    for column in await db.fetch(_COLUMNS):
        place, shown = f"{column['table']}.{column['column']}", f'"{column["column"]}"::text'
        if column["type"] == "bytea":
            shown = f"encode(\"{column['column']}\", 'escape')"
        for word in found:
            rows = await db.fetch(
                f'SELECT 1 FROM "{column["table"]}" WHERE position($1 IN lower({shown})) > 0 LIMIT 1', word.lower()
            )
            found[word] |= {place} if rows else set()
    if samples:
        await db.fetch("ANALYZE")
        for row in await db.fetch(_SAMPLES):
            found_here = [word for word in found if word.lower() in (row["said"] or "").lower()]
            for word in found_here:
                found[word].add(f"pg_stats of {row['place']}")
    async for blob in vault.blobs.keys():
        content = await vault.blobs.read_range(blob.key, 0, blob.size)
        for word in found:
            if word.lower().encode() in content.lower() or word.lower() in blob.key.lower():
                found[word].add(f"blob {blob.key}")
    return found


async def blobs_of_files(vault: Vault) -> list[str]:
    """The files in the store; what was deleted is told beside them."""
    found = []
    async for blob in vault.blobs.keys():
        if not blob.key.startswith(f"{LEDGER}/"):
            found.append(blob.key)
    return found
