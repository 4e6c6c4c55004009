"""TableStore: one table's snapshot and vector indexes, kept in step with committed rows."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import groupby

import numpy as np
import pyarrow as pa

from sqlvec.core.schema import RID, Table

from .column_reader import ColumnReader
from .compaction import Draft
from .duck import Cursor
from .index.attached import AttachedIndex
from .snapshot import Ints, TableSnapshot


@dataclass(slots=True)
class TableDelta:
    """What a transaction did to one table, applied to memory when it commits.

    `inserted` holds whole new rows in Arrow, with their rids. `updated` names columns whose values
    changed in rows that keep their rid. `rebuilt` says that everything may have changed (DDL, TRUNCATE).
    """

    inserted: list[pa.Table] = field(default_factory=list)
    deleted: list[Ints] = field(default_factory=list)
    updated: set[str] = field(default_factory=set)
    rebuilt: bool = False
    loaded: int = 0  # rows written without being kept here, since nothing of the table is in memory
    touched: list[Ints] = field(default_factory=list)  # rows updated in place

    @property
    def changed_rows(self) -> int:
        kept = sum(len(batch) for batch in self.inserted) + sum(len(rids) for rids in self.deleted)
        return kept + self.loaded + sum(len(rids) for rids in self.touched)

    def changed_rids(self) -> Ints | None:
        """Rows that others may have seen and that are not any more what they were; None for all."""
        if self.rebuilt:
            return None
        parts = [*self.deleted, *self.touched]
        return np.concatenate(parts) if parts else np.empty(0, np.int64)

    def copy(self) -> TableDelta:
        """The same changes; further ones are not shared."""
        return replace(
            self,
            inserted=list(self.inserted),
            deleted=list(self.deleted),
            updated=set(self.updated),
            touched=list(self.touched),
        )


class Selectivities:
    """Measured shares of rows that filters keep, remembered while the table keeps its size."""

    _MOST = 512
    _DRIFT = 0.1  # of the rows, from which on a measurement is too old

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, float]] = {}

    def get(self, key: str, rows: int) -> float | None:
        found = self._known.get(key)
        if found is None or abs(found[0] - rows) > self._DRIFT * rows:
            return None
        return found[1]

    def put(self, key: str, rows: int, share: float) -> None:
        if len(self._known) >= self._MOST:
            self._known.pop(next(iter(self._known)), None)
        self._known[key] = (rows, share)


class TableStore:
    """Holds the newest snapshot; `apply` is called in commit order under the database's commit lock."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.indexes: dict[int, AttachedIndex] = {}
        self.selectivities = Selectivities()
        self.changes = 0  # rows changed since statistics were taken
        self._snapshot: TableSnapshot | None = None
        self._lineage = 0
        self._loading = threading.Lock()

    @property
    def snapshot(self) -> TableSnapshot | None:
        return self._snapshot

    @property
    def wants_rows(self) -> bool:
        """Whether inserted rows must be kept for `apply`, or may be read again later."""
        return self._snapshot is not None

    # Readers take `indexes` as it is, so it is replaced and never changed. Call with the commit lock held.

    def with_index(self, index: AttachedIndex) -> None:
        self.indexes = {**self.indexes, index.definition.oid: index}

    def without_index(self, oid: int) -> None:
        self.indexes = {known: index for known, index in self.indexes.items() if known != oid}

    def load(self, names: Iterable[str], cursor: Cursor) -> TableSnapshot:
        """The newest snapshot with some columns present. Call with the commit lock held, on a cursor
        outside any transaction, so that DuckDB's newest state is the snapshot's.
        """
        wanted = list(dict.fromkeys(names))
        with self._loading:
            snapshot = self._snapshot
            if snapshot is not None and snapshot.has(wanted):
                return snapshot
            missing = [name for name in wanted if snapshot is None or name not in snapshot.columns]
            reader = ColumnReader(cursor, self.table)
            if snapshot is None:
                self._lineage += 1
                snapshot = TableSnapshot(reader.rids(), version=1, lineage=self._lineage)
            added = reader.columns(missing, snapshot.rids)
            self._snapshot = replace(snapshot, columns={**snapshot.columns, **added})
            return self._snapshot

    def exchange(self, draft: Draft) -> None:
        """Publish a compacted snapshot. Call with the commit lock held."""
        with self._loading:
            finished = draft.finished(self._snapshot, self._lineage + 1)
            if finished is not None:
                self._lineage += 1
                self._snapshot = finished

    def apply(self, delta: TableDelta, table: Table) -> None:
        """Publish a committed transaction's changes."""
        self.table = table
        self.changes += delta.changed_rows
        if delta.rebuilt or delta.loaded:
            self._snapshot = None
            return
        if self._snapshot is None:
            return
        try:
            self._snapshot = _applied(self._snapshot, delta)
        except BaseException:
            self._snapshot = None  # out of memory: the rows are committed, the next reader reads them anew
            raise


def _applied(snapshot: TableSnapshot, delta: TableDelta) -> TableSnapshot:
    """New rows first: the transaction may have deleted or updated rows that it had inserted.

    All at once, since each step copies what it knows of every row of the table.
    """
    for _, batches in groupby(delta.inserted, lambda batch: batch.schema):
        batch = pa.concat_tables(batches)
        snapshot = snapshot.with_rows(batch.column(RID).to_numpy(), batch)
    if delta.deleted:
        snapshot = snapshot.without_rows(np.concatenate(delta.deleted))
    if delta.updated:
        snapshot = snapshot.without_columns(delta.updated)
    return replace(snapshot, version=snapshot.version + 1)
