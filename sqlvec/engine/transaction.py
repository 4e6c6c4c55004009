"""Transaction: a session's unit of work: DuckDB's transaction, working catalog, deltas, settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlvec.core.errors import FeatureNotSupported, InvalidSavepointSpecification, SqlError
from sqlvec.core.outcome import TransactionStatus
from sqlvec.core.settings.session import SessionSettings
from sqlvec.storage import catalog
from sqlvec.storage.catalog import CatalogState
from sqlvec.storage.duck import Cursor
from sqlvec.storage.store import Store
from sqlvec.storage.table_store import TableDelta


@dataclass(frozen=True, slots=True)
class _Savepoint:
    name: str
    writes: int
    settings: SessionSettings


@dataclass(slots=True)
class Transaction:
    """One session's transaction state; DuckDB's transaction begins with the first write.

    Until then every statement reads the newest commit by itself, which is what READ COMMITTED asks for;
    REPEATABLE READ begins DuckDB's transaction with the first statement.
    """

    store: Store
    cursor: Cursor
    settings: SessionSettings
    is_block: bool = False  # between BEGIN and COMMIT
    is_failed: bool = False
    is_begun: bool = False  # DuckDB has a transaction open
    deltas: dict[int, TableDelta] = field(default_factory=dict)
    after_commit: list[Callable[[], None]] = field(default_factory=list)
    _before: CatalogState | None = None
    _working: CatalogState | None = None
    _savepoints: list[_Savepoint] = field(default_factory=list)
    _at_begin: SessionSettings | None = None
    _writes: int = 0

    @property
    def status(self) -> TransactionStatus:
        if not self.is_block:
            return TransactionStatus.IDLE
        return TransactionStatus.FAILED if self.is_failed else TransactionStatus.IN_TRANSACTION

    @property
    def catalog(self) -> CatalogState:
        return self._working if self._working is not None else self.store.catalog

    def has_written(self, table_oid: int) -> bool:
        return table_oid in self.deltas

    @property
    def sees_own_snapshot(self) -> bool:
        """Whether this transaction reads DuckDB's state of its own, not the newest commit."""
        return self.is_begun and self.settings.get("transaction_isolation") in ("repeatable read", "serializable")

    def begin_block(self) -> None:
        self.is_block = True
        self._at_begin = self.settings

    def begin_reading(self) -> None:
        if self.is_block and self.settings.get("transaction_isolation") in ("repeatable read", "serializable"):
            self._begin()

    def begin_writing(self) -> None:
        """Call before each statement that writes rows."""
        self._begin()
        self._writes += 1

    def begin_defining(self) -> CatalogState:
        """Call before DDL: takes the definition lock until the end, returns the working state."""
        self.begin_writing()
        if self._working is None:
            self.store.definition_lock.acquire()
            self._before = self._working = self.store.catalog
        return self._working

    def define(self, state: CatalogState) -> None:
        assert self._working is not None, "begin_defining comes first"
        self._working = state

    def delta(self, table_oid: int) -> TableDelta:
        return self.deltas.setdefault(table_oid, TableDelta())

    def _begin(self) -> None:
        if not self.is_begun:
            self.cursor.run("BEGIN TRANSACTION")
            self.is_begun = True
            if self._at_begin is None:
                self._at_begin = self.settings

    def commit(self) -> None:
        """Make everything durable and visible; raises and rolls back when DuckDB refuses."""
        try:
            if self.is_begun:
                before = self._before if self._before is not None else self.store.catalog
                after = self._working if self._working is not None else before
                if after is not before:
                    catalog.save(self.cursor, before, after)
                self.store.commit(self.cursor, before, after, self.deltas)
                self.is_begun = False
        except SqlError:
            self.rollback()
            raise
        self.settings = self.settings.without_local()
        done = self.after_commit
        self._end()
        for action in done:
            action()

    def rollback(self) -> None:
        """Undo everything, also SETs since BEGIN."""
        if self.is_begun:
            self.is_begun = False
            try:
                self.cursor.run("ROLLBACK")
            except SqlError:
                # DuckDB has ended the transaction by itself (a COMMIT that failed).
                pass
        if self._at_begin is not None:
            self.settings = self._at_begin.without_local()
        self._end()

    def _end(self) -> None:
        if self._working is not None:
            self._working = self._before = None
            self.store.definition_lock.release()
        self.is_block = self.is_failed = False
        self.deltas = {}
        self.after_commit = []
        self._savepoints = []
        self._at_begin = None
        self._writes = 0

    def fail(self) -> None:
        """A statement failed: a block waits for ROLLBACK, an implicit transaction ends here."""
        if self.is_block:
            self.is_failed = True
        else:
            self.rollback()

    # Savepoints: enough for clients that wrap reads and settings; undoing writes needs DuckDB's help, which
    # it does not give.

    def savepoint(self, name: str) -> None:
        self._savepoints.append(_Savepoint(name, self._writes, self.settings))

    def release(self, name: str) -> None:
        index = self._find(name)
        del self._savepoints[index:]

    def rollback_to(self, name: str) -> None:
        index = self._find(name)
        savepoint = self._savepoints[index]
        if self._writes != savepoint.writes or (self.is_failed and self._writes):
            raise FeatureNotSupported(
                "ROLLBACK TO SAVEPOINT after writes is not supported",
                hint="Roll back the whole transaction.",
            )
        if self.is_failed and self.is_begun:
            self.cursor.run("ROLLBACK")
            self.is_begun = False
        del self._savepoints[index + 1 :]
        self.settings = savepoint.settings
        self.is_failed = False

    def _find(self, name: str) -> int:
        for index in range(len(self._savepoints) - 1, -1, -1):
            if self._savepoints[index].name == name:
                return index
        raise InvalidSavepointSpecification(f'savepoint "{name}" does not exist')
