"""Transaction: a session's unit of work: DuckDB's transaction, working catalog, deltas, settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import pyarrow as pa

from sqlvec.core.errors import InvalidSavepointSpecification, SerializationFailure, SqlError
from sqlvec.core.outcome import TransactionStatus
from sqlvec.core.settings.session import SessionSettings
from sqlvec.storage import catalog
from sqlvec.storage.catalog import CatalogState
from sqlvec.storage.duck import Cursor
from sqlvec.storage.snapshot import Ints, TableSnapshot
from sqlvec.storage.store import Store
from sqlvec.storage.table_store import TableDelta

from .deferred_checks import DeferredChecks
from .locks import resource
from .locks.modes import Mode, intention
from .locks.owner import LockOwner
from .locks.resource import Resource
from .redo import NO_TABLES, RedoLog, Write

_OF_ONE_SNAPSHOT = ("repeatable read", "serializable")


@dataclass(frozen=True, slots=True)
class _Savepoint:
    """What ROLLBACK TO goes back to."""

    name: str
    written: int  # length of the redo log
    working: CatalogState | None
    deltas: Mapping[int, TableDelta]
    actions: int  # length of `after_commit`
    settings: SessionSettings
    locks: int  # how many were held
    deferred: DeferredChecks


@dataclass(slots=True)
class Transaction:
    """One session's transaction state; DuckDB's transaction begins with the first write.

    Until then every statement reads the newest commit by itself, which is what READ COMMITTED asks for;
    REPEATABLE READ begins DuckDB's transaction with the first statement. After the first write, a READ
    COMMITTED statement that would read what others have committed since moves on: DuckDB's transaction is
    rolled back, begun anew and all writes so far are made again from the redo log. Locks make sure that
    nobody has changed the rows under them.
    """

    store: Store
    cursor: Cursor
    settings: SessionSettings
    locks: LockOwner
    is_block: bool = False  # between BEGIN and COMMIT
    is_shared: bool = False  # an implicit transaction of several statements of one Query
    is_failed: bool = False
    is_begun: bool = False  # DuckDB has a transaction open
    deltas: dict[int, TableDelta] = field(default_factory=dict)
    after_commit: list[Callable[[], None]] = field(default_factory=list)
    with_owners: Callable[[CatalogState, CatalogState], CatalogState] = lambda before, after: after
    before_commit: Callable[[], None] | None = None  # the last checks; what they raise is COMMIT's failure
    deferred: DeferredChecks = field(default_factory=DeferredChecks)
    remembers: bool = False  # a statement alone may have to move on, too
    _before: CatalogState | None = None
    _working: CatalogState | None = None
    _redo: RedoLog = field(default_factory=RedoLog)
    _savepoints: list[_Savepoint] = field(default_factory=list)
    _at_begin: SessionSettings | None = None
    _is_viewing: bool = False  # DuckDB has a transaction open for one statement that only reads
    _commits: int = 0  # the store's when DuckDB's transaction began

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
        return self.is_begun and self._isolation in _OF_ONE_SNAPSHOT

    @property
    def _isolation(self) -> str:
        return self.settings.get("transaction_isolation")

    # Reading and writing ---------------------------------------------------------------------------------

    def begin_block(self) -> None:
        self.is_block = True
        if self._at_begin is None:
            self._at_begin = self.settings

    def begin_statement(self, tables: Iterable[int]) -> None:
        """Call before a statement that reads these tables: it shall see what its isolation level says."""
        if self.is_block and self._isolation in _OF_ONE_SNAPSHOT:
            self._begin()
        elif self.is_behind(tables):
            self.move_on()

    def begin_writing(self) -> None:
        """Call before a statement reads the rows that it will change."""
        self._begin()

    def lock_table(self, oid: int, mode: Mode) -> bool:
        """Until the end; returns whether it had to wait: then definitions may have changed."""
        return self.locks.lock(resource.relation(oid), mode, self._patience)

    def lock_keys(self, oid: int, keys: Iterable[Resource]) -> bool:
        """Lock key values before inserting them; returns whether it had to wait."""
        return self.locks.lock_each(resource.keys(oid), keys, Mode.FOR_UPDATE, self._patience)

    def lock_rows(self, oid: int, rids: Ints, mode: Mode) -> bool:
        """Lock rows before changing them. True when others have changed some of them since this transaction
        read them, so that they must be read again. REPEATABLE READ cannot: there DuckDB refuses the write.
        """
        each = (resource.row(oid, rid) for rid in rids.tolist())
        self.locks.lock_each(resource.rows(oid), each, mode, self._patience)
        return self.has_lost(oid, rids)

    def lock_references(self, oid: int, keys: Iterable[Resource], mode: Mode) -> None:
        """Lock keys that foreign keys rely on: shared to rely on them, FOR UPDATE to take them away."""
        self.locks.lock_each(resource.references(oid), keys, mode, self._patience)

    def has_lost(self, oid: int, rids: Ints) -> bool:
        """Whether others have changed some of these rows since this transaction read them; it then sees the
        newest ones. REPEATABLE READ fails.
        """
        if not self.store.has_changed_rows(oid, rids, self._commits):
            return False
        if self.sees_own_snapshot:
            raise SerializationFailure("could not serialize access due to concurrent update")
        self.move_on()
        return True

    def try_lock_row(self, oid: int, rid: int, mode: Mode) -> bool:
        """False when another transaction is in the way."""
        return self.locks.try_lock(resource.rows(oid), intention(mode)) and self.locks.try_lock(
            resource.row(oid, rid), mode
        )

    def is_behind(self, tables: Iterable[int]) -> bool:
        """Whether others have committed to these tables, or to definitions, what this transaction shall see
        and does not see yet.
        """
        return self.is_begun and not self.sees_own_snapshot and self.store.has_changed(tables, self._commits)

    def open_view(
        self, tables: Iterable[int], wanted: Mapping[int, Iterable[str]]
    ) -> dict[int, TableSnapshot]:
        """Snapshots of tables with the columns wanted, and for DuckDB a transaction at the very same commit,
        so that a statement which asks both sees one state. Ends with `close_view`.
        """
        while True:
            with self.store.commit_lock:
                if not self.is_begun and not self._is_viewing:
                    self.cursor.run("BEGIN TRANSACTION")
                    self._is_viewing = True
                if not self.is_behind(tables):
                    return {oid: self.store.snapshot(oid, columns) for oid, columns in wanted.items()}
            self.move_on()

    def close_view(self) -> None:
        if self._is_viewing:
            self._is_viewing = False
            with suppress(SqlError):  # an error has ended it
                self.cursor.run("ROLLBACK")

    @property
    def _patience(self) -> float:
        return self.settings.integer("lock_timeout") / 1000

    def move_on(self) -> None:
        """See the newest commits, and all that this transaction has written."""
        self._replay(len(self._redo))

    def write(self, sql: str, tables: Mapping[str, pa.Table] = NO_TABLES) -> None:
        """Change DuckDB; every change goes through here, so that a savepoint can bring it back."""
        self._begin()
        write = Write(sql, tables)
        write.run(self.cursor)
        if self.is_block or self.is_shared or self.remembers:  # a BEGIN may yet take in what was before it
            self._redo.add(write)

    def begin_defining(self) -> CatalogState:
        """Call before DDL: nobody else defines until the end; returns the working state."""
        if self._working is None:
            self.locks.lock(resource.DEFINITIONS, Mode.EXCLUSIVE, self._patience)
            if self.is_begun and self.store.has_changed((), self._commits):
                self._must_see_the_same()
                self.move_on()
            self._before = self._working = self.store.catalog
        self._begin()
        return self._working

    def define(self, state: CatalogState) -> None:
        assert self._working is not None, "begin_defining comes first"
        state = self.with_owners(self._working, state)
        self._working = state

    def delta(self, table_oid: int) -> TableDelta:
        return self.deltas.setdefault(table_oid, TableDelta())

    def _begin(self) -> None:
        if not self.is_begun:
            self.close_view()
            self._commits = self.store.commits
            self.cursor.run("BEGIN TRANSACTION")
            self.is_begun = True
            if self._at_begin is None:
                self._at_begin = self.settings

    # Ends ------------------------------------------------------------------------------------------------

    def commit(self) -> None:
        """Make everything durable and visible; raises and rolls back when DuckDB refuses."""
        try:
            if self.is_begun:
                if self.before_commit is not None:
                    self.before_commit()
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
        self._undo()
        if self._at_begin is not None:
            self.settings = self._at_begin.without_local()
        self._end()

    def _undo(self) -> None:
        self.close_view()
        if self.is_begun:
            self.is_begun = False
            # DuckDB may have ended the transaction by itself (a COMMIT that failed).
            with suppress(SqlError):
                self.cursor.run("ROLLBACK")

    def _end(self) -> None:
        self._working = self._before = None
        self.is_block = self.is_shared = self.is_failed = False
        self.deltas = {}
        self.after_commit = []
        self.before_commit = None
        self.deferred = DeferredChecks()
        self.remembers = False
        self._redo = RedoLog()
        self._savepoints = []
        self._at_begin = None
        self.locks.release_to(0)

    def fail(self) -> None:
        """A statement failed: a block waits for ROLLBACK, an implicit transaction ends here."""
        if not self.is_block:
            self.rollback()
            return
        self.is_failed = True
        # A snapshot could not be taken again for what a savepoint keeps.
        if not self._savepoints or self._isolation not in _OF_ONE_SNAPSHOT:
            newest = self._savepoints[-1] if self._savepoints else None
            self._replay(newest.written if newest is not None else 0)
            self.locks.release_to(newest.locks if newest is not None else 0)

    # Savepoints ------------------------------------------------------------------------------------------

    def savepoint(self, name: str) -> None:
        deltas = {oid: delta.copy() for oid, delta in self.deltas.items()}
        self._savepoints.append(
            _Savepoint(
                name,
                len(self._redo),
                self._working,
                deltas,
                len(self.after_commit),
                self.settings,
                len(self.locks),
                self.deferred.copy(),
            )
        )

    def release(self, name: str) -> None:
        del self._savepoints[self._find(name) :]

    def rollback_to(self, name: str) -> None:
        index = self._find(name)
        savepoint = self._savepoints[index]
        del self._savepoints[index + 1 :]
        if self.is_failed or len(self._redo) > savepoint.written:
            self._must_see_the_same()
            self._replay(savepoint.written)
        self._working = savepoint.working
        if savepoint.working is None:
            self._before = None
        self.deltas = {oid: delta.copy() for oid, delta in savepoint.deltas.items()}
        self.deferred = savepoint.deferred.copy()
        del self.after_commit[savepoint.actions :]
        self.settings = savepoint.settings
        self.locks.release_to(savepoint.locks)
        self.is_failed = False

    def _must_see_the_same(self) -> None:
        """DuckDB's next transaction sees what others have committed, which REPEATABLE READ must not."""
        if self.sees_own_snapshot and self.store.commits != self._commits:
            raise SerializationFailure("could not serialize access due to concurrent update")

    def recover(self) -> None:
        """After DuckDB refused a write: let its cursor answer again, with all earlier writes there."""
        self._replay(len(self._redo))

    def _replay(self, length: int) -> None:
        """Bring DuckDB to where it was when the redo log was so long."""
        self._undo()
        self._redo.cut(length)
        if length:
            self._begin()
            self._redo.replay(self.cursor)

    def _find(self, name: str) -> int:
        for index in range(len(self._savepoints) - 1, -1, -1):
            if self._savepoints[index].name == name:
                return index
        raise InvalidSavepointSpecification(f'savepoint "{name}" does not exist')
