"""Scroll: the rows of a cursor and where it stands among them."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from sqlvec.core.errors import FeatureNotSupported, ObjectNotInPrerequisiteState

from .rows import Buffered, Portion, Stream


class Scroll:
    """Moves as FETCH says (PostgreSQL's "FETCH"). One that is not scrollable keeps no row that it has given.

    `_place` counts from 1; 0 is before the first row, one more than there are is behind the last.
    """

    def __init__(self, stream: Stream, *, is_scrollable: bool) -> None:
        self.columns = stream.columns
        self.is_scrollable = is_scrollable
        self._source = Buffered(stream)
        self._seen: list[pa.RecordBatch] = []
        self._count = 0  # rows in `_seen`
        self._place = 0

    def move(self, direction: str, count: int | None) -> Iterator[pa.RecordBatch]:
        """`direction` is forward, backward, absolute or relative; `count` None is ALL."""
        if not self.is_scrollable:
            yield from self._forward(direction, count)
        elif direction == "absolute":
            yield from self._absolute(count or 0)
        elif direction == "relative":
            yield from self._absolute_from_here(count or 0)
        else:
            backward = (direction == "backward") != (count is not None and count < 0)
            size = None if count is None else abs(count)
            if size == 0:
                yield from self._rows(self._place, 1)
            else:
                yield from self._back(size) if backward else self._ahead(size)

    def take(self, limit: int) -> Portion:
        """The next rows for Execute, at most `limit` (0: all)."""
        if self.is_scrollable:
            raise FeatureNotSupported("Execute of a cursor that was declared with SCROLL is not supported")
        return self._source.take(limit)

    def settle(self) -> None:
        self._source.settle()

    def close(self) -> None:
        self._source.close()
        self._seen = []

    def _forward(self, direction: str, count: int | None) -> Iterator[pa.RecordBatch]:
        if direction in ("backward", "absolute") or (count is not None and count < 0):
            raise ObjectNotInPrerequisiteState(
                "cursor can only scan forward", hint="Declare it with SCROLL option to enable backward scan."
            )
        if count == 0:
            return
        if direction == "relative" and count is not None and count > 1:
            for _ in self._source.portion(count - 1):
                pass
            count = 1
        yield from self._source.portion(count or 0)

    def _ahead(self, size: int | None) -> Iterator[pa.RecordBatch]:
        first = self._place + 1
        self._reach(None if size is None else self._place + size)
        last = self._count if size is None else min(self._place + size, self._count)
        found = max(0, last - first + 1)
        self._place = self._count + 1 if size is None or found < size else last
        yield from self._rows(first, found)

    def _back(self, size: int | None) -> Iterator[pa.RecordBatch]:
        last = self._place - 1
        first = 1 if size is None else max(1, self._place - size)
        found = max(0, last - first + 1)
        self._place = 0 if size is None or found < size else first
        for batch in reversed(list(self._rows(first, found))):
            yield batch.take(pa.array(range(batch.num_rows - 1, -1, -1)))

    def _absolute(self, place: int) -> Iterator[pa.RecordBatch]:
        self._reach(place if place >= 0 else None)
        wanted = place if place >= 0 else self._count + 1 + place
        self._place = max(0, min(wanted, self._count + 1))
        yield from self._rows(self._place, 1)

    def _absolute_from_here(self, distance: int) -> Iterator[pa.RecordBatch]:
        yield from self._absolute(max(0, self._place + distance))

    def _reach(self, place: int | None) -> None:
        """Have the rows up to a place; None is all."""
        missing = 0 if place is None else place - self._count
        if place is not None and missing <= 0:
            return
        for batch in self._source.portion(missing):
            self._seen.append(batch)
            self._count += batch.num_rows

    def _rows(self, first: int, size: int) -> Iterator[pa.RecordBatch]:
        """`size` rows from a place on, as far as there are any there."""
        if first < 1 or first > self._count or size < 1:
            return
        before = 0
        for batch in self._seen:
            start = max(first - 1 - before, 0)
            stop = min(first - 1 + size - before, batch.num_rows)
            if start < stop:
                yield batch.slice(start, stop - start)
            before += batch.num_rows
