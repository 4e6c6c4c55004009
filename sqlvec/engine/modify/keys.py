"""Keys: two transactions that insert the same key wait for each other."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from sqlvec.core.schema import RID, Table, UniqueConstraint
from sqlvec.planner.modify import NEW_ROWS

from ..locks import resource
from ..locks.resource import Resource
from ..transaction import Transaction
from .text import quote

_MOST_ROWS = 1000  # beyond, a key that another transaction inserts too shows at the later COMMIT


def lock_keys(transaction: Transaction, table: Table, rows: pa.Table) -> None:
    """Lock the unique keys of rows to be inserted; then see those that others have inserted by now."""
    if not any(unique.is_stored for unique in table.uniques) or rows.num_rows > _MOST_ROWS:
        return
    waited = transaction.lock_keys(table.oid, _resources(table, rows))
    if transaction.is_behind((table.oid,)) and (waited or _are_taken(transaction, table, rows)):
        transaction.move_on()


def _resources(table: Table, rows: pa.Table) -> Iterator[Resource]:
    for unique in _stored(table, rows):
        columns = [rows.column(name).to_pylist() for name in unique.columns]
        for key in zip(*columns, strict=True):
            if None not in key:
                yield resource.key(table.oid, unique.oid, hashable(key))


def _stored(table: Table, rows: pa.Table) -> Iterator[UniqueConstraint]:
    """Those that DuckDB enforces; `UniqueCheck` locks the keys of the others."""
    for unique in table.uniques:
        if unique.is_stored and set(unique.columns) <= set(rows.column_names):
            yield unique


def hashable(key: tuple[object, ...]) -> tuple[object, ...]:
    return tuple(repr(part) if isinstance(part, (list, dict)) else part for part in key)


def _are_taken(transaction: Transaction, table: Table, rows: pa.Table) -> bool:
    """Whether one of the keys is in the newest commit, which this transaction may not see yet."""
    return any(
        transaction.store.probe(_taken(table, unique), {NEW_ROWS: rows.select(list(unique.columns))})
        for unique in _stored(table, rows)
    )


def _taken(table: Table, unique: UniqueConstraint) -> str:
    keys = ", ".join(quote(name) for name in unique.columns)
    return f"SELECT {RID} FROM {table.storage_name} JOIN {NEW_ROWS} USING ({keys}) LIMIT 1"
