"""RowWriter: writes Arrow rows into a table within a transaction, and notes what snapshots must learn."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from sqlvec.core.errors import (
    CheckViolation,
    IntegrityConstraintViolation,
    NotNullViolation,
)
from sqlvec.core.schema import RID, Table
from sqlvec.planner.bind.typed import Node
from sqlvec.planner.logical import sql_of
from sqlvec.planner.modify import NEW_ROWS, RowRules
from sqlvec.storage.catalog import RID_COUNTER
from sqlvec.storage.duck import Cursor

from ..locks.modes import Mode
from ..transaction import Transaction
from .keys import lock_keys
from .policies import check_policies
from .row_changes import RowChanges, rows_by_id
from .text import quote, row_text
from .unique_violation import find_violation, unnamed_violation


class RowWriter:
    """`rows` tables have the table's columns by name; those to insert lack the row id."""

    def __init__(self, transaction: Transaction, table: Table, rules: RowRules, changes: RowChanges) -> None:
        self._transaction = transaction
        self._cursor: Cursor = transaction.cursor
        self._table = table
        self._rules = rules
        self._changes = changes
        changes.watch(table)

    def complete(
        self, rows: pa.Table, sequences: tuple[tuple[str, int], ...], numbers: dict[str, pa.Array]
    ) -> pa.Table:
        """Fill in numbered and generated columns."""
        for name, _ in sequences:
            index = rows.schema.get_field_index(name)
            rows = rows.set_column(index, name, numbers[name].cast(rows.schema.field(name).type))
        return self.generate(rows)

    def generate(self, rows: pa.Table) -> pa.Table:
        if not self._rules.generated:
            return rows
        names = rows.column_names
        items = [self._generated_item(name) for name in names]
        with self._cursor.registered({NEW_ROWS: rows}):
            return self._cursor.table(f"SELECT {', '.join(items)} FROM {NEW_ROWS}")

    def _generated_item(self, name: str) -> str:
        node = self._rules.generated.get(name)
        return f"{sql_of(node)} AS {quote(name)}" if node is not None else quote(name)

    def check(self, rows: pa.Table) -> None:
        """Policies, NOT NULL and CHECK over new rows."""
        if self._rules.policies:
            check_policies(self._cursor, self._table, self._rules.policies, rows)
        for column in self._table.columns:
            if column.not_null and column.name in rows.column_names and rows.column(column.name).null_count:
                at = int(np.flatnonzero(rows.column(column.name).is_null().to_numpy())[0])
                raise NotNullViolation(
                    f'null value in column "{column.name}" of relation "{self._table.name}" '
                    "violates not-null constraint",
                    detail=f"Failing row contains ({row_text(self._table, rows, at)}).",
                    schema=self._table.schema,
                    table=self._table.name,
                    column=column.name,
                )
        if self._rules.checks and rows.num_rows:
            self._check_expressions(rows)

    def _check_expressions(self, rows: pa.Table) -> None:
        numbered = rows.append_column("sqlvec_row", pa.array(np.arange(rows.num_rows)))
        with self._cursor.registered({NEW_ROWS: numbered}):
            for name, node in self._rules.checks:
                failing = self._failing(node)
                if failing is not None:
                    raise CheckViolation(
                        f'new row for relation "{self._table.name}" violates check constraint "{name}"',
                        detail=f"Failing row contains ({row_text(self._table, rows, failing)}).",
                        schema=self._table.schema,
                        table=self._table.name,
                        constraint=name,
                    )

    def _failing(self, node: Node) -> int | None:
        sql = f"SELECT sqlvec_row FROM {NEW_ROWS} WHERE NOT ({sql_of(node)}) ORDER BY sqlvec_row LIMIT 1"
        found = self._cursor.rows(sql)
        return int(found[0][0]) if found else None

    def lock_mode(self, changed: frozenset[str]) -> Mode:
        """How UPDATE locks rows. One with a new vector is another row, so nobody may hold on to the old."""
        uniques = self._table.uniques
        if any(unique.expressions or unique.where is not None for unique in uniques):
            return Mode.FOR_UPDATE  # any column may belong to a key
        keys = {name for unique in uniques for name in unique.columns}
        vectors = {column.name for column in self._table.columns if column.is_vector}
        return Mode.FOR_NO_KEY_UPDATE if changed.isdisjoint(keys | vectors) else Mode.FOR_UPDATE

    def insert(self, rows: pa.Table) -> None:
        """Number, write, note. Call `check` first."""
        if rows.num_rows == 0:
            return
        lock_keys(self._transaction, self._table, rows)
        store = self._transaction.store
        first = store.counters.take(RID_COUNTER, rows.num_rows)
        rids = pa.array(np.arange(first, first + rows.num_rows))
        whole = rows.append_column(RID, rids)
        names = ", ".join(quote(name) for name in whole.column_names)
        sql = f"INSERT INTO {self._table.storage_name} ({names}) SELECT {names} FROM {NEW_ROWS}"
        self._write(sql, whole, rows)
        delta = self._transaction.delta(self._table.oid)
        if self._store_wants_rows():
            delta.inserted.append(whole)
        else:
            delta.loaded += whole.num_rows
        self._changes.inserted(self._table, whole)

    def _store_wants_rows(self) -> bool:
        store = self._transaction.store
        return self._table.oid in store.catalog.objects and store.table_store(self._table.oid).wants_rows

    def update(self, rows: pa.Table, changed: frozenset[str], old_rids: pa.ChunkedArray) -> None:
        """Write changed columns of the rows with `old_rids`; a new vector gives a row a new row id."""
        if rows.num_rows == 0:
            return
        before = self._changes.before(self._table, old_rids, changed)
        delta = self._transaction.delta(self._table.oid)
        moves = any(column.is_vector and column.name in changed for column in self._table.columns)
        batch = rows.select([name for name in rows.column_names if name in changed]).append_column(
            "sqlvec_old", old_rids
        )
        rids = old_rids
        if moves:
            first = self._transaction.store.counters.take(RID_COUNTER, rows.num_rows)
            rids = pa.chunked_array([pa.array(np.arange(first, first + rows.num_rows))])
            batch = batch.append_column(RID, rids)
        sets = ", ".join(
            f"{quote(name)} = n.{quote(name)}" for name in batch.column_names if name != "sqlvec_old"
        )
        name = self._table.storage_name
        sql = f"UPDATE {name} SET {sets} FROM {NEW_ROWS} AS n WHERE {name}.{RID} = n.sqlvec_old"
        self._write(sql, batch, rows, old_rids)
        if moves:
            delta.deleted.append(old_rids.to_numpy())
            delta.inserted.append(rows.append_column(RID, rids))
            self._changes.moved(self._table, old_rids.to_numpy(), rids.to_numpy())
        else:
            delta.updated |= changed
            delta.touched.append(old_rids.to_numpy())
        self._changes.updated(self._table, before, rows, changed, rids)

    def _write(
        self, sql: str, batch: pa.Table, rows: pa.Table, old_rids: pa.ChunkedArray | None = None
    ) -> None:
        """Write, and where a key is taken wait for whoever may be about to give it up."""
        while True:
            try:
                self._transaction.write(sql, {NEW_ROWS: batch})
                return
            except IntegrityConstraintViolation as error:
                self._transaction.recover()
                found = find_violation(self._cursor, self._table, rows, old_rids)
                if found is None and old_rids is not None:
                    self._exchange(batch, old_rids)
                    return
                violation, taken = found if found is not None else (unnamed_violation(self._table), None)
                if taken is None or not self._transaction.lock_rows(
                    self._table.oid, taken, Mode.FOR_KEY_SHARE
                ):
                    raise violation from error

    def _exchange(self, batch: pa.Table, old_rids: pa.ChunkedArray) -> None:
        """An update whose keys are unique in the end, but not on the way: DuckDB looks at some rows at a
        time. So the old rows go first.
        """
        names = [column.name for column in self._table.columns]
        whole = rows_by_id(self._transaction, self._table, names, old_rids)
        for name in set(batch.column_names) & set(whole.column_names):
            whole = whole.set_column(whole.schema.get_field_index(name), name, batch.column(name))
        name, columns = self._table.storage_name, ", ".join(map(quote, whole.column_names))
        old = {NEW_ROWS: pa.table({RID: old_rids})}
        self._transaction.write(f"DELETE FROM {name} WHERE {RID} IN (SELECT {RID} FROM {NEW_ROWS})", old)
        self._transaction.write(
            f"INSERT INTO {name} ({columns}) SELECT {columns} FROM {NEW_ROWS}", {NEW_ROWS: whole}
        )

    def delete(self, rids: pa.ChunkedArray) -> None:
        if len(rids) == 0:
            return
        before = self._changes.before(self._table, rids, None)
        name = self._table.storage_name
        sql = f"DELETE FROM {name} WHERE {RID} IN (SELECT {RID} FROM {NEW_ROWS})"
        self._transaction.write(sql, {NEW_ROWS: pa.table({RID: rids})})
        self._transaction.delta(self._table.oid).deleted.append(rids.to_numpy())
        self._changes.deleted(self._table, before)
