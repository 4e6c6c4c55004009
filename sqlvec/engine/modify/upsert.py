"""Upsert: INSERT ... ON CONFLICT: which new rows stand in whose way, and what is written instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sqlvec.core.errors import CardinalityViolation
from sqlvec.core.schema import RID, UniqueConstraint
from sqlvec.planner.bind.typed import Node
from sqlvec.planner.catalog import Catalog
from sqlvec.planner.logical import parameters_of, sql_of
from sqlvec.planner.modify import EXCLUDED, NEW_ROWS, InsertPlan, OnConflict

from ..executor import Execution
from ..locks.modes import Mode
from ..transaction import Transaction
from .keys import hashable, lock_keys
from .policies import check_policies
from .row_changes import RowChanges
from .text import quote
from .unique_check import key_resources
from .unique_keys import unique_keys
from .writer import RowWriter

_TARGET = "sqlvec_target"  # the row id of the row in the way
_NUMBER = "sqlvec_row"  # a new row's number
_ROWS = "sqlvec_rows"  # the new rows, where their keys are computed


@dataclass(frozen=True, slots=True)
class Upsert:
    """Runs one plan's ON CONFLICT over rows that are complete and checked."""

    transaction: Transaction
    execution: Execution
    plan: InsertPlan
    conflict: OnConflict
    writer: RowWriter
    catalog: Catalog
    changes: RowChanges

    def run(self, rows: pa.Table) -> pa.Table:
        """Write; returns the rows that were inserted or updated."""
        self.transaction.remembers = True  # what was inserted, when DuckDB refuses the update
        lock_keys(self.transaction, self.plan.table, rows)
        for unique in self._arbiters:
            if not unique.is_stored:
                keys = self._keys(unique, rows).drop_columns([_NUMBER])
                self.transaction.lock_keys(self.plan.table.oid, key_resources(self.plan.table, unique, keys))
        targets, repeated = self._locked_conflicts(rows)
        assignments = self.conflict.assignments
        if assignments is not None and (repeated & (targets < 0)).any():
            raise _twice()
        inserted = rows.filter(pa.array((targets < 0) & ~repeated))
        if assignments is None:
            self.writer.insert(inserted)
            return inserted
        updated = self._update(assignments, rows, targets)  # first, for it may give up keys that others get
        self.writer.insert(inserted)
        return pa.concat_tables([inserted, updated.select(inserted.column_names).cast(inserted.schema)])

    def _locked_conflicts(self, rows: pa.Table) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
        """As `_conflicts`, of rows that nobody else changes any more."""
        while True:
            self.transaction.begin_writing()
            if self.transaction.is_behind((self.plan.table.oid,)):
                self.transaction.move_on()
                continue
            targets, repeated = self._conflicts(rows)
            hit = targets[targets >= 0]
            if self.conflict.assignments is None or not self.transaction.lock_rows(
                self.plan.table.oid, hit, Mode.FOR_UPDATE
            ):
                return targets, repeated

    @property
    def _arbiters(self) -> Sequence[UniqueConstraint]:
        arbiter = self.conflict.constraint
        return [arbiter] if arbiter is not None else self.plan.table.uniques

    def _conflicts(self, rows: pa.Table) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
        """For each new row the row in its way (-1: none), and whether an earlier new row is."""
        targets = np.full(rows.num_rows, -1, np.int64)
        keys = [self._keys(unique, rows) for unique in self._arbiters]
        for unique, each in zip(self._arbiters, keys, strict=True):
            found = self._targets(unique, each, rows.num_rows)
            targets = np.where(found >= 0, found, targets)
        repeated = np.zeros(rows.num_rows, np.bool_)
        for each in keys:
            repeated |= _repeats(each, rows.num_rows)
        if len(keys) > 1 and repeated.any():
            repeated = _repeats_of_taken(keys, targets)
        return targets, repeated

    def _keys(self, unique: UniqueConstraint, rows: pa.Table) -> pa.Table:
        """The keys of the new rows that have one, as k0, k1, ..., with the rows' numbers."""
        numbers = pa.array(np.arange(rows.num_rows))
        if unique.is_stored:
            keys = rows.select(list(unique.columns)).rename_columns(
                [f"k{index}" for index in range(len(unique.columns))]
            )
            present = np.ones(rows.num_rows, np.bool_)
            for column in keys.columns:
                present &= pc.is_valid(column).to_numpy()
            keys = keys.append_column(_NUMBER, numbers)
            return keys if present.all() else keys.filter(pa.array(present))
        source = unique_keys(self.catalog, self.plan.table, unique)
        with self.execution.cursor.registered({_ROWS: rows.append_column(_NUMBER, numbers)}):
            return self.execution.cursor.table(source.of(_ROWS, _NUMBER))

    def _targets(self, unique: UniqueConstraint, keys: pa.Table, count: int) -> npt.NDArray[np.int64]:
        source = unique_keys(self.catalog, self.plan.table, unique)
        sql = (
            f"SELECT n.{_NUMBER}, t.{RID} AS rid FROM {NEW_ROWS} AS n "
            f"JOIN ({source.of(self.plan.table.storage_name, RID)}) AS t ON {source.equal('n', 't')}"
        )
        with self.execution.cursor.registered({NEW_ROWS: keys}):
            found = self.execution.cursor.numpy(sql)
        rids = np.full(count, -1, np.int64)
        rids[np.asarray(found[_NUMBER], np.int64)] = found["rid"]
        return rids

    def _update(
        self, assignments: Mapping[str, Node], rows: pa.Table, targets: npt.NDArray[np.int64]
    ) -> pa.Table:
        hit = targets >= 0
        if len(np.unique(targets[hit])) != np.count_nonzero(hit):
            raise _twice()
        self._check_visible(targets[hit])
        proposed = rows.filter(pa.array(hit)).append_column(_TARGET, pa.array(targets[hit]))
        changed = self._changed_rows(assignments, proposed)
        rids = changed.column(RID)
        changed = self.writer.generate(changed.drop_columns([RID]))
        self._updater().check(changed)
        names = frozenset(assignments) | frozenset(self.plan.rules.generated)
        self.writer.update(changed, names, rids)
        return changed

    def _updater(self) -> RowWriter:
        """What is updated must pass the policies of UPDATE, not those of INSERT."""
        rules = replace(self.plan.rules, policies=self.conflict.policies)
        return RowWriter(self.transaction, self.plan.table, rules, self.changes)

    def _check_visible(self, targets: npt.NDArray[np.int64]) -> None:
        """The rows in the way must be visible, before anything of the client's is computed from them."""
        if not self.conflict.using or not len(targets):
            return
        found = {_TARGET: pa.array(targets)}
        with self.execution.cursor.registered({_TARGET: pa.table(found)}):
            sql = f"SELECT * FROM {self.plan.table.storage_name} WHERE {RID} IN (FROM {_TARGET})"
            rows = self.execution.cursor.table(sql)
        check_policies(self.execution.cursor, self.plan.table, self.conflict.using, rows)

    def _changed_rows(self, assignments: Mapping[str, Node], proposed: pa.Table) -> pa.Table:
        old = quote(self.conflict.alias)
        nodes = [*assignments.values()]
        items = [f"{old}.{RID} AS {RID}"]
        for column in self.plan.table.columns:
            node = assignments.get(column.name)
            value = sql_of(node) if node is not None else f"{old}.{quote(column.name)}"
            items.append(f"{value} AS {quote(column.name)}")
        where = ""
        if self.conflict.where is not None:
            where = f" WHERE {sql_of(self.conflict.where)}"
            nodes.append(self.conflict.where)
        used = frozenset[int]().union(*(parameters_of(node) for node in nodes))
        sql = (
            f"SELECT {', '.join(items)} FROM {NEW_ROWS} AS {EXCLUDED} "
            f"JOIN {self.plan.table.storage_name} AS {old} ON {old}.{RID} = {EXCLUDED}.{_TARGET}{where}"
        )
        with self.execution.cursor.registered({NEW_ROWS: proposed}):
            return self.execution.cursor.table(sql, self.execution.values.python(used))


def _twice() -> CardinalityViolation:
    return CardinalityViolation(
        "ON CONFLICT DO UPDATE command cannot affect row a second time",
        hint="Ensure that no rows proposed for insertion within the same command "
        "have duplicate constrained values.",
    )


def _repeats(keys: pa.Table, count: int) -> npt.NDArray[np.bool_]:
    """Rows whose key an earlier row of the same command has."""
    names = [name for name in keys.column_names if name != _NUMBER]
    grouped = keys.group_by(names).aggregate([(_NUMBER, "min")])
    repeated = np.zeros(count, np.bool_)
    repeated[keys.column(_NUMBER).to_numpy()] = True
    repeated[grouped.column(f"{_NUMBER}_min").to_numpy()] = False
    return repeated


def _repeats_of_taken(keys: list[pa.Table], targets: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """As `_repeats` over several keys. Row by row, since a row that is left out because of one key leaves
    its other keys to the rows behind it.
    """
    keys_of: list[list[tuple[object, ...]]] = [[] for _ in targets]
    for place, each in enumerate(keys):
        values = each.drop_columns([_NUMBER]).columns
        for number, *key in zip(
            each.column(_NUMBER).to_pylist(), *(v.to_pylist() for v in values), strict=True
        ):
            keys_of[number].append((place, *hashable(tuple(key))))
    taken: set[tuple[object, ...]] = set()
    repeated = np.zeros(len(targets), np.bool_)
    for number, own in enumerate(keys_of):
        repeated[number] = not taken.isdisjoint(own)
        if targets[number] < 0 and not repeated[number]:
            taken.update(own)
    return repeated
