"""SessionFunctions: what SQL functions inside DuckDB need from sessions and catalog (FunctionHost)."""

from __future__ import annotations

from typing import Protocol

from sqlvec.core.errors import (
    InsufficientPrivilege,
    Notice,
    Severity,
    UndefinedColumn,
    UndefinedObject,
    UndefinedTable,
)
from sqlvec.core.role import SIGNAL_BACKEND
from sqlvec.core.schema import Sequence, Table
from sqlvec.planner.bind.registered import split_name
from sqlvec.storage.pg_catalog.definitions import constraint_definition, index_definition
from sqlvec.storage.pg_catalog.identifiers import qualified_name, quote_identifier
from sqlvec.storage.store import Store

from .authority import Authority, denied
from .identity import is_identity, with_identity
from .locks import advisory
from .locks.manager import LockManager
from .privilege_questions import has_privilege
from .session import Session
from .session_catalog import SessionCatalog


class Sessions(Protocol):
    """The engine, as far as functions ask it."""

    @property
    def store(self) -> Store: ...

    @property
    def locks(self) -> LockManager: ...

    def session(self, process_id: int) -> Session: ...

    def sessions(self) -> list[Session]: ...


class SessionFunctions:
    """Calls come from DuckDB's worker threads while the session's own thread waits for the query."""

    def __init__(self, engine: Sessions) -> None:
        self._engine = engine

    def nextval(self, session: int, sequence_oid: int, count: int) -> list[int]:
        self._ask(session, sequence_oid, "Uw")
        return self.next_identity(session, sequence_oid, count)

    def next_identity(self, session: int, sequence_oid: int, count: int) -> list[int]:
        values: list[int] = self._engine.session(session).sequences.next(sequence_oid, count).to_pylist()
        return values

    def currval(self, session: int, sequence_oid: int) -> int:
        self._ask(session, sequence_oid, "Ur")
        return self._engine.session(session).sequences.current(sequence_oid)

    def lastval(self, session: int) -> int:
        return self._engine.session(session).sequences.last()

    def setval(self, session: int, sequence_oid: int, value: int, is_called: bool) -> int:  # noqa: FBT001
        self._ask(session, sequence_oid, "w")
        return self._engine.session(session).sequences.set(sequence_oid, value, is_called=is_called)

    def has_privilege(
        self, session: int, kind: str, user: str, item: str, column: str, wanted: str
    ) -> bool | None:
        return has_privilege(self._engine.session(session), kind, user, item, column, wanted)

    def role_name(self, session: int, oid: int) -> str:
        found = self._engine.session(session).roster.role(oid)
        return found.name if found is not None else f"unknown (OID={oid})"

    def _ask(self, session: int, sequence_oid: int, letters: str) -> None:
        """One of these privileges on a sequence; which one, only the call itself tells."""
        found = self._engine.session(session)
        item = found.transaction.catalog.objects.get(sequence_oid)
        if isinstance(item, Sequence):
            authority = Authority(found.transaction.catalog, found.role)
            if not set(letters) & authority.privileges.on(item):
                raise denied(item)

    def sequence_state(self, sequence_oid: int) -> tuple[int, int]:
        sessions = self._engine.sessions()
        return sessions[0].sequences.state(sequence_oid)

    def set_config(self, session: int, name: str, value: str, is_local: bool) -> str:  # noqa: FBT001
        found = self._engine.session(session)
        if is_identity(name):
            found.settings = with_identity(found, name, value, is_local=is_local)
            return found.settings.get(name)
        found.settings = (
            found.settings.with_local(name, value) if is_local else found.settings.with_value(name, value)
        )
        return found.settings.get(name)

    def current_setting(self, session: int, name: str, missing_ok: bool) -> str | None:  # noqa: FBT001
        try:
            return self._engine.session(session).settings.get(name)
        except UndefinedObject:
            if missing_ok:
                return None
            raise

    def advisory_lock(self, session: int, operation: str, keys: list[int]) -> bool:
        found = self._engine.session(session)
        held = advisory.lock(found.locks, operation, keys, found.settings.integer("lock_timeout") / 1000)
        if not held and operation.startswith("unlock"):
            mode = "ShareLock" if operation.endswith("_shared") else "ExclusiveLock"
            message = f"you don't own a lock of type {mode}"
            found.notice(Notice(message, severity=Severity.WARNING, sqlstate="01000"))
        return held

    def advisory_unlock_all(self, session: int) -> str:
        self._engine.session(session).locks.give_all_back()
        return ""

    def cancel_backend(self, session: int, process_id: int) -> bool:
        found = next((s for s in self._engine.sessions() if s.process_id == process_id), None)
        if found is not None:
            self._must_signal(session, found, "cancel query")
            found.cancel()
        return found is not None

    def terminate_backend(self, session: int, process_id: int) -> bool:
        found = next((s for s in self._engine.sessions() if s.process_id == process_id), None)
        if found is not None:
            self._must_signal(session, found, "terminate process")
            found.terminate()
        return found is not None

    def _must_signal(self, session: int, other: Session, what: str) -> None:
        """Superusers' sessions are superusers' business, others' that of their role and pg_signal_backend."""
        asker = self._engine.session(session)
        roster = asker.roster
        if roster.is_superuser(asker.role):
            return
        if roster.is_superuser(other.role):
            raise InsufficientPrivilege(f"permission denied to {what}")
        if not {other.role, SIGNAL_BACKEND} & roster.privileges_of(asker.role):
            raise InsufficientPrivilege(f"permission denied to {what}")

    def blocking_pids(self, process_id: int) -> list[int]:
        return self._engine.locks.blockers_of(process_id)

    def relation_size(self, oid: int) -> int:
        path = self._engine.store.index_path(oid)
        if path is not None and path.exists():
            return path.stat().st_size
        return self._engine.store.table_size(oid)

    def index_definition(self, oid: int) -> str | None:
        for table in self._engine.store.catalog.each(Table):
            if any(index.oid == oid for index in table.indexes) or any(
                u.index_oid == oid for u in table.uniques
            ):
                return index_definition(table, oid)
        return None

    def constraint_definition(self, oid: int) -> str | None:
        state = self._engine.store.catalog

        def name_of(parent: int) -> str:
            found = state.table(parent)
            is_visible = found.schema == "public"
            return quote_identifier(found.name) if is_visible else qualified_name(found.schema, found.name)

        for table in state.each(Table):
            if oid in {key.oid for key in table.keys} | {check.oid for check in table.checks}:
                return constraint_definition(table, oid, name_of=name_of)
        return None

    def relation_oid(self, session: int, name: str) -> int:
        catalog = self._engine.session(session).catalog
        schema, plain = split_name(name.strip())
        found = catalog.relation(schema, plain)
        oid = found.oid if found is not None else catalog.index_oid(schema, plain)
        if oid is None:
            raise UndefinedTable(f'relation "{name}" does not exist')
        return oid

    def relation_name(self, session: int, oid: int) -> str | None:
        catalog = self._engine.session(session).catalog
        found = catalog.name_of(oid)
        if found is None:
            return None
        schema, name = found
        is_visible = self._visible_oid(catalog, name) == oid
        return quote_identifier(name) if is_visible else qualified_name(schema, name)

    @staticmethod
    def _visible_oid(catalog: SessionCatalog, name: str) -> int | None:
        relation = catalog.relation(None, name)
        return relation.oid if relation is not None else catalog.index_oid(None, name)

    def is_visible(self, session: int, oid: int) -> bool:
        catalog = self._engine.session(session).catalog
        found = catalog.name_of(oid)
        if found is not None:
            return self._visible_oid(catalog, found[1]) == oid
        return oid not in self._engine.store.catalog.objects  # other kinds of objects have one schema only

    def serial_sequence(self, session: int, table: str, column: str) -> str | None:
        catalog = self._engine.session(session).catalog
        found = catalog.relation(*split_name(table.strip()))
        if not isinstance(found, Table):
            raise UndefinedTable(f'relation "{table}" does not exist')
        numbered = found.column(column)
        if numbered is None:
            raise UndefinedColumn(f'column "{column}" of relation "{found.name}" does not exist')
        owned = catalog.relation_by_oid(numbered.sequence_oid) if numbered.sequence_oid else None
        return qualified_name(owned.schema, owned.name) if owned is not None else None

    def check_interrupt(self, session: int | None) -> None:
        if session is not None:
            self._engine.session(session).check_cancelled()
