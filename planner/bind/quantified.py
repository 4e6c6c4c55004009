"""Quantified comparison: ANY and ALL over arrays or queries."""

from __future__ import annotations

from sqlglot import exp

from sqlvec.core.errors import (
    SqlSyntaxError,
    WrongObjectType,
)

from .binder import Binder
from .coerce import no_operator, resolve, settle
from .operands import SYMBOLS, is_comparable
from .row_comparison import row_any_query, row_in_query, spelled_row
from .scope import Scope
from .typed import (
    BOOL,
    Node,
    Typed,
    array_type,
    call,
    is_row,
    number,
    paren,
    position_of,
    string,
)  # fmt: skip


def quantified(binder: Binder, node: Node, scope: Scope) -> Typed:
    """X = ANY (array | query), x <> ALL (...)."""
    quantifier = _quantifier(node.expression)
    node.set("expression", quantifier)
    inner = quantifier.this
    while isinstance(inner, exp.Paren):
        inner = inner.this
    is_query = isinstance(inner, (exp.Select, exp.SetOperation, exp.Subquery, exp.Values))
    if is_query and is_row(node.this):
        return _row_with_each(binder, node, inner, scope)
    left = binder.expression(node.this, scope)
    if is_query:
        return _quantified_query(binder, node, left, inner, scope)
    array = binder.expression(inner, scope)
    if array.is_open:
        left = settle(binder, left)
        assert left.type is not None
        array = resolve(binder, array, array_type(left.type))
    elif array.type is not None and array.type.element is not None:
        left = resolve(binder, left, array.type.element)
        if not is_comparable(left.type, array.type.element):
            right = Typed(array.node, array.type.element)
            raise no_operator(SYMBOLS.get(type(node), "="), [left, right], left.position)
    elif array.type is not None:
        raise no_operator_array(array)
    return Typed(_quantify(node, quantifier, left.node, array.node), BOOL)


def _row_with_each(binder: Binder, node: Node, inner: Node, scope: Scope) -> Typed:
    query = inner.this if isinstance(inner, exp.Subquery) else inner
    left = spelled_row(binder, node.this, scope)
    if isinstance(node, exp.EQ) and isinstance(node.expression, exp.Any):
        return row_in_query(binder, node, left, query, scope)
    assert isinstance(node, exp.Binary)
    is_all = isinstance(node.expression, exp.All)
    return row_any_query(binder, type(node), left, query, scope, position_of(query), is_all=is_all)


def is_quantifier(node: Node) -> bool:
    """ANY (...), SOME (...), ALL (...); sqlglot takes ALL over anything but a query for a function."""
    if isinstance(node, exp.Anonymous):
        return str(node.this).lower() in ("all", "any", "some") and len(node.expressions) == 1
    return isinstance(node, (exp.Any, exp.All))


def _quantifier(node: Node) -> Node:
    if isinstance(node, exp.Anonymous):
        kind = exp.All if str(node.this).lower() == "all" else exp.Any
        return kind(this=node.expressions[0])
    return node


def no_operator_array(array: Typed) -> Exception:
    return WrongObjectType("op ANY/ALL (array) requires array on right side", position=array.position)


def _quantify(node: Node, quantifier: Node, left: Node, array: Node) -> Node:
    if isinstance(node, (exp.Like, exp.ILike)):
        return _like_each(node, quantifier, left, array)
    if isinstance(quantifier, exp.Any) and isinstance(node, exp.EQ):
        return _contains_with_nulls(left, array)
    rows = exp.Select(expressions=[call("unnest", array)])
    kind = exp.Any if isinstance(quantifier, exp.Any) else exp.All
    compared = type(node)(this=paren(left), expression=kind(this=rows))
    missing = exp.Is(this=paren(array.copy()), expression=exp.Null())
    return exp.Case(ifs=[exp.If(this=missing, true=exp.Null())], default=compared)


def _like_each(node: Node, quantifier: Node, left: Node, array: Node) -> Node:
    kind = "like_escape" if isinstance(node, exp.Like) else "ilike_escape"
    matched = call(kind, left, exp.column("p"), string("\\"))
    body: Node = exp.Not(this=matched) if node.args.get("negate") else matched
    results = call("list_transform", array, exp.Lambda(this=body, expressions=[exp.to_identifier("p")]))
    return call(
        "list_aggregate", results, string("bool_or" if isinstance(quantifier, exp.Any) else "bool_and")
    )


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
    if len(bound.columns) != 1:
        raise SqlSyntaxError("subquery has too many columns", position=position_of(inner))
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
