"""The engine is what the wire wants: mypy checks the assignments, the tests that nothing is missing."""

from __future__ import annotations

from sqlvec.database import Connection, Database
from sqlvec.wire.backend import Backend, Session


def test_the_engine_is_a_backend(database: Database) -> None:
    backend: Backend = database.engine
    assert callable(backend.open_session)


def test_its_session_is_the_wires_session(connection: Connection) -> None:
    session: Session = connection._session
    missing = [name for name in dir(Session) if not name.startswith("_") and not hasattr(session, name)]
    assert missing == []
