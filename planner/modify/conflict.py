"""ON CONFLICT: the constraint that is looked at, and what becomes of the row in the way."""

from __future__ import annotations

from sqlglot import exp

from sqlvec.core.errors import (
    InvalidColumnReference,
    ObjectNotInPrerequisiteState,
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
from ..logical import sql_of
from ..parse import parse_expression
from .plans import EXCLUDED, NEW_ROWS, OnConflict
from .update import bind_assignments


def bind_conflict(binder: Binder, tree: Node, table: Table, alias: str, outer: Scope) -> OnConflict | None:
    conflict = tree.args.get("conflict")
    if conflict is None:
        return None
    constraint = _arbiter(binder, conflict, table)
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


def _arbiter(binder: Binder, conflict: Node, table: Table) -> UniqueConstraint | None:
    found = _named(conflict, table) if conflict.args.get("constraint") is not None else None
    if found is None and conflict.args.get("conflict_keys"):
        found = _inferred(binder, conflict, table)
    for unique in table.uniques if found is None else [found]:
        if unique.is_deferrable:
            raise ObjectNotInPrerequisiteState(
                "ON CONFLICT does not support deferrable unique constraints/exclusion constraints "
                "as arbiters",
                schema=table.schema,
                table=table.name,
                constraint=unique.name,
            )
    return found


def _named(conflict: Node, table: Table) -> UniqueConstraint:
    name = conflict.args["constraint"]
    wanted = fold(name if isinstance(name, exp.Identifier) else name.this)
    found = next((u for u in table.uniques if u.name == wanted and u.is_constraint), None)
    if found is None:
        raise UndefinedObject(f'constraint "{wanted}" for table "{table.name}" does not exist')
    return found


def _inferred(binder: Binder, conflict: Node, table: Table) -> UniqueConstraint:
    """The unique constraint or index over these columns and expressions; one with WHERE only if the
    conditions given contain those of the index.
    """
    scope = Scope(entries=[RangeEntry(NEW_ROWS, scope_columns(table.columns, table.oid))])
    keys = {_key_sql(binder, key, table, scope) for key in conflict.args["conflict_keys"]}
    predicate = conflict.args.get("index_predicate")
    given = _conditions(binder, _condition_of(predicate), scope) if predicate is not None else set()
    found = [
        unique
        for unique in table.uniques
        if _stored_keys(binder, unique, scope) == keys
        and (unique.where is None or _conditions(binder, parse_expression(unique.where), scope) <= given)
    ]
    if not found:
        raise InvalidColumnReference(
            "there is no unique or exclusion constraint matching the ON CONFLICT specification"
        )
    return min(found, key=lambda unique: (unique.where is not None, unique.is_deferrable))


def _condition_of(predicate: Node) -> Node:
    return predicate.this if isinstance(predicate, exp.Where) else predicate


def _key_sql(binder: Binder, key: Node, table: Table, scope: Scope) -> str:
    name = _key_name(key)
    if name is not None:
        if table.column(name) is None:
            raise UndefinedColumn(f'column "{name}" does not exist', position=position_of(key))
        return _bound(binder, exp.column(exp.to_identifier(name, quoted=True)), scope)
    return _bound(binder, key.this if isinstance(key, exp.Ordered) else key, scope)


def _stored_keys(binder: Binder, unique: UniqueConstraint, scope: Scope) -> set[str]:
    if unique.expressions:
        return {_bound(binder, parse_expression(text), scope) for text in unique.expressions}
    names = (exp.column(exp.to_identifier(name, quoted=True)) for name in unique.columns)
    return {_bound(binder, name, scope) for name in names}


def _conditions(binder: Binder, condition: Node, scope: Scope) -> set[str]:
    """The parts that AND joins."""
    if isinstance(condition, exp.Paren):
        return _conditions(binder, condition.this, scope)
    if isinstance(condition, exp.And):
        left, right = condition.this, condition.expression
        return _conditions(binder, left, scope) | _conditions(binder, right, scope)
    return {_bound(binder, condition, scope)}


def _bound(binder: Binder, node: Node, scope: Scope) -> str:
    """Two expressions that mean the same by name and type have one SQL text."""
    if isinstance(node, exp.Paren):
        return _bound(binder, node.this, scope)
    return sql_of(binder.expression(node.copy(), scope).node)


def _key_name(node: Node) -> str | None:
    """The column's name; None for an expression."""
    inner = node
    while not isinstance(inner, exp.Identifier):
        if isinstance(inner, exp.Func | exp.Binary | exp.Paren) or not isinstance(inner.this, exp.Expression):
            return None
        inner = inner.this
    return fold(inner)
