"""Scope: the names that an expression can see, innermost query first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlvec.core.errors import AmbiguousColumn, UndefinedColumn, UndefinedTable
from sqlvec.core.schema import Table
from sqlvec.core.types.pg_type import PgType

from ..access import Access
from .typed import Node


@dataclass(frozen=True, slots=True)
class ScopeColumn:
    """A column of a FROM item; `type` None where only DuckDB knows."""

    name: str
    type: PgType | None
    typmod: int = -1
    table_oid: int = 0
    attribute: int = 0


@dataclass(frozen=True, slots=True)
class BoundQuery:
    """A query for DuckDB and the columns that it returns; `type` None where only DuckDB knows."""

    tree: Node
    columns: tuple[ScopeColumn, ...]
    is_correlated: bool = False


@dataclass(slots=True)
class RangeEntry:
    """A FROM item under its alias. `merged` names columns that a USING join shows through another item."""

    alias: str
    columns: tuple[ScopeColumn, ...]
    schema: str | None = None
    merged: set[str] = field(default_factory=set)
    table: Table | None = None  # where the item is a table itself
    is_query: bool = False  # a view or subquery
    is_scalar: bool = False  # a function of one value per row: its alias alone is that value
    access: Access | None = None  # where reading its columns is a matter of privileges

    def column(self, name: str) -> ScopeColumn | None:
        return next((column for column in self.columns if column.name == name), None)

    def read(self, *columns: ScopeColumn) -> None:
        """Note that columns are read; none means all."""
        if self.access is not None:
            self.access.selected.update(column.attribute for column in columns or self.columns)


@dataclass(slots=True)
class Scope:
    """FROM items of one query level. `outputs` are its select aliases, for ORDER BY and GROUP BY."""

    parent: Scope | None = None
    entries: list[RangeEntry] = field(default_factory=list)
    ctes: dict[str, tuple[ScopeColumn, ...]] = field(default_factory=dict)
    shadowed: set[str] = field(default_factory=set)  # aliases that a column further in is named like
    used_outer: bool = False  # an expression below referred to an enclosing query

    def find(self, table: str | None, name: str, position: int | None) -> tuple[RangeEntry, ScopeColumn]:
        """Resolve a column; raises 42703, 42702 or 42P01 as PostgreSQL words them."""
        level: Scope | None = self
        while level is not None:
            found = level._here(table, name, position)
            if found is not None:
                if level is not self:
                    self._mark_outer(level, found[0].alias)
                found[0].read(found[1])
                return found
            level = level.parent
        raise self._missing(table, name, position)

    def _mark_outer(self, until: Scope, alias: str) -> None:
        level: Scope | None = self
        while level is not None and level is not until:
            level.used_outer = True
            if any(entry.column(alias) is not None for entry in level.entries):
                until.shadowed.add(alias)
            level = level.parent

    def _here(
        self, table: str | None, name: str, position: int | None
    ) -> tuple[RangeEntry, ScopeColumn] | None:
        hits = [
            (entry, column)
            for entry in self.entries
            if (table is None and name not in entry.merged) or entry.alias == table
            for column in entry.columns
            if column.name == name
        ]
        if len(hits) > 1:
            raise AmbiguousColumn(f'column reference "{name}" is ambiguous', position=position)
        if hits:
            return hits[0]
        if table is not None and self.entry(table) is not None:
            raise UndefinedColumn(f"column {table}.{name} does not exist", position=position)
        return None

    def entry(self, alias: str) -> RangeEntry | None:
        return next((entry for entry in self.entries if entry.alias == alias), None)

    def find_entry(self, alias: str) -> RangeEntry | None:
        level: Scope | None = self
        while level is not None:
            entry = level.entry(alias)
            if entry is not None:
                return entry
            level = level.parent
        return None

    def cte(self, name: str) -> tuple[ScopeColumn, ...] | None:
        level: Scope | None = self
        while level is not None:
            if name in level.ctes:
                return level.ctes[name]
            level = level.parent
        return None

    def visible(self) -> Iterator[RangeEntry]:
        level: Scope | None = self
        while level is not None:
            yield from level.entries
            level = level.parent

    def _missing(self, table: str | None, name: str, position: int | None) -> Exception:
        if table is not None:
            return UndefinedTable(f'missing FROM-clause entry for table "{table}"', position=position)
        hint = self._hint(name)
        return UndefinedColumn(f'column "{name}" does not exist', position=position, hint=hint)

    def _hint(self, name: str) -> str | None:
        """PostgreSQL's suggestion of the nearest column, where one is near enough."""
        near = [
            (_distance(name, column.name), f"{entry.alias}.{column.name}")
            for entry in self.visible()
            for column in entry.columns
            if not column.name.startswith("_sqlvec")
        ]
        best = min(near, default=None)
        if best is None or best[0] > 3 or best[0] * 2 > len(name):
            return None
        return f'Perhaps you meant to reference the column "{best[1]}".'


def _distance(left: str, right: str) -> int:
    """Levenshtein's edit distance."""
    if abs(len(left) - len(right)) > 3:
        return 99
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        previous, row[0] = row[0], i
        for j, b in enumerate(right, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (a != b))
    return row[-1]
