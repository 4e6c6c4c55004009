"""UniqueIndex: what stands behind a key, and what its creation finds."""

from __future__ import annotations

from sqlvec.core.errors import UniqueViolation
from sqlvec.core.schema import Table, UniqueConstraint

from ..modify.text import key_text, quote
from ..modify.unique_check import key_names
from ..modify.unique_keys import unique_keys
from ..session import Session


def create_unique_index(session: Session, table: Table, unique: UniqueConstraint) -> None:
    """DuckDB's index, where it can enforce the key."""
    if unique.is_stored:
        keys = ", ".join(quote(name) for name in unique.columns)
        session.transaction.write(f"CREATE UNIQUE INDEX i{unique.index_oid} ON {table.storage_name} ({keys})")


def drop_unique_index(session: Session, unique: UniqueConstraint) -> None:
    if unique.is_stored:
        session.transaction.write(f"DROP INDEX i{unique.index_oid}")


def make_unique(session: Session, table: Table, unique: UniqueConstraint) -> None:
    """Enforce a key over rows that are there already."""
    # Asked first, for after DuckDB's error its transaction answers nothing.
    keys = unique_keys(session.catalog, table, unique)
    names = ", ".join(keys.names)
    repeated = session.cursor.table(
        f"SELECT {names} FROM ({keys.of(table.storage_name)}) "
        f"GROUP BY {names} HAVING count(*) > 1 ORDER BY {names} LIMIT 1"
    )
    if repeated.num_rows:
        value = key_text(keys.columns, repeated)
        raise UniqueViolation(
            f'could not create unique index "{unique.name}"',
            detail=f"Key ({key_names(table, unique)})=({value}) is duplicated.",
            schema=table.schema,
            table=table.name,
            constraint=unique.name,
        )
    create_unique_index(session, table, unique)
