"""Subqueries where a value stands."""

from __future__ import annotations

from sqlglot import exp

from sqlvec.core.errors import (
    SqlSyntaxError,
)

from .binder import Binder
from .coerce import settle
from .row_comparison import named_fields
from .scope import Scope
from .typed import (
    BOOL,
    Node,
    Typed,
    pg,
    position_of,
)  # fmt: skip


def subquery(binder: Binder, node: Node, scope: Scope) -> Typed:
    bound = binder.query(node.this, scope)
    if len(bound.columns) != 1:
        raise SqlSyntaxError("subquery must return only one column", position=position_of(node))
    only = bound.columns[0]
    return Typed(exp.Subquery(this=bound.tree), only.type, only.typmod, position=position_of(node))


def exists(binder: Binder, node: Node, scope: Scope) -> Typed:
    inner = node.this.this if isinstance(node.this, exp.Subquery) else node.this
    node.set("this", binder.query(inner, scope).tree)
    return Typed(node, BOOL)


def subquery_of(binder: Binder, node: Node, scope: Scope) -> Typed:
    """A query where a value stands, without its own Subquery node."""
    return subquery(binder, exp.Subquery(this=node.copy()), scope)


def row(binder: Binder, node: Node, scope: Scope) -> Typed:
    values = [settle(binder, binder.expression(item, scope)) for item in node.expressions]
    tuple_ = exp.Tuple(expressions=[value.node for value in values])
    return Typed(tuple_, pg("record"), fields=named_fields(values))
