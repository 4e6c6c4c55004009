"""Quantified comparison: ANY and ALL over arrays or queries."""

from __future__ import annotations

from sqlglot import exp

from sqlvec.core.errors import (
    WrongObjectType,
)
from sqlvec.core.types.registry import array_of

from .binder import Binder
from .coerce import no_operator, resolve, settle
from .operands import SYMBOLS, is_comparable
from .scope import Scope
from .typed import (
    BOOL,
    Node,
    Typed,
    call,
    number,
    paren,
)  # fmt: skip


def quantified(binder: Binder, node: Node, scope: Scope) -> Typed:
    """X = ANY (array | query), x <> ALL (...)."""
    quantifier = node.expression
    inner = quantifier.this
    while isinstance(inner, exp.Paren):
        inner = inner.this
    left = binder.expression(node.this, scope)
    if isinstance(inner, (exp.Select, exp.SetOperation, exp.Subquery, exp.Values)):
        return _quantified_query(binder, node, left, inner, scope)
    array = binder.expression(inner, scope)
    if array.is_open:
        left = settle(binder, left)
        assert left.type is not None
        array = resolve(binder, array, array_of(left.type))
    elif array.type is not None and array.type.element is not None:
        left = resolve(binder, left, array.type.element)
    elif array.type is not None:
        raise no_operator_array(array)
    return Typed(_quantify(node, quantifier, left.node, array.node), BOOL)


def no_operator_array(array: Typed) -> Exception:
    return WrongObjectType("op ANY/ALL (array) requires array on right side", position=array.position)


def _quantify(node: Node, quantifier: Node, left: Node, array: Node) -> Node:
    if isinstance(quantifier, exp.Any) and isinstance(node, exp.EQ):
        return _contains_with_nulls(left, array)
    rows = exp.Select(expressions=[call("unnest", array)])
    kind = exp.Any if isinstance(quantifier, exp.Any) else exp.All
    rebuilt = type(node)(this=paren(left), expression=kind(this=rows))
    return rebuilt


def _contains_with_nulls(left: Node, array: Node) -> Node:
    """X = ANY(a): NULL when x is NULL, or when nothing matches and a holds a NULL."""
    hit = call("list_contains", array, left)
    nulls = exp.GT(
        this=exp.Sub(this=call("len", array.copy()), expression=call("list_count", array.copy())),
        expression=number(0),
    )
    otherwise = exp.Case(ifs=[exp.If(this=nulls, true=exp.Null())], default=exp.false())
    return exp.Case(
        ifs=[
            exp.If(
                this=exp.Or(
                    this=exp.Is(this=paren(left.copy()), expression=exp.Null()),
                    expression=exp.Is(this=paren(array.copy()), expression=exp.Null()),
                ),
                true=exp.Null(),
            ),
            exp.If(this=hit, true=exp.true()),
        ],
        default=otherwise,
    )


def _quantified_query(binder: Binder, node: Node, left: Typed, inner: Node, scope: Scope) -> Typed:
    query = inner.this if isinstance(inner, exp.Subquery) else inner
    bound = binder.query(query, scope)
    first = bound.columns[0]
    if left.is_open and first.type is not None:
        left = resolve(binder, left, first.type)
    left = settle(binder, left)
    if not is_comparable(left.type, first.type):
        raise no_operator(SYMBOLS.get(type(node), "="), [left, Typed(bound.tree, first.type)], left.position)
    kind = exp.Any if isinstance(node.expression, exp.Any) else exp.All
    node.set("this", paren(left.node))
    node.set("expression", kind(this=bound.tree))
    return Typed(node, BOOL)
