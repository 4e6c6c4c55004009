"""KeyLoss: keys that rows of a parent table had and have no more, and which children still use them."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from sqlvec.core.errors import ForeignKeyViolation, SerializationFailure
from sqlvec.core.schema import RID
from sqlvec.planner.modify import NEW_ROWS
from sqlvec.storage.snapshot import Ints

from ..locks.modes import Mode
from ..transaction import Transaction
from .key_match import KeyMatch
from .row_changes import RowChange
from .text import key_text, quote

_KNOWN = "sqlvec_known"


def lost_keys(transaction: Transaction, match: KeyMatch, change: RowChange) -> pa.Table:
    """The keys before as k0, k1, ... and, of an update, those after as n0, n1, ...; `place` is their order.

    Keys with a null are not among them, since nobody references them, nor are those that stayed.
    """
    old, new = change.old, change.new
    assert old is not None
    names = match.key.keys
    columns = {f"k{index}": old.column(name) for index, name in enumerate(names)}
    where = [f"k{index} IS NOT NULL" for index in range(len(names))]
    if new is not None:
        columns |= {f"n{index}": new.column(name) for index, name in enumerate(names)}
        differs = " OR ".join(f"k{index} IS DISTINCT FROM n{index}" for index in range(len(names)))
        where.append(f"({differs})")
    columns["place"] = pa.array(range(old.num_rows))
    with transaction.cursor.registered({NEW_ROWS: pa.table(columns)}):
        return transaction.cursor.table(
            f"SELECT * FROM {NEW_ROWS} WHERE {' AND '.join(where)} ORDER BY place"
        )


@dataclass(frozen=True, slots=True)
class KeyLoss:
    """Of one foreign key. `keys` is what `lost_keys` gives."""

    transaction: Transaction
    match: KeyMatch
    keys: pa.Table

    def children(self, *, only_orphans: bool = False) -> pa.Table:
        """Row ids (`rid`) and keys of the rows that use a lost key, in the order of the keys; with
        `only_orphans` those whose key no parent has taken over.
        """
        child = self.match.table.storage_name
        sql = f"SELECT c.{RID} AS rid, g.* FROM {child} AS c JOIN {NEW_ROWS} AS g ON {self.match.same('c')}"
        if only_orphans:
            parent = self.match.parent.storage_name
            sql += f" WHERE NOT EXISTS (SELECT 1 FROM {parent} AS p WHERE {self.match.equal('c', 'p')})"
        with self.transaction.cursor.registered({NEW_ROWS: self.keys}):
            return self.transaction.cursor.table(f"{sql} ORDER BY g.place, c.{RID}")

    def see_newest(self) -> None:
        """Children that others have inserted until now count, too. REPEATABLE READ fails on them."""
        child = self.match.table.oid
        if self.transaction.is_behind((child, self.match.parent.oid)):
            self.transaction.move_on()
        elif self.transaction.sees_own_snapshot:
            self._refuse_unseen()

    def _refuse_unseen(self) -> None:
        delta = self.transaction.deltas.get(self.match.table.oid)
        changed = [*delta.deleted, *delta.touched] if delta is not None else []
        known = pa.chunked_array([*map(pa.array, changed), *self.children().column("rid").chunks], pa.int64())
        sql = (
            f"SELECT 1 FROM {self.match.table.storage_name} AS c JOIN {NEW_ROWS} AS g "
            f"ON {self.match.same('c')} WHERE c.{RID} NOT IN (SELECT rid FROM {_KNOWN}) LIMIT 1"
        )
        if self.transaction.store.probe(sql, {NEW_ROWS: self.keys, _KNOWN: pa.table({"rid": known})}):
            raise SerializationFailure("could not serialize access due to concurrent update")

    def must_be_unused(self, *, only_orphans: bool) -> None:
        """NO ACTION and RESTRICT; waits for whoever may be about to remove the child in the way."""
        while True:
            children = self.children(only_orphans=only_orphans)
            if not children.num_rows:
                return
            first: Ints = children.column("rid").slice(0, 1).to_numpy()
            if not self.transaction.lock_rows(self.match.table.oid, first, Mode.FOR_KEY_SHARE):
                raise self._violation(children)

    def _violation(self, children: pa.Table) -> ForeignKeyViolation:
        table, key, parent = self.match.table, self.match.key, self.match.parent
        names = [f"k{index}" for index in range(len(key.keys))]
        value = key_text(self.match.keys, children.select(names))
        return ForeignKeyViolation(
            f'update or delete on table "{parent.name}" violates foreign key constraint "{key.name}" '
            f'on table "{table.name}"',
            detail=f'Key ({", ".join(key.keys)})=({value}) is still referenced from table "{table.name}".',
            schema=table.schema,
            table=table.name,
            constraint=key.name,
        )

    def rows_with(self, values: dict[str, str], rids: Ints) -> pa.Table:
        """Whole rows of the child table with some columns replaced by SQL over g, the keys."""
        table = self.match.table
        items = [f"c.{RID}"]
        for column in table.columns:
            value = values.get(column.name)
            sql = f"CAST({value} AS {column.duckdb_type})" if value is not None else f"c.{quote(column.name)}"
            items.append(f"{sql} AS {quote(column.name)}")
        sql = (
            f"SELECT {', '.join(items)} FROM {table.storage_name} AS c JOIN {NEW_ROWS} AS g "
            f"ON {self.match.same('c')} WHERE c.{RID} IN (SELECT rid FROM {_KNOWN}) ORDER BY c.{RID}"
        )
        known = pa.table({"rid": rids})
        with self.transaction.cursor.registered({NEW_ROWS: self.keys, _KNOWN: known}):
            return self.transaction.cursor.table(sql)
