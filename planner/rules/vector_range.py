"""vector_range: WHERE distance < r over one table becomes a search for all rows within the radius.

It is exact, and only replaces the table: grouping, ordering and other conditions stay and run over the rows
within the radius.
"""

from __future__ import annotations

from sqlglot import exp

from ..bind.distance import Distance
from ..bind.typed import Node
from ..logical import QueryPlan, Radius, VectorSearch
from ..single_table import conjuncts, query_vector, replace_table, single_table
from .vector_top_k import _is_searchable, _through_casts

NAME = "vector_range"


def apply(plan: QueryPlan) -> QueryPlan:
    """Rewrite every block of the plan that matches."""
    for block in list(plan.tree.find_all(exp.Select)):
        if block.root() is plan.tree:
            plan = _apply_to(plan, block)
    return plan


def _apply_to(plan: QueryPlan, block: exp.Select) -> QueryPlan:
    table = single_table(block)
    if table is None:
        return plan
    for item in conjuncts(block):
        found = _bound(item)
        if found is None:
            continue
        mark, radius = found
        if mark.alias != table.alias or not _is_searchable(table, mark):
            continue
        operand = query_vector(plan, block, mark.operand)
        if operand is None:
            continue
        search = VectorSearch(
            number=len(plan.searches) + 1,
            table_oid=table.table.oid,
            alias=table.alias,
            column=mark.column,
            metric=mark.metric,
            symbol=mark.symbol,
            operand=operand,
            columns=(),
            radius=radius,
        )
        return plan.with_search(replace_table(block, table, search, mark), NAME)
    return plan


def _bound(item: Node) -> tuple[Distance, Radius] | None:
    while isinstance(item, exp.Paren):
        item = item.this
    if isinstance(item, (exp.LT, exp.LTE)):
        side, other = item.this, item.expression
    elif isinstance(item, (exp.GT, exp.GTE)):
        side, other = item.expression, item.this
    else:
        return None
    mark = _through_casts(side)
    if mark is None or list(other.find_all(exp.Column, exp.Select)):
        return None
    return mark, Radius(other.copy(), isinstance(item, (exp.LTE, exp.GTE)))
