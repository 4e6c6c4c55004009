"""Distances between vectors, as pgvector's operators and functions give them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, assert_never

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sqlvec.core.errors import DataException
from sqlvec.core.types.wire_column import with_validity

from ..index.metric import Metric, distances
from .registration import ANY, SqlFunction
from .vector_rows import Lists, both_valid, read_lists

if TYPE_CHECKING:
    from ..index.metric import Distances, Vectors

_FLOAT32_MAX = float(np.finfo(np.float32).max)
_CHUNK_VALUES = 1 << 17  # float64 values of a block, 1 MB: stays in the cache


def _operator(metric: Metric, factor: int = 1) -> Callable[[pa.Array, pa.Array], pa.Array]:
    def operate(left: pa.Array, right: pa.Array) -> pa.Array:
        valid = both_valid(left, right)
        result = np.zeros(len(valid), np.float64)
        left_lists, right_lists = read_lists(left, valid), read_lists(right, valid)
        _check_equal_lengths(left_lists, right_lists)
        places = np.flatnonzero(valid)
        for rows, left_rows, right_rows in _of_one_length(left_lists, right_lists):
            result[places[rows]] = factor * _row_distances(metric, left_rows, right_rows)
        return with_validity(pa.array(result), valid)

    return operate


def _check_equal_lengths(left: Lists, right: Lists) -> None:
    different = left.lengths != right.lengths
    if different.any():
        first = int(np.argmax(different))
        raise DataException(f"different vector dimensions {left.lengths[first]} and {right.lengths[first]}")


def _of_one_length(
    left: Lists, right: Lists
) -> Iterator[tuple[slice | npt.NDArray[np.int64], Vectors, Vectors]]:
    """Rows that have the same number of dimensions, as matrices."""
    for length in np.unique(left.lengths):
        rows, left_rows = left.matrix(int(length))
        yield rows, left_rows, right.matrix(int(length))[1]


def _row_distances(metric: Metric, left: Vectors, right: Vectors) -> Distances:
    # A constant reaches us as a full column; then the sums are the very ones of the index.
    left_constant, right_constant = _is_constant(left), _is_constant(right)
    result = np.empty(len(left), np.float64)
    step = max(1, _CHUNK_VALUES // max(1, left.shape[1]))
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for start in range(0, len(left), step):
            block = slice(start, start + step)
            if right_constant:
                result[block] = distances(metric, left[block], right[0])
            elif left_constant:
                result[block] = distances(metric, right[block], left[0])
            else:
                wide = left[block].astype(np.float64), right[block].astype(np.float64)
                result[block] = _paired(metric, *wide)
    return result


def _is_constant(rows: Vectors) -> bool:
    if not np.array_equal(rows[0], rows[-1]):
        return False
    return bool((rows == rows[0]).all())


def _paired(metric: Metric, left: Distances, right: Distances) -> Distances:
    """The same sums as index.metric's, with a query for each row."""
    match metric:
        case Metric.L2:
            difference = left - right
            return np.sqrt(_as_float32_range(_products(difference, difference)))
        case Metric.INNER_PRODUCT:
            return -_as_float32_range(_products(left, right))
        case Metric.COSINE:
            squares = _as_float32_range(_products(left, left)) * _as_float32_range(_products(right, right))
            similarity = _as_float32_range(_products(left, right)) / np.sqrt(squares)
            cosine: Distances = 1.0 - np.clip(similarity, -1.0, 1.0)
            return cosine
        case Metric.L1:
            return _as_float32_range(np.abs(left - right).sum(axis=1))
        case _:
            assert_never(metric)


def _products(left: Distances, right: Distances) -> Distances:
    result: Distances = np.einsum("ij,ij->i", left, right)
    return result


def _as_float32_range(sums: Distances) -> Distances:
    """Infinite beyond float32, in which pgvector adds up."""
    sums[sums > _FLOAT32_MAX] = np.inf
    sums[sums < -_FLOAT32_MAX] = -np.inf
    return sums


# ANY: FLOAT[n] comes in without a cast to FLOAT[].
FUNCTIONS = (
    SqlFunction("sqlvec_l2_distance", _operator(Metric.L2), ANY, "DOUBLE"),
    SqlFunction("sqlvec_negative_inner_product", _operator(Metric.INNER_PRODUCT), ANY, "DOUBLE"),
    SqlFunction("sqlvec_inner_product", _operator(Metric.INNER_PRODUCT, -1), ANY, "DOUBLE"),
    SqlFunction("sqlvec_cosine_distance", _operator(Metric.COSINE), ANY, "DOUBLE"),
    SqlFunction("sqlvec_l1_distance", _operator(Metric.L1), ANY, "DOUBLE"),
)
