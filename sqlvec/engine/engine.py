"""Engine: the sessions of one database; satisfies the wire's Backend."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from sqlvec.core.errors import InvalidCatalogName, SqlError, TooManyConnections
from sqlvec.core.login_role import LoginRole
from sqlvec.core.settings.session import SessionSettings
from sqlvec.core.stack_depth import allow_deep_statements
from sqlvec.planner.cost.vector_scan import Costs
from sqlvec.storage import functions
from sqlvec.storage.index.machine import measure_costs
from sqlvec.storage.store import Store

from .commands import Commands
from .function_host import SessionFunctions
from .locks.manager import LockManager
from .login import check_start, login_settings, must_log_in
from .role_lookup import login_role
from .session import Session
from .startup import startup_settings

DATABASES = ("postgres", "sqlvec")  # names under which clients may ask for the one database


class Engine:
    """Opens a store and hands out sessions."""

    def __init__(
        self,
        file: Path | None = None,
        index_folder: Path | None = None,
        *,
        name: str = "postgres",
        threads: int | None = None,
        memory_limit: str | None = None,
        max_connections: int = 100,
    ) -> None:
        allow_deep_statements()
        self._sessions: dict[int, Session] = {}
        self._lock = threading.Lock()
        self._next_id = 1000
        self._max_connections = max_connections
        self._server_settings = SessionSettings.of_server({"max_connections": str(max_connections)})
        self._first_verifiers: dict[str, str] = {}
        self.locks = LockManager()
        host = SessionFunctions(self)
        self.store = Store(
            name,
            file,
            index_folder,
            threads=threads,
            memory_limit=memory_limit,
            install=lambda duck: functions.install(duck, host),
        )
        machine = measure_costs()
        self.costs = Costs(exact_scan=machine.exact_scan_seconds, gather=machine.gather_seconds)
        self.commands = Commands()

    def open_session(self, parameters: Mapping[str, str]) -> Session:
        """See wire.backend.Backend.open_session."""
        user = parameters.get("user") or "postgres"
        database = parameters.get("database") or user
        if database not in (*DATABASES, self.store.name):
            raise InvalidCatalogName(f'database "{database}" does not exist')
        state = self.store.catalog
        role = must_log_in(state, user, self.store.name, self._count(user))
        settings, notices = login_settings(self._server_settings, state.roster, role, self.store.name)
        settings = startup_settings(parameters, settings)
        settings = check_start(settings, state.roster, role)
        with self._lock:
            if len(self._sessions) >= self._max_connections:
                raise TooManyConnections("sorry, too many clients already")
            self._next_id += 1
            session = Session(self, self._next_id, secrets.randbits(31), user, settings)
            self._sessions[session.process_id] = session
        for notice in notices:
            session.notice(notice)
        return session

    def _count(self, user: str) -> int:
        """Sessions of a role."""
        return sum(session.user == user for session in self.sessions())

    def find_role(self, name: str) -> LoginRole | None:
        """See wire.auth.roles.Roles.find_role."""
        roster = self.store.catalog.roster
        role, found = roster.named(name), login_role(roster, name)
        if role is not None and found is not None and role.verifier is None:
            return replace(found, verifier=self._first_verifiers.get(name))
        return found

    def tell_first_verifier(self, name: str, verifier: str) -> None:
        """A password from outside, good until SQL gives the role another."""
        self._first_verifiers[name] = verifier

    def tell_server_settings(self, values: Mapping[str, str]) -> None:
        """What SHOW says about the server around us, in sessions from now on."""
        self._server_settings = SessionSettings.of_server(values)

    def cancel(self, process_id: int, secret_key: int) -> None:
        session = self._sessions.get(process_id)
        if session is not None and secrets.compare_digest(str(session.secret_key), str(secret_key)):
            session.cancel()

    def session(self, process_id: int) -> Session:
        found = self._sessions.get(process_id)
        if found is None:
            raise SqlError(f"session {process_id} does not exist")
        return found

    def sessions(self) -> list[Session]:
        return list(self._sessions.values())

    def forget(self, session: Session) -> None:
        with self._lock:
            self._sessions.pop(session.process_id, None)

    def close(self) -> None:
        """Close sessions and the store; what is not committed is rolled back."""
        for session in self.sessions():
            session.close()
        self.store.close()
