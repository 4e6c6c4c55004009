"""KeyMatch: a foreign key in SQL: when a row's columns equal a parent's keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from sqlvec.core.schema import Column, ForeignKey, Table

from ..locks import resource
from ..locks.owner import MOST_SINGLE_LOCKS
from ..locks.resource import Resource
from .keys import hashable
from .text import quote


@dataclass(frozen=True, slots=True)
class KeyMatch:
    """`table` has the foreign key, `parent` is what it references; they may be one."""

    table: Table
    key: ForeignKey
    parent: Table

    def equal(self, left: str, right: str) -> str:
        """`left` names a relation with the key's columns, `right` one with the parent's."""
        pairs = zip(self.columns, self.keys, strict=True)
        return " AND ".join(
            f"{_operand(left, mine, theirs)} = {_operand(right, theirs, mine)}" for mine, theirs in pairs
        )

    def same(self, alias: str) -> str:
        """As `equal`, where the parent's keys are called k0, k1, ... as `renamed` does."""
        pairs = enumerate(zip(self.columns, self.keys, strict=True))
        return " AND ".join(
            f"{_operand(alias, mine, theirs)} = {_trimmed(f'g.k{index}', theirs, mine)}"
            for index, (mine, theirs) in pairs
        )

    def present(self, alias: str) -> str:
        return " AND ".join(f"{alias}.{quote(name)} IS NOT NULL" for name in self.key.columns)

    @property
    def columns(self) -> list[Column]:
        return [_must_have(self.table, name) for name in self.key.columns]

    @property
    def keys(self) -> list[Column]:
        return [_must_have(self.parent, name) for name in self.key.keys]

    def resources(self, rows: pa.Table) -> Iterator[Resource]:
        """The locks of parents' keys, which `rows` has as k0, k1, ...; for all foreign keys in one order."""
        order = sorted(range(len(self.key.keys)), key=lambda index: self.key.keys[index])
        some = rows.slice(0, MOST_SINGLE_LOCKS + 1)  # of more than these, all are locked at once
        columns = [some.column(f"k{index}").to_pylist() for index in order]
        for value in zip(*columns, strict=True):
            yield resource.reference(self.parent.oid, self.key.unique, hashable(value))


def _must_have(table: Table, name: str) -> Column:
    column = table.column(name)
    assert column is not None, "constraints follow their columns"
    return column


def _operand(alias: str, column: Column, other: Column) -> str:
    return _trimmed(f"{alias}.{quote(column.name)}", column, other)


def _trimmed(sql: str, column: Column, other: Column) -> str:
    """Blanks at the end of char(n) do not count, whichever side has them."""
    is_padded = "bpchar" in (column.type.name, other.type.name)
    return f"rtrim({sql}, ' ')" if is_padded else sql
