"""ON CONFLICT: the constraint that is looked at, and what becomes of the row in the way."""

from __future__ import annotations

from sqlglot import exp

from sqlvec.core.errors import (
    FeatureNotSupported,
    InvalidColumnReference,
    SqlSyntaxError,
    UndefinedColumn,
    UndefinedObject,
)
from sqlvec.core.schema import Table, UniqueConstraint

from ..bind.binder import Binder
from ..bind.coerce import as_boolean
from ..bind.from_items import scope_columns
from ..bind.primaries import fold
from ..bind.row_security import PolicyCheck, conflict_checks, update_checks
from ..bind.scope import RangeEntry, Scope
from ..bind.typed import Node, position_of
from .plans import EXCLUDED, OnConflict
from .update import bind_assignments


def bind_conflict(binder: Binder, tree: Node, table: Table, alias: str, outer: Scope) -> OnConflict | None:
    conflict = tree.args.get("conflict")
    if conflict is None:
        return None
    constraint = _arbiter(conflict, table)
    if constraint is not None and binder.written is not None:
        keys = {column.number for column in table.columns if column.name in constraint.columns}
        binder.written.selected.update(keys)
    action = str(conflict.args.get("action") or "").upper()
    if "NOTHING" in action or not conflict.expressions:
        return OnConflict(constraint, alias)
    if constraint is None:
        raise SqlSyntaxError(
            "ON CONFLICT DO UPDATE requires inference specification or constraint name",
            hint="For example, ON CONFLICT (column_name).",
        )
    columns = scope_columns(table.columns, table.oid)
    own = RangeEntry(alias, columns, access=binder.written)
    scope = Scope(parent=outer, entries=[own, RangeEntry(EXCLUDED, columns)])
    if binder.written is not None and "w" not in binder.written.required:
        binder.written.required += "w"
    assignments = bind_assignments(binder, conflict.expressions, table, scope)
    if binder.written is not None:
        numbers = {column.number for column in table.columns if column.name in assignments}
        binder.written.updated.update(numbers)
    where = conflict.args.get("where")
    if where is None:
        return OnConflict(constraint, alias, assignments, None, *_policies(binder, table))
    condition = as_boolean(binder, binder.expression(where.this, scope), "WHERE").node
    return OnConflict(constraint, alias, assignments, condition, *_policies(binder, table))


def _policies(binder: Binder, table: Table) -> tuple[tuple[PolicyCheck, ...], tuple[PolicyCheck, ...]]:
    """Of the row in the way, and of what becomes of it."""
    return conflict_checks(binder, table), update_checks(binder, table)


def _arbiter(conflict: Node, table: Table) -> UniqueConstraint | None:
    name = conflict.args.get("constraint")
    if name is not None:
        wanted = fold(name if isinstance(name, exp.Identifier) else name.this)
        found = next((u for u in table.uniques if u.name == wanted and u.is_constraint), None)
        if found is None:
            raise UndefinedObject(f'constraint "{wanted}" for table "{table.name}" does not exist')
        return found
    keys = conflict.args.get("conflict_keys") or []
    if not keys:
        return None
    names = [_key_name(key) for key in keys]
    for key, each in zip(keys, names, strict=True):
        if table.column(each) is None:
            raise UndefinedColumn(f'column "{each}" does not exist', position=position_of(key))
    for unique in table.uniques:
        if set(unique.columns) == set(names):
            return unique
    raise InvalidColumnReference(
        "there is no unique or exclusion constraint matching the ON CONFLICT specification"
    )


def _key_name(node: Node) -> str:
    inner = node
    while not isinstance(inner, exp.Identifier):
        if isinstance(inner, exp.Func) or not isinstance(inner.this, exp.Expression):
            raise FeatureNotSupported("ON CONFLICT with expressions is not supported")
        inner = inner.this
    return fold(inner)
