"""Arithmetic: numbers and vectors added, multiplied, divided; bits."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from sqlglot import exp

from sqlvec.core.types.numeric import division_scale
from sqlvec.core.types.pg_type import PgType

from .binder import Binder
from .coerce import no_operator, resolve, settle, undefined_function
from .date_arithmetic import datetime_arithmetic
from .operands import SYMBOLS, operands, rebuild
from .scope import Scope
from .typed import (
    FLOAT4,
    FLOAT8,
    INT2,
    INT4,
    INT8,
    INTERVAL,
    JSONB,
    NUMBERS,
    NUMERIC,
    TEXT,
    Node,
    Typed,
    call,
    cast,
    number,
    paren,
    pg,
    position_of,
    raise_error,
)  # fmt: skip


def arithmetic(binder: Binder, node: Node, scope: Scope) -> Typed:
    where = binder.text_position(node.this, node.expression)
    left = binder.expression(node.this, scope)
    right = binder.expression(node.expression, scope)
    symbol = SYMBOLS[type(node)]
    special = datetime_arithmetic(binder, node, left, right)
    if special is not None:
        return special
    if left.is_open and right.is_open:
        left, right = resolve(binder, left, FLOAT8), resolve(binder, right, FLOAT8)
    elif left.is_open and right.type is not None:
        left = resolve(binder, left, right.type)
    elif right.is_open and left.type is not None:
        right = resolve(binder, right, TEXT if left.is_type(JSONB) else left.type)
    if left.is_type(pg("vector")) and right.is_type(pg("vector")):
        return _vector_arithmetic(symbol, left, right)
    if left.is_type(JSONB) and symbol == "-":
        return Typed(call("sqlvec_jsonb_delete", cast(left.node, "VARCHAR"), right.node), JSONB)
    if left.type is None or right.type is None:
        return Typed(rebuild(node, left.node, right.node), None)
    if not (left.is_number and right.is_number):
        raise no_operator(symbol, [left, right], where)
    return _numeric(node, symbol, left, right)


def _vector_arithmetic(symbol: str, left: Typed, right: Typed) -> Typed:
    names = {"+": "sqlvec_vector_add", "-": "sqlvec_vector_sub", "*": "sqlvec_vector_mul"}
    if symbol not in names:
        raise no_operator(symbol, [left, right], left.position)
    node = call(names[symbol], left.node, right.node)
    return Typed(node, pg("vector"))


def _numeric(node: Node, symbol: str, left: Typed, right: Typed) -> Typed:
    assert left.type is not None
    assert right.type is not None
    result = _result_type(symbol, left.type, right.type)
    a, b = paren(_as(left, result)), paren(_as(right, result))
    if symbol == "/":
        return Typed(_divide(a, b, result), result)
    if symbol == "%":
        checked = nonzero(b, exp.Mod(this=a, expression=b.copy()))
        return Typed(checked, result)
    if symbol == "^":
        if result.oid == NUMERIC.oid:
            return Typed(cast(call("pow", a, b), "DECIMAL(38,16)"), NUMERIC)
        return Typed(call("pow", a, b), FLOAT8)
    return Typed(rebuild(node, a, b), result)


def _result_type(symbol: str, left: PgType, right: PgType) -> PgType:
    low, high = sorted((left, right), key=lambda t: NUMBERS[t.oid])
    if symbol == "^":
        return NUMERIC if NUMERIC.oid in (left.oid, right.oid) and high.oid == NUMERIC.oid else FLOAT8
    if high.oid == FLOAT4.oid and low.oid != FLOAT4.oid:
        return FLOAT8
    return high


def _as(value: Typed, result: PgType) -> Node:
    if value.type is not None and value.type.oid == result.oid:
        return value.node
    if result.oid == NUMERIC.oid:
        return cast(value.node, "DECIMAL(38,0)") if isinstance(value.node, exp.Parameter) else value.node
    return cast(value.node, result.duckdb)


def _divide(a: Node, b: Node, result: PgType) -> Node:
    if result.oid in (INT2.oid, INT4.oid, INT8.oid):
        return nonzero(b, cast(call("divide", a, b.copy()), result.duckdb))
    if result.oid == NUMERIC.oid:
        return cast(call("sqlvec_numeric_divide", a, b), f"DECIMAL(38,{_quotient_scale(a, b)})")
    return nonzero(b, exp.Div(this=a, expression=b.copy(), typed=False, safe=True))


def _quotient_scale(a: Node, b: Node) -> int:
    """PostgreSQL decides row by row, we where both numbers are known; 16 digits suit quotients from 1."""
    known = [_constant(side) for side in (a, b)]
    if known[0] is None or not known[1]:
        return 16
    return min(division_scale(known[0], known[1]), 20)


def _constant(node: Node) -> Decimal | None:
    while isinstance(node, (exp.Cast, exp.Paren)):
        node = node.this
    if isinstance(node, exp.Literal) and re.fullmatch(r"-?[0-9.]+", str(node.this)):
        return Decimal(str(node.this))
    return None


def nonzero(divisor: Node, result: Node) -> Node:
    if isinstance(divisor, exp.Literal) and divisor.this not in ("0", "0.0"):
        return result
    failed = raise_error("22012", "division by zero")
    return exp.Case(
        ifs=[exp.If(this=exp.EQ(this=divisor.copy(), expression=number(0)), true=failed)], default=result
    )


def negate(binder: Binder, node: Node, scope: Scope) -> Typed:
    inner = node.this
    if isinstance(inner, exp.Literal) and not inner.is_string:
        value = binder.expression(exp.Literal(this=f"-{inner.this}", is_string=False), scope)
        return replace(value, position=position_of(node))
    value = resolve(binder, binder.expression(inner, scope), FLOAT8)
    if value.type is not None and not (value.is_number or value.is_type(INTERVAL)):
        raise no_operator("-", [value], position_of(node))
    return Typed(exp.Neg(this=paren(value.node)), value.type, value.typmod)


_BIT_SYMBOLS: dict[type, str] = {exp.BitwiseAnd: "&", exp.BitwiseOr: "|", exp.BitwiseXor: "#"}


def bitwise(binder: Binder, node: Node, scope: Scope) -> Typed:
    left, right = operands(binder, node, scope)
    left, right = settle(binder, left), settle(binder, right)
    if not (left.is_integer and right.is_integer):
        raise no_operator(
            _BIT_SYMBOLS.get(type(node), "<<"),
            [left, right],
            position_of(node),
        )
    assert left.type is not None
    assert right.type is not None
    result = max((left.type, right.type), key=lambda t: NUMBERS[t.oid])
    if isinstance(node, exp.BitwiseXor):
        return Typed(call("xor", left.node, right.node), result)
    return Typed(rebuild(node, left.node, right.node), result)


def bitwise_not(binder: Binder, node: Node, scope: Scope) -> Typed:
    value = settle(binder, binder.expression(node.this, scope))
    node.set("this", paren(value.node))
    return Typed(node, value.type)


def power(binder: Binder, node: Node, scope: Scope) -> Typed:
    if len(node.expressions) != 2:
        raise undefined_function(
            "power", [binder.expression(item, scope) for item in node.expressions], position_of(node)
        )
    return binder.expression(exp.Pow(this=node.expressions[0], expression=node.expressions[1]), scope)
