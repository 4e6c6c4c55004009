"""UniqueIndex: the DuckDB index behind a key, and what its creation finds."""

from __future__ import annotations

from sqlvec.core.errors import UniqueViolation
from sqlvec.core.schema import Table, UniqueConstraint

from ..modify.text import key_text, quote
from ..session import Session


def create_unique_index(session: Session, table: Table, unique: UniqueConstraint) -> None:
    keys = ", ".join(quote(name) for name in unique.columns)
    session.transaction.write(f"CREATE UNIQUE INDEX i{unique.index_oid} ON {table.storage_name} ({keys})")


def make_unique(session: Session, table: Table, unique: UniqueConstraint) -> None:
    """Create the index that enforces a key over rows that are there already."""
    keys = ", ".join(quote(name) for name in unique.columns)
    present = " AND ".join(f"{quote(name)} IS NOT NULL" for name in unique.columns)
    # Asked first, for after DuckDB's error its transaction answers nothing.
    repeated = session.cursor.table(
        f"SELECT {keys} FROM {table.storage_name} WHERE {present} "
        f"GROUP BY {keys} HAVING count(*) > 1 ORDER BY {keys} LIMIT 1"
    )
    if repeated.num_rows:
        raise UniqueViolation(
            f'could not create unique index "{unique.name}"',
            detail=f"Key ({', '.join(unique.columns)})=({key_text(table, unique, repeated)}) is duplicated.",
            schema=table.schema,
            table=table.name,
            constraint=unique.name,
        )
    create_unique_index(session, table, unique)
