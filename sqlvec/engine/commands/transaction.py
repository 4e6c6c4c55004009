"""BEGIN, COMMIT, ROLLBACK, savepoints, SET TRANSACTION."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlvec.core.errors import ActiveSqlTransaction, NoActiveSqlTransaction, Notice, Severity
from sqlvec.core.outcome import Done
from sqlvec.planner import statements as st

from ..prepared import Prepared
from ..values import ParameterValues

if TYPE_CHECKING:
    from ..session import Session


def begin(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.Begin)
    if session.transaction.is_block:
        _warn(session, "there is already a transaction in progress", "25001")
    else:
        session.transaction.begin_block()
        settings = session.settings
        for kind in ("isolation", "read_only", "deferrable"):
            settings = settings.with_local(f"transaction_{kind}", settings.get(f"default_transaction_{kind}"))
        session.settings = settings
    _apply(session, statement.modes)
    return Done(statement.tag)


def _apply(session: Session, modes: st.TransactionModes) -> None:
    settings = session.settings
    if modes.isolation is not None:
        settings = settings.with_local("transaction_isolation", modes.isolation)
    if modes.read_only is not None:
        settings = settings.with_local("transaction_read_only", "on" if modes.read_only else "off")
    if modes.deferrable is not None:
        settings = settings.with_local("transaction_deferrable", "on" if modes.deferrable else "off")
    session.settings = settings


def commit(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    transaction = session.transaction
    if not transaction.is_block:
        _warn(session, "there is no transaction in progress", "25P01")
        return Done("COMMIT")
    session.end_block()
    if transaction.is_failed:
        transaction.rollback()
        return Done("ROLLBACK")
    transaction.commit()
    return Done("COMMIT")


def rollback(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    if not session.transaction.is_block:
        _warn(session, "there is no transaction in progress", "25P01")
        return Done("ROLLBACK")
    session.end_block()
    session.transaction.rollback()
    return Done("ROLLBACK")


def _warn(session: Session, message: str, sqlstate: str) -> None:
    session.notice(Notice(message, severity=Severity.WARNING, sqlstate=sqlstate))


def savepoint(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.Savepoint)
    _must_be_in_block(session, "SAVEPOINT")
    session.transaction.savepoint(statement.name)
    return Done("SAVEPOINT")


def release(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.ReleaseSavepoint)
    _must_be_in_block(session, "RELEASE SAVEPOINT")
    session.transaction.release(statement.name)
    return Done("RELEASE")


def rollback_to(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.RollbackTo)
    _must_be_in_block(session, "ROLLBACK TO SAVEPOINT")
    session.transaction.rollback_to(statement.name)
    return Done("ROLLBACK")


def _must_be_in_block(session: Session, what: str) -> None:
    if not session.transaction.is_block:
        raise NoActiveSqlTransaction(f"{what} can only be used in transaction blocks")


def set_transaction(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.SetTransaction)
    if statement.for_session:
        _set_session(session, statement.modes)
    elif not session.transaction.is_block:
        _warn(session, "SET TRANSACTION can only be used in transaction blocks", "25P01")
    elif session.transaction.is_begun and statement.modes.isolation is not None:
        raise ActiveSqlTransaction("SET TRANSACTION ISOLATION LEVEL must be called before any query")
    else:
        _apply(session, statement.modes)
    return Done("SET")


def _set_session(session: Session, modes: st.TransactionModes) -> None:
    settings = session.settings
    if modes.isolation is not None:
        settings = settings.with_value("default_transaction_isolation", modes.isolation)
    if modes.read_only is not None:
        settings = settings.with_value("default_transaction_read_only", "on" if modes.read_only else "off")
    session.settings = settings
