"""ANALYZE, VACUUM, REINDEX, CHECKPOINT."""

from __future__ import annotations

from sqlvec.core.errors import ActiveSqlTransaction, FeatureNotSupported, UndefinedObject, UndefinedTable
from sqlvec.core.outcome import Done
from sqlvec.core.schema import Index, Table
from sqlvec.planner import statements as st

from ..prepared import Prepared
from ..session import Session
from ..values import ParameterValues
from .permissions import maintained


def _tables(session: Session, names: tuple[st.Name, ...]) -> list[Table]:
    if not names:
        return session.transaction.catalog.each(Table)
    tables: list[Table] = []
    for name in names:
        found = session.catalog.relation(name.schema, name.name)
        if found is None:
            raise UndefinedTable(f'relation "{name.name}" does not exist', position=name.position or None)
        if isinstance(found, Table):
            tables.append(found)
    return tables


def analyze(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.Analyze)
    for table in maintained(session, _tables(session, statement.names), "analyze"):
        session.check_cancelled()
        session.store.analyze(table.oid)
    return Done("ANALYZE")


def vacuum(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    """Dead rows are reclaimed by DuckDB's checkpoint and by index maintenance; this runs both."""
    statement = prepared.parsed.statement
    assert isinstance(statement, st.Vacuum)
    if session.transaction.is_block or session.transaction.is_shared:
        raise ActiveSqlTransaction("VACUUM cannot run inside a transaction block")
    for table in maintained(session, _tables(session, statement.names), "vacuum"):
        session.store.maintenance.notice(table.oid)
        if statement.analyze:
            session.store.analyze(table.oid)
    session.store.maintenance.drain()
    return Done("VACUUM")


def reindex(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.Reindex)
    for table, index in _vector_indexes(session, statement):
        built = session.store.build_index(table, index, session.is_cancelled)
        session.store.attach(table.oid, built)
    return Done("REINDEX")


def _vector_indexes(session: Session, statement: st.Reindex) -> list[tuple[Table, Index]]:
    """The indexes that have a structure of ours; the others are DuckDB's and never wear."""
    if statement.kind == "INDEX":
        assert statement.name is not None
        found = session.catalog.index(statement.name.schema, statement.name.name)
        if found is None:
            raise UndefinedObject(f'index "{statement.name.name}" does not exist')
        table, oid = found
        return [(table, index) for index in table.indexes if index.oid == oid and index.is_vector_index]
    if statement.kind == "TABLE":
        assert statement.name is not None
        tables = _tables(session, (statement.name,))
    elif statement.kind in ("DATABASE", "SCHEMA"):
        tables = session.transaction.catalog.each(Table)
    else:
        raise FeatureNotSupported(f"REINDEX {statement.kind} is not supported")
    return [(table, index) for table in tables for index in table.indexes if index.is_vector_index]


def checkpoint(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    session.store.checkpoint()
    if not session.transaction.is_begun:
        session.cursor.run("CHECKPOINT")
    return Done("CHECKPOINT")
