"""Conditionals: CASE, COALESCE, GREATEST, LEAST, NULLIF."""

from __future__ import annotations

from sqlglot import exp

from .binder import Binder
from .coerce import as_boolean, unify
from .scope import Scope
from .typed import (
    UNKNOWN,
    Node,
    Typed,
    call,
)  # fmt: skip


def case(binder: Binder, node: Node, scope: Scope) -> Typed:
    subject = node.args.get("this")
    branches = node.args["ifs"]
    if subject is not None:
        conditions = [exp.EQ(this=subject.copy(), expression=branch.this) for branch in branches]
    else:
        conditions = [branch.this for branch in branches]
    tests = [as_boolean(binder, binder.expression(condition, scope), "CASE/WHEN") for condition in conditions]
    results = [binder.expression(branch.args["true"], scope) for branch in branches]
    default = node.args.get("default")
    results.append(binder.expression(default, scope) if default is not None else Typed(exp.Null(), UNKNOWN))
    values, result = unify(binder, results, "CASE")
    ifs = [exp.If(this=test.node, true=value.node) for test, value in zip(tests, values, strict=False)]
    return Typed(exp.Case(ifs=ifs, default=values[-1].node), result)


def coalesce(binder: Binder, node: Node, scope: Scope) -> Typed:
    """COALESCE, GREATEST, LEAST: the arguments' common type."""
    items = [node.this, *node.expressions] if node.this is not None else list(node.expressions)
    label = type(node).__name__.upper()
    values, result = unify(binder, [binder.expression(item, scope) for item in items], label)
    return Typed(call(label.lower(), *(value.node for value in values)), result, values[0].typmod)


def nullif(binder: Binder, node: Node, scope: Scope) -> Typed:
    values, result = unify(
        binder, [binder.expression(node.this, scope), binder.expression(node.expression, scope)], "NULLIF"
    )
    return Typed(call("nullif", values[0].node, values[1].node), result)
