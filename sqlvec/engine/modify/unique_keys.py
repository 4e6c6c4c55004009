"""UniqueKeys: the keys of a unique constraint or index as SQL over rows called NEW_ROWS."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from sqlvec.core.schema import RID, Column, Table, UniqueConstraint
from sqlvec.core.types.text import TEXT
from sqlvec.planner.catalog import Catalog
from sqlvec.planner.logical import sql_of
from sqlvec.planner.modify import NEW_ROWS
from sqlvec.planner.stored import condition, key_value
from sqlvec.storage.duck import Cursor

from .text import quote


@dataclass(frozen=True, slots=True)
class UniqueKeys:
    """`columns` are named k0, k1, ... and have the keys' types; `where` picks the rows that count."""

    sql: tuple[str, ...]
    columns: tuple[Column, ...]
    where: str | None
    is_null_a_value: bool  # NULLS NOT DISTINCT

    def of(self, source: str, *further: str) -> str:
        """A query of the keys k0, k1, ... of the rows of a relation, and of further columns of it."""
        items = [f"{sql} AS k{index}" for index, sql in enumerate(self.sql)]
        conditions = [f"({self.where})"] if self.where is not None else []
        if not self.is_null_a_value:
            conditions += [f"({sql}) IS NOT NULL" for sql in self.sql]
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        named = ", ".join([*items, *(f"{NEW_ROWS}.{name}" for name in further)])
        return f"SELECT {named} FROM {source} AS {NEW_ROWS}{where}"

    def equal(self, left: str, right: str) -> str:
        operator = "IS NOT DISTINCT FROM" if self.is_null_a_value else "="
        return " AND ".join(f"{left}.k{index} {operator} {right}.k{index}" for index in range(len(self.sql)))

    @property
    def names(self) -> list[str]:
        return [f"k{index}" for index in range(len(self.sql))]

    def of_rows(self, cursor: Cursor, table: Table, rids: pa.Table) -> pa.Table:
        """The keys of stored rows; `rids` has their ids."""
        source = f"(SELECT * FROM {table.storage_name} WHERE {RID} IN (SELECT {RID} FROM sqlvec_rids))"
        with cursor.registered({"sqlvec_rids": rids}):
            return cursor.table(self.of(source))


def unique_keys(catalog: Catalog, table: Table, unique: UniqueConstraint) -> UniqueKeys:
    if unique.is_stored or (not unique.expressions and unique.where is None):
        return plain_keys(table, unique)
    values = [key_value(catalog, table, text) for text in unique.expressions]
    where = sql_of(condition(catalog, table, unique.where)) if unique.where is not None else None
    if not values:
        plain = plain_keys(table, unique)
        return UniqueKeys(plain.sql, plain.columns, where, unique.nulls_not_distinct)
    columns = tuple(Column(f"k{i}", value.type or TEXT, value.typmod) for i, value in enumerate(values))
    return UniqueKeys(
        tuple(sql_of(value.node) for value in values), columns, where, unique.nulls_not_distinct
    )


def plain_keys(table: Table, unique: UniqueConstraint) -> UniqueKeys:
    """Of a unique constraint over columns, which needs no catalog to be understood."""
    columns = [column for name in unique.columns if (column := table.column(name)) is not None]
    return UniqueKeys(
        tuple(f"{NEW_ROWS}.{quote(column.name)}" for column in columns),
        tuple(Column(f"k{i}", column.type, column.typmod) for i, column in enumerate(columns)),
        None,
        unique.nulls_not_distinct,
    )
