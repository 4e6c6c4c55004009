"""Session: one client's conversation with one database; the wire and the embedded API drive it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from random import random
from time import sleep

from sqlvec.core.errors import (
    AdminShutdown,
    DuplicatePreparedStatement,
    InFailedSqlTransaction,
    InvalidSqlStatementName,
    Notice,
    QueryCanceled,
    SerializationFailure,
    Severity,
    SqlError,
    SqlSyntaxError,
    UndefinedParameter,
)
from sqlvec.core.idle_limit import IdleLimit
from sqlvec.core.outcome import Done, Empty, Outcome, ResultColumn, StatementDescription, TransactionStatus
from sqlvec.core.roster import Roster
from sqlvec.core.settings.session import SessionSettings
from sqlvec.core.stack_depth import stack_depth
from sqlvec.core.types.output_format import OutputFormat
from sqlvec.core.types.registry import type_by_oid
from sqlvec.core.types.timezone import icu_name, session_timezone
from sqlvec.planner import statements as st
from sqlvec.planner.logical import QueryPlan
from sqlvec.planner.modify import ModifyPlan
from sqlvec.planner.parse import parse
from sqlvec.storage.pg_catalog.context import CatalogContext

from .context import session_context
from .copy.committing import committing
from .deadline import Deadline
from .executor import describe
from .host import Host
from .identity import NOBODY, Identity, identity_of
from .idle import idle_limit
from .locks.owner import LockOwner
from .new_objects import with_owners
from .plan_cache import PlanCache
from .portals import Portals
from .prepared import Prepared
from .rows import result_columns
from .sequences import SequenceNumbers
from .session_catalog import SessionCatalog
from .transaction import Transaction
from .values import ParameterValues

# Statements that a failed transaction still takes.
_ENDINGS = (st.Rollback, st.Commit, st.RollbackTo)
_MOST_ATTEMPTS = 64  # about 3 s of waiting for other sessions' changes
_LONGEST_WAIT = 0.05  # seconds between attempts


class Session:
    """Used by one thread at a time, except for `cancel`."""

    def __init__(
        self, engine: Host, process_id: int, secret_key: int, user: str, settings: SessionSettings
    ) -> None:
        self.engine = engine
        self.store = engine.store
        self.process_id = process_id
        self.secret_key = secret_key
        self.user = user
        self.cursor = self.store.cursor()
        self.cursor.run(f"SET VARIABLE sqlvec_session = CAST({process_id:d} AS BIGINT)")
        self.locks = LockOwner(engine.locks, process_id, self.check_cancelled)
        self.transaction = Transaction(self.store, self.cursor, settings, self.locks)
        self.sequences = SequenceNumbers(self.store.counters, lambda: self.transaction.catalog)
        self.prepared: dict[str, Prepared] = {}
        self.activity = "idle"
        self.query = ""
        self.portals = Portals(self.run)
        found = self.store.catalog.roster.named(user)
        self.authenticated = NOBODY if found is None else found.oid
        self.transaction.with_owners = lambda before, after: with_owners(before, after, self.role)
        self._identity: Identity | None = None
        self._identity_of = (settings, self.store.catalog.roster)
        self._notices: list[Notice] = []
        self._cancelled: str | None = None
        self._timezone = "UTC"
        self._plans = PlanCache()
        self._is_closed = False
        self._stop: Callable[[SqlError], object] | None = None

    # State -----------------------------------------------------------------------------------------------

    @property
    def settings(self) -> SessionSettings:
        return self.transaction.settings

    @settings.setter
    def settings(self, settings: SessionSettings) -> None:
        self.transaction.settings = settings

    @property
    def status(self) -> TransactionStatus:
        return self.transaction.status

    @property
    def idle_limit(self) -> IdleLimit | None:
        return idle_limit(self.settings, self.status)

    @property
    def output_format(self) -> OutputFormat:
        return self.settings.output_format()

    @property
    def catalog(self) -> SessionCatalog:
        state, identity = self.transaction.catalog, self.identity
        return SessionCatalog(
            state,
            self.store.name,
            state.roster.name_of(identity.current),
            self.settings,
            identity.current,
            state.roster.name_of(identity.session),
        )

    @property
    def roster(self) -> Roster:
        return self.transaction.catalog.roster

    @property
    def identity(self) -> Identity:
        """Whom the session acts as now."""
        key = (self.settings, self.roster)
        if self._identity is None or self._identity_of[0] is not key[0] or self._identity_of[1] is not key[1]:
            self._identity, self._identity_of = identity_of(*key, self.authenticated), key
        return self._identity

    @property
    def role(self) -> int:
        return self.identity.current

    def reported_settings(self) -> Mapping[str, str]:
        return self.settings.reported()

    def notice(self, notice: Notice) -> None:
        self._notices.append(notice)

    def take_notices(self) -> list[Notice]:
        notices, self._notices = self._notices, []
        return notices

    # Simple protocol -------------------------------------------------------------------------------------

    def run_simple(self, sql: str) -> Iterator[Outcome]:
        """See wire.backend.Session.run_simple."""
        try:
            yield from self._run_all(sql)
        except SqlError:
            self.fail()
            raise
        finally:
            self.activity = self._idle()

    def _run_all(self, sql: str) -> Iterator[Outcome]:
        self._start(sql)
        statements = parse(sql)
        if not statements:
            yield Empty()
            return
        self.transaction.is_shared = len(statements) > 1
        for parsed in statements:
            catalog = self.catalog
            is_only = len(statements) == 1
            prepared = (
                self._plans.prepared(sql, parsed, catalog) if is_only else Prepared(parsed, sql, catalog)
            )
            if prepared.parameter_types:
                raise UndefinedParameter("there is no parameter $1")
            outcome = self.run(prepared, ParameterValues())
            if parsed is statements[-1]:  # the client hears of what it wrote when it is on disk
                outcome = committing(outcome, self._end_implicit)
                if isinstance(outcome, Done) or isinstance(prepared.plan, ModifyPlan):
                    self._end_implicit()
            yield outcome
        self._end_implicit()

    def run(self, prepared: Prepared, values: ParameterValues) -> Outcome:
        """Run one statement; its rows must be read before the next one starts."""
        statement = prepared.parsed.statement
        if self.transaction.is_failed and not isinstance(statement, _ENDINGS):
            raise InFailedSqlTransaction(
                "current transaction is aborted, commands ignored until end of transaction block"
            )
        if not isinstance(statement, st.Fetch):
            self.portals.settle()
        self._follow_timezone()
        with self._deadline(), self.zone(), stack_depth():
            return self._run_patiently(prepared, values)

    def _lock_tables(self, prepared: Prepared) -> Prepared:
        """Hold the tables that a plan reads or writes; planned anew if they were defined anew meanwhile."""
        if prepared.is_of_another(self.catalog):
            prepared = prepared.replanned(self.catalog)
        while True:
            waited = False
            for oid, mode in prepared.table_locks():
                waited |= self.transaction.lock_table(oid, mode)
            if not waited or prepared.is_fresh(self.catalog):
                return prepared
            prepared = prepared.replanned(self.catalog)

    def _run_patiently(self, prepared: Prepared, values: ParameterValues) -> Outcome:
        """A statement that is a transaction by itself waits out concurrent changes of its rows and starts
        again on the newest commit, as PostgreSQL's READ COMMITTED does.
        """
        is_alone = not self.transaction.is_block and not self.transaction.is_begun
        for attempt in range(_MOST_ATTEMPTS):
            try:
                prepared = self._lock_tables(prepared)
                self.transaction.begin_statement(prepared.tables)
                return self.engine.commands.run(self, prepared, values)
            except SerializationFailure:
                if not is_alone or attempt == _MOST_ATTEMPTS - 1:
                    raise
            self.transaction.rollback()
            self.check_cancelled()
            sleep(min(0.001 * 2**attempt, _LONGEST_WAIT) * (0.5 + random()))
        raise AssertionError("the last attempt returns or raises")

    def _start(self, sql: str) -> None:
        self._cancelled = None
        self.activity, self.query = "active", sql

    def _idle(self) -> str:
        names = {
            TransactionStatus.IDLE: "idle",
            TransactionStatus.IN_TRANSACTION: "idle in transaction",
            TransactionStatus.FAILED: "idle in transaction (aborted)",
        }
        return names[self.status]

    def _follow_timezone(self) -> None:
        """DuckDB's functions on timestamptz use the cursor's TimeZone."""
        wanted = self.settings.get("timezone")
        if wanted != self._timezone:
            self.cursor.run(f"SET TimeZone = '{icu_name(wanted)}'")
            self._timezone = wanted

    def zone(self) -> AbstractContextManager[None]:
        """Within it, texts without a time zone are read as being in the session's."""
        return session_timezone(self.settings.get("timezone"))

    # Extended protocol -----------------------------------------------------------------------------------

    def prepare(self, name: str, sql: str, parameter_oids: Sequence[int]) -> None:
        self._start(sql)
        if name and name in self.prepared:
            raise DuplicatePreparedStatement(f'prepared statement "{name}" already exists')
        statements = parse(sql)
        if len(statements) > 1:
            raise SqlSyntaxError("cannot insert multiple commands into a prepared statement")
        declared = tuple(type_by_oid(oid) if oid else None for oid in parameter_oids)
        parsed = statements[0] if statements else None
        if parsed is not None and self.transaction.is_failed and not isinstance(parsed.statement, _ENDINGS):
            raise InFailedSqlTransaction(
                "current transaction is aborted, commands ignored until end of transaction block"
            )
        self.prepared[name] = Prepared(parsed, sql, self.catalog, declared)

    def must_get_prepared(self, name: str) -> Prepared:
        found = self.prepared.get(name)
        if found is None:
            shown = f'prepared statement "{name}"' if name else "unnamed prepared statement"
            raise InvalidSqlStatementName(f"{shown} does not exist")
        if not found.is_fresh(self.catalog):
            found = self.prepared[name] = found.replanned(self.catalog)
        return found

    def describe_statement(self, name: str) -> StatementDescription:
        prepared = self.must_get_prepared(name)
        oids = tuple(kind.oid for kind in prepared.parameter_types)
        return StatementDescription(oids, self.columns(prepared))

    def columns(self, prepared: Prepared) -> tuple[ResultColumn, ...] | None:
        """The result's columns; None for statements without rows."""
        plan = prepared.plan
        if prepared.parsed_or_empty is not None and isinstance(prepared.parsed.statement, st.DeclareCursor):
            return None  # the plan is of the cursor's query
        if isinstance(plan, QueryPlan):
            if prepared.known_columns is None:
                prepared.known_columns = describe(plan, self.cursor, self.context())
            return prepared.known_columns
        if isinstance(plan, ModifyPlan):
            return result_columns(plan.returning.columns) if plan.returning is not None else None
        if prepared.parsed_or_empty is None:
            return None
        return self.engine.commands.columns(self, prepared.parsed.statement)

    def bind(
        self,
        portal: str,
        statement: str,
        parameters: Sequence[bytes | None],
        parameter_formats: Sequence[int],
    ) -> None:
        prepared = self.must_get_prepared(statement)
        with self.zone():
            types = prepared.parameter_types
            values = ParameterValues.decode(types, parameters, parameter_formats, statement)
        self.portals.open(portal, prepared, values)

    def describe_portal(self, portal: str) -> tuple[ResultColumn, ...] | None:
        return self.columns(self.portals.must_get(portal).prepared)

    def execute(self, portal: str, max_rows: int) -> Outcome:
        found = self.portals.must_get(portal)
        self._start(found.prepared.sql)
        return found.execute(max_rows)

    def close_statement(self, name: str) -> None:
        self.prepared.pop(name, None)

    def close_portal(self, name: str) -> None:
        self.portals.close(name)

    def sync(self) -> None:
        try:
            self._end_implicit()
        except SqlError:
            self.fail()
            raise
        finally:
            self.activity = self._idle()

    def fail(self) -> None:
        self.portals.end_transaction(is_commit=False)
        self.transaction.fail()

    # Ends ------------------------------------------------------------------------------------------------

    def _end_implicit(self) -> None:
        if self.transaction.is_block:
            return
        self.portals.end_transaction(is_commit=True)
        self.transaction.commit()

    def cancel_reason(self) -> str | None:
        return self._cancelled

    def is_cancelled(self) -> bool:
        return self._cancelled is not None

    def check_cancelled(self) -> None:
        if self._cancelled is not None:
            raise QueryCanceled(self._cancelled)

    def cancel(self, reason: str = "canceling statement due to user request") -> None:
        """From any thread: stop what runs now."""
        self._cancelled = reason
        self.cursor.interrupt()

    def on_terminate(self, stop: Callable[[SqlError], object]) -> None:
        """How the connection of this session is ended; an embedded one has none."""
        self._stop = stop

    def terminate(self) -> None:
        """From any thread: end the connection (pg_terminate_backend)."""
        message = "terminating connection due to administrator command"
        self.cancel(message)
        if self._stop is not None:
            self._stop(AdminShutdown(message, severity=Severity.FATAL))

    def _deadline(self) -> Deadline:
        milliseconds = self.settings.integer("statement_timeout")
        return Deadline(self, milliseconds / 1000)

    def close(self) -> None:
        """Roll back and free everything; doing it twice is harmless."""
        if self._is_closed:
            return
        self._is_closed = True
        self.portals.close_all()
        try:
            self.transaction.rollback()
        finally:
            self.locks.close()
            self.engine.forget(self)
            self.cursor.close()

    def context(self) -> CatalogContext:
        """What the system catalogs show to this session."""
        return session_context(self, self.engine.sessions())
