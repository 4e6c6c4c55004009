"""EXPLAIN [ANALYZE]."""

from __future__ import annotations

from time import perf_counter

import pyarrow as pa

from sqlvec.core.errors import FeatureNotSupported
from sqlvec.core.outcome import Outcome, ResultColumn, Rows
from sqlvec.core.types.json import JSON
from sqlvec.core.types.text import TEXT
from sqlvec.planner import statements as st
from sqlvec.planner.cost.vector_scan import Strategy
from sqlvec.planner.explain import PlanNode, to_json, to_text
from sqlvec.planner.logical import QueryPlan
from sqlvec.planner.modify import ModifyPlan

from ..executor import QueryReport, run_query
from ..plan_nodes import modify_nodes, query_nodes
from ..prepared import Prepared
from ..rows import stream_of
from ..session import Session
from ..values import ParameterValues
from .permissions import check_plan
from .query import execution, modification, visible_plan


def columns(statement: st.Explain) -> tuple[ResultColumn, ...]:
    return (ResultColumn("QUERY PLAN", JSON if statement.format == "json" else TEXT),)


def run(session: Session, prepared: Prepared, values: ParameterValues) -> Outcome:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.Explain)
    if statement.format not in ("text", "json"):
        raise FeatureNotSupported(f"EXPLAIN (FORMAT {statement.format.upper()}) is not supported")
    if statement.recall:
        raise FeatureNotSupported("EXPLAIN (RECALL) is not supported")
    started = perf_counter()
    inner = st.ParsedStatement(
        statement.statement, prepared.parsed.text, prepared.parsed.start, prepared.parsed.parameter_count
    )
    target = Prepared(inner, prepared.sql, session.catalog)
    planned = perf_counter() - started
    check_plan(session, target.plan)
    node, seconds = _explained(session, target, values, statement)
    summary = statement.summary if statement.summary is not None else statement.analyze
    times = (planned, seconds) if summary else None
    if statement.format == "json":
        lines = [to_json(node, statement, times)]
    else:
        lines = to_text(node, statement, times)
    found = columns(statement)
    return Rows(stream_of(pa.table([pa.array(lines, pa.string())], names=["QUERY PLAN"]), found, "EXPLAIN"))


def _explained(
    session: Session, target: Prepared, values: ParameterValues, statement: st.Explain
) -> tuple[PlanNode, float | None]:
    if isinstance(target.plan, QueryPlan):
        return _query(session, target, target.plan, values, statement)
    if isinstance(target.plan, ModifyPlan):
        return _modify(session, target.plan, values, statement)
    raise FeatureNotSupported("EXPLAIN of this statement is not supported")


def _query(
    session: Session, target: Prepared, plan: QueryPlan, values: ParameterValues, statement: st.Explain
) -> tuple[PlanNode, float | None]:
    visible = visible_plan(session, target, plan)
    run_with = execution(session, values)
    report = QueryReport()
    if plan.searches and not visible.searches:
        report.strategy = Strategy.DUCKDB.value
    plan = visible
    seconds = None
    if statement.analyze:
        started = perf_counter()
        stream = run_query(plan, run_with, report)
        report.rows = sum(batch.num_rows for batch in stream)
        seconds = report.seconds = perf_counter() - started
    elif len(values) == len(target.parameter_types):
        for search in plan.searches:
            _, found = run_with.searcher.run(search, values, execute=False)
            report.searches.append(found)
    return query_nodes(plan, report, session), seconds


def _modify(
    session: Session, plan: ModifyPlan, values: ParameterValues, statement: st.Explain
) -> tuple[PlanNode, float | None]:
    seconds = None
    rows = None
    if statement.analyze:
        started = perf_counter()
        outcome = modification(session, values).run(plan)
        rows = 0 if isinstance(outcome, Rows) else int(outcome.tag.rsplit(" ", 1)[-1])
        seconds = perf_counter() - started
    return modify_nodes(plan, rows, seconds), seconds
