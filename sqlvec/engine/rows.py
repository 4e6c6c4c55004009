"""Row streams: results of DuckDB and of memory, with columns in their types' carriers."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyarrow as pa

from sqlvec.core.outcome import ResultColumn
from sqlvec.core.types.cast import to_carrier
from sqlvec.core.types.registry import type_from_arrow
from sqlvec.planner.bind.scope import ScopeColumn
from sqlvec.storage.duck import duckdb_errors

BATCH_ROWS = 16_384


def result_columns(
    columns: tuple[ScopeColumn, ...], schema: pa.Schema | None = None
) -> tuple[ResultColumn, ...]:
    """Planned columns as the client sees them; types that only DuckDB knows come from the Arrow schema."""
    found: list[ResultColumn] = []
    for index, column in enumerate(columns):
        kind = column.type
        if kind is None:
            assert schema is not None, "describe before the types are known"
            kind = type_from_arrow(schema.field(index).type)
        found.append(ResultColumn(column.name, kind, column.typmod, column.table_oid, column.attribute))
    return tuple(found)


class Stream:
    """Implements outcome.RowStream over an iterator of batches."""

    def __init__(
        self,
        columns: tuple[ResultColumn, ...],
        batches: Iterator[pa.RecordBatch],
        command: str = "SELECT",
        close: Callable[[], None] | None = None,
    ) -> None:
        self.columns = columns
        self._batches = batches
        self._command = command
        self._close = close
        self._count = 0
        self._is_done = False

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        try:
            with duckdb_errors():
                for batch in self._batches:
                    self._count += batch.num_rows
                    yield self._carried(batch)
            self._is_done = True
        finally:
            self.close()

    def _carried(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        arrays = [to_carrier(batch.column(i), column.type) for i, column in enumerate(self.columns)]
        return (
            pa.RecordBatch.from_arrays(arrays, names=[str(i) for i in range(len(arrays))])
            if arrays
            else batch.select([])
        )

    @property
    def tag(self) -> str | None:
        return f"{self._command} {self._count}" if self._is_done else None

    def close(self) -> None:
        close, self._close = self._close, None
        if close is not None:
            close()


def stream_of(table: pa.Table, columns: tuple[ResultColumn, ...], command: str = "SELECT") -> Stream:
    """A result that is in memory already."""
    return Stream(columns, iter(table.to_batches(max_chunksize=BATCH_ROWS)), command)


class Buffered:
    """A stream that may be read in portions (Execute with a row limit, FETCH).

    Rows that were asked for and not sent wait in memory, so that the session's cursor is free meanwhile.
    """

    def __init__(self, stream: Stream) -> None:
        self.columns = stream.columns
        self._stream = stream
        self._batches = iter(stream)
        self._pending: list[pa.RecordBatch] = []
        self._is_drained = False

    def take(self, limit: int) -> Portion:
        return Portion(self, limit)

    def portion(self, limit: int) -> Iterator[pa.RecordBatch]:
        """At most `limit` rows (0: all)."""
        left = limit
        while True:
            batch = self._next()
            if batch is None:
                return
            if limit and batch.num_rows > left:
                self._pending.insert(0, batch.slice(left))
                batch = batch.slice(0, left)
            left -= batch.num_rows
            yield batch
            if limit and left == 0:
                return

    def _next(self) -> pa.RecordBatch | None:
        if self._pending:
            return self._pending.pop(0)
        if self._is_drained:
            return None
        batch = next(self._batches, None)
        self._is_drained = batch is None
        return batch

    def settle(self) -> None:
        """Read the rest into memory: the cursor is needed for something else."""
        if not self._is_drained:
            self._pending.extend(self._batches)
            self._is_drained = True

    @property
    def tag(self) -> str:
        return self._stream.tag or "SELECT 0"

    def close(self) -> None:
        self._is_drained = True
        self._pending = []
        self._stream.close()


class Portion:
    """One Execute's share of a portal; implements outcome.RowStream."""

    def __init__(self, source: Buffered, limit: int) -> None:
        self.columns = source.columns
        self._source = source
        self._limit = limit
        self._count = 0
        self._tag: str | None = None

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        for batch in self._source.portion(self._limit):
            self._count += batch.num_rows
            yield batch
        # PostgreSQL suspends as soon as the limit is reached, even when no row is left.
        if self._limit == 0 or self._count < self._limit:
            command = self._source.tag.rsplit(" ", 1)[0]
            self._tag = f"{command} {self._count}"

    @property
    def tag(self) -> str | None:
        return self._tag

    def close(self) -> None:
        """The portal owns the rows; nothing to free here."""


class Fetched:
    """What FETCH gives of a cursor; implements outcome.RowStream."""

    def __init__(self, columns: tuple[ResultColumn, ...], batches: Iterator[pa.RecordBatch]) -> None:
        self.columns = columns
        self._batches = batches
        self._sent = 0

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        for batch in self._batches:
            self._sent += batch.num_rows
            yield batch

    @property
    def tag(self) -> str | None:
        return f"FETCH {self._sent}"

    def close(self) -> None:
        """The cursor owns the rows; nothing to free here."""
