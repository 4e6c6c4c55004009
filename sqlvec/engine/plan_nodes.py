"""Plan nodes for EXPLAIN, from plans and what their run reported."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from sqlvec.core.schema import Table
from sqlvec.planner.bind.constants import VALUE
from sqlvec.planner.cost.vector_scan import Alternative, Strategy
from sqlvec.planner.explain import SECONDS_PER_COST, PlanNode
from sqlvec.planner.logical import QueryPlan, VectorSearch, sql_of
from sqlvec.planner.modify import InsertPlan, ModifyPlan, UpdatePlan

from .executor import QueryReport
from .search import SearchReport
from .session import Session

_WIDTH = 32  # bytes of a row, nominal


def query_nodes(plan: QueryPlan, report: QueryReport, session: Session) -> PlanNode:
    """A DuckDB node over the searches, or a Limit over the one search that is the whole query."""
    reports = {found.search.number: found for found in report.searches}
    children = tuple(_search_node(search, reports.get(search.number), session) for search in plan.searches)
    actual = (report.seconds * 1000, report.rows) if report.seconds else (None, None)
    cost = sum(child.total_cost for child in children)
    estimate = max((child.rows for child in children), default=_table_rows(plan, session))
    if plan.is_guarded:
        cost, estimate = 0, 1
    properties: list[tuple[str, Any]] = []
    if not plan.searches:
        names = sorted(table.name for table in _tables(plan, session))
        if names:
            properties.append(("Relations", ", ".join(names)))
    if report.strategy is not None:
        properties.append(("Strategy", report.strategy))
    verbose = (("Output", ", ".join(column.name for column in plan.columns)), ("SQL", sql_of(plan.tree)))
    is_limit = (
        len(plan.searches) == 1
        and isinstance(plan.tree, exp.Select)
        and plan.tree.args.get("limit") is not None
    )
    return PlanNode(
        "Limit" if is_limit else "DuckDB Query",
        total_cost=cost + (0 if is_limit else 40 + estimate * 0.01),
        rows=estimate,
        width=_WIDTH * max(len(plan.columns), 1),
        actual_ms=actual[0],
        actual_rows=actual[1],
        properties=tuple(properties),
        verbose_properties=verbose,
        children=children,
    )


def _tables(plan: QueryPlan, session: Session) -> list[Table]:
    found = [session.transaction.catalog.objects.get(oid) for oid in plan.tables]
    return [table for table in found if isinstance(table, Table)]


def _table_rows(plan: QueryPlan, session: Session) -> int:
    return max((session.store.row_count(table.oid) for table in _tables(plan, session)), default=1)


def _search_node(search: VectorSearch, report: SearchReport | None, session: Session) -> PlanNode:
    table = session.transaction.catalog.table(search.table_oid)
    if report is None:
        return PlanNode("Vector Search", f" on {_named(table, search)}", properties=(_order(search),))
    if search.guard is not None:
        return _guarded_node(search, report, table)
    chosen = report.chosen
    k = report.returned or min(_constant(search.limit) or report.rows, report.rows)
    using = f" using {chosen.index}" if chosen.index else ""
    analyzed = bool(report.seconds)
    return PlanNode(
        "Vector Search",
        f"{using} on {_named(table, search)}",
        total_cost=chosen.seconds / SECONDS_PER_COST,
        rows=k,
        width=_WIDTH * max(len(search.columns), 1),
        actual_ms=report.seconds * 1000 if analyzed else None,
        actual_rows=report.returned if analyzed else None,
        properties=tuple(_properties(search, report)),
        verbose_properties=(("Alternatives", [_alternative(each) for each in report.considered]),),
        facts=_facts(table, search, chosen),
    )


def _guarded_node(search: VectorSearch, report: SearchReport, table: Table) -> PlanNode:
    """Prices, shares, efforts and counts follow from how many rows there are, hidden ones among them."""
    analyzed = bool(report.seconds)
    properties: list[tuple[str, Any]] = [_order(search)]
    if search.filter is not None:
        properties.append(("Filter", f"({_shown(search.filter)})"))
    properties.append(("Row Security", "applied before the filter"))
    properties.append(("Recall", "exact" if report.is_exact else "as targeted"))
    return PlanNode(
        "Vector Search",
        f" on {_named(table, search)}",
        rows=report.returned if analyzed else 1,
        width=_WIDTH * max(len(search.columns), 1),
        actual_ms=report.seconds * 1000 if analyzed else None,
        actual_rows=report.returned if analyzed else None,
        properties=tuple(properties),
        facts=(("Relation Name", table.name), ("Alias", search.alias)),
    )


def _named(table: Table, search: VectorSearch) -> str:
    return table.name if search.alias == table.name else f"{table.name} {search.alias}"


def _facts(table: Table, search: VectorSearch, chosen: Alternative) -> tuple[tuple[str, Any], ...]:
    facts: list[tuple[str, Any]] = [("Relation Name", table.name), ("Alias", search.alias)]
    if chosen.index:
        facts.append(("Index Name", chosen.index))
    return tuple(facts)


def _order(search: VectorSearch) -> tuple[str, Any]:
    distance = f"({search.column} {search.symbol} {_shortened(search)})"
    if search.radius is None:
        return ("Order By", distance)
    sign = "<=" if search.radius.is_inclusive else "<"
    return ("Range", f"({distance} {sign} {_shown(search.radius.bound)})")


_LONGEST_OPERAND = 40


def _shortened(search: VectorSearch) -> str:
    """The query vector as SQL would write it; long ones by their length."""
    node = search.operand
    while isinstance(node, exp.Cast):
        known = node.meta.get(VALUE) if node._meta else None
        if known is not None:
            text = "[" + ",".join(f"{value:g}" for value in known) + "]"
            return f"'{text}'::vector" if len(text) <= _LONGEST_OPERAND else f"'[...]'::vector({len(known)})"
        node = node.this
    return _shown(node)


def _shown(node: exp.Expression) -> str:
    """A bound expression as PostgreSQL's EXPLAIN would show it: plain names, no qualifiers."""
    tree = node.copy()
    for column in tree.find_all(exp.Column):
        column.set("table", None)
        column.set("this", exp.to_identifier(column.name, quoted=not column.name.isidentifier()))
    return tree.sql(dialect="postgres")


def _properties(search: VectorSearch, report: SearchReport) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = [_order(search)]
    if search.filter is not None:
        found.append(("Filter", f"({_shown(search.filter)})"))
        actual = report.actual_selectivity
        shown = f", actual {actual:.2%}" if actual is not None else ""
        found.append(("Selectivity", f"estimated {report.estimated_selectivity:.2%}{shown}"))
    found.append(("Strategy", _strategy(report)))
    found.append(("Recall", _recall(report)))
    if report.seconds:
        found.append(("Distance Computations", report.distance_computations))
    return found


def _recall(report: SearchReport) -> str:
    if report.is_exact:
        return "exact"
    # A table too small to calibrate on has no curve.
    return f"expected {report.expected_recall:.3f}" if report.expected_recall > 0 else "not measured"


def _strategy(report: SearchReport) -> str:
    """The chosen one with the reason: the next best price."""
    chosen = report.chosen
    effort = f" (effort {chosen.effort})" if chosen.effort is not None else ""
    others = [
        each for each in report.considered if each is not chosen and each.strategy is not Strategy.RANGE
    ]
    if not others:
        return chosen.strategy.value + effort
    rival = min(others, key=lambda each: each.seconds)
    against = f"{_milliseconds(rival)} by {rival.strategy.value}"
    return f"{chosen.strategy.value}{effort}, {_milliseconds(chosen)} against {against}"


def _milliseconds(each: Alternative) -> str:
    return f"{each.seconds * 1000:.2f} ms"


def _alternative(each: Alternative) -> str:
    effort = f", effort {each.effort}" if each.effort is not None else ""
    index = f" using {each.index}" if each.index else ""
    return f"{each.strategy.value}{index}: {_milliseconds(each)}{effort}"


def _constant(node: exp.Expression | None) -> int | None:
    return int(node.this) if isinstance(node, exp.Literal) and not node.is_string else None


def modify_nodes(plan: ModifyPlan, rows: int | None, seconds: float | None) -> PlanNode:
    kind = (
        "Insert" if isinstance(plan, InsertPlan) else ("Update" if isinstance(plan, UpdatePlan) else "Delete")
    )
    return PlanNode(
        kind,
        f" on {plan.table.name}",
        total_cost=50.0,
        actual_rows=rows,
        actual_ms=seconds * 1000 if seconds is not None else None,
        facts=(("Relation Name", plan.table.name),),
        children=(
            PlanNode(
                "DuckDB Query", total_cost=40.0, rows=1, verbose_properties=(("SQL", sql_of(plan.source)),)
            ),
        ),
    )
