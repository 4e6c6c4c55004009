"""RowChanges: what a statement has written to tables whose constraints are looked at when it ends."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from sqlvec.core.schema import RID, Table
from sqlvec.planner.modify import NEW_ROWS
from sqlvec.storage.snapshot import Ints

from ..transaction import Transaction
from .text import quote

_FEW_ROWS = 64  # named one by one, so that DuckDB skips all blocks but theirs
_NUMBER = "sqlvec_row"


@dataclass(frozen=True, slots=True)
class Watch:
    """What foreign keys and unique constraints want to know of a table's rows."""

    own: frozenset[str]  # columns of the table's foreign keys
    keys: frozenset[str]  # columns that foreign keys reference
    has_uniques: bool  # that no index of DuckDB enforces

    @property
    def columns(self) -> list[str]:
        return sorted(self.own | self.keys)

    @property
    def is_idle(self) -> bool:
        return not (self.own or self.keys or self.has_uniques)


@dataclass(frozen=True, slots=True)
class RowChange:
    """Rows before and after a write, row by row, with their ids and the watched columns.

    `old` is None for an insert, `new` for a delete; `columns` are those that may have changed.
    """

    table: Table
    old: pa.Table | None
    new: pa.Table | None
    columns: frozenset[str]

    @property
    def new_rids(self) -> Ints:
        assert self.new is not None
        rids: Ints = self.new.column(RID).to_numpy()
        return rids


class RowChanges:
    """Of one statement, in the order of its writes. Tables without such constraints leave no trace."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._watches: dict[int, Watch] = {}
        self._changes: deque[RowChange] = deque()

    def watch(self, table: Table) -> Watch:
        found = self._watches.get(table.oid)
        if found is None:
            found = self._watches[table.oid] = self._watch(table)
            # The checks may have to see what others have committed after the rows were written.
            self._transaction.remembers |= not found.is_idle
        return found

    def _watch(self, table: Table) -> Watch:
        references = self._transaction.catalog.references_to(table.oid)
        return Watch(
            frozenset(name for key in table.foreign_keys for name in key.columns),
            frozenset(name for _, key in references for name in key.keys),
            any(not unique.is_stored for unique in table.uniques),
        )

    def take(self) -> RowChange | None:
        """The oldest change; inserts into one table are taken together."""
        if not self._changes:
            return None
        first = self._changes.popleft()
        inserts = [first.new]
        while first.old is None and self._changes and _is_insert(self._changes[0], first.table):
            inserts.append(self._changes.popleft().new)
        if len(inserts) == 1:
            return first
        rows = pa.concat_tables(inserts, promote_options="permissive")
        return RowChange(first.table, None, rows, first.columns)

    def has_more_of(self, table: Table) -> bool:
        return any(change.table.oid == table.oid for change in self._changes)

    # What RowWriter reports ------------------------------------------------------------------------------

    def before(self, table: Table, rids: pa.ChunkedArray, changed: frozenset[str] | None) -> pa.Table | None:
        """The rows as they are before an update of some columns, or (None) a delete; None if nobody asks."""
        watch = self.watch(table)
        wanted = watch.keys if changed is None else (watch.own | watch.keys) & changed
        if not wanted:
            return None
        names = watch.columns if changed is not None else sorted(watch.keys)
        return rows_by_id(self._transaction, table, names, rids)

    def inserted(self, table: Table, rows: pa.Table) -> None:
        watch = self.watch(table)
        if watch.own or watch.has_uniques:
            self._add(table, None, rows.select([RID, *sorted(watch.own)]), frozenset(rows.column_names))

    def deleted(self, table: Table, old: pa.Table | None) -> None:
        if old is not None:
            self._add(table, old, None, frozenset(old.column_names))

    def updated(
        self,
        table: Table,
        old: pa.Table | None,
        rows: pa.Table,
        changed: frozenset[str],
        rids: pa.ChunkedArray,
    ) -> None:
        """`rows` have the changed columns, and `rids` their row ids now; both in the order of `old`."""
        if old is not None:
            columns = [rows.column(n) if n in changed else old.column(n) for n in old.column_names[1:]]
            new = pa.table([rids, *columns], names=old.column_names)
            self._add(table, old, new, changed)
        elif self.watch(table).has_uniques:
            self._add(table, pa.table({RID: rids}), pa.table({RID: rids}), changed)

    def _add(self, table: Table, old: pa.Table | None, new: pa.Table | None, columns: frozenset[str]) -> None:
        self._changes.append(RowChange(table, old, new, columns))

    def moved(self, table: Table, old_rids: Ints, rids: Ints) -> None:
        constraints = {key.oid for key in table.foreign_keys} | {unique.oid for unique in table.uniques}
        self._transaction.deferred.follow(constraints, old_rids, rids)


def _is_insert(change: RowChange, table: Table) -> bool:
    return change.old is None and change.table.oid == table.oid


def rows_by_id(transaction: Transaction, table: Table, names: list[str], rids: pa.ChunkedArray) -> pa.Table:
    """The row id and some columns of rows, in the order of the ids."""
    wanted = pa.table({RID: rids, _NUMBER: np.arange(len(rids))})
    columns = ", ".join([f"t.{RID}", *(f"t.{quote(name)}" for name in names)])
    few = f" WHERE {RID} IN ({', '.join(map(str, rids.to_pylist()))})" if len(rids) <= _FEW_ROWS else ""
    sql = (
        f"SELECT {columns} FROM {NEW_ROWS} AS n JOIN (SELECT * FROM {table.storage_name}{few}) AS t "
        f"USING ({RID}) ORDER BY n.{_NUMBER}"
    )
    with transaction.cursor.registered({NEW_ROWS: wanted}):
        return transaction.cursor.table(sql)
