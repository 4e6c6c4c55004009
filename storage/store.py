"""Store: one database: its DuckDB file, catalog, counters, snapshots and vector indexes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from sqlvec.core.errors import UndefinedTable
from sqlvec.core.schema import Index, Table, TableStatistics

from . import catalog, compaction, statistics
from .catalog import CatalogState
from .change_history import ChangeHistory
from .counters import Counters
from .duck import Cursor, Duck
from .index import attached
from .index.attached import AttachedIndex
from .index.index_file import IndexFileDamaged
from .maintenance import Maintenance
from .snapshot import Ints, TableSnapshot
from .table_store import TableDelta, TableStore

log = logging.getLogger("sqlvec.storage")


@dataclass(slots=True)
class BuildProgress:
    """An index build in flight, as pg_stat_progress_create_index shows it."""

    table_oid: int
    index_oid: int
    phase: str = "initializing"
    done: int = 0
    total: int = 0


class Store:
    """Opened by one process; used by many sessions.

    `commit_lock` orders commits: DuckDB's COMMIT, the snapshots and the published catalog change together
    under it.
    """

    def __init__(
        self,
        name: str,
        file: Path | None,
        index_folder: Path | None,
        *,
        threads: int | None = None,
        memory_limit: str | None = None,
        install: Callable[[Duck], None] | None = None,
    ) -> None:
        self.name = name
        self.commit_lock = threading.RLock()
        self.commits = 0  # since the store was opened
        self.definitions = 0  # the newest commit that changed the catalog
        self._history: dict[int, ChangeHistory] = {}
        self.statistics: dict[int, TableStatistics] = {}
        self.builds: dict[int, BuildProgress] = {}
        self._duck = Duck(file, threads=threads, memory_limit=memory_limit)
        if install is not None:
            install(self._duck)
        self._index_folder = index_folder
        self._reader = self._duck.cursor()
        self._catalog = catalog.load(self._reader)
        self.counters = Counters(self._duck.cursor())
        self._tables: dict[int, TableStore] = {}
        self.maintenance = Maintenance(self)
        self._open_indexes()

    @property
    def catalog(self) -> CatalogState:
        """The committed state."""
        return self._catalog

    def cursor(self) -> Cursor:
        return self._duck.cursor()

    def probe(self, sql: str, tables: Mapping[str, pa.Table]) -> bool:
        """Whether a query over the newest commit has rows."""
        cursor = self.cursor()
        try:
            with cursor.registered(tables):
                return bool(cursor.rows(sql))
        finally:
            cursor.close()

    def table_store(self, oid: int) -> TableStore:
        with self.commit_lock:
            store = self._tables.get(oid)
            if store is None:
                table = self._catalog.objects.get(oid)
                if not isinstance(table, Table):  # dropped since the statement was planned
                    raise UndefinedTable(f"relation with OID {oid} does not exist")
                store = self._tables[oid] = TableStore(table)
            return store

    def snapshot(self, oid: int, columns: Iterable[str]) -> TableSnapshot:
        """The newest committed rows of a table, with these columns in memory."""
        wanted = list(columns)
        store = self.table_store(oid)
        ready = store.snapshot
        if ready is not None and ready.has(wanted):
            return ready
        with self.commit_lock:
            return store.load(wanted, self._reader)

    def is_worn(self, oid: int) -> bool:
        """Whether many rows of a table's snapshot are dead."""
        store = self._tables.get(oid)
        snapshot = store.snapshot if store is not None else None
        return snapshot is not None and compaction.is_worn(snapshot)

    def compact(self, oid: int) -> None:
        """Let go of a worn snapshot's dead rows; searches and commits go on meanwhile."""
        store = self._tables.get(oid)
        snapshot = store.snapshot if store is not None else None
        if store is None or snapshot is None or not compaction.is_worn(snapshot):
            return
        draft = compaction.Draft.of(snapshot)
        with self.commit_lock:
            store.exchange(draft)

    def row_count(self, oid: int) -> int:
        """Rows of a table: of the snapshot when there is one, else as of the last ANALYZE."""
        store = self._tables.get(oid)
        if store is not None and store.snapshot is not None:
            return store.snapshot.live_count
        known = self.statistics.get(oid)
        return known.rows if known is not None else 1000

    def table_size(self, oid: int) -> int:
        """Nominal bytes of a table: rows times the width of its columns."""
        found = self._catalog.objects.get(oid)
        if not isinstance(found, Table):
            return 0
        width = sum(4 * column.typmod if column.is_searchable else 16 for column in found.columns)
        return self.row_count(oid) * width

    def analyze(self, oid: int) -> TableStatistics:
        """Take a table's statistics anew."""
        table = self._catalog.objects.get(oid)
        assert isinstance(table, Table)
        cursor = self.cursor()
        try:
            found = statistics.collect(cursor, table)
        finally:
            cursor.close()
        self.statistics[oid] = found
        return found

    def commit(
        self, cursor: Cursor, before: CatalogState, after: CatalogState, deltas: Mapping[int, TableDelta]
    ) -> None:
        """COMMIT in DuckDB, then publish; nobody sees one without the other."""
        with self.commit_lock:
            cursor.run("COMMIT")
            self._note(deltas, is_definition=after is not before)
            if after is not before:
                self._publish(before, after)
            for oid, delta in deltas.items():
                table = self._catalog.objects.get(oid)
                if isinstance(table, Table):
                    self.table_store(oid).apply(delta, table)
        for oid in deltas:
            self.maintenance.notice(oid)

    def _note(self, deltas: Mapping[int, TableDelta], *, is_definition: bool) -> None:
        number = self.commits + 1
        for oid, delta in deltas.items():
            self._history.setdefault(oid, ChangeHistory()).add(number, delta.changed_rids())
        if is_definition:
            self.definitions = number
        self.commits = number

    def has_changed(self, oids: Iterable[int], since: int) -> bool:
        """Whether a commit later than `since` changed one of these tables or any definition."""
        if self.commits == since:
            return False
        if self.definitions > since:
            return True
        histories = (self._history.get(oid) for oid in oids)
        return any(history is not None and history.newest > since for history in histories)

    def has_changed_rows(self, oid: int, rids: Ints, since: int) -> bool:
        """Whether a commit later than `since` deleted or changed one of these rows."""
        history = self._history.get(oid)
        return history is not None and history.has_changed(rids, since)

    def _publish(self, before: CatalogState, after: CatalogState) -> None:
        self._catalog = after
        for oid in before.objects.keys() - after.objects.keys():
            gone = self._tables.pop(oid, None)
            self._history.pop(oid, None)
            for index_oid in gone.indexes if gone else ():
                self._remove_index_file(index_oid)
        for table in after.each(Table):
            store = self._tables.get(table.oid)
            if store is not None:
                store.table = table
                self._follow_definitions(store, table)

    def _follow_definitions(self, store: TableStore, table: Table) -> None:
        defined = {index.oid: index for index in table.indexes}
        for oid, attached_index in list(store.indexes.items()):
            if oid in defined:
                attached_index.redefine(defined[oid])
            else:
                store.without_index(oid)
                self._remove_index_file(oid)

    # Vector indexes ------------------------------------------------------------------------------------

    def indexes_of(self, table_oid: int) -> list[AttachedIndex]:
        """The built vector indexes of a table; none when it is gone."""
        store = self._tables.get(table_oid)
        return list(store.indexes.values()) if store is not None else []

    def _definition(self, table_oid: int, index_oid: int) -> Index | None:
        table = self._catalog.objects.get(table_oid)
        indexes = table.indexes if isinstance(table, Table) else ()
        return next((index for index in indexes if index.oid == index_oid), None)

    def index_path(self, oid: int) -> Path | None:
        return self._index_folder / f"{oid}.index" if self._index_folder is not None else None

    def build_index(
        self, table: Table, index: Index, cancelled: Callable[[], bool] | None = None
    ) -> AttachedIndex:
        """Build over the committed rows; visible in `builds` meanwhile."""
        column = index.columns[0].column
        assert column is not None
        snapshot = self.snapshot(table.oid, [column])
        progress = BuildProgress(table.oid, index.oid, total=snapshot.live_count)
        self.builds[index.oid] = progress

        def report(phase: str, done: int, total: int) -> None:
            progress.phase, progress.done, progress.total = phase, done, total

        try:
            return attached.build(index, snapshot, report, cancelled)
        finally:
            self.builds.pop(index.oid, None)

    def attach(self, table_oid: int, index: AttachedIndex) -> None:
        """Let searches use a built index, and save it; nothing when it was dropped meanwhile."""
        oid = index.definition.oid
        with self.commit_lock:
            definition = self._definition(table_oid, oid)
            if definition is None:
                return
            index.redefine(definition)
            self.table_store(table_oid).with_index(index)
        self.save_index(index)
        with self.commit_lock:
            if self._definition(table_oid, oid) is None:  # dropped while it was written
                self._remove_index_file(oid)
        self.maintenance.notice(table_oid)  # rows may have come during the build

    def save_index(self, index: AttachedIndex) -> None:
        path = self.index_path(index.definition.oid)
        if path is None:
            return
        try:
            index.save(path)
        except OSError as error:
            # The index is derived: without its file it is built again at the next start.
            log.warning("could not save index %s: %s", index.definition.name, error)

    def _remove_index_file(self, oid: int) -> None:
        path = self.index_path(oid)
        if path is not None:
            path.unlink(missing_ok=True)

    def _open_indexes(self) -> None:
        self._remove_foreign_files()
        for table in self._catalog.each(Table):
            for index in table.indexes:
                if index.is_vector_index:
                    self._open_index(table, index)

    def _remove_foreign_files(self) -> None:
        """Files of indexes that are gone: a crash came between the DROP and the removal."""
        if self._index_folder is None:
            return
        known = {f"{index.oid}.index" for table in self._catalog.each(Table) for index in table.indexes}
        for path in self._index_folder.iterdir():
            if path.name not in known and path.is_file():
                log.info("removing %s, which belongs to no index", path.name)
                path.unlink(missing_ok=True)

    def _open_index(self, table: Table, index: Index) -> None:
        path = self.index_path(index.oid)
        try:
            if path is None:
                raise FileNotFoundError
            self.table_store(table.oid).with_index(attached.load(path, index))
            self.maintenance.notice(table.oid)
        except (IndexFileDamaged, OSError) as error:
            log.warning("index %s cannot be opened and is built again: %s", index.name, error or "no file")
            self.maintenance.rebuild(table.oid, index.oid)

    def checkpoint(self) -> None:
        """Write what is derived and unsaved, and let DuckDB fold its log into the file."""
        for store in list(self._tables.values()):
            for index in list(store.indexes.values()):
                if not index.is_saved:
                    self.save_index(index)

    def close(self) -> None:
        self.maintenance.close()
        self.checkpoint()
        self.counters.save()
        self._duck.close()
