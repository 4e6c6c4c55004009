"""UPDATE: the query of the changed rows."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from sqlvec.core.errors import FeatureNotSupported, GeneratedAlways, SqlSyntaxError, UndefinedColumn
from sqlvec.core.schema import RID, Column, Table
from sqlvec.core.types.pg_type import PgType

from ..bind.binder import Binder
from ..bind.from_items import bind_item
from ..bind.primaries import fold
from ..bind.query import bind_query
from ..bind.row_security import is_guarded, open_target, update_checks
from ..bind.scope import Scope
from ..bind.typed import Node, Typed, is_row, position_of, quoted
from ..catalog import Catalog
from ..plan import new_binder
from .assignment import assign, default_of, is_default, refuse_aggregates
from .plans import UpdatePlan
from .returning import bind_returning
from .rules import row_rules
from .target import bind_others, bind_with, rows_query, target_table, written


def plan_update(
    tree: Node, catalog: Catalog, text: str, count: int, declared: tuple[PgType | None, ...]
) -> UpdatePlan:
    tree = tree.copy()
    binder = new_binder(catalog, text, count, declared)
    scope = Scope()
    bind_with(binder, tree, scope)
    table, alias = target_table(binder, tree.this, "w")
    binder.pending = written(binder)
    bound_table = bind_item(binder, tree.this, scope)
    others = bind_others(binder, _from_items(tree), scope)
    assignments = bind_assignments(binder, tree.expressions, table, scope)
    written(binder).updated.update(column.number for column in table.columns if column.name in assignments)
    rules = row_rules(catalog, table)
    returning, extras = bind_returning(binder, tree, table, alias, scope.entries[1:])
    everything = returning is not None or bool(rules.generated) or is_guarded(binder, table)
    everything = everything or _may_fail(table, assignments) or _moves(table, assignments)
    items: list[Node] = [exp.Alias(this=exp.column(quoted(RID), table=quoted(alias)), alias=quoted(RID))]
    for column in table.columns:
        if everything or column.name in assignments:
            value = assignments.get(column.name) or exp.column(quoted(column.name), table=quoted(alias))
            items.append(exp.Alias(this=value, alias=quoted(column.name)))
    source = rows_query(binder, tree, [*items, *extras], bound_table, others, scope)
    open_target(binder, bound_table, table, "UPDATE")
    return UpdatePlan(
        table,
        source,
        binder.parameters.types(),
        dict(binder.system_relations),
        returning,
        frozenset(binder.tables),
        tuple(binder.locking),
        frozenset(assignments) | frozenset(rules.generated),
        replace(rules, policies=update_checks(binder, table)),
        accesses=tuple(binder.accesses),
        reads_session=binder.reads_settings,
        is_guarded=binder.is_guarded,
    )


def _moves(table: Table, assignments: dict[str, Node]) -> bool:
    """Whether a vector changes, which makes another row of it."""
    return any(column.is_vector for column in table.columns if column.name in assignments)


def _may_fail(table: Table, assignments: dict[str, Node]) -> bool:
    """Whether a message may have to show whole rows."""
    return bool(table.checks) or any(c.not_null for c in table.columns if c.name in assignments)


def _from_items(tree: Node) -> list[Node]:
    """FROM a JOIN b, c: sqlglot hangs the joins on the first table."""
    from_ = tree.args.get("from_") or tree.args.get("from")
    return [] if from_ is None else [from_.this]


def bind_assignments(binder: Binder, items: list[Node], table: Table, scope: Scope) -> dict[str, Node]:
    """SET's targets with their values in the columns' types."""
    found: dict[str, Node] = {}
    for item in items:
        for target, value in _pairs(binder, item, scope):
            column = _target_column(table, target)
            if column.name in found:
                raise SqlSyntaxError(
                    f'multiple assignments to same column "{column.name}"', position=position_of(target)
                )
            found[column.name] = _assigned(binder, column, value, scope)
    return found


def _target_column(table: Table, target: Node) -> Column:
    # t.n = 1 is field n of a column t to PostgreSQL.
    named = (target.args.get("table") or target.this) if isinstance(target, exp.Column) else target
    name = fold(named)
    column = table.column(name)
    if column is None:
        raise UndefinedColumn(
            f'column "{name}" of relation "{table.name}" does not exist', position=position_of(target)
        )
    if isinstance(target, exp.Column) and target.args.get("table") is not None:
        raise FeatureNotSupported("assignment to a field of a column is not supported")
    return column


def _pairs(binder: Binder, item: Node, scope: Scope) -> list[tuple[Node, Node | Typed]]:
    """A = 1, (a, b) = (1, 2) and (a, b) = (SELECT ...)."""
    if not isinstance(item, exp.EQ):
        raise SqlSyntaxError("syntax error in SET clause", position=position_of(item))
    if not isinstance(item.this, exp.Tuple | exp.Paren):
        return [(item.this, item.expression)]
    targets = item.this.expressions if isinstance(item.this, exp.Tuple) else [item.this.this]
    values = _values(binder, item.expression, len(targets), scope)
    if len(targets) != len(values):
        raise SqlSyntaxError(
            "number of columns does not match number of values", position=position_of(item.expression)
        )
    return list(zip(targets, values, strict=True))


def _values(binder: Binder, values: Node, count: int, scope: Scope) -> list[Node | Typed]:
    if is_row(values):
        return list(values.expressions)
    if isinstance(values, exp.Subquery):
        return list(_subquery_values(binder, values, scope))
    if count == 1:
        return [values]
    raise FeatureNotSupported(
        "source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression",
        position=position_of(values),
    )


def _subquery_values(binder: Binder, subquery: exp.Subquery, scope: Scope) -> list[Typed]:
    """One scalar subquery per column: DuckDB has no row of several to give."""
    bound = bind_query(binder, subquery.this, scope)
    names = [quoted(f"c{index}") for index in range(len(bound.columns))]
    values: list[Typed] = []
    for name, column in zip(names, bound.columns, strict=True):
        alias = exp.TableAlias(this=quoted("q"), columns=[each.copy() for each in names])
        inner = exp.Subquery(this=bound.tree.copy(), alias=alias)
        pick = exp.Select(expressions=[exp.column(name.copy(), table=quoted("q"))]).from_(inner)
        values.append(Typed(exp.Subquery(this=pick), column.type, column.typmod))
    return values


def _assigned(binder: Binder, column: Column, value: Node | Typed, scope: Scope) -> Node:
    if not isinstance(value, Typed) and is_default(value):
        return default_of(binder, column, omitted=False)
    kind = "a generated column"
    if column.generated is not None or column.identity == "ALWAYS":
        if column.generated is None:
            kind = "an identity column defined as GENERATED ALWAYS"
        raise GeneratedAlways(
            f'column "{column.name}" can only be updated to DEFAULT',
            detail=f'Column "{column.name}" is {kind}.',
        )
    if not isinstance(value, Typed):
        refuse_aggregates(value, "UPDATE")
        value = binder.expression(value, scope)
    return assign(binder, column, value).node
