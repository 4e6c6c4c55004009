"""TableSnapshot: an immutable, in-memory, columnar image of a table's committed rows.

Rows stand in the order in which they became visible; a row's position never changes while the snapshot
lives, so that filters, indexes and output speak of positions. Deleted rows stay as tombstones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class VectorColumn:
    """Vectors of a column, one row per position; NULLs are NaN rows and False in `valid`."""

    matrix: Floats  # [rows, dimensions]
    valid: Bools

    @staticmethod
    def from_arrow(column: pa.ChunkedArray | pa.Array, dimensions: int) -> VectorColumn:
        array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        if isinstance(array, pa.ChunkedArray):  # combine_chunks of no chunks
            array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], array.type)
        valid = np.asarray(array.is_valid().to_numpy(zero_copy_only=False), dtype=np.bool_)
        if array.null_count == 0:
            flat = array.flatten().to_numpy(zero_copy_only=False)
            return VectorColumn(np.ascontiguousarray(flat, np.float32).reshape(-1, dimensions), valid)
        matrix = np.full((len(array), dimensions), np.nan, np.float32)
        matrix[valid] = array.drop_null().flatten().to_numpy(zero_copy_only=False).reshape(-1, dimensions)
        return VectorColumn(matrix, valid)

    def to_arrow(self, positions: Ints | None = None) -> pa.Array:
        matrix = self.matrix if positions is None else self.matrix[positions]
        valid = self.valid if positions is None else self.valid[positions]
        flat = pa.array(np.ascontiguousarray(matrix).reshape(-1))
        mask = None if valid.all() else pa.array(~valid)
        return pa.FixedSizeListArray.from_arrays(flat, self.matrix.shape[1], mask=mask)

    def append(self, other: VectorColumn) -> VectorColumn:
        matrix = _grown(self.matrix, other.matrix)
        return VectorColumn(matrix, np.concatenate([self.valid, other.valid]))


def _grown(old: Floats, new: Floats) -> Floats:
    """Old rows followed by new ones; the buffer keeps spare room so that appending is amortised.

    Only the newest view of a buffer may be extended in place; the table store publishes in commit
    order, so two snapshots never claim the same spare rows.
    """
    rows, total = len(old), len(old) + len(new)
    buffer = old.base if isinstance(old.base, np.ndarray) and old.base.ndim == 2 else old
    owns = buffer is not old and buffer.ctypes.data == old.ctypes.data and buffer.shape[1] == old.shape[1]
    if not owns or len(buffer) < total:
        buffer = np.empty((max(total + total // 2, 1024), old.shape[1]), np.float32)
        buffer[:rows] = old
    buffer[rows:total] = new
    return buffer[:total]


ColumnValues: TypeAlias = VectorColumn | pa.ChunkedArray


@dataclass(frozen=True, slots=True)
class TableSnapshot:
    """Positions 0..n-1; `live` is None while no row is deleted. `version` grows with every commit.

    Snapshots of one `lineage` share positions; a table that is read anew begins another lineage.
    """

    rids: Ints
    live: Bools | None = None
    columns: Mapping[str, ColumnValues] = field(default_factory=dict)
    version: int = 0
    lineage: int = 0

    def __len__(self) -> int:
        return len(self.rids)

    @property
    def live_count(self) -> int:
        return len(self.rids) if self.live is None else int(np.count_nonzero(self.live))

    def has(self, names: Iterable[str]) -> bool:
        return all(name in self.columns for name in names)

    def vectors(self, name: str) -> VectorColumn:
        column = self.columns[name]
        assert isinstance(column, VectorColumn)
        return column

    def positions_of(self, rids: Ints) -> Ints:
        """Where rows are; -1 for those not in the snapshot."""
        if len(self.rids) == 0 or len(rids) == 0:
            return np.full(len(rids), -1, np.int64)
        if _is_sorted(self.rids):
            order, ordered = None, self.rids
        else:
            order = np.argsort(self.rids, kind="stable")
            ordered = self.rids[order]
        found = np.minimum(np.searchsorted(ordered, rids), len(ordered) - 1)
        hits = ordered[found] == rids
        places = found if order is None else order[found]
        return np.where(hits, places, -1).astype(np.int64)

    def take(self, positions: Ints, names: Iterable[str]) -> dict[str, pa.Array | pa.ChunkedArray]:
        """Columns of the rows at some positions."""
        taken: dict[str, pa.Array | pa.ChunkedArray] = {}
        indices: pa.Array | None = None
        for name in names:
            column = self.columns[name]
            if isinstance(column, VectorColumn):
                taken[name] = column.to_arrow(positions)
            else:
                indices = pa.array(positions) if indices is None else indices
                taken[name] = column.take(indices)
        return taken

    def arrow(self, name: str) -> pa.Array | pa.ChunkedArray:
        column = self.columns[name]
        return column.to_arrow() if isinstance(column, VectorColumn) else column

    def with_rows(self, rids: Ints, batch: pa.Table) -> TableSnapshot:
        """Append new rows; columns that the batch lacks are forgotten and read again when needed."""
        columns: dict[str, ColumnValues] = {}
        for name, column in self.columns.items():
            if name not in batch.column_names:
                continue
            added = batch.column(name)
            if isinstance(column, VectorColumn):
                columns[name] = column.append(VectorColumn.from_arrow(added, column.matrix.shape[1]))
            else:
                columns[name] = pa.chunked_array(column.chunks + added.cast(column.type).chunks, column.type)
        live = None if self.live is None else np.concatenate([self.live, np.ones(len(rids), np.bool_)])
        return replace(self, rids=np.concatenate([self.rids, rids]), live=live, columns=columns)

    def without_rows(self, rids: Ints) -> TableSnapshot:
        positions = self.positions_of(rids)
        positions = positions[positions >= 0]
        if len(positions) == 0:
            return self
        live = np.ones(len(self.rids), np.bool_) if self.live is None else self.live.copy()
        live[positions] = False
        return replace(self, live=live)

    def without_columns(self, names: Iterable[str]) -> TableSnapshot:
        gone = set(names)
        return replace(self, columns={k: v for k, v in self.columns.items() if k not in gone})


def _is_sorted(values: Ints) -> bool:
    return bool(values[0] <= values[-1]) and bool(np.all(values[:-1] <= values[1:]))
