"""Arrays: constructors, subscripts, containment, series."""

from __future__ import annotations

from sqlglot import exp

from sqlvec.core.errors import DatatypeMismatch

from .binder import Binder
from .coerce import no_operator, resolve, settle, unify
from .functions import named
from .operands import is_comparable, operands
from .scope import Scope
from .typed import (
    BOOL,
    INT4,
    JSON,
    JSONB,
    Node,
    Typed,
    array_type,
    call,
    cast,
    paren,
    position_of,
)  # fmt: skip


def array(binder: Binder, node: Node, scope: Scope) -> Typed:
    items = node.expressions
    if len(items) == 1 and isinstance(items[0], (exp.Select, exp.SetOperation, exp.Subquery)):
        return _array_query(binder, items[0], scope)
    values, element = unify(binder, [binder.expression(item, scope) for item in items], "ARRAY")
    built = exp.Array(expressions=[value.node for value in values])
    if element is None:
        return Typed(built, None)
    kind = element if element.is_array else array_type(element)
    return Typed(cast(built, kind.duckdb) if not values else built, kind)


def _array_query(binder: Binder, node: Node, scope: Scope) -> Typed:
    bound = binder.query(node.this if isinstance(node, exp.Subquery) else node, scope)
    element = bound.columns[0].type
    return Typed(call("array", bound.tree), array_type(element) if element else None)


def bracket(binder: Binder, node: Node, scope: Scope) -> Typed:
    """a[1], a[1:2]; sqlglot keeps indexes 0-based and prints them back."""
    value = binder.expression(node.this, scope)
    if value.type is not None and not value.is_array and not value.is_type(JSON, JSONB):
        raise DatatypeMismatch(
            f"cannot subscript type {value.type.sql_name} because it does not support subscripting",
            position=value.position,
        )
    node.set("this", paren(value.node))
    for item in node.expressions:
        parts = (item.this, item.expression) if isinstance(item, exp.Slice) else (item,)
        for part in parts:
            if part is not None and not isinstance(part, exp.Literal):
                part.replace(settle(binder, resolve(binder, binder.expression(part, scope), INT4)).node)
    is_slice = any(isinstance(item, exp.Slice) for item in node.expressions)
    if value.type is None:
        return Typed(node, None)
    return Typed(node, value.type if is_slice or not value.is_array else value.type.element)


def contains(binder: Binder, node: Node, scope: Scope) -> Typed:
    """@>, <@ and && on arrays, @> and <@ on jsonb."""
    left, right = operands(binder, node, scope)
    left, right = settle(binder, left), settle(binder, right)
    symbol = (
        "&&"
        if isinstance(node, exp.ArrayOverlaps)
        else ("<@" if isinstance(node, exp.ArrayContainedBy) else "@>")
    )
    if left.is_type(JSONB) and right.is_type(JSONB) and symbol != "&&":
        big, small = (left, right) if symbol == "@>" else (right, left)
        sides = [cast(side.node, "VARCHAR") for side in (big, small)]
        return Typed(call("sqlvec_jsonb_contains", *sides), BOOL)
    if not (left.is_array and right.is_array and is_comparable(left.type, right.type)):
        raise no_operator(symbol, [left, right], position_of(node))
    if symbol == "&&":
        return Typed(call("list_has_any", left.node, right.node), BOOL)
    big, small = (left, right) if symbol == "@>" else (right, left)
    return Typed(_contains_all(big.node, small.node), BOOL)


def _contains_all(big: Node, small: Node) -> Node:
    """@> on arrays: no NULL is ever contained."""
    without_null = exp.EQ(this=call("list_count", small.copy()), expression=call("len", small.copy()))
    return exp.And(this=call("list_has_all", big, small), expression=without_null)


def array_size(binder: Binder, node: Node, scope: Scope) -> Typed:
    """array_length(a, dimension)"""
    arguments = [binder.expression(item, scope) for item in (node.this, node.expression) if item is not None]
    return named(binder, "array_length", arguments, position_of(node))
