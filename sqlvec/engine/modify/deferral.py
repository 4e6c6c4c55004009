"""Deferral: checks put off until COMMIT or SET CONSTRAINTS ... IMMEDIATE, and made then."""

from __future__ import annotations

from functools import partial

import numpy as np
import pyarrow as pa

from sqlvec.core.errors import ObjectInUse
from sqlvec.core.schema import ForeignKey, Table, UniqueConstraint
from sqlvec.storage.snapshot import Ints

from ..locks.modes import Mode
from ..transaction import Transaction
from .foreign_key_check import check_rows
from .key_loss import KeyLoss
from .key_match import KeyMatch
from .unique_check import UniqueCheck
from .unique_keys import plain_keys


def defer(
    transaction: Transaction,
    constraint: ForeignKey | UniqueConstraint,
    *,
    rows: Ints | None = None,
    keys: pa.Table | None = None,
) -> None:
    """Look at these rows, or for users of these lost keys, later."""
    if rows is not None and len(rows):
        transaction.deferred.add_rows(constraint.oid, rows)
    if keys is not None and keys.num_rows:
        transaction.deferred.add_keys(constraint.oid, keys)
    transaction.before_commit = partial(check_deferred, transaction)


def check_deferred(transaction: Transaction, *, only_immediate: bool = False) -> None:
    """Everything put off, or with `only_immediate` what is not deferred any more."""
    for table in transaction.catalog.each(Table):
        for constraint in table.keys:
            if constraint.oid not in transaction.deferred.constraints:
                continue
            if only_immediate and transaction.deferred.is_deferred(constraint):
                continue
            rows, keys = transaction.deferred.take(constraint.oid)
            if isinstance(constraint, UniqueConstraint):
                _check_unique(transaction, table, constraint, np.concatenate(rows))
            else:
                _check_foreign_key(transaction, table, constraint, rows, keys)


def _check_unique(transaction: Transaction, table: Table, unique: UniqueConstraint, rids: Ints) -> None:
    UniqueCheck(transaction, table, unique, plain_keys(table, unique)).run(rids)


def _check_foreign_key(
    transaction: Transaction, table: Table, key: ForeignKey, rows: list[Ints], keys: list[pa.Table]
) -> None:
    for lost in keys:
        match = KeyMatch(table, key, transaction.catalog.table(key.parent))
        loss = KeyLoss(transaction, match, lost)
        transaction.lock_table(table.oid, Mode.ROW_SHARE)
        loss.see_newest()
        loss.must_be_unused(only_orphans=True)
    if rows:
        check_rows(transaction, table, key, np.concatenate(rows))


def must_not_be_pending(transaction: Transaction, table: Table, command: str) -> None:
    """What was put off is about rows as they are, so their table cannot be changed before."""
    deferred = transaction.deferred
    others = transaction.catalog.references_to(table.oid)
    if any(each.oid in deferred.rows for each in table.keys) or any(
        key.oid in deferred.keys for _, key in others
    ):
        raise ObjectInUse(f'cannot {command} "{table.name}" because it has pending trigger events')
