"""Writes of the catalogue: a definition becomes what a process type is. Whether it may be is asked by whoever calls."""

from sdes.actor import Actor
from sdes.catalogue.definition import Definition
from sdes.kit import db

_INSERT = """
INSERT INTO process_type (code, title, contact_type, fuel, effective_from, effective_to, position)
VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id
"""
_UPDATE = """
UPDATE process_type SET title = $2, contact_type = $3, fuel = $4, effective_from = $5, effective_to = $6, position = $7
 WHERE id = $1
"""
_LEVELS = """
INSERT INTO process_level (process_type, number, name, response_amount, response_unit)
SELECT $1, * FROM unnest($2::int[], $3::text[], $4::int[], $5::text[])
    ON CONFLICT (process_type, number) DO UPDATE SET
       name = EXCLUDED.name, response_amount = EXCLUDED.response_amount, response_unit = EXCLUDED.response_unit
"""
_ROUTES = """
INSERT INTO process_route (process_type, from_role, to_role) SELECT $1, * FROM unnest($2::text[], $3::text[])
"""
_ITEM = """
INSERT INTO data_item (process_type, position, key, label, hint, kind, mandatory, choices)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (process_type, key) DO UPDATE SET position = EXCLUDED.position, label = EXCLUDED.label,
       hint = EXCLUDED.hint, kind = EXCLUDED.kind, mandatory = EXCLUDED.mandatory, choices = EXCLUDED.choices
"""


async def insert(actor: Actor, code: str, definition: Definition) -> int:
    """Makes a new process type whose code nobody has; gives its id. (SL 8)"""
    (made,) = await db.fetch(_INSERT, code, *_words(definition))
    await _write_parts(actor, made["id"], definition)
    return int(made["id"])


async def write(actor: Actor, process_type: int, definition: Definition) -> None:
    """Makes a process type, by id, what the definition says. Communications keep the rules they were sent under."""
    await db.fetch(_UPDATE, process_type, *_words(definition))
    await _write_parts(actor, process_type, definition)


async def _write_parts(actor: Actor, process_type: int, definition: Definition) -> None:
    levels, routes = definition.levels, definition.routes
    await db.fetch("DELETE FROM process_level WHERE process_type = $1 AND number > $2", process_type, len(levels))
    await db.fetch(
        _LEVELS,
        process_type,
        [one.number for one in levels],
        [one.name for one in levels],
        [one.response_amount for one in levels],
        [one.response_unit.value for one in levels],
    )
    await db.fetch("DELETE FROM process_route WHERE process_type = $1", process_type)
    await db.fetch(
        _ROUTES, process_type, [one.from_role.value for one in routes], [one.to_role.value for one in routes]
    )
    keys = [one.key for one in definition.items]
    await db.fetch("DELETE FROM data_item WHERE process_type = $1 AND NOT key = ANY ($2::text[])", process_type, keys)
    for place, item in enumerate(definition.items, start=1):
        words = (item.key, item.label, item.hint, item.kind.value, item.mandatory, list(item.choices))
        await db.fetch(_ITEM, process_type, place, *words)


def _words(definition: Definition) -> tuple[object, ...]:
    return (
        definition.title,
        definition.contact_type,
        definition.fuel.value,
        definition.effective_from,
        definition.effective_to,
        definition.position,
    )
