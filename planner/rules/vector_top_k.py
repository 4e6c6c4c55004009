"""vector_top_k: ORDER BY distance LIMIT k over one table becomes a vector search.

The search returns a superset of the rows that the query needs, so ORDER BY, LIMIT and the select list stay
where they are and run over k rows instead of the whole table.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from ..bind.aggregate_nodes import is_aggregate
from ..bind.distance import Distance, mark_of
from ..bind.typed import Node
from ..logical import QueryPlan, VectorSearch
from ..single_table import (
    SingleTable,
    apart_from,
    conjuncts,
    query_vector,
    replace_table,
    single_table,
)
from ..surroundings import needs_of

NAME = "vector_top_k"


def apply(plan: QueryPlan) -> QueryPlan:
    """Rewrite every block of the plan that matches."""
    for block in list(plan.tree.find_all(exp.Select)):
        if block.root() is plan.tree:  # an operand that was moved into a search takes its blocks along
            plan = _apply_to(plan, block)
    return plan


def _apply_to(plan: QueryPlan, block: exp.Select) -> QueryPlan:
    table = single_table(block)
    if table is None or block.args.get("limit") is None or not _limits_rows(block):
        return plan
    found = _leading_distance(block)
    if found is None or found.alias != table.alias or not _is_searchable(table, found):
        return plan
    bounds, filters = _split_where(block, found)
    search = _search(plan, block, table, found, filters)
    if search is None:
        return plan
    # A bound on the same distance only cuts the tail of the k nearest: it may run afterwards.
    block.set("where", exp.Where(this=exp.and_(*bounds, copy=False)) if bounds else None)
    return plan.with_search(replace_table(block, table, search, found), NAME)


def _search(
    plan: QueryPlan, block: exp.Select, table: SingleTable, found: Distance, filters: list[Node]
) -> VectorSearch | None:
    """The search; None where it needs something of the query around it."""
    operand = query_vector(plan, block, found.operand)
    filter_ = _all_of([item.copy() for item in filters])
    offset = block.args.get("offset")
    parts = [filter_, block.args["limit"].expression, offset.expression if offset is not None else None]
    if operand is None or any(part is not None and needs_of(part).items - {table.alias} for part in parts):
        return None
    apart = [apart_from(plan, block, part) if part is not None else None for part in parts]
    if any(part is not None and copied is None for part, copied in zip(parts, apart, strict=True)):
        return None
    first = block.args["order"].expressions[0]
    return VectorSearch(
        number=len(plan.searches) + 1,
        table_oid=table.table.oid,
        alias=table.alias,
        column=found.column,
        metric=found.metric,
        symbol=found.symbol,
        operand=operand,
        columns=(),
        limit=apart[1],
        offset=apart[2],
        filter=apart[0],
        needs_ties=len(block.args["order"].expressions) > 1,
        nulls_first=bool(first.args.get("nulls_first")),
    )


def _all_of(conditions: list[Node]) -> Node | None:
    joined = exp.and_(*conditions, copy=False) if conditions else None
    return joined if isinstance(joined, Node) else None


def _limits_rows(block: exp.Select) -> bool:
    """Whether LIMIT counts the table's rows: nothing groups, windows or deduplicates before it."""
    if any(block.args.get(key) for key in ("group", "having", "distinct", "qualify", "windows")):
        return False
    outputs = [*block.expressions, *(block.args["order"].expressions if block.args.get("order") else [])]
    return not any(_changes_rows(item) for item in outputs)


def _changes_rows(node: Node) -> bool:
    for found in _own_nodes(node):
        if is_aggregate(found) or isinstance(found, (exp.AggFunc, exp.Window, exp.Explode)):
            return True
        if isinstance(found, exp.Anonymous) and str(found.this).lower() in ("unnest", "grouping"):
            return True
    return False


def _own_nodes(node: Node) -> Iterator[exp.Expr]:
    """A tree's nodes without those inside subqueries."""
    return (
        found
        for found in node.walk(
            prune=lambda item: isinstance(item, (exp.Subquery, exp.Select)) and item is not node
        )
    )


def _leading_distance(block: exp.Select) -> Distance | None:
    """The distance that rows are sorted by, ascending; also as 1 - distance DESC and by position."""
    order = block.args.get("order")
    if order is None:
        return None
    first = order.expressions[0]
    node = first.this
    if isinstance(node, exp.Literal) and not node.is_string:
        node = block.expressions[int(node.this) - 1]
    node = node.this if isinstance(node, exp.Alias) else node
    while isinstance(node, exp.Paren):
        node = node.this
    if first.args.get("desc"):
        return _similarity(node)
    return mark_of(node)


def _similarity(node: Node) -> Distance | None:
    """1 - distance, or -(distance): falls as the distance grows."""
    inner = node
    while isinstance(inner, exp.Cast):
        inner = inner.this
    if isinstance(inner, exp.Sub) and not list(inner.this.find_all(exp.Column)):
        return _through_casts(inner.expression)
    if isinstance(inner, exp.Neg):
        return _through_casts(inner.this)
    if isinstance(inner, exp.Mul):
        sides = (inner.this, inner.expression)
        for one, other in (sides, sides[::-1]):
            if one.sql() in ("(-1)", "-1", "CAST(-1 AS DOUBLE)", "CAST(-1 AS DOUBLE PRECISION)"):
                return _through_casts(other)
    return None


def _through_casts(node: Node) -> Distance | None:
    while isinstance(node, (exp.Cast, exp.Paren)):
        node = node.this
    return mark_of(node)


def _is_searchable(table: SingleTable, found: Distance) -> bool:
    column = table.table.column(found.column)
    return column is not None and column.is_searchable


def _split_where(block: exp.Select, found: Distance) -> tuple[list[Node], list[Node]]:
    """Conditions on the same distance, and the others."""
    bounds: list[Node] = []
    filters: list[Node] = []
    for item in conjuncts(block):
        (bounds if _is_upper_bound(item, found) else filters).append(item)
    return bounds, filters


def _is_upper_bound(item: Node, found: Distance) -> bool:
    while isinstance(item, exp.Paren):
        item = item.this
    if isinstance(item, (exp.LT, exp.LTE)):
        side, other = item.this, item.expression
    elif isinstance(item, (exp.GT, exp.GTE)):
        side, other = item.expression, item.this
    else:
        return False
    mark = _through_casts(side)
    return mark is not None and mark.is_same(found) and not list(other.find_all(exp.Column, exp.Select))
