"""Metric: what a distance operator measures, with the values that the SQL operators return."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, assert_never

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]
    Distances = NDArray[np.float64]
    Ordinals = NDArray[np.int64]
    Mask = NDArray[np.bool_]

_CHUNK_VALUES = 1 << 20  # float64 values of a block, 8 MB: bounds memory and stays near the caches
_FLOAT32_MAX = float(np.finfo(np.float32).max)


class Metric(Enum):
    """How far two vectors are apart; smaller is nearer for each of them."""

    L2 = "l2"
    INNER_PRODUCT = "ip"  # the negative inner product, as <#> returns it
    COSINE = "cosine"
    L1 = "l1"


OPCLASSES: dict[str, Metric] = {
    "vector_l2_ops": Metric.L2,
    "vector_ip_ops": Metric.INNER_PRODUCT,
    "vector_cosine_ops": Metric.COSINE,
    "vector_l1_ops": Metric.L1,
}

OPERATORS: dict[str, Metric] = {
    "<->": Metric.L2,
    "<#>": Metric.INNER_PRODUCT,
    "<=>": Metric.COSINE,
    "<+>": Metric.L1,
}


def distances(metric: Metric, vectors: Vectors, query: Vectors) -> Distances:
    """The distance of each row of `vectors` [n, d] from `query` [d], as the SQL operator returns it.

    A zero vector under COSINE gives NaN. Sums beyond the range of float32 become infinite, because
    pgvector accumulates in float32 and clients see its Infinity and NaN.
    """
    result = np.empty(len(vectors), np.float64)
    wide_query = query.astype(np.float64)
    step = max(1, _CHUNK_VALUES // max(1, vectors.shape[1]))
    # pgvector lets infinities and NaN come back without an error, hence no warning either
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for start in range(0, len(vectors), step):
            block = vectors[start : start + step].astype(np.float64)
            result[start : start + step] = _block_distances(metric, block, wide_query)
    return result


def is_indexable(vectors: Vectors, metric: Metric) -> Mask:
    """Which rows an index may hold: finite ones, and under COSINE those that have a direction."""
    if metric is Metric.COSINE:
        norms = row_norms(vectors)
        return np.isfinite(norms) & (norms > 0)
    with np.errstate(over="ignore", invalid="ignore"):
        sums = np.add.reduce(vectors, axis=1, dtype=np.float64)
    mask: Mask = np.isfinite(sums)
    return mask


def row_norms(vectors: Vectors) -> NDArray[np.float32]:
    """The Euclidean length of each row; infinite where the squares leave float32, as in pgvector."""
    result = np.empty(len(vectors), np.float32)
    step = max(1, _CHUNK_VALUES // max(1, vectors.shape[1]))
    with np.errstate(over="ignore", invalid="ignore"):
        for start in range(0, len(vectors), step):
            block = vectors[start : start + step].astype(np.float64)
            squares = _as_float32_range(np.einsum("ij,ij->i", block, block))
            result[start : start + step] = np.sqrt(squares)
    return result


def normalized(vectors: Vectors) -> Vectors:
    """Copies of the rows with length 1; a zero vector stays zero."""
    norms = row_norms(vectors)
    norms[norms == 0] = 1.0
    result: Vectors = vectors / norms[:, None]
    return result


def _block_distances(metric: Metric, block: Distances, query: Distances) -> Distances:
    match metric:
        case Metric.L2:
            difference = block - query
            return np.sqrt(_as_float32_range(np.einsum("ij,ij->i", difference, difference)))
        case Metric.INNER_PRODUCT:
            return -_as_float32_range(np.einsum("ij,j->i", block, query))
        case Metric.COSINE:
            return _cosine_distances(block, query)
        case Metric.L1:
            return _as_float32_range(np.abs(block - query).sum(axis=1))
        case _:
            assert_never(metric)


def _cosine_distances(block: Distances, query: Distances) -> Distances:
    products = _as_float32_range(np.einsum("ij,j->i", block, query))
    block_squares = _as_float32_range(np.einsum("ij,ij->i", block, block))
    query_square = _as_float32_range(np.atleast_1d(query @ query))[0]
    similarity = products / np.sqrt(block_squares * query_square)
    result: Distances = 1.0 - np.clip(similarity, -1.0, 1.0)  # clip keeps NaN
    return result


def _as_float32_range(sums: Distances) -> Distances:
    sums[sums > _FLOAT32_MAX] = np.inf
    sums[sums < -_FLOAT32_MAX] = -np.inf
    return sums
