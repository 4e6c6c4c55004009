"""VectorColumn: a column of vectors in memory, one matrix row per position."""

from __future__ import annotations

from dataclasses import dataclass

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
    def nulls(count: int, dimensions: int) -> VectorColumn:
        return VectorColumn(np.full((count, dimensions), np.nan, np.float32), np.zeros(count, np.bool_))

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

    def filtered(self, rows: Bools) -> VectorColumn:
        """Some of the rows, copied, with room for more behind them."""
        count = int(np.count_nonzero(rows))
        buffer = np.empty((count + count // 4 + 16, self.matrix.shape[1]), np.float32)
        np.compress(rows, self.matrix, axis=0, out=buffer[:count])
        return VectorColumn(buffer[:count], self.valid[rows])

    def append(self, other: VectorColumn) -> VectorColumn:
        matrix = _grown(self.matrix, other.matrix)
        return VectorColumn(matrix, np.concatenate([self.valid, other.valid]))


def _grown(old: Floats, new: Floats) -> Floats:
    """Old rows followed by new ones; the buffer keeps spare room so that appending is amortised.

    Only the newest view of a buffer may be extended in place; the table store publishes in commit
    order, so two snapshots never claim the same spare rows.
    """
    rows, total = len(old), len(old) + len(new)
    if rows == total:
        return old
    buffer = old.base if isinstance(old.base, np.ndarray) and old.base.ndim == 2 else old
    owns = buffer is not old and buffer.ctypes.data == old.ctypes.data and buffer.shape[1] == old.shape[1]
    if not owns or len(buffer) < total:
        buffer = np.empty((max(total + total // 2, 1024), old.shape[1]), np.float32)
        buffer[:rows] = old
    buffer[rows:total] = new
    return buffer[:total]
