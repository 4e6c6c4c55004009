"""UniqueCheck: keys that no index of DuckDB watches over: deferrable ones, expressions, parts of a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from sqlvec.core.errors import UniqueViolation
from sqlvec.core.schema import RID, Table, UniqueConstraint
from sqlvec.storage.pg_catalog.definitions import index_column_definition
from sqlvec.storage.snapshot import Ints

from ..locks import resource
from ..locks.modes import Mode
from ..locks.owner import MOST_SINGLE_LOCKS
from ..locks.resource import Resource
from ..transaction import Transaction
from .keys import hashable
from .text import key_text
from .unique_keys import UniqueKeys

_RIDS = "sqlvec_rids"


@dataclass(frozen=True, slots=True)
class UniqueCheck:
    """Looks, after rows were written, whether others have their keys."""

    transaction: Transaction
    table: Table
    unique: UniqueConstraint
    keys: UniqueKeys

    def lock(self, rids: Ints) -> None:
        """Nobody else may have the keys of these rows until the end."""
        found = self.keys.of_rows(self.transaction.cursor, self.table, pa.table({RID: rids}))
        self.transaction.lock_keys(self.table.oid, key_resources(self.table, self.unique, found))

    def run(self, rids: Ints) -> None:
        """Call with the keys locked."""
        rows = pa.table({RID: rids})
        while True:
            if self.transaction.is_behind((self.table.oid,)):
                self.transaction.move_on()
            found = self._duplicates(rows)
            if found is None:
                return
            others = found.column("others").combine_chunks().flatten()
            if not self.transaction.lock_rows(self.table.oid, others.to_numpy(), Mode.FOR_KEY_SHARE):
                raise key_violation(self.table, self.unique, self.keys, found)

    def _duplicates(self, rows: pa.Table) -> pa.Table | None:
        """The first key that more than one row has, and the ids of all those rows (`others`)."""
        names = ", ".join(f"e.{name}" for name in self.keys.names)
        mine = self.keys.of(
            f"(SELECT * FROM {self.table.storage_name} WHERE {RID} IN (SELECT {RID} FROM {_RIDS}))"
        )
        sql = (
            f"SELECT {names}, list(e.{RID}) AS others "
            f"FROM ({self.keys.of(self.table.storage_name, RID)}) AS e "
            f"JOIN (SELECT DISTINCT * FROM ({mine})) AS m ON {self.keys.equal('e', 'm')} "
            f"GROUP BY {names} HAVING count(*) > 1 ORDER BY min(e.{RID}) LIMIT 1"
        )
        with self.transaction.cursor.registered({_RIDS: rows}):
            found = self.transaction.cursor.table(sql)
        return found if found.num_rows else self._unseen(mine, rows)

    def _unseen(self, mine: str, rows: pa.Table) -> pa.Table | None:
        """REPEATABLE READ: keys that others have committed since count as well."""
        if not self.transaction.sees_own_snapshot:
            return None
        with self.transaction.cursor.registered({_RIDS: rows}):
            keys = self.transaction.cursor.table(f"SELECT *, [0::BIGINT] AS others FROM ({mine})")
        delta = self.transaction.delta(self.table.oid)
        changed = pa.chunked_array([rows.column(RID).combine_chunks(), *delta.deleted, *delta.touched])
        sql = (
            f"SELECT 1 FROM ({self.keys.of(self.table.storage_name, RID)}) AS e "
            f"JOIN sqlvec_keys AS m ON {self.keys.equal('e', 'm')} "
            f"WHERE e.{RID} NOT IN (SELECT {RID} FROM {_RIDS}) LIMIT 1"
        )
        for index in range(keys.num_rows):  # to name the key in the way; there are few
            one = keys.slice(index, 1)
            if self.transaction.store.probe(sql, {"sqlvec_keys": one, _RIDS: pa.table({RID: changed})}):
                return one
        return None


def key_resources(table: Table, unique: UniqueConstraint, keys: pa.Table) -> Iterator[Resource]:
    """What to lock of keys in the columns k0, k1, ..."""
    some = keys.slice(0, MOST_SINGLE_LOCKS + 1)  # of more than these, all are locked at once
    columns = [column.to_pylist() for column in some.columns]
    for value in zip(*columns, strict=True):
        yield resource.key(table.oid, unique.oid, hashable(value))


def key_violation(
    table: Table, unique: UniqueConstraint, keys: UniqueKeys, found: pa.Table
) -> UniqueViolation:
    """`found` has the key in its first row."""
    value = key_text(keys.columns, found.select(keys.names))
    return UniqueViolation(
        f'duplicate key value violates unique constraint "{unique.name}"',
        detail=f"Key ({key_names(table, unique)})=({value}) already exists.",
        schema=table.schema,
        table=table.name,
        constraint=unique.name,
    )


def key_names(table: Table, unique: UniqueConstraint) -> str:
    """The keys as an index shows them."""
    if not unique.expressions:
        return ", ".join(unique.columns)
    count = range(1, len(unique.expressions) + 1)
    return ", ".join(index_column_definition(table, unique.index_oid, number) or "" for number in count)
