"""Comparison: =, <, IN, BETWEEN, IS DISTINCT FROM."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from sqlvec.core.errors import SqlSyntaxError
from sqlvec.core.types.pg_type import PgType

from .binder import Binder
from .coerce import no_operator, resolve, settle, unify
from .operands import SYMBOLS, is_comparable, operands, rebuild
from .quantified import is_quantifier, quantified
from .row_comparison import compare_rows, row_in_list, row_in_query, row_with_query, spelled_row
from .scope import Scope
from .typed import BOOL, JSONB, Node, Typed, is_row, paren, position_of
from .value_comparison import aligned, jsonb_key


def compare(binder: Binder, node: Node, scope: Scope) -> Typed:
    right_side = node.expression
    if is_quantifier(right_side):
        return quantified(binder, node, scope)
    if is_row(node.this) or is_row(right_side):
        return _row_compare(binder, node, scope)
    where = binder.text_position(node.this, right_side)
    left, right = operands(binder, node, scope)
    assert isinstance(node, exp.Binary)
    left, right = aligned(binder, type(node), left, right, where)
    return Typed(rebuild(node, left.node, right.node), BOOL)


def _row_compare(binder: Binder, node: Node, scope: Scope) -> Typed:
    assert isinstance(node, exp.Binary)
    kind, position = type(node), binder.text_position(node.this, node.expression)
    right = node.expression
    if is_row(node.this) and is_row(right):
        sides = [spelled_row(binder, side, scope) for side in (node.this, right)]
        return compare_rows(binder, kind, sides[0], sides[1], position)
    query = _query_of(right)
    if query is not None:
        left = spelled_row(binder, node.this, scope)
        return row_with_query(binder, kind, left, query, scope, position)
    values = [settle(binder, binder.expression(side, scope)) for side in (node.this, right)]
    if any(value.type is not None and value.type.name != "record" for value in values):
        raise no_operator(SYMBOLS.get(kind, "="), values, position)
    return Typed(rebuild(node, values[0].node, values[1].node), BOOL)


def _query_of(node: Node) -> Node | None:
    while isinstance(node, exp.Paren):
        node = node.this
    if isinstance(node, exp.Subquery):
        node = node.this
    return node if isinstance(node, (exp.Query, exp.Values)) else None


def between(binder: Binder, node: Node, scope: Scope) -> Typed:
    sides = ("this", "low", "high")
    if any(is_row(node.args[side]) for side in sides):
        subject, low, high = (node.args[side] for side in sides)
        at_least = exp.GTE(this=subject.copy(), expression=low)
        return binder.expression(
            exp.Paren(this=exp.And(this=at_least, expression=exp.LTE(this=subject, expression=high))), scope
        )
    values = [binder.expression(node.args[side], scope) for side in sides]
    known = next((value for value in values if not value.is_open and value.type is not None), None)
    if known is not None and known.type is not None:
        values = [resolve(binder, value, known.type) for value in values]
    values = [settle(binder, value) for value in values]
    for value in values[1:]:
        if not is_comparable(values[0].type, value.type):
            raise no_operator(">=", [values[0], value], position_of(node))
    for side, value in zip(sides, values, strict=True):
        node.set(side, paren(value.node))
    return Typed(node, BOOL)


def in_list(binder: Binder, node: Node, scope: Scope) -> Typed:
    query = _listed_query(node)
    if is_row(node.this):
        return _row_in(binder, node, query, scope)
    left = binder.expression(node.this, scope)
    if query is not None:
        inner = query.this if isinstance(query, exp.Subquery) else query
        bound = binder.query(inner, scope)
        if len(bound.columns) != 1:
            raise SqlSyntaxError("subquery has too many columns", position=position_of(query))
        if left.is_open and bound.columns[0].type is not None:
            left = resolve(binder, left, bound.columns[0].type)
        if not is_comparable(settle(binder, left).type, bound.columns[0].type):
            raise no_operator("=", [left, Typed(bound.tree, bound.columns[0].type)], left.position)
        node.set("expressions", None)
        node.set("query", exp.Subquery(this=bound.tree))
        node.set("this", paren(settle(binder, left).node))
        return Typed(node, BOOL)
    items = [binder.expression(item, scope) for item in node.expressions]
    values, _ = unify_for_comparison(binder, [left, *items])
    node.set("this", paren(values[0].node))
    node.set("expressions", [value.node for value in values[1:]])
    return Typed(node, BOOL)


def _listed_query(node: Node) -> Node | None:
    """The query of IN (SELECT ...), also IN (VALUES ...), which sqlglot takes for a list."""
    items = node.expressions
    found = items[0] if len(items) == 1 and isinstance(items[0], exp.Values) else node.args.get("query")
    assert found is None or isinstance(found, Node)
    return found


def _row_in(binder: Binder, node: Node, query: Node | None, scope: Scope) -> Typed:
    left = spelled_row(binder, node.this, scope)
    if query is not None:
        inner = query.this if isinstance(query, exp.Subquery) else query
        return row_in_query(binder, node, left, inner, scope)
    position = binder.text_position(node.this, node.expressions[0])
    for item in node.expressions:
        if not is_row(item):
            values = [binder.expression(side, scope) for side in (node.this, item)]
            raise no_operator("=", values, position)
    items = [spelled_row(binder, item, scope) for item in node.expressions]
    return row_in_list(binder, node, left, items, position)


def unify_for_comparison(binder: Binder, values: list[Typed]) -> tuple[list[Typed], PgType | None]:
    known = next((value for value in values if not value.is_open), None)
    if known is None:
        return unify(binder, values, "IN")
    target = known.type
    resolved = [
        resolve(binder, value, target) if target is not None else settle(binder, value) for value in values
    ]
    for value in resolved[1:]:
        if not is_comparable(resolved[0].type, value.type):
            raise no_operator("=", [resolved[0], value], value.position)
    if target is not None and target.oid == JSONB.oid:
        resolved = [replace(value, node=jsonb_key(value.node)) for value in resolved]
    return resolved, target


def distinct_from(binder: Binder, node: Node, scope: Scope) -> Typed:
    assert isinstance(node, exp.Binary)
    if is_row(node.this) and is_row(node.expression):
        position = binder.text_position(node.this, node.expression)
        rows = [spelled_row(binder, side, scope) for side in (node.this, node.expression)]
        return compare_rows(binder, type(node), rows[0], rows[1], position)
    sides = [settle(binder, side) for side in operands(binder, node, scope)]
    nodes = [jsonb_key(side.node) if side.is_type(JSONB) else side.node for side in sides]
    return Typed(rebuild(node, nodes[0], nodes[1]), BOOL)
