"""SET CONSTRAINTS: when deferrable constraints are checked in this transaction."""

from __future__ import annotations

from sqlvec.core.errors import Notice, Severity, UndefinedObject, WrongObjectType
from sqlvec.core.outcome import Done
from sqlvec.core.schema import ForeignKey, Table, UniqueConstraint
from sqlvec.planner import statements as st

from ..modify.deferral import check_deferred
from ..prepared import Prepared
from ..session import Session
from ..values import ParameterValues

_Constraint = UniqueConstraint | ForeignKey


def set_constraints(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    """IMMEDIATE also checks at once what was put off until now."""
    statement = prepared.parsed.statement
    assert isinstance(statement, st.SetConstraints)
    if not session.transaction.is_block:
        message = "SET CONSTRAINTS can only be used in transaction blocks"
        session.notice(Notice(message, severity=Severity.WARNING, sqlstate="25P01"))
        return Done("SET CONSTRAINTS")
    deferred = session.transaction.deferred
    if not statement.names:
        deferred.set_all(deferred=statement.deferred)
    for name in statement.names:
        for constraint in _named(session, name):
            deferred.set_one(constraint.oid, deferred=statement.deferred)
    if not statement.deferred:
        check_deferred(session.transaction, only_immediate=True)
    return Done("SET CONSTRAINTS")


def _named(session: Session, name: st.Name) -> list[_Constraint]:
    """All of that name in the first schema of the path that has one; one of them must be deferrable."""
    for schema in (name.schema,) if name.schema is not None else session.catalog.search_path:
        found = [each for each in _constraints(session, schema) if each.name == name.name]
        deferrable = [each for each in found if each.is_deferrable]
        if found and not deferrable:
            raise WrongObjectType(f'constraint "{name.name}" is not deferrable')
        if deferrable:
            return deferrable
    raise UndefinedObject(f'constraint "{name.name}" does not exist')


def _constraints(session: Session, schema: str) -> list[_Constraint]:
    tables = (table for table in session.transaction.catalog.each(Table) if table.schema == schema)
    return [constraint for table in tables for constraint in table.keys]
