"""Vector functions other than distances: arithmetic, norms, parts, and the check against a column's type."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sqlvec.core.errors import DataException, NumericValueOutOfRange, ProgramLimitExceeded
from sqlvec.core.types.vector import MAX_DIMENSIONS, check_dimensions
from sqlvec.core.types.wire_column import spread, validity, with_validity

from .registration import ANY, SqlFunction
from .vector_rows import Lists, both_valid, read_lists, write_lists

Floats = npt.NDArray[np.float32]


def _arithmetic(operate: Callable[[Floats, Floats], Floats]) -> Callable[[pa.Array, pa.Array], pa.Array]:
    def combine(left: pa.Array, right: pa.Array) -> pa.Array:
        valid = both_valid(left, right)
        first, second = read_lists(left, valid), read_lists(right, valid)
        different = first.lengths != second.lengths
        if different.any():
            row = int(np.argmax(different))
            raise DataException(f"different vector dimensions {first.lengths[row]} and {second.lengths[row]}")
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            floats = operate(first.floats, second.floats)
        if np.isinf(floats).any():
            raise NumericValueOutOfRange("value out of range: overflow")
        return write_lists(floats, spread(first.lengths, valid), valid)

    return combine


def _multiply(left: Floats, right: Floats) -> Floats:
    product: Floats = left * right
    if ((product == 0) & (left != 0) & (right != 0)).any():
        raise NumericValueOutOfRange("value out of range: underflow")
    return product


def _norms(lists: Lists) -> npt.NDArray[np.float64]:
    squares = lists.floats.astype(np.float64) ** 2
    # reduceat gives the next row's first value for an empty row
    sums = np.add.reduceat(np.append(squares, 0.0), lists.offsets[:-1]) if len(lists.lengths) else np.zeros(0)
    norms: npt.NDArray[np.float64] = np.sqrt(np.where(lists.lengths == 0, 0.0, sums))
    return norms


def norm(vectors: pa.Array) -> pa.Array:
    valid = validity(vectors)
    return with_validity(pa.array(spread(_norms(read_lists(vectors, valid)), valid)), valid)


def l2_normalize(vectors: pa.Array) -> pa.Array:
    """Vectors of length 1; a zero vector stays zero."""
    valid = validity(vectors)
    lists = read_lists(vectors, valid)
    norms = _norms(lists)
    norms[norms == 0] = 1.0
    floats = (lists.floats / np.repeat(norms, lists.lengths)).astype(np.float32)
    if np.isinf(floats).any():
        raise NumericValueOutOfRange("value out of range: overflow")
    return write_lists(floats, spread(lists.lengths, valid), valid)


def subvector(vectors: pa.Array, starts: pa.Array, counts: pa.Array) -> pa.Array:
    """`count` elements from the 1-based `start`, cut at the ends as substring() does."""
    valid = both_valid(vectors, starts) & validity(counts)
    lists = read_lists(vectors, valid)
    first = _integers(starts)[valid]
    beyond = np.minimum(first + _integers(counts)[valid], lists.lengths + 1)
    first_kept = np.maximum(first, 1)
    lengths = beyond - first_kept
    if (_integers(counts)[valid] < 1).any() or (first_kept > lists.lengths).any() or (lengths < 1).any():
        raise DataException("vector must have at least 1 dimension")
    begins = lists.offsets[:-1] + first_kept - 1
    within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return write_lists(lists.floats[np.repeat(begins, lengths) + within], spread(lengths, valid), valid)


def _integers(column: pa.Array) -> npt.NDArray[np.int64]:
    numbers: npt.NDArray[np.int64] = column.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    return numbers


def checked(vectors: pa.Array, dimensions: pa.Array) -> pa.Array:
    """The same column, once every vector may stand in a column vector(n); n below 1 checks no dimension."""
    valid = validity(vectors)
    lists = read_lists(vectors, valid)
    lengths = lists.lengths
    expected = _integers(dimensions)[valid]
    if (lengths < 1).any():
        raise DataException("vector must have at least 1 dimension")
    if (lengths > MAX_DIMENSIONS).any():
        raise ProgramLimitExceeded(f"vector cannot have more than {MAX_DIMENSIONS} dimensions")
    wrong = np.flatnonzero((expected > 0) & (lengths != expected))
    if len(wrong):
        check_dimensions(int(expected[wrong[0]]), int(lengths[wrong[0]]))
    if not np.isfinite(lists.floats).all():
        is_nan = bool(np.isnan(lists.floats).any())
        raise DataException("NaN not allowed in vector" if is_nan else "infinite value not allowed in vector")
    return vectors


def from_array(arrays: pa.Array, dimensions: pa.Array) -> pa.Array:
    """Vectors of arrays of numbers; what float4 cannot hold is infinite."""
    return checked(arrays.cast(pa.list_(pa.float32())), dimensions)


# ANY: FLOAT[n] comes in without a cast to FLOAT[].
FUNCTIONS = (
    SqlFunction("sqlvec_vector_add", _arithmetic(np.add), ANY, "FLOAT[]"),
    SqlFunction("sqlvec_vector_sub", _arithmetic(np.subtract), ANY, "FLOAT[]"),
    SqlFunction("sqlvec_vector_mul", _arithmetic(_multiply), ANY, "FLOAT[]"),
    SqlFunction("sqlvec_vector_norm", norm, ANY, "DOUBLE"),
    SqlFunction("sqlvec_l2_normalize", l2_normalize, ANY, "FLOAT[]"),
    SqlFunction("sqlvec_subvector", subvector, ANY, "FLOAT[]"),
    SqlFunction("sqlvec_check_dimensions", checked, ANY, "FLOAT[]"),
    SqlFunction("sqlvec_array_to_vector", from_array, ANY, "FLOAT[]"),
)
