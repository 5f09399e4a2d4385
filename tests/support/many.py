"""Many communications out of one that was really sent: copies of all its rows, and of its files' blobs."""

from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

FIRST = 50_000_000  # the number of the first copy

_COPIES = """
INSERT INTO communication SELECT (jsonb_populate_record(c, jsonb_build_object(
    'id', {first} + i, 'reference', 'SC' || ({first} + i)))).*
  FROM communication c, generate_series(1, {many}) i WHERE c.id = {id};
INSERT INTO message SELECT (jsonb_populate_record(m, jsonb_build_object(
    'id', {first} + m.id * {many} + i, 'communication', {first} + i, 'draft', NULL))).*
  FROM message m, generate_series(1, {many}) i WHERE m.communication = {id};
INSERT INTO attachment SELECT (jsonb_populate_record(a, jsonb_build_object(
    'id', md5(a.id || ' ' || i), 'blob', left(md5(a.id || ' ' || i), 2) || '/' || md5(a.id || ' ' || i)))).*
  FROM attachment a JOIN message_attachment x ON x.attachment = a.id, generate_series(1, {many}) i
 WHERE x.communication = {id};
INSERT INTO message_attachment SELECT (jsonb_populate_record(x, jsonb_build_object(
    'id', {first} + x.id * {many} + i, 'communication', {first} + i, 'message', {first} + x.message * {many} + i,
    'attachment', md5(x.attachment || ' ' || i)))).*
  FROM message_attachment x, generate_series(1, {many}) i WHERE x.communication = {id};
"""
_PARTS = """
INSERT INTO {table} SELECT (jsonb_populate_record(t, jsonb_build_object(
    'id', {first} + t.id * {many} + i, 'communication', {first} + i))).*
  FROM {table} t, generate_series(1, {many}) i WHERE t.communication = {id};
"""


def owner_of(url: str) -> psycopg.Connection[dict[str, Any]]:
    """A connection of the owner's, each statement by itself."""
    return psycopg.connect(url, autocommit=True, row_factory=dict_row)


def multiply(owner: psycopg.Connection[dict[str, Any]], reference: str, many: int, blobs: Path | None = None) -> None:
    """Makes `many` copies of a communication; with `blobs`, the folder of the store, each file gets its blob there."""
    (one,) = owner.execute("SELECT id FROM communication WHERE reference = %s", [reference]).fetchall()
    words: dict[str, Any] = {"first": FIRST, "many": many, "id": one["id"]}
    with owner.transaction():
        owner.execute(_COPIES.format(**words))
        for table in ("communication_party", "communication_level", "communication_search", "reading"):
            owner.execute(_PARTS.format(table=table, **words))
    if blobs:
        for row in owner.execute("SELECT blob FROM attachment"):
            (blobs / row["blob"]).parent.mkdir(parents=True, exist_ok=True)
            (blobs / row["blob"]).touch()
