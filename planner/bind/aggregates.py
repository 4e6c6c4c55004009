"""Aggregates: count, sum, avg, string_agg, FILTER, WITHIN GROUP."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from sqlvec.core.errors import WrongObjectType

from .aggregate_nodes import own_aggregates, wrap_aggregates
from .binder import Binder
from .coerce import as_boolean, resolve, settle, undefined_function
from .function_arguments import bind_children, bind_sort_keys
from .json_text import json_text
from .names import output_name
from .scope import Scope
from .typed import (
    BYTEA,
    FLOAT4,
    FLOAT8,
    INT8,
    INTERVAL,
    JSON,
    JSONB,
    NUMERIC,
    TEXT,
    VECTOR,
    Node,
    Typed,
    array_type,
    call,
    cast,
    pg,
    position_of,
    string,
)  # fmt: skip


def count(binder: Binder, node: Node, scope: Scope) -> Typed:
    if isinstance(node.this, exp.Star):
        return Typed(node, INT8)
    if node.this is None:
        raise WrongObjectType(
            "count(*) must be used to call a parameterless aggregate function", position=position_of(node)
        )
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
    if value.is_type(INTERVAL):
        return Typed(_interval_sum(node), INTERVAL)
    if value.is_type(NUMERIC, FLOAT8) or value.type is None:
        return Typed(node, value.type)
    raise undefined_function("sum", [value], position_of(node))


def average(binder: Binder, node: Node, scope: Scope) -> Typed:
    value = bind_children(binder, node, scope)[0]
    if value.is_type(VECTOR):
        return _vector_aggregate(value, "avg")
    if value.is_integer or value.is_type(NUMERIC):
        # DuckDB's avg is a double; PostgreSQL's is exact.
        summed: Node = exp.Sum(this=node.this)
        if value.is_integer:
            summed = cast(summed, "DECIMAL(38,0)")
        counted = exp.Count(this=node.this.copy())
        return Typed(cast(call("sqlvec_numeric_divide", summed, counted), "DECIMAL(38,16)"), NUMERIC)
    if value.is_type(FLOAT4, FLOAT8) or value.type is None:
        return Typed(node, FLOAT8)
    if value.is_type(INTERVAL):
        seconds = call(
            "sqlvec_interval_divide",
            _interval_sum(exp.Sum(this=node.this)),
            cast(exp.Count(this=node.this.copy()), "DOUBLE"),
        )
        return Typed(seconds, INTERVAL)
    raise undefined_function("avg", [value], position_of(node))


def _interval_sum(node: Node) -> Node:
    """DuckDB adds no intervals: months, days and microseconds one by one."""

    def summed(*parts: tuple[str, int]) -> Node:
        copy = node.copy()
        inner = copy.this.expressions[0] if isinstance(copy.this, exp.Distinct) else copy.this
        terms: list[Node] = [
            exp.Mul(this=call("date_part", string(name), inner.copy()), expression=exp.Literal.number(factor))
            for name, factor in parts
        ]
        total_: Node = terms[0]
        for term in terms[1:]:
            total_ = exp.Add(this=total_, expression=term)
        inner.replace(total_)
        return copy

    months = call("to_months", cast(summed(("year", 12), ("month", 1)), "INTEGER"))
    days = call("to_days", cast(summed(("day", 1)), "INTEGER"))
    clock = summed(("hour", 3_600_000_000), ("minute", 60_000_000), ("microseconds", 1))
    micros = call("to_microseconds", cast(clock, "BIGINT"))
    return exp.Paren(this=exp.Add(this=exp.Add(this=months, expression=days), expression=micros))


def _vector_aggregate(value: Typed, name: str) -> Typed:
    collected = call("list", value.node)
    return Typed(call(f"sqlvec_vector_{name}", collected), VECTOR, value.typmod)


def spread(binder: Binder, node: Node, scope: Scope) -> Typed:
    """stddev, variance and their kin: numeric of integers and numerics, float8 of floats."""
    value = bind_children(binder, node, scope)[0]
    if value.type is not None and not value.is_number:
        raise undefined_function(output_name(node), [value], position_of(node))
    if value.is_integer or value.is_type(NUMERIC):
        return Typed(cast(node, "DECIMAL(38,16)"), NUMERIC)
    return Typed(node, FLOAT8)


def array_aggregate(binder: Binder, node: Node, scope: Scope) -> Typed:
    value = bind_children(binder, node, scope)[0]
    return Typed(node, array_type(value.type) if value.type is not None else None, value.typmod)


def string_aggregate(binder: Binder, node: Node, scope: Scope) -> Typed:
    separator = node.args.get("separator")
    argument, value = _argument(binder, node.this, scope, lambda found: found.node)
    if separator is None:
        raise undefined_function("string_agg", [value], position_of(node))
    between = resolve(binder, binder.expression(separator, scope), TEXT)
    if value.is_type(BYTEA):
        raise binder.unsupported(node, "string_agg of bytea")
    if value.type is not None and not value.is_string:
        raise undefined_function("string_agg", [value, between], position_of(node))
    return Typed(exp.GroupConcat(this=argument, separator=between.node), TEXT)


def json_array(binder: Binder, node: Node, scope: Scope) -> Typed:
    """json_agg, jsonb_agg"""
    source = node.expressions[0] if isinstance(node, exp.Anonymous) else node.this
    argument, value = _argument(binder, source, scope, json_text)
    separator = ", \n " if value.is_array or value.is_type(pg("record")) else ", "
    return _json(
        _joined("[", exp.GroupConcat(this=argument, separator=string(separator)), "]"),
        isinstance(node, exp.Anonymous),
    )


def json_object(binder: Binder, node: Node, scope: Scope) -> Typed:
    """json_object_agg, jsonb_object_agg"""
    key_source, value_source = node.expressions or (node.this, node.expression)
    order = value_source if isinstance(value_source, exp.Order) else None
    key = settle(binder, binder.expression(key_source, scope))
    value = settle(binder, binder.expression(order.this if order is not None else value_source, scope))
    name = cast(call("to_json", cast(key.node, "VARCHAR")), "VARCHAR")
    pair: Node = exp.DPipe(this=exp.DPipe(this=name, expression=string(" : ")), expression=json_text(value))
    if order is not None:
        bind_sort_keys(binder, order.expressions, scope)
        pair = exp.Order(this=pair, expressions=order.expressions)
    pairs = exp.GroupConcat(this=pair, separator=string(", "))
    return _json(_joined("{ ", pairs, " }"), isinstance(node, exp.JSONBObjectAgg))


def _joined(start: str, middle: Node, end: str) -> Node:
    return exp.DPipe(this=exp.DPipe(this=string(start), expression=middle), expression=string(end))


def _json(text: Node, is_jsonb: bool) -> Typed:  # noqa: FBT001
    if is_jsonb:
        return Typed(call("sqlvec_jsonb", text), JSONB)
    return Typed(cast(text, "JSON"), JSON)


def _argument(
    binder: Binder, node: Node, scope: Scope, render: Callable[[Typed], Node]
) -> tuple[Node, Typed]:
    """An aggregate's argument with its DISTINCT and ORDER BY; `render` spells the value itself."""
    if isinstance(node, exp.Order):
        inner, value = _argument(binder, node.this, scope, render)
        bind_sort_keys(binder, node.expressions, scope)
        return exp.Order(this=inner, expressions=node.expressions), value
    if isinstance(node, exp.Distinct):
        inner, value = _argument(binder, node.expressions[0], scope, render)
        return exp.Distinct(expressions=[inner]), value
    value = settle(binder, binder.expression(node, scope))
    return render(value), value


def filtered(binder: Binder, node: Node, scope: Scope) -> Typed:
    name = output_name(node.this)
    inner = binder.expression(node.this, scope)
    if not own_aggregates(inner.node):
        raise WrongObjectType(
            f"FILTER specified, but {name} is not an aggregate function", position=position_of(node)
        )
    condition = as_boolean(binder, binder.expression(node.expression.this, scope), "FILTER").node
    bound = wrap_aggregates(
        inner.node, lambda found: exp.Filter(this=found, expression=exp.Where(this=condition.copy()))
    )
    return Typed(bound, inner.type, inner.typmod)


def within_group(binder: Binder, node: Node, scope: Scope) -> Typed:
    if isinstance(node.this, (exp.Rank, exp.DenseRank, exp.PercentRank, exp.CumeDist)):
        raise binder.unsupported(node, "hypothetical-set aggregate")
    call_ = node.this
    inner = binder.expression(call_, scope)
    node.set("this", inner.node)
    first: Typed | None = None
    for item in node.expression.expressions:
        bound = settle(binder, binder.expression(item.this, scope))
        first = first or bound
        item.set("this", bound.node)
    assert first is not None
    is_many = call_.this is not None and isinstance(call_.this, (exp.Array, exp.Cast))
    if isinstance(call_, (exp.PercentileDisc, exp.Mode)):
        result = first.type
    else:
        result = INTERVAL if first.is_type(INTERVAL) else FLOAT8
        if first.is_type(NUMERIC):
            node.expression.expressions[0].set("this", cast(first.node, "DOUBLE"))
    return Typed(node, array_type(result) if is_many and result is not None else result)
