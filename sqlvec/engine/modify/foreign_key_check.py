"""The foreign key's own side: every row finds its parent."""

from __future__ import annotations

import pyarrow as pa

from sqlvec.core.errors import ForeignKeyViolation
from sqlvec.core.schema import RID, ForeignKey, Table
from sqlvec.planner.modify import NEW_ROWS
from sqlvec.storage.snapshot import Ints

from ..locks.modes import Mode
from ..transaction import Transaction
from .key_match import KeyMatch
from .text import key_text, quote

_FEW_KEYS = 16  # looked up one by one in the parent's index
_INDEXED = frozenset(("int2", "int4", "int8", "text", "varchar", "uuid"))


def check_rows(transaction: Transaction, table: Table, key: ForeignKey, rids: Ints) -> None:
    """As `check_references`, of rows as they are now; those that are gone need no parent."""
    names = ", ".join([RID, *(quote(name) for name in key.columns)])
    sql = f"SELECT {names} FROM {table.storage_name} WHERE {RID} IN (SELECT {RID} FROM {NEW_ROWS})"
    with transaction.cursor.registered({NEW_ROWS: pa.table({RID: rids})}):
        rows = transaction.cursor.table(sql)
    check_references(transaction, table, key, rows)


def check_references(transaction: Transaction, table: Table, key: ForeignKey, rows: pa.Table) -> None:
    """Each of the rows has a parent, or nulls; the parents' keys stay until the transaction ends."""
    if rows.num_rows == 0:
        return
    if key.is_full and len(key.columns) > 1:
        _must_not_mix(transaction, table, key, rows)
    transaction.lock_table(key.parent, Mode.ROW_SHARE)
    while True:
        match = KeyMatch(table, key, transaction.catalog.table(key.parent))
        found = _parents(transaction, match, rows)
        if found.num_rows and not found.column("parent")[0].is_valid:
            if transaction.is_behind((key.parent,)):
                transaction.move_on()
                continue
            raise _missing(match, found)
        transaction.lock_references(key.parent, match.resources(found), Mode.FOR_KEY_SHARE)
        if not transaction.has_lost(key.parent, found.column("parent").to_numpy()):
            return


def check_table(transaction: Transaction, table: Table, key: ForeignKey) -> None:
    """All rows there are. Call with writers of both tables held off."""
    if transaction.is_behind((table.oid, key.parent)):
        transaction.move_on()
    parent = table if key.parent == table.oid else transaction.catalog.table(key.parent)
    match = KeyMatch(table, key, parent)
    names = ", ".join(f"n.{quote(name)}" for name in key.columns)
    conditions = [
        f"({match.present('n')} AND NOT EXISTS (SELECT 1 FROM {parent.storage_name} AS p "
        f"WHERE {match.equal('n', 'p')}))"
    ]
    if key.is_full and len(key.columns) > 1:
        conditions.insert(0, _mixes(key))
    for condition in conditions:
        found = transaction.cursor.table(
            f"SELECT {names} FROM {table.storage_name} AS n WHERE {condition} ORDER BY n.{RID} LIMIT 1"
        )
        if found.num_rows:
            raise _missing(match, found) if condition is conditions[-1] else _mixed(table, key)


def _parents(transaction: Transaction, match: KeyMatch, rows: pa.Table) -> pa.Table:
    """The rows' distinct keys as c0, c1, ... with those of their parents as k0, k1, ... and the parents' row
    ids (`parent`); first the keys that no parent has.
    """
    columns = [f"n.{quote(name)} AS c{index}" for index, name in enumerate(match.key.columns)]
    keys = [f"p.{quote(name)} AS k{index}" for index, name in enumerate(match.key.keys)]
    names = ", ".join(map(quote, match.key.columns))
    narrowed, values = _narrowed(match, rows)
    sql = (
        f"SELECT {', '.join([*columns, *keys])}, p.{RID} AS parent "
        f"FROM (SELECT {names}, min({RID}) AS {RID} FROM {NEW_ROWS} WHERE {match.present(NEW_ROWS)} "
        f"GROUP BY {names}) AS n "
        f"LEFT JOIN {narrowed} AS p ON {match.equal('n', 'p')} ORDER BY p.{RID} IS NOT NULL, n.{RID}"
    )
    with transaction.cursor.registered({NEW_ROWS: rows.select([RID, *match.key.columns])}):
        return transaction.cursor.table(sql, values)


def _narrowed(match: KeyMatch, rows: pa.Table) -> tuple[str, list[object]]:
    """The parent; of few keys only those rows, for DuckDB uses its index for constants alone."""
    parent = match.parent.storage_name
    kinds = {column.type.name for column in (match.columns[0], match.keys[0])}
    if len(match.key.columns) > 1 or rows.num_rows > _FEW_KEYS or not kinds <= _INDEXED:
        return parent, []
    values = list(dict.fromkeys(rows.column(match.key.columns[0]).to_pylist()))
    marks = ", ".join(f"${index}" for index in range(1, len(values) + 1))
    return f"(SELECT * FROM {parent} WHERE {quote(match.key.keys[0])} IN ({marks}))", values


def _must_not_mix(transaction: Transaction, table: Table, key: ForeignKey, rows: pa.Table) -> None:
    with transaction.cursor.registered({NEW_ROWS: rows}):
        if transaction.cursor.rows(f"SELECT 1 FROM {NEW_ROWS} WHERE {_mixes(key)} LIMIT 1"):
            raise _mixed(table, key)


def _mixes(key: ForeignKey) -> str:
    nulls = " + ".join(f"({quote(name)} IS NULL)::INT" for name in key.columns)
    return f"{nulls} BETWEEN 1 AND {len(key.columns) - 1}"


def _mixed(table: Table, key: ForeignKey) -> ForeignKeyViolation:
    return _violation(table, key, "MATCH FULL does not allow mixing of null and nonnull key values.")


def _missing(match: KeyMatch, found: pa.Table) -> ForeignKeyViolation:
    value = key_text(match.columns, found.select(list(range(len(match.columns)))))
    names = ", ".join(match.key.columns)
    detail = f'Key ({names})=({value}) is not present in table "{match.parent.name}".'
    return _violation(match.table, match.key, detail)


def _violation(table: Table, key: ForeignKey, detail: str) -> ForeignKeyViolation:
    return ForeignKeyViolation(
        f'insert or update on table "{table.name}" violates foreign key constraint "{key.name}"',
        detail=detail,
        schema=table.schema,
        table=table.name,
        constraint=key.name,
    )
