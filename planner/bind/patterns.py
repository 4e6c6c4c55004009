"""Patterns: LIKE, SIMILAR TO, regular expressions."""

from __future__ import annotations

from sqlglot import exp

from .binder import Binder
from .coerce import no_operator, resolve
from .operands import SYMBOLS
from .quantified import is_quantifier, quantified
from .scope import Scope
from .typed import (
    BOOL,
    TEXT,
    Node,
    Typed,
    call,
    string,
)  # fmt: skip


def pattern(binder: Binder, node: Node, scope: Scope) -> Typed:
    """LIKE, ILIKE, SIMILAR TO, ~, ~*: text on both sides."""
    where = binder.text_position(node.this, node.expression)
    if is_quantifier(node.expression):
        return quantified(binder, node, scope)
    left = resolve(binder, binder.expression(node.this, scope), TEXT)
    right = resolve(binder, binder.expression(node.expression, scope), TEXT)
    for value in (left, right):
        if value.type is not None and not value.is_string:
            raise no_operator(SYMBOLS.get(type(node), "~~"), [left, right], where)
    if isinstance(node, (exp.Like, exp.ILike)):
        # PostgreSQL's default escape is the backslash; DuckDB has none.
        return Typed(
            call(
                "like_escape" if isinstance(node, exp.Like) else "ilike_escape",
                left.node,
                right.node,
                string("\\"),
            ),
            BOOL,
        )
    if isinstance(node, exp.SimilarTo):
        return Typed(call("sqlvec_similar_to", left.node, right.node), BOOL)
    if isinstance(node, exp.RegexpILike):
        return Typed(call("regexp_matches", left.node, right.node, string("i")), BOOL)
    return Typed(call("regexp_matches", left.node, right.node), BOOL)


def escape(binder: Binder, node: Node, scope: Scope) -> Typed:
    """LIKE ... ESCAPE 'x'."""
    inner = node.this
    kind = "ilike_escape" if isinstance(inner, exp.ILike) else "like_escape"
    sides = [
        resolve(binder, binder.expression(side, scope), TEXT).node
        for side in (inner.this, inner.expression, node.expression)
    ]
    return Typed(call(kind, *sides), BOOL)
