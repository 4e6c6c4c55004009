"""PREPARE, EXECUTE, DEALLOCATE."""

from __future__ import annotations

import pyarrow as pa

from sqlvec.core.errors import DuplicatePreparedStatement, InvalidSqlStatementName, SqlSyntaxError
from sqlvec.core.outcome import Done, Outcome, ResultColumn
from sqlvec.core.types.cast import to_carrier
from sqlvec.planner import statements as st
from sqlvec.planner.bind.coerce import convert
from sqlvec.planner.bind.scope import Scope
from sqlvec.planner.logical import sql_of
from sqlvec.planner.plan import new_binder

from ..prepared import Prepared
from ..session import Session
from ..values import ParameterValues
from .column_definition import resolve_type


def prepare(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.Prepare)
    if statement.name in session.prepared:
        raise DuplicatePreparedStatement(f'prepared statement "{statement.name}" already exists')
    oids = [resolve_type(name)[0].oid for name in statement.types]
    session.prepare(statement.name, statement.text, oids)
    return Done("PREPARE")


def columns(session: Session, statement: st.Execute) -> tuple[ResultColumn, ...] | None:
    return session.columns(_must_get(session, statement.name))


def _must_get(session: Session, name: str) -> Prepared:
    if name not in session.prepared:
        raise InvalidSqlStatementName(f'prepared statement "{name}" does not exist')
    return session.must_get_prepared(name)


def execute(session: Session, prepared: Prepared, values: ParameterValues) -> Outcome:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.Execute)
    target = _must_get(session, statement.name)
    types = target.parameter_types
    if len(types) != len(statement.arguments):
        raise SqlSyntaxError(
            f'wrong number of parameters for prepared statement "{statement.name}"',
            detail=f"Expected {len(types)} parameters but got {len(statement.arguments)}.",
        )
    arrays: list[pa.Array] = []
    for kind, argument in zip(types, statement.arguments, strict=True):
        binder = new_binder(session.catalog, prepared.sql)
        value = convert(binder, binder.expression(argument.tree.copy(), Scope()), kind)
        arrays.append(to_carrier(session.cursor.table(f"SELECT {sql_of(value.node)}").column(0), kind))
    return session.run(target, ParameterValues(types, arrays))


def deallocate(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.Deallocate)
    if statement.name is None:
        session.prepared.clear()
        return Done("DEALLOCATE ALL")
    _must_get(session, statement.name)
    session.close_statement(statement.name)
    return Done("DEALLOCATE")
