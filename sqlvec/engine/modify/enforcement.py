"""Enforcement: the end of a statement: what its writes ask of constraints is carried out and checked."""

from __future__ import annotations

import pyarrow as pa

from sqlvec.core.schema import RID, ForeignKey, Table, UniqueConstraint
from sqlvec.planner.catalog import Catalog
from sqlvec.planner.modify import NEW_ROWS

from ..transaction import Transaction
from .deferral import defer
from .foreign_key_check import check_references, check_rows
from .referential_action import ReferentialAction
from .row_changes import RowChange, RowChanges
from .text import quote
from .unique_check import UniqueCheck
from .unique_keys import unique_keys

_OLD = "sqlvec_old"  # and a number: what a column was before


class Enforcement:
    """Works off the changes of a statement in order. Actions of foreign keys add further ones behind them,
    so that cascades go as far as they must, each level with one query per foreign key.
    """

    def __init__(self, transaction: Transaction, catalog: Catalog) -> None:
        self.changes = RowChanges(transaction)
        self._transaction = transaction
        self._catalog = catalog

    def run(self) -> None:
        while (change := self.changes.take()) is not None:
            table = self._transaction.catalog.table(change.table.oid)
            for unique in table.uniques:
                if change.new is not None and not unique.is_stored and _concerns(unique, change):
                    self._check_unique(table, unique, change)
            if change.old is not None:
                self._act(change)
            for key in table.foreign_keys:
                if change.new is not None and not change.columns.isdisjoint(key.columns):
                    self._check_foreign_key(table, key, change)

    def _check_unique(self, table: Table, unique: UniqueConstraint, change: RowChange) -> None:
        check = UniqueCheck(self._transaction, table, unique, unique_keys(self._catalog, table, unique))
        check.lock(change.new_rids)
        if self._transaction.deferred.is_deferred(unique):
            defer(self._transaction, unique, rows=change.new_rids)
        else:
            check.run(change.new_rids)

    def _act(self, change: RowChange) -> None:
        action = ReferentialAction(self._transaction, self._catalog, self.changes)
        for child, key in self._transaction.catalog.references_to(change.table.oid):
            if not change.columns.isdisjoint(key.keys):
                action.run(child, key, change)

    def _check_foreign_key(self, table: Table, key: ForeignKey, change: RowChange) -> None:
        rows = self._with_new_key(key, change)
        if self._transaction.deferred.is_deferred(key):
            defer(self._transaction, key, rows=rows.column(RID).to_numpy())
        elif self.changes.has_more_of(table):  # an action may have changed them again
            check_rows(self._transaction, table, key, rows.column(RID).to_numpy())
        else:
            check_references(self._transaction, table, key, rows)

    def _with_new_key(self, key: ForeignKey, change: RowChange) -> pa.Table:
        """The rows whose foreign key is another than before; the others may be older than a NOT VALID one."""
        assert change.new is not None
        if change.old is None:
            return change.new
        names = {f"{_OLD}{index}": change.old.column(name) for index, name in enumerate(key.columns)}
        rows = pa.table({RID: change.new.column(RID), **names})
        for name in key.columns:
            rows = rows.append_column(name, change.new.column(name))
        differs = (f"{quote(name)} IS DISTINCT FROM {_OLD}{index}" for index, name in enumerate(key.columns))
        wanted = ", ".join([RID, *map(quote, key.columns)])
        with self._transaction.cursor.registered({NEW_ROWS: rows}):
            return self._transaction.cursor.table(
                f"SELECT {wanted} FROM {NEW_ROWS} WHERE {' OR '.join(differs)}"
            )


def _concerns(unique: UniqueConstraint, change: RowChange) -> bool:
    """Whether a change may have touched the keys; expressions and WHERE may read any column."""
    is_plain = not unique.expressions and unique.where is None
    return change.old is None or not is_plain or not change.columns.isdisjoint(unique.columns)
