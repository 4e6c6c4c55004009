"""LOCK TABLE."""

from __future__ import annotations

from sqlvec.core.errors import LockNotAvailable, NoActiveSqlTransaction, UndefinedTable, WrongObjectType
from sqlvec.core.outcome import Done
from sqlvec.core.schema import Table
from sqlvec.planner import statements as st

from ..locks import resource
from ..locks.modes import TABLE_MODES
from ..prepared import Prepared
from ..session import Session
from ..values import ParameterValues
from .relation_lock import lock_named


def lock_table(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.LockTable)
    if not (session.transaction.is_block or session.transaction.is_shared):
        raise NoActiveSqlTransaction("LOCK TABLE can only be used in transaction blocks")
    mode = TABLE_MODES[statement.mode]
    for name in statement.names:
        table = _table(session, name)
        if statement.nowait and not session.locks.try_lock(resource.relation(table.oid), mode):
            raise LockNotAvailable(f'could not obtain lock on relation "{name.name}"')
        lock_named(session, [name], mode)
    return Done("LOCK TABLE")


def _table(session: Session, name: st.Name) -> Table:
    found = session.catalog.relation(name.schema, name.name)
    if found is None:
        shown = f"{name.schema}.{name.name}" if name.schema else name.name
        raise UndefinedTable(f'relation "{shown}" does not exist')
    if not isinstance(found, Table):
        raise WrongObjectType(f'"{name.name}" is not a table')
    return found
