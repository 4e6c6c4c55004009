"""TRUNCATE."""

from __future__ import annotations

from sqlvec.core.errors import FeatureNotSupported, Notice, UndefinedTable, WrongObjectType
from sqlvec.core.outcome import Done
from sqlvec.core.schema import Table
from sqlvec.planner import statements as st

from ..locks.modes import Mode
from ..modify.deferral import must_not_be_pending
from ..prepared import Prepared
from ..session import Session
from ..values import ParameterValues
from .relation_lock import lock_named


def truncate(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.Truncate)
    lock_named(session, statement.names, Mode.ACCESS_EXCLUSIVE)
    tables = _referencing(session, statement, _named(session, statement))
    for table in tables:
        must_not_be_pending(session.transaction, table, "TRUNCATE")
    session.transaction.begin_writing()
    for table in tables:
        # DELETE, not TRUNCATE: it can be rolled back, and DuckDB drops whole row groups all the same.
        session.transaction.write(f"DELETE FROM {table.storage_name}")
        session.transaction.delta(table.oid).rebuilt = True
        for column in table.columns:
            if statement.restart_identity and column.sequence_oid is not None:
                session.sequences.restart(column.sequence_oid)
    return Done("TRUNCATE TABLE")


def _named(session: Session, statement: st.Truncate) -> list[Table]:
    tables: dict[int, Table] = {}
    for name in statement.names:
        found = session.catalog.relation(name.schema, name.name)
        if found is None:
            raise UndefinedTable(f'relation "{name.name}" does not exist', position=name.position or None)
        if not isinstance(found, Table):
            raise WrongObjectType(f'"{name.name}" is not a table')
        tables[found.oid] = found
    return list(tables.values())


def _referencing(session: Session, statement: st.Truncate, tables: list[Table]) -> list[Table]:
    """The tables and, with CASCADE, those that reference them; without, there must be no others."""
    oids = {table.oid for table in tables}
    for table in tables:  # which grows
        for child, _ in session.transaction.catalog.references_to(table.oid):
            if child.oid in oids:
                continue
            if not statement.cascade:
                raise FeatureNotSupported(
                    "cannot truncate a table referenced in a foreign key constraint",
                    detail=f'Table "{child.name}" references "{table.name}".',
                    hint=f'Truncate table "{child.name}" at the same time, or use TRUNCATE ... CASCADE.',
                )
            session.notice(Notice(f'truncate cascades to table "{child.name}"'))
            session.transaction.lock_table(child.oid, Mode.ACCESS_EXCLUSIVE)
            oids.add(child.oid)
            tables.append(child)
    return tables
