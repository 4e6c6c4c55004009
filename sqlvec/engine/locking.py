"""Locking queries: SELECT ... FOR UPDATE runs first, locks its rows, and hands them on as a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sqlvec.core.errors import LockNotAvailable
from sqlvec.planner.bind.row_locks import LockedTable, LockingQuery, RowLockStrength, WhenLocked
from sqlvec.planner.logical import parameters_of, sql_of
from sqlvec.storage.duck import Cursor

from .evaluate import row_count
from .locks.modes import Mode
from .transaction import Transaction
from .values import ParameterValues

_MODES = {
    RowLockStrength.KEY_SHARE: Mode.FOR_KEY_SHARE,
    RowLockStrength.SHARE: Mode.FOR_SHARE,
    RowLockStrength.NO_KEY_UPDATE: Mode.FOR_NO_KEY_UPDATE,
    RowLockStrength.UPDATE: Mode.FOR_UPDATE,
}


@dataclass(frozen=True, slots=True)
class RowLocker:
    """Runs locking queries in a session's transaction."""

    transaction: Transaction
    cursor: Cursor
    values: ParameterValues

    def run(self, queries: Iterable[LockingQuery]) -> dict[str, pa.Table]:
        """The locked rows of each, by the name under which the rest of the statement reads them."""
        results: dict[str, pa.Table] = {}
        for query in queries:
            results[query.storage_name] = self._locked(query, results)
        return results

    def _locked(self, query: LockingQuery, earlier: dict[str, pa.Table]) -> pa.Table:
        for table in query.tables:
            self.transaction.lock_table(table.oid, Mode.ROW_SHARE)
        while True:
            self.transaction.begin_writing()
            rows = self._rows(query, earlier)
            kept = self._lock(query, rows)
            if kept is not None:
                return rows.take(pa.array(kept)).select(list(query.columns))

    def _rows(self, query: LockingQuery, earlier: dict[str, pa.Table]) -> pa.Table:
        with self.cursor.registered(earlier):
            return self.cursor.table(sql_of(query.tree), self.values.python(parameters_of(query.tree)))

    def _lock(self, query: LockingQuery, rows: pa.Table) -> npt.NDArray[np.int64] | None:
        """The places of the rows to return, now locked; None when others changed some, so look again."""
        offset = self._count(query, "offset") or 0
        limit = self._count(query, "limit")
        most = rows.num_rows if limit is None else min(rows.num_rows, offset + limit)
        if any(table.when_locked is WhenLocked.SKIP for table in query.tables):
            places = self._free(query, rows, most)
        else:
            places = np.arange(most)
        for table in query.tables:
            rids = _rids(rows, table, places)
            if table.when_locked is WhenLocked.FAIL:
                self._must_be_free(table, rids)
            if self.transaction.lock_rows(table.oid, rids, _MODES[table.strength]):
                return None
        return places[offset:]

    def _count(self, query: LockingQuery, clause: str) -> int | None:
        node = query.limit if clause == "limit" else query.offset
        return row_count(node, self.cursor, self.values) if node is not None else None

    def _free(self, query: LockingQuery, rows: pa.Table, most: int) -> npt.NDArray[np.int64]:
        """SKIP LOCKED: the first `most` rows that nobody else has locked."""
        columns = [
            (table, rows.column(table.rid).to_pylist())
            for table in query.tables
            if table.when_locked is WhenLocked.SKIP
        ]
        found: list[int] = []
        for place in range(rows.num_rows):
            if len(found) == most:
                break
            if all(
                rids[place] is None
                or self.transaction.try_lock_row(table.oid, rids[place], _MODES[table.strength])
                for table, rids in columns
            ):
                found.append(place)
        return np.array(found, np.int64)

    def _must_be_free(self, table: LockedTable, rids: npt.NDArray[np.int64]) -> None:
        for rid in rids.tolist():
            if not self.transaction.try_lock_row(table.oid, rid, _MODES[table.strength]):
                raise LockNotAvailable(f'could not obtain lock on row in relation "{table.name}"')


def _rids(rows: pa.Table, table: LockedTable, places: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Row ids of the rows at these places; a row may come several times through a join."""
    found = rows.column(table.rid).take(pa.array(places)).drop_null().to_numpy()
    unique: npt.NDArray[np.int64] = np.unique(found)
    return unique
