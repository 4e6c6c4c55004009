"""Aggregate nodes: which calls of a bound tree aggregate, and how FILTER and OVER get around them."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from .typed import Node

# DuckDB's aggregates that sqlglot has no class for.
AGGREGATE_CALLS = frozenset(
    (
        "bool_and",
        "bool_or",
        "list",
        "bit_and",
        "bit_or",
        "bit_xor",
        "mode",
        "regr_slope",
        "regr_intercept",
        "regr_count",
        "regr_r2",
        "regr_avgx",
        "regr_avgy",
        "regr_sxx",
        "regr_syy",
        "regr_sxy",
        "count_if",
    )
)
# sqlglot counts these among the aggregates; they need OVER.
_WINDOW_ONLY = (exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue, exp.NthValue)


def is_aggregate(node: exp.Expr) -> bool:
    """Whether a node is an aggregate's own call."""
    if isinstance(node, exp.Anonymous):
        return str(node.this).lower() in AGGREGATE_CALLS
    return isinstance(node, exp.AggFunc) and not isinstance(node, _WINDOW_ONLY)


def own_aggregates(node: Node) -> list[Node]:
    """The outermost aggregate calls of a tree, with their FILTER; not those of subqueries or under OVER."""
    calls = (found for found in node.walk(prune=_is_border) if _is_call(found))
    return [found for found in calls if isinstance(found, Node)]


def _is_call(node: exp.Expr) -> bool:
    return isinstance(node, (exp.Filter, exp.WithinGroup)) or is_aggregate(node)


def _is_border(node: exp.Expr) -> bool:
    return _is_call(node) or isinstance(node, (exp.Subquery, exp.Query, exp.Window))


def wrap_aggregates(node: Node, wrap: Callable[[Node], Node]) -> Node:
    """Put something around each aggregate call; what binding put around the calls stays outside."""
    targets = own_aggregates(node)
    if not targets or targets[0] is node:
        return wrap(node)
    for target in targets:
        place = exp.Null()
        target.replace(place)
        place.replace(wrap(target))
    return node
