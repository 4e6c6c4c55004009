"""UniqueViolation: which key of which constraint DuckDB refused, for it names neither."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from sqlvec.core.errors import UniqueViolation
from sqlvec.core.schema import RID, Table, UniqueConstraint
from sqlvec.planner.modify import NEW_ROWS
from sqlvec.storage.duck import Cursor
from sqlvec.storage.snapshot import Ints

from .text import key_text, quote

_OWN = "sqlvec_own"  # row ids of the rows that are being updated
_NUMBER = "sqlvec_row"


def find_violation(
    cursor: Cursor, table: Table, rows: pa.Table, old_rids: pa.ChunkedArray | None
) -> tuple[UniqueViolation, Ints | None] | None:
    """The first key of `rows` that another row has, with that row's id, or that they repeat (None).
    Nothing, where in the end all keys are different.

    `cursor` sees the table as it was before the refused write; `old_rids` are the rows being updated.
    """
    own = old_rids if old_rids is not None else pa.chunked_array([], pa.int64())
    for unique in table.uniques:
        if not unique.is_stored or not set(unique.columns) <= set(rows.column_names):
            continue
        numbers = pa.array(np.arange(rows.num_rows))
        keys = rows.select(list(unique.columns)).append_column(_NUMBER, numbers)
        with cursor.registered({NEW_ROWS: keys, _OWN: pa.table({RID: own})}):
            key = _taken(cursor, table, unique)
            if key is not None:
                return _violation(table, unique, key), key.column(RID).to_numpy()
            key = _repeated(cursor, unique)
        if key is not None:
            return _violation(table, unique, key), None
    return None


def _taken(cursor: Cursor, table: Table, unique: UniqueConstraint) -> pa.Table | None:
    keys = ", ".join(quote(name) for name in unique.columns)
    others = f"SELECT * FROM {table.storage_name} WHERE {RID} NOT IN (SELECT {RID} FROM {_OWN})"
    sql = f"SELECT {keys}, {RID} FROM {NEW_ROWS} JOIN ({others}) USING ({keys}) ORDER BY {_NUMBER} LIMIT 1"
    found = cursor.table(sql)
    return found if found.num_rows else None


def _repeated(cursor: Cursor, unique: UniqueConstraint) -> pa.Table | None:
    keys = ", ".join(quote(name) for name in unique.columns)
    present = " AND ".join(f"{quote(name)} IS NOT NULL" for name in unique.columns)
    sql = (
        f"SELECT {keys} FROM {NEW_ROWS} WHERE {present} "
        f"GROUP BY {keys} HAVING count(*) > 1 ORDER BY min({_NUMBER}) LIMIT 1"
    )
    found = cursor.table(sql)
    return found if found.num_rows else None


def unnamed_violation(table: Table) -> UniqueViolation:
    """A key that another transaction has taken at this very moment."""
    named = table.uniques[0].name if table.uniques else ""
    message = f'duplicate key value violates unique constraint "{named}"'
    return UniqueViolation(message, schema=table.schema, table=table.name, constraint=named)


def _violation(table: Table, unique: UniqueConstraint, key: pa.Table) -> UniqueViolation:
    columns = [column for name in unique.columns if (column := table.column(name)) is not None]
    value = key_text(columns, key)
    return UniqueViolation(
        f'duplicate key value violates unique constraint "{unique.name}"',
        detail=f"Key ({', '.join(unique.columns)})=({value}) already exists.",
        schema=table.schema,
        table=table.name,
        constraint=unique.name,
    )
