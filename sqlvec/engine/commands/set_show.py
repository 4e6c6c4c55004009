"""SET, SHOW, RESET, DISCARD."""

from __future__ import annotations

import pyarrow as pa

from sqlvec.core.errors import ActiveSqlTransaction, Notice, Severity, SqlError
from sqlvec.core.outcome import Done, ResultColumn, Rows
from sqlvec.core.settings.registry import SETTINGS
from sqlvec.core.settings.session import must_find
from sqlvec.core.types.text import TEXT
from sqlvec.planner import statements as st

from ..identity import is_identity, with_identity
from ..prepared import Prepared
from ..rows import stream_of
from ..session import Session
from ..values import ParameterValues


def set_setting(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.SetSetting)
    if statement.is_local and not session.transaction.is_block:
        session.notice(
            Notice(
                "SET LOCAL can only be used in transaction blocks",
                severity=Severity.WARNING,
                sqlstate="25P01",
            )
        )
        must_find(statement.name)
        return Done("SET")
    settings = session.settings
    try:
        if is_identity(statement.name):
            session.settings = with_identity(
                session, statement.name, statement.value, is_local=statement.is_local
            )
        elif statement.is_local:
            session.settings = settings.with_local(statement.name, statement.value)
        else:
            session.settings = settings.with_value(statement.name, statement.value)
    except SqlError as error:
        error.position = None
        raise
    return Done("SET")


def columns(statement: st.ShowSetting) -> tuple[ResultColumn, ...]:
    if statement.name.lower() == "all":
        return tuple(ResultColumn(name, TEXT) for name in ("name", "setting", "description"))
    return (ResultColumn(must_find(statement.name).name, TEXT),)


def show(session: Session, prepared: Prepared, values: ParameterValues) -> Rows:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.ShowSetting)
    settings = session.settings
    if statement.name.lower() == "all":
        ordered = sorted(SETTINGS, key=lambda setting: setting.name.lower())
        rows = [(setting.name, settings.get(setting.name), setting.doc) for setting in ordered]
    else:
        rows = [(settings.get(statement.name),)]  # type: ignore[list-item]
    found = columns(statement)
    table = pa.table(
        [pa.array([row[i] for row in rows], pa.string()) for i in range(len(found))],
        names=[c.name for c in found],
    )
    return Rows(stream_of(table, found, "SHOW"))


def reset(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.ResetSetting)
    settings = session.settings
    if statement.name is not None and is_identity(statement.name):
        session.settings = with_identity(session, statement.name, None)
    else:
        session.settings = settings.reset_all() if statement.name is None else settings.reset(statement.name)
    return Done("RESET")


def discard(session: Session, prepared: Prepared, values: ParameterValues) -> Done:
    statement = prepared.parsed.statement
    assert isinstance(statement, st.Discard)
    if statement.what == "ALL":
        if session.transaction.is_block:
            raise ActiveSqlTransaction("DISCARD ALL cannot run inside a transaction block")
        session.settings = with_identity(session, "session_authorization", None)
        session.settings = session.settings.reset_all()
        session.prepared.clear()
    return Done(f"DISCARD {statement.what}")
