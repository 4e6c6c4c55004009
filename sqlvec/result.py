"""Result: what a statement gave, as rows, Arrow or numpy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sqlvec.core.outcome import ResultColumn


class Result:
    """All rows of one statement, in memory. `tag` is the command tag, such as 'INSERT 0 3'."""

    def __init__(self, columns: tuple[ResultColumn, ...], batches: list[pa.RecordBatch], tag: str) -> None:
        self.tag = tag
        self.column_names = [column.name for column in columns]
        self.column_types = [column.type.sql_name for column in columns]
        fields = [pa.field(c.name, _arrow_type(c, i, batches)) for i, c in enumerate(columns)]
        arrays = [
            pa.chunked_array([b.column(i) for b in batches], field.type) for i, field in enumerate(fields)
        ]
        self._table = pa.Table.from_arrays(arrays, schema=pa.schema(fields))

    @staticmethod
    def empty() -> Result:
        return Result((), [], "")

    def arrow(self) -> pa.Table:
        """The rows as an Arrow table; vectors are fixed size lists of float32."""
        return self._table

    def numpy(self) -> dict[str, npt.NDArray[Any]]:
        """Columns by name; a vector column without NULLs is a matrix [rows, dimensions] of float32."""
        return {name: _to_numpy(self._table.column(i)) for i, name in enumerate(self.column_names)}

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The rows as Python tuples."""
        columns = [column.to_pylist() for column in self._table.columns]
        return list(zip(*columns, strict=True)) if columns else []

    rows = fetchall

    def fetchone(self) -> tuple[Any, ...] | None:
        """The first row, or None."""
        if not self.column_names:
            return None
        found = self._table.slice(0, 1)
        return tuple(column[0].as_py() for column in found.columns) if found.num_rows else None

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self.fetchall())

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def __repr__(self) -> str:
        return f"<Result {self.tag}>"


def _arrow_type(column: ResultColumn, index: int, batches: list[pa.RecordBatch]) -> pa.DataType:
    return batches[0].column(index).type if batches else column.type.arrow


def _to_numpy(column: pa.ChunkedArray) -> npt.NDArray[Any]:
    kind = column.type
    if (pa.types.is_fixed_size_list(kind) or pa.types.is_list(kind)) and pa.types.is_float32(kind.value_type):
        matrix = _matrix(column)
        if matrix is not None:
            return matrix
    return np.asarray(column.to_numpy())


def _matrix(column: pa.ChunkedArray) -> npt.NDArray[np.float32] | None:
    """One row per vector, when all have the same length and none is NULL."""
    if column.null_count or len(column) == 0:
        return None
    parts = [chunk.flatten().to_numpy(zero_copy_only=False) for chunk in column.chunks]
    flat = np.concatenate(parts)
    if len(flat) % len(column):
        return None
    lengths = {len(value) for value in column}
    return flat.reshape(len(column), -1) if len(lengths) == 1 else None
