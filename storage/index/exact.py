"""Exact search: the true nearest rows, by float32 keys first and float64 distances for the close calls.

The first pass computes a float32 key per row with a bound on its rounding error. Every row whose key may,
within that bound, be among the nearest is ranked again with `distances`; so the answer is the same, ties
included, as sorting all float64 distances by (distance, position) with NaN last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .metric import Metric, distances
from .rough_keys import batch_rough_keys, radius_key, rough_keys, row_squares

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .metric import Distances, Mask, Ordinals, Vectors

    Norms = NDArray[np.float32]
    Ranked = tuple[Ordinals, Distances]

_GATHER_ROWS = 4096
_BATCH_KEYS = 1 << 24  # float32 keys held at once for a batch of queries, 64 MB
_GATHER_VALUES = 1 << 26  # float32 values of survivors copied for a batch of queries, 256 MB
_CLOSE_CALLS = 2048  # more than this many beyond 16 k: look for tighter bounds


def exact_top_k(
    vectors: Vectors,
    query: Vectors,
    k: int,
    metric: Metric,
    positions: Ordinals | None = None,
    live: Mask | None = None,
    *,
    offset: int = 0,
    norms: Norms | None = None,
) -> Ranked:
    """The k nearest rows of C-contiguous `vectors` [n, d]: (positions, distances) by (distance, position).

    `positions` (distinct) restricts the search to some rows, `live` excludes rows; `offset` is added to the
    positions returned, for a tail that starts at that row. `norms` are `row_norms(vectors)`: with them COSINE
    and INNER_PRODUCT read the vectors once instead of twice.
    """
    rows = _searched_rows(vectors, positions, live)
    query = np.ascontiguousarray(query, np.float32)
    near = rough_keys(vectors, query, metric, rows, norms).nearest(k) if k > 0 else np.empty(0, np.int64)
    found, found_distances = _ranked(vectors, query, metric, near if rows is None else rows[near])
    return found[:k] + offset, found_distances[:k]


def exact_top_k_batch(
    vectors: Vectors,
    queries: Vectors,
    k: int,
    metric: Metric,
    positions: Ordinals | None = None,
    live: Mask | None = None,
    *,
    offset: int = 0,
    norms: Norms | None = None,
) -> list[Ranked]:
    """`exact_top_k` for each row of `queries`, reading the vectors once for many queries."""
    rows = _searched_rows(vectors, positions, live)
    is_dense = rows is None or len(rows) > len(vectors) / 2
    read_rows = None if is_dense else rows
    read_count = len(vectors) if read_rows is None else len(read_rows)
    is_costly_to_copy = not is_dense and read_count * vectors.shape[1] > _GATHER_VALUES
    if metric is Metric.L1 or k <= 0 or read_count == 0 or is_costly_to_copy:
        return [exact_top_k(vectors, q, k, metric, rows, offset=offset, norms=norms) for q in queries]
    read_vectors = vectors if read_rows is None else vectors[read_rows]
    squares = row_squares(vectors, read_rows, norms)
    queries = np.ascontiguousarray(queries, np.float32)
    answers = []
    step = max(1, _BATCH_KEYS // read_count)
    for start in range(0, len(queries), step):
        block = queries[start : start + step]
        for query, keys in zip(block, batch_rough_keys(read_vectors, block, metric, squares), strict=True):
            near = (keys.of(rows) if is_dense and rows is not None else keys).nearest(k)
            near = near if rows is None else rows[near]
            if len(near) > 16 * k + _CLOSE_CALLS:  # far from the origin |x|²+|q|²-2xq loses its digits
                near = near[rough_keys(vectors, query, metric, near, None).nearest(k)]
            found, found_distances = _ranked(vectors, query, metric, near)
            answers.append((found[:k] + offset, found_distances[:k]))
    return answers


def within_radius(
    vectors: Vectors,
    query: Vectors,
    radius: float,
    metric: Metric,
    positions: Ordinals | None = None,
    live: Mask | None = None,
    *,
    is_inclusive: bool = True,
    offset: int = 0,
    norms: Norms | None = None,
) -> Ranked:
    """All rows at distance <= `radius` (< when not `is_inclusive`), sorted by (distance, position)."""
    rows = _searched_rows(vectors, positions, live)
    query = np.ascontiguousarray(query, np.float32)
    near = rough_keys(vectors, query, metric, rows, norms).within(radius_key(metric, radius))
    found, found_distances = _ranked(vectors, query, metric, near if rows is None else rows[near])
    inside = found_distances <= radius if is_inclusive else found_distances < radius
    count = int(np.count_nonzero(inside))  # they are sorted
    return found[:count] + offset, found_distances[:count]


def distances_at(vectors: Vectors, query: Vectors, metric: Metric, positions: Ordinals) -> Distances:
    """`distances` of `vectors[positions]`, in that order, in bounded memory."""
    result = np.empty(len(positions), np.float64)
    for start in range(0, len(positions), _GATHER_ROWS):
        block = positions[start : start + _GATHER_ROWS]
        result[start : start + len(block)] = distances(metric, vectors[block], query)
    return result


def _searched_rows(vectors: Vectors, positions: Ordinals | None, live: Mask | None) -> Ordinals | None:
    assert vectors.flags.c_contiguous
    assert vectors.dtype == np.float32
    if positions is None:
        return None if live is None or live.all() else np.flatnonzero(live)
    rows = np.ascontiguousarray(positions, np.int64)
    return rows if live is None else rows[live[rows]]


def _ranked(vectors: Vectors, query: Vectors, metric: Metric, rows: Ordinals) -> Ranked:
    found_distances = distances_at(vectors, query, metric, rows)
    order = np.lexsort((rows, found_distances))  # NaN last
    return rows[order], found_distances[order]
