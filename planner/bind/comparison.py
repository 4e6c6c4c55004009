"""Comparison: =, <, IN, BETWEEN, IS DISTINCT FROM."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from sqlvec.core.types.pg_type import PgType

from .binder import Binder
from .coerce import no_operator, resolve, settle, to_text, unify
from .operands import SYMBOLS, is_comparable, operands, rebuild
from .quantified import is_quantifier, quantified
from .scope import Scope
from .typed import (
    BOOL,
    BPCHAR,
    FLOAT4,
    FLOAT8,
    JSONB,
    NUMERIC,
    VECTOR,
    Node,
    Typed,
    call,
    cast,
    is_row,
    paren,
    pg,
    position_of,
)  # fmt: skip


def compare(binder: Binder, node: Node, scope: Scope) -> Typed:
    right_side = node.expression
    if is_quantifier(right_side):
        return quantified(binder, node, scope)
    if is_row(node.this) or is_row(right_side):
        return _row_compare(binder, node, scope)
    where = binder.text_position(node.this, right_side)
    left, right = operands(binder, node, scope)
    left, right = settle(binder, left), settle(binder, right)
    if not is_comparable(left.type, right.type):
        raise no_operator(SYMBOLS.get(type(node), "="), [left, right], where)
    left, right = _align_numbers(left, right)
    left, right = _unpadded(left, right)
    if left.is_type(JSONB) and right.is_type(JSONB):
        left, right = (replace(side, node=jsonb_key(side.node)) for side in (left, right))
    if left.is_type(VECTOR) and right.is_type(VECTOR):  # of any dimensions
        left, right = (replace(side, node=cast(side.node, "FLOAT[]")) for side in (left, right))
    return Typed(rebuild(node, left.node, right.node), BOOL)


def jsonb_key(node: Node) -> Node:
    """What compares as the document does in PostgreSQL; DuckDB would compare the texts."""
    return call("sqlvec_jsonb_key", cast(node, "VARCHAR"))


def _align_numbers(left: Typed, right: Typed) -> tuple[Typed, Typed]:
    """PostgreSQL compares numeric with float as float8."""
    kinds = {value.type.oid for value in (left, right) if value.type is not None}
    if NUMERIC.oid in kinds and kinds & {FLOAT4.oid, FLOAT8.oid}:
        return tuple(
            replace(v, node=cast(v.node, "DOUBLE"), type=FLOAT8) if v.is_type(NUMERIC) else v
            for v in (left, right)
        )  # type: ignore[return-value]
    return left, right


def _unpadded(left: Typed, right: Typed) -> tuple[Typed, Typed]:
    """The padding of char(n) does not count."""
    if not (left.is_type(BPCHAR) or right.is_type(BPCHAR)):
        return left, right
    if left.is_type(BPCHAR) and right.is_type(BPCHAR):
        return replace(left, node=to_text(left)), replace(right, node=to_text(right))
    sides = [replace(v, node=to_text(v)) if v.is_type(BPCHAR) else v for v in (left, right)]
    return sides[0], sides[1]


def _row_compare(binder: Binder, node: Node, scope: Scope) -> Typed:
    sides = [_row_side(binder, side, scope) for side in (node.this, node.expression)]
    for side in sides:
        if side.type is not None and side.type.name != "record":
            raise no_operator(
                SYMBOLS.get(type(node), "="), sides, binder.text_position(node.this, node.expression)
            )
    return Typed(rebuild(node, sides[0].node, sides[1].node), BOOL)


def _row_side(binder: Binder, node: Node, scope: Scope) -> Typed:
    if isinstance(node, exp.Subquery):
        return Typed(exp.Subquery(this=binder.query(node.this, scope).tree), pg("record"))
    return settle(binder, binder.expression(node, scope))


def between(binder: Binder, node: Node, scope: Scope) -> Typed:
    sides = ("this", "low", "high")
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
    query = node.args.get("query")
    left = binder.expression(node.this, scope)
    if query is not None:
        inner = query.this if isinstance(query, exp.Subquery) else query
        bound = binder.query(inner, scope)
        if left.is_open and bound.columns[0].type is not None:
            left = resolve(binder, left, bound.columns[0].type)
        if not isinstance(node.this, exp.Tuple) and not is_comparable(
            settle(binder, left).type, bound.columns[0].type
        ):
            raise no_operator("=", [left, Typed(bound.tree, bound.columns[0].type)], left.position)
        node.set("query", exp.Subquery(this=bound.tree))
        node.set("this", paren(settle(binder, left).node))
        return Typed(node, BOOL)
    items = [binder.expression(item, scope) for item in node.expressions]
    values, _ = unify_for_comparison(binder, [left, *items])
    node.set("this", paren(values[0].node))
    node.set("expressions", [value.node for value in values[1:]])
    return Typed(node, BOOL)


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
    sides = [settle(binder, side) for side in operands(binder, node, scope)]
    nodes = [jsonb_key(side.node) if side.is_type(JSONB) else side.node for side in sides]
    return Typed(rebuild(node, nodes[0], nodes[1]), BOOL)
