"""Sum and average of vectors; DuckDB's list() collects a group's vectors, a row here is one group."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sqlvec.core.errors import DataException, NumericValueOutOfRange
from sqlvec.core.types.wire_column import validity

from .registration import ANY, SqlFunction
from .vector_rows import read_lists

if TYPE_CHECKING:
    from ..index.metric import Vectors

Floats = npt.NDArray[np.float32]


def _aggregate(reduce: Callable[[Vectors], Floats], mismatch: str) -> Callable[[pa.Array], pa.Array]:
    def aggregate(groups: pa.Array) -> pa.Array:
        # A loop over groups: each is a matrix of its own.
        results = [_reduce(group, reduce, mismatch) for group in groups]
        return pa.array(results, pa.list_(pa.float32()))

    return aggregate


def _reduce(group: pa.ListScalar, reduce: Callable[[Vectors], Floats], mismatch: str) -> Floats | None:
    vectors = group.values
    if vectors is None or vectors.null_count == len(vectors):
        return None
    lists = read_lists(vectors, validity(vectors))
    dimensions = int(lists.lengths[0])
    wrong = np.flatnonzero(lists.lengths != dimensions)
    if len(wrong):
        raise DataException(mismatch.format(dimensions, lists.lengths[wrong[0]]))
    with np.errstate(over="ignore", invalid="ignore"):
        result = reduce(lists.floats.reshape(-1, dimensions))
    if np.isinf(result).any():
        raise NumericValueOutOfRange("value out of range: overflow")
    return result


def _sum(vectors: Vectors) -> Floats:
    # Row after row in float32, as pgvector adds them; numpy would add a single column in pairs.
    total: Floats = (
        np.add.accumulate(vectors)[-1] if vectors.shape[1] == 1 else np.add.reduce(vectors, axis=0)
    )
    return total


def _average(vectors: Vectors) -> Floats:
    mean: Floats = (np.add.reduce(vectors, axis=0, dtype=np.float64) / len(vectors)).astype(np.float32)
    return mean


_SUM = _aggregate(_sum, "different vector dimensions {} and {}")
_AVERAGE = _aggregate(_average, "expected {} dimensions, not {}")
FUNCTIONS = (
    SqlFunction("sqlvec_vector_sum", _SUM, ANY, "FLOAT[]"),
    SqlFunction("sqlvec_vector_avg", _AVERAGE, ANY, "FLOAT[]"),
)
