"""Reshaping: a table's storage while its columns change, and what definitions must hold after it."""

from __future__ import annotations

from sqlvec.core.errors import NotNullViolation, UndefinedColumn
from sqlvec.core.schema import RID, Column, Table

from ..modify.text import quote
from ..session import Session
from .unique_index import make_unique


def define(session: Session, table: Table) -> None:
    session.transaction.define(session.transaction.catalog.with_object(table))


def current(session: Session, table: Table) -> Table:
    return session.transaction.catalog.table(table.oid)


def must_have(table: Table, name: str) -> Column:
    column = table.column(name)
    if column is None:
        raise UndefinedColumn(f'column "{name}" of relation "{table.name}" does not exist')
    return column


def with_column(table: Table, changed: Column) -> tuple[Column, ...]:
    """The table's columns with one of them changed."""
    return tuple(changed if column.number == changed.number else column for column in table.columns)


def check_not_null(session: Session, table: Table, column: Column) -> None:
    sql = f"SELECT 1 FROM {table.storage_name} WHERE {quote(column.name)} IS NULL LIMIT 1"
    if session.cursor.rows(sql):
        raise NotNullViolation(
            f'column "{column.name}" of relation "{table.name}" contains null values',
            schema=table.schema,
            table=table.name,
            column=column.name,
        )


class Reshaping:
    """DuckDB drops and alters no column that an index stands on or behind, not even after DROP INDEX in the
    same transaction: such a table is copied into one without indexes, which get theirs again afterwards.
    """

    def __init__(self, session: Session, table: Table) -> None:
        self._session = session
        self._table = table

    def __enter__(self) -> None:
        if not any(unique.is_stored for unique in self._table.uniques):
            return
        name = self._table.storage_name
        write = self._session.transaction.write
        write(f"CREATE TABLE {name}_copy AS SELECT * FROM {name} ORDER BY {RID}")
        write(f"DROP TABLE {name}")
        write(f"ALTER TABLE {name}_copy RENAME TO {name}")

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is not None:
            return
        changed = current(self._session, self._table)
        for unique in changed.uniques:
            make_unique(self._session, changed, unique)
        # Snapshots are read again after the commit.
        self._session.transaction.delta(changed.oid).rebuilt = True
