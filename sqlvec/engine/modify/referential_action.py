"""ReferentialAction: what happens to the children of keys that are gone."""

from __future__ import annotations

from typing import assert_never

import pyarrow as pa

from sqlvec.core.errors import FeatureNotSupported
from sqlvec.core.schema import RID, ForeignKey, Table
from sqlvec.planner.catalog import Catalog
from sqlvec.planner.logical import sql_of
from sqlvec.planner.modify import RowRules, row_rules
from sqlvec.planner.stored import default_value
from sqlvec.storage.snapshot import Ints

from ..locks.modes import Mode
from ..transaction import Transaction
from .deferral import defer
from .key_loss import KeyLoss, lost_keys
from .key_match import KeyMatch
from .row_changes import RowChange, RowChanges
from .writer import RowWriter


class ReferentialAction:
    """Carries out the ON DELETE and ON UPDATE of foreign keys; what it writes are changes again."""

    def __init__(self, transaction: Transaction, catalog: Catalog, changes: RowChanges) -> None:
        self._transaction = transaction
        self._catalog = catalog
        self._changes = changes

    def run(self, table: Table, key: ForeignKey, change: RowChange) -> None:
        """`table` has the foreign key that references the changed table."""
        transaction = self._transaction
        match = KeyMatch(table, key, transaction.catalog.table(change.table.oid))
        loss = KeyLoss(transaction, match, lost_keys(transaction, match, change))
        if not loss.keys.num_rows:
            return
        transaction.lock_references(match.parent.oid, match.resources(loss.keys), Mode.FOR_UPDATE)
        action = key.on_delete if change.new is None else key.on_update
        if action == "NO ACTION" and transaction.deferred.is_deferred(key):
            defer(transaction, key, keys=loss.keys)
            return
        is_check = action in ("NO ACTION", "RESTRICT")
        transaction.lock_table(table.oid, Mode.ROW_SHARE if is_check else Mode.ROW_EXCLUSIVE)
        loss.see_newest()
        match action:
            case "NO ACTION":
                loss.must_be_unused(only_orphans=True)
            case "RESTRICT":
                loss.must_be_unused(only_orphans=False)
            case "CASCADE" if change.new is None:
                self._delete(loss)
            case "CASCADE":
                self._update(loss, {name: f"g.n{index}" for index, name in enumerate(key.columns)})
            case "SET NULL":
                self._update(loss, dict.fromkeys(_cleared(key, change), "NULL"))
            case "SET DEFAULT":
                self._update(loss, {name: self._default(table, name) for name in _cleared(key, change)})
                # A default that is the lost key itself changed nothing, so nobody else finds it missing.
                loss.must_be_unused(only_orphans=True)
            case _:
                assert_never(action)

    def _delete(self, loss: KeyLoss) -> None:
        rids = self._locked(loss, Mode.FOR_UPDATE)
        if len(rids):
            writer = RowWriter(self._transaction, loss.match.table, RowRules(), self._changes)
            writer.delete(pa.chunked_array([rids]))

    def _update(self, loss: KeyLoss, values: dict[str, str]) -> None:
        table = loss.match.table
        rules = row_rules(self._catalog, table)
        writer = RowWriter(self._transaction, table, rules, self._changes)
        changed = frozenset(values) | frozenset(rules.generated)
        rids = self._locked(loss, writer.lock_mode(changed))
        if not len(rids):
            return
        rows = loss.rows_with(values, rids)
        old = rows.column(RID)
        rows = writer.generate(rows.drop_columns([RID]))
        writer.check(rows)
        writer.update(rows, changed, old)

    def _locked(self, loss: KeyLoss, mode: Mode) -> Ints:
        """The children as they are, which nobody else changes any more."""
        while True:
            rids: Ints = loss.children().column("rid").to_numpy()
            if not self._transaction.lock_rows(loss.match.table.oid, rids, mode):
                return rids

    def _default(self, table: Table, name: str) -> str:
        column = table.column(name)
        assert column is not None
        if column.sequence_oid is not None:
            raise FeatureNotSupported("SET DEFAULT of a column that a sequence numbers is not supported")
        node = default_value(self._catalog, table, column)
        return sql_of(node) if node is not None else "NULL"


def _cleared(key: ForeignKey, change: RowChange) -> tuple[str, ...]:
    return key.delete_columns if change.new is None and key.delete_columns else key.columns
