"""SystemTable: a system relation with its rows, as an Arrow table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import pyarrow as pa

from sqlvec.core.schema import Column

from .context import CatalogContext
from .header import Header

# A row names the columns that say something. The others are NULL or, where PostgreSQL declares them NOT
# NULL, its zero: 0, false, '' or '-' for regproc.
Row: TypeAlias = Mapping[str, object]


def no_rows(source: object) -> Iterable[Row]:
    """The rows of a relation about things that sqlvec does not have."""
    return ()


@dataclass(frozen=True, slots=True, eq=False)
class SystemTable:
    """A relation of pg_catalog or information_schema.

    `fixed` gives the rows that depend on nothing but the database's name: they are built once.
    """

    header: Header
    rows: Callable[[CatalogContext], Iterable[Row]] = no_rows
    fixed: Callable[[str], Iterable[Row]] = no_rows

    @property
    def name(self) -> str:
        return self.header.name

    @property
    def schema(self) -> str:
        return self.header.schema

    @property
    def oid(self) -> int:
        return self.header.oid

    @property
    def columns(self) -> tuple[Column, ...]:
        return self.header.columns


def to_arrow(table: SystemTable, context: CatalogContext) -> pa.Table:
    """The relation as it is now; columns have the carriers of their types."""
    fixed = _fixed(table, context.database)
    rows = [*table.rows(context)]
    return pa.concat_tables([fixed, _build(table.columns, rows)]) if rows else fixed


@lru_cache(maxsize=1024)
def _fixed(table: SystemTable, database: str) -> pa.Table:
    return _build(table.columns, [*table.fixed(database)])


def _build(columns: tuple[Column, ...], rows: Sequence[Row]) -> pa.Table:
    # A loop over rows: catalogs are small, and every value comes from a Python object.
    arrays = []
    for column in columns:
        name, default = column.name, _default(column)
        arrays.append(pa.array([row.get(name, default) for row in rows], column.type.arrow))
    return pa.table(arrays, names=[column.name for column in columns])


def _default(column: Column) -> object:
    if not column.not_null:
        return None
    arrow = column.type.arrow
    if column.type.name == "regproc":
        return "-"
    if pa.types.is_boolean(arrow):
        return False
    if pa.types.is_list(arrow):
        return []
    return "" if pa.types.is_string(arrow) else 0
