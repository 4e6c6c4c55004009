"""Maintenance: the background worker: folds tails into indexes, rebuilds worn ones, compacts snapshots."""

from __future__ import annotations

import logging
import queue
import threading
from typing import TYPE_CHECKING

from sqlvec.core.errors import QueryCanceled, SqlError
from sqlvec.core.schema import Table

from .index.attached import FOLD_AT, REBUILD_AT, AttachedIndex

if TYPE_CHECKING:
    from .store import Store

log = logging.getLogger("sqlvec.maintenance")


_Item = tuple[int, int | None]  # a table, and the index to build anew (None: look after all)


class Maintenance:
    """One thread per database; work is named by table, so that doubles are harmless."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._work: queue.Queue[_Item | None] = queue.Queue()
        self._waiting: set[_Item] = set()  # what is in the queue, so that a thousand commits are one item
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def notice(self, table_oid: int) -> None:
        """A table changed: look after its indexes, if there are any, and its dead rows, if there are many."""
        if self._store.indexes_of(table_oid) or self._store.is_worn(table_oid):
            self._put((table_oid, None))

    def rebuild(self, table_oid: int, index_oid: int) -> None:
        """Build an index that is defined but has no structure."""
        self._put((table_oid, index_oid))

    def _put(self, item: _Item) -> None:
        with self._lock:
            if self._closing.is_set() or item in self._waiting:
                return
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="sqlvec-maintenance", daemon=True)
                self._thread.start()
            self._waiting.add(item)
            self._work.put(item)

    def drain(self) -> None:
        """Wait until all work given so far is done (tests, CHECKPOINT)."""
        self._work.join()

    def close(self) -> None:
        """Stop, also in the middle of a build; closing twice is harmless."""
        with self._lock:
            self._closing.set()
            self._work.put(None)
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while (item := self._work.get()) is not None:
            with self._lock:
                self._waiting.discard(item)  # from now on a change asks for another look
            try:
                if not self._closing.is_set():
                    self._do(*item)
            except QueryCanceled:
                log.info("index build stopped by shutdown")
            except SqlError as error:
                log.warning("maintenance failed: %s", error.message)
            except Exception:
                log.exception("internal error in maintenance")
            finally:
                self._work.task_done()
        self._work.task_done()

    def _do(self, table_oid: int, index_oid: int | None) -> None:
        table = self._store.catalog.objects.get(table_oid)
        if not isinstance(table, Table):
            return
        if index_oid is not None:
            self._rebuild(table, index_oid)
            return
        self._store.compact(table_oid)
        for index in self._store.indexes_of(table_oid):
            self._look_after(table, index)

    def _look_after(self, table: Table, index: AttachedIndex) -> None:
        snapshot = self._store.snapshot(table.oid, [index.column])
        if index.dead(snapshot) > REBUILD_AT * max(len(index), 1) and len(index) > FOLD_AT:
            self._rebuild(table, index.definition.oid)
        elif len(index.foldable(snapshot)) >= FOLD_AT:
            index.fold(snapshot)

    def _rebuild(self, table: Table, index_oid: int) -> None:
        definition = next((index for index in table.indexes if index.oid == index_oid), None)
        if definition is None:
            return
        built = self._store.build_index(table, definition, self._closing.is_set)
        self._store.attach(table.oid, built)
