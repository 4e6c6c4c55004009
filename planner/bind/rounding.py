"""Rounding: round, ceil, floor, trunc; logarithms."""

from __future__ import annotations

from sqlglot import exp

from .binder import Binder
from .coerce import resolve, undefined_function
from .scope import Scope
from .typed import (
    FLOAT4,
    FLOAT8,
    INT4,
    NUMERIC,
    Node,
    Typed,
    call,
    cast,
    number,
    position_of,
)  # fmt: skip


def rounding(binder: Binder, node: Node, scope: Scope) -> Typed:
    """round, ceil, floor, trunc: numeric stays numeric, the rest is float8."""
    digits = node.args.get("decimals")
    value = resolve(binder, binder.expression(node.this, scope), FLOAT8)
    name = {"Round": "round", "Ceil": "ceil", "Floor": "floor", "Trunc": "trunc"}[type(node).__name__]
    if value.type is not None and not value.is_number:
        raise undefined_function(name, [value], position_of(node))
    if digits is not None:
        return _round_to(binder, name, value, resolve(binder, binder.expression(digits, scope), INT4))
    if value.is_type(NUMERIC):
        return Typed(call(name, value.node), NUMERIC)
    inner = cast(value.node, "DOUBLE")
    return Typed(call("round_even", inner, number(0)) if name == "round" else call(name, inner), FLOAT8)


def _round_to(binder: Binder, name: str, value: Typed, digits: Typed) -> Typed:
    if value.is_type(FLOAT8, FLOAT4):
        raise undefined_function(name, [value, digits], value.position)
    source = value.node if value.is_type(NUMERIC) else cast(value.node, "DECIMAL(38,0)")
    scale = _literal_int(digits.node)
    if scale is None:
        return Typed(call(name, source, digits.node), NUMERIC)
    rounded = call("round", source, digits.node) if name == "round" else call("trunc", source, digits.node)
    return Typed(cast(rounded, f"DECIMAL(38,{max(scale, 0)})"), NUMERIC)


def _literal_int(node: Node) -> int | None:
    inner = node.this if isinstance(node, exp.Cast) else node
    if isinstance(inner, exp.Literal) and not inner.is_string:
        return int(inner.this)
    return None


def logarithm(binder: Binder, node: Node, scope: Scope) -> Typed:
    values = [
        resolve(binder, binder.expression(item, scope), FLOAT8)
        for item in (node.this, node.expression)
        if item is not None
    ]
    if len(values) == 1:
        return Typed(call("log10", cast(values[0].node, "DOUBLE")), FLOAT8)
    return Typed(
        cast(call("log", *(cast(value.node, "DOUBLE") for value in values)), "DECIMAL(38,16)"), NUMERIC
    )
