"""Aggregates: count, sum, avg, string_agg, FILTER, WITHIN GROUP."""

from __future__ import annotations

from sqlglot import exp

from sqlvec.core.errors import (
    GroupingError,
)

from .binder import Binder
from .coerce import settle
from .function_arguments import bind_children
from .functions import undefined_function
from .scope import Scope
from .typed import (
    FLOAT4,
    FLOAT8,
    INT8,
    INTERVAL,
    NUMERIC,
    TEXT,
    VECTOR,
    Node,
    Typed,
    call,
    cast,
    position_of,
)  # fmt: skip


def count(binder: Binder, node: Node, scope: Scope) -> Typed:
    if isinstance(node.this, exp.Star):
        return Typed(node, INT8)
    bind_children(binder, node, scope)
    return Typed(node, INT8)


def total(binder: Binder, node: Node, scope: Scope) -> Typed:
    """sum: of integers a bigint, of bigints a numeric, of vectors a vector."""
    value = bind_children(binder, node, scope)[0]
    if value.is_type(VECTOR):
        return _vector_aggregate(value, "sum")
    if value.is_type(INT8):
        return Typed(cast(node, "DECIMAL(38,0)"), NUMERIC)
    if value.is_integer:
        return Typed(cast(node, "BIGINT"), INT8)
    if value.is_type(FLOAT4):
        return Typed(cast(node, "FLOAT"), FLOAT4)
    if value.is_type(NUMERIC, FLOAT8, INTERVAL) or value.type is None:
        return Typed(node, value.type)
    raise undefined_function("sum", [value], position_of(node))


def average(binder: Binder, node: Node, scope: Scope) -> Typed:
    value = bind_children(binder, node, scope)[0]
    if value.is_type(VECTOR):
        return _vector_aggregate(value, "avg")
    if value.is_integer or value.is_type(NUMERIC):
        return Typed(cast(node, "DECIMAL(38,16)"), NUMERIC)
    if value.is_type(FLOAT4, FLOAT8) or value.type is None:
        return Typed(node, FLOAT8)
    if value.is_type(INTERVAL):
        return Typed(node, INTERVAL)
    raise undefined_function("avg", [value], position_of(node))


def _vector_aggregate(value: Typed, name: str) -> Typed:
    collected = call("list", value.node)
    return Typed(call(f"sqlvec_vector_{name}", collected), VECTOR, value.typmod)


def string_aggregate(binder: Binder, node: Node, scope: Scope) -> Typed:
    bind_children(binder, node, scope)
    return Typed(node, TEXT)


def filtered(binder: Binder, node: Node, scope: Scope) -> Typed:
    inner = binder.expression(node.this, scope)
    target, outer = innermost_call(inner.node)
    node.set("this", target)
    where = node.expression
    where.set("this", settle(binder, binder.expression(where.this, scope)).node)
    result = node
    for wrapper in reversed(outer):
        wrapper.set("this", result)
        result = wrapper
    return Typed(result, inner.type, inner.typmod)


def within_group(binder: Binder, node: Node, scope: Scope) -> Typed:
    inner = binder.expression(node.this, scope)
    node.set("this", inner.node)
    first: Typed | None = None
    for item in node.expression.expressions:
        bound = settle(binder, binder.expression(item.this, scope))
        first = first or bound
        item.set("this", bound.node)
    result = inner.type
    if isinstance(node.this, (exp.PercentileDisc, exp.Mode)) and first is not None:
        result = first.type
    return Typed(node, result)


def innermost_call(node: Node) -> tuple[Node, list[Node]]:
    """Casts that binding put around an aggregate belong outside OVER and FILTER."""
    outer: list[Node] = []
    while isinstance(node, exp.Cast):
        outer.append(node)
        node = node.this
    return node, outer


def nested_aggregate(node: Node) -> GroupingError:
    return GroupingError("aggregate function calls cannot be nested", position=position_of(node))
