"""BEGIN, COMMIT, ROLLBACK, savepoints, SET TRANSACTION."""

from __future__ import annotations

from collections.abc import Mapping

from sqlvec.core.errors import ActiveSqlTransaction, NoActiveSqlTransaction, Notice, Severity
from sqlvec.core.outcome import Done
from sqlvec.planner import statements as st

from ..prepared import Prepared
from ..session import Session
from ..values import ParameterValues


def begin(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.Begin)
    if session.transaction.is_block:
        _warn(session, "there is already a transaction in progress", "25001")
    else:
        session.transaction.begin_block()
        _set_modes(session, {kind: session.settings.get(f"default_transaction_{kind}") for kind in _MODES})
    _apply(session, statement.modes)
    return Done(statement.tag)


_MODES = ("isolation", "read_only", "deferrable")


def _set_modes(session: Session, modes: Mapping[str, str]) -> None:
    settings = session.settings
    for kind, value in modes.items():
        settings = settings.with_local(f"transaction_{kind}", value)
    session.settings = settings


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
    statement = prepared.parsed.statement
    assert isinstance(statement, st.Commit)
    transaction = session.transaction
    if not transaction.is_block:
        _must_not_chain("COMMIT", chain=statement.chain)
        _warn(session, "there is no transaction in progress", "25P01")
        return Done("COMMIT")
    modes = _modes(session)
    session.portals.end_transaction(is_commit=not transaction.is_failed)
    tag = "ROLLBACK" if transaction.is_failed else "COMMIT"
    if transaction.is_failed:
        transaction.rollback()
    else:
        transaction.commit()
    _begin_again(session, modes, chain=statement.chain)
    return Done(tag)


def _modes(session: Session) -> dict[str, str]:
    return {kind: session.settings.get(f"transaction_{kind}") for kind in _MODES}


def _must_not_chain(command: str, *, chain: bool) -> None:
    if chain:
        raise NoActiveSqlTransaction(f"{command} AND CHAIN can only be used in transaction blocks")


def _begin_again(session: Session, modes: Mapping[str, str], *, chain: bool) -> None:
    """AND CHAIN: a new block with the old one's modes."""
    if chain:
        session.transaction.begin_block()
        _set_modes(session, modes)


def rollback(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.Rollback)
    if not session.transaction.is_block:
        _must_not_chain("ROLLBACK", chain=statement.chain)
        _warn(session, "there is no transaction in progress", "25P01")
        return Done("ROLLBACK")
    modes = _modes(session)
    session.portals.end_transaction(is_commit=False)
    session.transaction.rollback()
    _begin_again(session, modes, chain=statement.chain)
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
