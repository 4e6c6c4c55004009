"""Patterns: LIKE, SIMILAR TO, regular expressions."""

from __future__ import annotations

import re

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
    """[NOT] LIKE ... ESCAPE 'x'."""
    inner = node.this
    text, wanted, mark = (
        resolve(binder, binder.expression(side, scope), TEXT)
        for side in (inner.this, inner.expression, node.expression)
    )
    if isinstance(inner, exp.SimilarTo):
        found = call("sqlvec_similar_to", text.node, _with_backslashes(binder, node, wanted.node, mark.node))
    else:
        kind = "ilike_escape" if isinstance(inner, exp.ILike) else "like_escape"
        found = call(kind, text.node, wanted.node, mark.node)
    return Typed(exp.Not(this=found) if inner.args.get("negate") else found, BOOL)


def _with_backslashes(binder: Binder, node: Node, pattern: Node, mark: Node) -> Node:
    """A pattern whose own escape character became the usual one."""
    if not isinstance(mark, exp.Literal) or len(mark.name) != 1:
        raise binder.unsupported(node, "SIMILAR TO with an ESCAPE that is not one character")
    if mark.name == "\\":
        return pattern
    doubled = call("replace", pattern, string("\\"), string("\\\\"))
    return call(
        "regexp_replace", doubled, string(re.escape(mark.name) + "(.)"), string("\\\\\\1"), string("g")
    )
