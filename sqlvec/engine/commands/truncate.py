"""TRUNCATE."""

from __future__ import annotations

from sqlvec.core.errors import UndefinedTable, WrongObjectType
from sqlvec.core.outcome import Done
from sqlvec.core.schema import Table
from sqlvec.planner import statements as st

from ..locks.modes import Mode
from ..prepared import Prepared
from ..session import Session
from ..values import ParameterValues
from .relation_lock import lock_named


def truncate(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.Truncate)
    lock_named(session, statement.names, Mode.ACCESS_EXCLUSIVE)
    tables: list[Table] = []
    for name in statement.names:
        found = session.catalog.relation(name.schema, name.name)
        if found is None:
            raise UndefinedTable(f'relation "{name.name}" does not exist', position=name.position or None)
        if not isinstance(found, Table):
            raise WrongObjectType(f'"{name.name}" is not a table')
        tables.append(found)
    session.transaction.begin_writing()
    for table in tables:
        # DELETE, not TRUNCATE: it can be rolled back, and DuckDB drops whole row groups all the same.
        session.transaction.write(f"DELETE FROM {table.storage_name}")
        session.transaction.delta(table.oid).rebuilt = True
        for column in table.columns:
            if statement.restart_identity and column.sequence_oid is not None:
                session.sequences.restart(column.sequence_oid)
    return Done("TRUNCATE TABLE")
