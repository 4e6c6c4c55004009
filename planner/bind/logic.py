"""Logic: AND, OR, NOT, IS, parentheses."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from .binder import Binder
from .coerce import as_boolean, settle
from .scope import Scope
from .typed import (
    BOOL,
    Node,
    Typed,
    paren,
)  # fmt: skip


def logic(binder: Binder, node: Node, scope: Scope) -> Typed:
    symbol = "AND" if isinstance(node, exp.And) else "OR"
    for side in ("this", "expression"):
        value = as_boolean(binder, binder.expression(node.args[side], scope), symbol)
        node.set(side, _in_logic(node, value.node))
    return Typed(node, BOOL)


def _in_logic(parent: Node, child: Node) -> Node:
    if isinstance(child, exp.Or) and isinstance(parent, exp.And):
        return exp.Paren(this=child)
    return child


def negation(binder: Binder, node: Node, scope: Scope) -> Typed:
    value = as_boolean(binder, binder.expression(node.this, scope), "NOT")
    node.set("this", paren(value.node))
    return Typed(node, BOOL)


def parenthesised(binder: Binder, node: Node, scope: Scope) -> Typed:
    inner = binder.expression(node.this, scope)
    if inner.is_open:
        return inner
    return replace(inner, node=paren(inner.node))


def is_test(binder: Binder, node: Node, scope: Scope) -> Typed:
    """IS [NOT] NULL, TRUE, FALSE."""
    if isinstance(node.expression, exp.JSON):
        raise binder.unsupported(node, "IS JSON")
    is_negated = bool(node.args.get("negate"))
    node.set("negate", None)
    value = binder.expression(node.this, scope)
    if value.fields is not None and isinstance(node.expression, exp.Null):
        return _row_test(value, is_negated=is_negated)
    if isinstance(node.expression, exp.Boolean):
        value = as_boolean(binder, value, "IS TRUE" if node.expression.this else "IS FALSE")
    node.set("this", paren(settle(binder, value).node))
    return Typed(exp.Not(this=paren(node)) if is_negated else node, BOOL)


def _row_test(row: Typed, *, is_negated: bool) -> Typed:
    """A row IS NULL if all its fields are, IS NOT NULL if none is."""
    assert row.fields is not None
    tests: list[Node] = [exp.Is(this=paren(field.node), expression=exp.Null()) for _, field in row.fields]
    if is_negated:
        tests = [exp.Not(this=exp.Paren(this=test)) for test in tests]
    return Typed(exp.Paren(this=exp.and_(*tests, copy=False)) if tests else exp.true(), BOOL)
