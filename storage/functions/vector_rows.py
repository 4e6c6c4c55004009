"""Vector rows: a column of float lists as numpy matrices and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sqlvec.core.types.type_errors import NullValueNotAllowed
from sqlvec.core.types.wire_column import Bools, Offsets, flat_lists, validity, validity_buffer

if TYPE_CHECKING:
    from ..index.metric import Vectors


@dataclass(frozen=True, slots=True)
class Lists:
    """Lists without nulls: their floats one after another, and where each begins."""

    floats: npt.NDArray[np.float32]
    offsets: Offsets

    @property
    def lengths(self) -> Offsets:
        return np.diff(self.offsets)

    def matrix(self, length: int) -> tuple[slice | npt.NDArray[np.int64], Vectors]:
        """The rows that have this length, and their floats."""
        lengths = self.lengths
        if (lengths == length).all():
            return slice(None), self.floats.reshape(len(lengths), length)
        rows = np.flatnonzero(lengths == length)
        return rows, self.floats[self.offsets[rows][:, None] + np.arange(length)]


def both_valid(left: pa.Array, right: pa.Array) -> Bools:
    return validity(left) & validity(right)


def read_lists(column: pa.Array, valid: Bools) -> Lists:
    """The valid rows; raises 22004 where a list holds a null."""
    column = as_float_lists(column)
    if not valid.all():
        column = column.filter(pa.array(valid))
    items, offsets, _ = flat_lists(column)
    if items.null_count:
        raise NullValueNotAllowed("array must not contain nulls")
    return Lists(items.to_numpy(), offsets)


def as_float_lists(column: pa.Array) -> pa.Array:
    """Lists of float32, of fixed size or not. DuckDB exports FLOAT[n] many times faster than FLOAT[]."""
    if not pa.types.is_null(column.type) and column.type.value_type == pa.float32():
        return column
    return column.cast(pa.list_(pa.float32()))


def write_lists(floats: npt.NDArray[np.float32], lengths: npt.NDArray[np.int64], valid: Bools) -> pa.Array:
    """A column of float lists; `lengths` has an entry for every row, which counts where the row is valid."""
    offsets = np.zeros(len(valid) + 1, np.int32)
    np.cumsum(lengths * valid, out=offsets[1:])
    children = [pa.array(np.ascontiguousarray(floats, np.float32))]
    buffers = [validity_buffer(valid), pa.py_buffer(offsets)]
    return pa.Array.from_buffers(pa.list_(pa.float32()), len(valid), buffers, children=children)
