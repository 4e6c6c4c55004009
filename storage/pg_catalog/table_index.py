"""Indexes of a table, those behind constraints among them, in one shape."""

from __future__ import annotations

from collections.abc import Iterator

from sqlvec.core.schema import RID, Column, Index, IndexColumn, Table, UniqueConstraint, View

DESCENDING = 1  # pg_index.indoption's bits
NULLS_FIRST = 2


def attributes(relation: Table | View) -> Iterator[tuple[int, Column]]:
    """The columns that clients see, with their attribute numbers."""
    for place, column in enumerate(relation.columns, 1):
        if column.name != RID:
            yield column.number or place, column


def indexes_of(table: Table) -> tuple[Index, ...]:
    """Every index of the table; of an index that is kept both ways, the fuller definition."""
    own = {index.oid for index in table.indexes}
    return (*(_of_unique(u) for u in table.uniques if u.index_oid not in own), *table.indexes)


def index_of(table: Table, oid: int) -> Index | None:
    return next((index for index in indexes_of(table) if index.oid == oid), None)


def _of_unique(unique: UniqueConstraint) -> Index:
    columns = tuple(IndexColumn(name) for name in unique.columns)
    return Index(unique.index_oid, unique.name, "btree", columns, unique=True)


def is_nulls_first(key: IndexColumn) -> bool:
    return key.descending if key.nulls_first is None else key.nulls_first


def key_options(key: IndexColumn) -> int:
    """pg_index.indoption of a key."""
    return DESCENDING * key.descending | NULLS_FIRST * is_nulls_first(key)


def key_names(index: Index) -> list[str]:
    """pg_attribute.attname of the index's columns: an expression is called by its function, or "expr"."""
    names: list[str] = []
    for key in index.columns:
        name = base = key.column or _expression_name(key.expression or "")
        suffix = 0
        while name in names:
            suffix += 1
            name = f"{base}{suffix}"
        names.append(name)
    return [*names, *index.include]


def _expression_name(expression: str) -> str:
    name, parenthesis, _ = expression.strip("( ").partition("(")
    return name.strip() if parenthesis and name.strip().isidentifier() else "expr"
