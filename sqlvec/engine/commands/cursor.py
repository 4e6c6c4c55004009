"""DECLARE, FETCH, MOVE, CLOSE: cursors are portals that SQL names."""

from __future__ import annotations

from dataclasses import replace

from sqlvec.core.errors import NoActiveSqlTransaction
from sqlvec.core.outcome import Done, Outcome, ResultColumn, Rows
from sqlvec.planner import statements as st

from ..prepared import Prepared
from ..session import Session
from ..values import ParameterValues


def declare(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.DeclareCursor)
    if not (session.transaction.is_block or session.transaction.is_shared or statement.is_held):
        raise NoActiveSqlTransaction("DECLARE CURSOR can only be used in transaction blocks")
    parsed = replace(prepared.parsed, statement=st.Query(statement.tree))
    query = Prepared(parsed, prepared.sql, session.catalog, prepared.parameter_types)
    session.portals.open(statement.name, query, values).open(statement)
    return Done("DECLARE CURSOR")


def columns(session: Session, statement: st.Fetch) -> tuple[ResultColumn, ...] | None:
    return (
        None
        if statement.is_move
        else session.columns(session.portals.must_get(statement.name, "cursor").prepared)
    )


def fetch(session: Session, prepared: Prepared, values: ParameterValues) -> Outcome:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.Fetch)
    stream = session.portals.must_get(statement.name, "cursor").fetch(statement.direction, statement.count)
    if not statement.is_move:
        return Rows(stream)
    return Done(f"MOVE {sum(batch.num_rows for batch in stream)}")


def close(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.CloseCursor)
    if statement.name is None:
        session.portals.close_named()
        return Done("CLOSE CURSOR ALL")
    session.portals.must_get(statement.name, "cursor")
    session.portals.close(statement.name)
    return Done("CLOSE CURSOR")


def unlisten(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    """Nobody can LISTEN, so there is nothing to end; pools send it when a client gives a connection back."""
    return Done("UNLISTEN")
