"""Conditionals: CASE, COALESCE, GREATEST, LEAST, NULLIF."""

from __future__ import annotations

from sqlglot import exp

from sqlvec.core.types.pg_type import PgType

from .binder import Binder
from .coerce import as_boolean, unify
from .scope import Scope
from .typed import (
    UNKNOWN,
    VECTOR,
    Node,
    Typed,
    call,
    cast,
    first_present,
)  # fmt: skip

_OF_FIXED_WIDTH = frozenset((
    "bool", "int2", "int4", "int8", "oid", "float4", "float8", "numeric", "date", "time", "timetz",
    "timestamp", "timestamptz", "interval", "uuid",
))  # fmt: skip


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
    nodes = _choices(values, result)
    ifs = [exp.If(this=test.node, true=node) for test, node in zip(tests, nodes, strict=False)]
    return Typed(exp.Case(ifs=ifs, default=nodes[-1]), result)


def coalesce(binder: Binder, node: Node, scope: Scope) -> Typed:
    """COALESCE, GREATEST, LEAST: the arguments' common type."""
    items = [node.this, *node.expressions] if node.this is not None else list(node.expressions)
    label = type(node).__name__.upper()
    values, result = unify(binder, [binder.expression(item, scope) for item in items], label)
    nodes = _choices(values, result)
    if isinstance(node, exp.Coalesce) and not (result is not None and result.name in _OF_FIXED_WIDTH):
        return Typed(first_present(nodes), result, values[0].typmod)
    return Typed(call(label.lower(), *nodes), result, values[0].typmod)


def _choices(values: list[Typed], result: PgType | None) -> list[Node]:
    """DuckDB chooses among lists of floats, not among arrays of a fixed length."""
    if result is None or result.oid != VECTOR.oid:
        return [value.node for value in values]
    return [cast(value.node, "FLOAT[]") for value in values]


def nullif(binder: Binder, node: Node, scope: Scope) -> Typed:
    values, result = unify(
        binder, [binder.expression(node.this, scope), binder.expression(node.expression, scope)], "NULLIF"
    )
    return Typed(call("nullif", values[0].node, values[1].node), result)
