"""Function arguments: bound where they stand."""

from __future__ import annotations

from sqlglot import exp

from .binder import Binder
from .coerce import resolve, settle
from .scope import Scope
from .typed import (
    INT4,
    Node,
    Typed,
)  # fmt: skip

# Argument types for open literals; most text functions take text everywhere.
_NUMBER_ARGUMENTS = frozenset({"start", "length", "count", "part_index", "offset", "n", "decimals", "scale"})


def bind_children(binder: Binder, node: Node, scope: Scope) -> list[Typed]:
    """Bind all argument expressions of a node where they stand; units, paths and words stay."""
    values: list[Typed] = []
    for key, value in list(node.args.items()):
        if isinstance(value, list):
            bound = [_child(binder, item, scope, key, values) for item in value]
            node.set(key, [item.node for item in bound])
            values.extend(bound)
        elif isinstance(value, exp.Expression) and not isinstance(
            value, (exp.Var, exp.JSONPath, exp.DataType, exp.IntervalSpan)
        ):
            child = _child(binder, value, scope, key, values)
            node.set(key, child.node)
            values.append(child)
    return values


def _child(binder: Binder, node: Node, scope: Scope, key: str, before: list[Typed]) -> Typed:
    if isinstance(node, (exp.Distinct, exp.Order, exp.IgnoreNulls)):
        return _modified(binder, node, scope, key, before)
    value = binder.expression(node, scope)
    if not value.is_open:
        return value
    if key in _NUMBER_ARGUMENTS:
        return resolve(binder, value, INT4)
    return settle(binder, value)


def _modified(binder: Binder, node: Node, scope: Scope, key: str, before: list[Typed]) -> Typed:
    """DISTINCT x, x ORDER BY y inside an aggregate."""
    if isinstance(node, exp.Distinct):
        values = [_child(binder, item, scope, key, before) for item in node.expressions]
        node.set("expressions", [value.node for value in values])
        return Typed(node, values[0].type if values else None)
    inner = _child(binder, node.this, scope, key, before) if node.this is not None else Typed(node, None)
    if node.this is not None:
        node.set("this", inner.node)
    if isinstance(node, exp.Order):
        bind_sort_keys(binder, node.expressions, scope)
    return Typed(node, inner.type, inner.typmod)


def bind_sort_keys(binder: Binder, items: list[Node], scope: Scope) -> None:
    """ORDER BY inside an aggregate or a window: numbers there are values, not positions."""
    for item in items:
        item.set("this", settle(binder, binder.expression(item.this, scope)).node)
