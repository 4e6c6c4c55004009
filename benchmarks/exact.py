"""Exact: the true nearest neighbours, by one matrix product, and how much of them an answer holds."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .corpus import Corpus, Matrix

TIE = 1e-6  # distances this close are the same: float32 sums differ in their order
CHUNK = 100  # queries at a time: 100 x 100k float32 are 40 MB


def tenth_distances(corpus: Corpus, masks: list[npt.NDArray[np.bool_]], k: int) -> list[Matrix]:
    """Per mask: each query's distance to its k-th nearest kept row (infinite with fewer than k)."""
    rows, queries = _unit(corpus.vectors), _unit(corpus.queries)
    kept = [np.flatnonzero(mask) for mask in masks]
    limits = [np.full(len(queries), np.inf, dtype=np.float32) for _ in masks]
    for start in range(0, len(queries), CHUNK):
        distances = 1.0 - queries[start : start + CHUNK] @ rows.T
        for limit, positions in zip(limits, kept, strict=True):
            if len(positions) >= k:
                limit[start : start + CHUNK] = np.partition(distances[:, positions], k - 1, axis=1)[:, k - 1]
    return limits


def recall(corpus: Corpus, query: int, positions: list[int], limit: float, k: int) -> float:
    """The share of k that lies within the true k-th distance; ties at the k-th count."""
    if not positions:
        return 0.0
    found = _unit(corpus.vectors[positions]) @ _unit(corpus.queries[query : query + 1])[0]
    return float(np.count_nonzero(1.0 - found <= limit + TIE)) / k


def _unit(vectors: Matrix) -> Matrix:
    unit: Matrix = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit
