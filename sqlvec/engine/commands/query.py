"""Queries and data-modifying statements."""

from __future__ import annotations

from sqlvec.core.outcome import Outcome, Rows
from sqlvec.planner.logical import QueryPlan
from sqlvec.planner.modify import ModifyPlan
from sqlvec.planner.plan import plan_query
from sqlvec.planner.statements import Query

from ..executor import Execution, run_query
from ..locking import RowLocker
from ..modify.statements import Modification
from ..prepared import Prepared
from ..search import Searcher
from ..session import Session
from ..values import ParameterValues


def run(session: Session, prepared: Prepared, values: ParameterValues) -> Outcome:
    plan = prepared.plan
    assert isinstance(plan, QueryPlan)
    return Rows(run_query(visible_plan(session, prepared, plan), execution(session, values)))


def visible_plan(session: Session, prepared: Prepared, plan: QueryPlan) -> QueryPlan:
    """Snapshots hold the newest commit; a transaction that sees something else asks DuckDB, exactly."""
    transaction = session.transaction
    own = any(transaction.has_written(search.table_oid) for search in plan.searches)
    if not plan.searches or not (own or transaction.sees_own_snapshot):
        return plan
    statement = prepared.parsed.statement
    assert isinstance(statement, Query)
    return plan_query(
        statement.tree,
        session.catalog,
        prepared.sql,
        prepared.parsed.parameter_count,
        plan.parameters,
        use_searches=False,
    )


def execution(session: Session, values: ParameterValues) -> Execution:
    searcher = Searcher(session.store, session.cursor, session.settings, session.engine.costs)
    locker = RowLocker(session.transaction, session.cursor, values)
    return Execution(session.cursor, searcher, session.context, values, locker, session.transaction)


def modification(session: Session, values: ParameterValues) -> Modification:
    return Modification(session.transaction, execution(session, values), session.sequences, session.catalog)


def modify(session: Session, prepared: Prepared, values: ParameterValues) -> Outcome:
    plan = prepared.plan
    assert isinstance(plan, ModifyPlan)
    return modification(session, values).run(plan)
