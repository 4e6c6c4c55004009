"""The three data-modifying statements: plan in, rows written, tag and RETURNING rows out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sqlvec.core.errors import CardinalityViolation
from sqlvec.core.outcome import Done, Rows
from sqlvec.core.schema import RID, UniqueConstraint
from sqlvec.planner.logical import parameters_of, sql_of
from sqlvec.planner.modify import (
    NEW_ROWS,
    OLD_ROWS,
    DeletePlan,
    InsertPlan,
    ModifyPlan,
    OnConflict,
    Returning,
    RowRules,
    UpdatePlan,
)

from ..executor import Execution, system_tables
from ..rows import result_columns, stream_of
from ..sequences import SequenceNumbers
from ..transaction import Transaction
from .writer import RowWriter, quote


@dataclass(frozen=True, slots=True)
class Modification:
    """Runs one plan in a session's transaction."""

    transaction: Transaction
    execution: Execution
    sequences: SequenceNumbers

    def run(self, plan: ModifyPlan) -> Done | Rows:
        if isinstance(plan, InsertPlan):
            rows, tag = self.insert(plan)
        elif isinstance(plan, UpdatePlan):
            rows, tag = self._update(plan)
        else:
            assert isinstance(plan, DeletePlan)
            rows, tag = self._delete(plan)
        if plan.returning is None:
            return Done(f"{tag} {rows.num_rows}")
        return self._returned(plan.returning, rows, tag)

    def insert(self, plan: InsertPlan) -> tuple[pa.Table, str]:
        writer = RowWriter(self.transaction, plan.table, plan.rules)
        rows = self._source(plan)
        numbers = {name: self.sequences.next(oid, rows.num_rows) for name, oid in plan.sequences}
        rows = writer.complete(rows, plan.sequences, numbers)
        writer.check(rows)
        if plan.on_conflict is None:
            writer.insert(rows)
            return rows, "INSERT 0"
        return self._upsert(plan, plan.on_conflict, writer, rows), "INSERT 0"

    def _source(self, plan: ModifyPlan) -> pa.Table:
        tables = system_tables(plan.system_relations, self.execution.context())
        with self.execution.cursor.registered(tables):
            return self.execution.cursor.table(
                sql_of(plan.source), self.execution.values.python(parameters_of(plan.source))
            )

    def _update(self, plan: UpdatePlan) -> tuple[pa.Table, str]:
        self.transaction.begin_writing()
        writer = RowWriter(self.transaction, plan.table, plan.rules)
        rows = _first_of_each(self._source(plan))
        rids = rows.column(RID)
        rows = writer.generate(rows.drop_columns([RID]))
        writer.check(rows)
        writer.update(rows, plan.changed, rids)
        return rows, "UPDATE"

    def _delete(self, plan: DeletePlan) -> tuple[pa.Table, str]:
        self.transaction.begin_writing()
        rows = _first_of_each(self._source(plan))
        RowWriter(self.transaction, plan.table, RowRules()).delete(rows.column(RID))
        return rows, "DELETE"

    def _returned(self, returning: Returning, rows: pa.Table, tag: str) -> Rows:
        cursor = self.execution.cursor
        with cursor.registered({NEW_ROWS: rows}):
            found = cursor.table(sql_of(returning.tree), self.execution.values.python(parameters_of(returning.tree)))
        return Rows(stream_of(found, result_columns(returning.columns, found.schema), tag))

    # ON CONFLICT ---------------------------------------------------------------------------------------

    def _upsert(self, plan: InsertPlan, conflict: OnConflict, writer: RowWriter, rows: pa.Table) -> pa.Table:
        constraints = [conflict.constraint] if conflict.constraint is not None else list(plan.table.uniques)
        self.transaction.begin_writing()
        old_rids = np.full(rows.num_rows, -1, np.int64)
        fresh = np.ones(rows.num_rows, np.bool_)
        for unique in constraints:
            found = self._conflicting(plan, unique, rows)
            old_rids = np.where(found >= 0, found, old_rids)
            repeated = _repeats(rows, unique)
            if conflict.assignments is not None and (repeated & (old_rids < 0)).any():
                raise _twice()
            fresh &= ~repeated
        fresh &= old_rids < 0
        inserted = rows.filter(pa.array(fresh))
        writer.insert(inserted)
        if conflict.assignments is None:
            return inserted
        updated = self._update_conflicting(plan, conflict, writer, rows, old_rids)
        return pa.concat_tables([inserted, updated.select(inserted.column_names).cast(inserted.schema)])

    def _conflicting(self, plan: InsertPlan, unique: UniqueConstraint, rows: pa.Table) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """The row id of the table's row with the same key; -1 where there is none."""
        keys = ", ".join(quote(name) for name in unique.columns)
        batch = rows.select(list(unique.columns)).append_column("sqlvec_row", pa.array(np.arange(rows.num_rows)))
        with self.execution.cursor.registered({NEW_ROWS: batch}):
            found = self.execution.cursor.numpy(
                f"SELECT sqlvec_row, t.{RID} AS rid FROM {NEW_ROWS} JOIN {plan.table.storage_name} AS t USING ({keys})"
            )
        rids = np.full(rows.num_rows, -1, np.int64)
        rids[np.asarray(found["sqlvec_row"], np.int64)] = found["rid"]
        return rids

    def _update_conflicting(
        self, plan: InsertPlan, conflict: OnConflict, writer: RowWriter, rows: pa.Table, old_rids: np.ndarray[tuple[int], np.dtype[np.int64]]
    ) -> pa.Table:
        assert conflict.assignments is not None
        hit = old_rids >= 0
        if len(np.unique(old_rids[hit])) != np.count_nonzero(hit):
            raise _twice()
        new = rows.filter(pa.array(hit)).append_column("sqlvec_target", pa.array(old_rids[hit]))
        items = [f"{OLD_ROWS}.{RID} AS {RID}"]
        used = frozenset[int]()
        for column in plan.table.columns:
            node = conflict.assignments.get(column.name)
            value = sql_of(node) if node is not None else f"{OLD_ROWS}.{quote(column.name)}"
            used |= parameters_of(node) if node is not None else frozenset()
            items.append(f"{value} AS {quote(column.name)}")
        where = ""
        if conflict.where is not None:
            where = f" WHERE {sql_of(conflict.where)}"
            used |= parameters_of(conflict.where)
        sql = (
            f"SELECT {', '.join(items)} FROM {NEW_ROWS} JOIN {plan.table.storage_name} AS {OLD_ROWS} "
            f"ON {OLD_ROWS}.{RID} = {NEW_ROWS}.sqlvec_target{where}"
        )
        with self.execution.cursor.registered({NEW_ROWS: new}):
            changed_rows = self.execution.cursor.table(sql, self.execution.values.python(used))
        rids = changed_rows.column(RID)
        changed_rows = writer.generate(changed_rows.drop_columns([RID]))
        writer.check(changed_rows)
        writer.update(changed_rows, frozenset(conflict.assignments) | frozenset(plan.rules.generated), rids)
        return changed_rows


def _twice() -> CardinalityViolation:
    return CardinalityViolation(
        "ON CONFLICT DO UPDATE command cannot affect row a second time",
        hint="Ensure that no rows proposed for insertion within the same command have duplicate constrained values.",
    )


def _repeats(rows: pa.Table, unique: UniqueConstraint) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Rows whose key an earlier row of the same command has; NULL equals nothing."""
    numbered = rows.select(list(unique.columns)).append_column("sqlvec_row", pa.array(np.arange(rows.num_rows)))
    first = numbered.group_by(list(unique.columns)).aggregate([("sqlvec_row", "min")]).column("sqlvec_row_min").to_numpy()
    repeated = np.ones(rows.num_rows, np.bool_)
    repeated[first] = False
    for name in unique.columns:
        repeated &= pc.is_valid(rows.column(name)).to_numpy()
    return repeated


def _first_of_each(rows: pa.Table) -> pa.Table:
    """UPDATE ... FROM may meet a row more than once; one of the matches counts."""
    rids = rows.column(RID).to_numpy()
    _, first = np.unique(rids, return_index=True)
    return rows if len(first) == len(rids) else rows.take(pa.array(np.sort(first)))
