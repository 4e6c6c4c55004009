"""The three data-modifying statements: plan in, rows written, tag and RETURNING rows out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from sqlvec.core.outcome import Done, Rows
from sqlvec.core.schema import RID
from sqlvec.planner.catalog import Catalog
from sqlvec.planner.logical import parameters_of, sql_of
from sqlvec.planner.modify import (
    NEW_ROWS,
    DeletePlan,
    InsertPlan,
    ModifyPlan,
    Returning,
    RowRules,
    UpdatePlan,
)

from ..executor import Execution, system_tables
from ..locks.modes import Mode
from ..rows import result_columns, stream_of
from ..sequences import SequenceNumbers
from ..transaction import Transaction
from .enforcement import Enforcement
from .row_changes import RowChanges
from .upsert import Upsert
from .writer import RowWriter


@dataclass(frozen=True, slots=True)
class Modification:
    """Runs one plan in a session's transaction."""

    transaction: Transaction
    execution: Execution
    sequences: SequenceNumbers
    catalog: Catalog

    def run(self, plan: ModifyPlan) -> Done | Rows:
        enforcement = Enforcement(self.transaction, self.catalog)
        if isinstance(plan, InsertPlan):
            rows, tag = self._insert(plan, enforcement.changes)
        elif isinstance(plan, UpdatePlan):
            rows, tag = self._update(plan, enforcement.changes)
        else:
            assert isinstance(plan, DeletePlan)
            rows, tag = self._delete(plan, enforcement.changes)
        enforcement.run()
        if plan.returning is None:
            return Done(f"{tag} {rows.num_rows}")
        return self._returned(plan.returning, rows, tag)

    def _insert(self, plan: InsertPlan, changes: RowChanges) -> tuple[pa.Table, str]:
        writer = RowWriter(self.transaction, plan.table, plan.rules, changes)
        rows = self._source(plan)
        numbers = {name: self.sequences.next(oid, rows.num_rows) for name, oid in plan.sequences}
        rows = writer.complete(rows, plan.sequences, numbers)
        writer.check(rows)
        if plan.on_conflict is None:
            writer.insert(rows)
            return rows, "INSERT 0"
        upsert = Upsert(
            self.transaction, self.execution, plan, plan.on_conflict, writer, self.catalog, changes
        )
        return upsert.run(rows), "INSERT 0"

    def _source(self, plan: ModifyPlan) -> pa.Table:
        tables = {
            **system_tables(plan.system_relations, self.execution.context()),
            **self.execution.locker.run(plan.locking),
        }
        with self.execution.cursor.registered(tables):
            return self.execution.cursor.table(
                sql_of(plan.source), self.execution.values.python(parameters_of(plan.source))
            )

    def _update(self, plan: UpdatePlan, changes: RowChanges) -> tuple[pa.Table, str]:
        writer = RowWriter(self.transaction, plan.table, plan.rules, changes)
        rows = self._locked_rows(plan, writer.lock_mode(plan.changed))
        rids = rows.column(RID)
        rows = writer.generate(rows.drop_columns([RID]))
        writer.check(rows)
        writer.update(rows, plan.changed, rids)
        return rows, "UPDATE"

    def _delete(self, plan: DeletePlan, changes: RowChanges) -> tuple[pa.Table, str]:
        rows = self._locked_rows(plan, Mode.FOR_UPDATE)
        RowWriter(self.transaction, plan.table, RowRules(), changes).delete(rows.column(RID))
        return rows, "DELETE"

    def _locked_rows(self, plan: ModifyPlan, mode: Mode) -> pa.Table:
        """The rows to change as they are now. Where others changed some of them while we waited for their
        locks, the whole statement looks again, as PostgreSQL does for the rows concerned (EvalPlanQual).
        """
        while True:
            self.transaction.begin_writing()
            rows = _first_of_each(self._source(plan))
            if not self.transaction.lock_rows(plan.table.oid, rows.column(RID).to_numpy(), mode):
                return rows

    def _returned(self, returning: Returning, rows: pa.Table, tag: str) -> Rows:
        cursor = self.execution.cursor
        with cursor.registered({NEW_ROWS: rows}):
            found = cursor.table(
                sql_of(returning.tree), self.execution.values.python(parameters_of(returning.tree))
            )
        return Rows(stream_of(found, result_columns(returning.columns, found.schema), tag))


def _first_of_each(rows: pa.Table) -> pa.Table:
    """UPDATE ... FROM may meet a row more than once; one of the matches counts."""
    rids = rows.column(RID).to_numpy()
    _, first = np.unique(rids, return_index=True)
    return rows if len(first) == len(rids) else rows.take(pa.array(np.sort(first)))
