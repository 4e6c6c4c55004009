"""Calibration: measure what recall an index gives for which effort, with queries that it has not seen.

Vectors of the index make easy queries: their node is linked to its own neighbours, so a search falls into the
answer. (Measured, 100k sentence embeddings, ef_search 20: recall@10 .95 for them, .89 for held-out queries.)
So a sample of vectors is taken out of the structure while it is measured (`held_out`), which gave .88.
"""

from __future__ import annotations

import os
from functools import partial
from math import sqrt
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from .exact import exact_top_k_batch
from .metric import Metric, normalized
from .recall_curve import MEASURED_K, CurveNode, RecallCurve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from typing import Protocol

    from .access_method import SearchResult, VectorIndex
    from .metric import Distances, Mask, Ordinals, Vectors

    Ranked = tuple[Ordinals, Distances]

    class CalibratedIndex(VectorIndex, Protocol):
        """A VectorIndex that can be measured."""

        @property
        def is_bounded_by_effort(self) -> bool: ...
        @property
        def distance_cost(self) -> float: ...
        def held_out(self, count: int, seed: int) -> AbstractContextManager[Ordinals]: ...


SELECTIVITIES = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01)
_SMALL = 40_000  # vectors; from here on a filter is measured with every second query of the sample
_FILTERED_STEP = 2
_REGIONS = 4  # clustered filters tried per share, each with its part of the queries
_MOST_K = MEASURED_K[-1]
_CELLS_PER_REGION = 4
_CELL_ROWS = 16_384
_TIMED_QUERIES = 9
_CAUTION = 1.5  # standard errors of the sample
_FEWEST_VECTORS = 1000  # below, exact search is as fast
_FEWEST_ALLOWED = 10 * MEASURED_K[-1]
_ENOUGH = 0.99  # mean recall from which on no more effort is tried


def calibrate(
    index: CalibratedIndex,
    vectors: Vectors,
    *,
    seed: int = 42,
    threads: int | None = None,
    check: Callable[[], None] | None = None,
) -> RecallCurve:
    """The recall curve of `index` over `vectors`, all of its ordinals; not while others search it or add.

    `check` is called now and then and may raise, to cancel.
    """
    greatest = index.effort_range[1]
    if len(vectors) < _FEWEST_VECTORS:
        return RecallCurve((), (), greatest)
    generator = np.random.default_rng(seed)
    step = 1 if len(vectors) < _SMALL else _FILTERED_STEP
    with index.held_out(_sample_size(index.metric, len(vectors)), seed) as sample:
        measure = partial(_measure, index, vectors, threads=threads, check=check)
        whole = measure(1.0, _groups(sample, 1, lambda: np.ones(len(vectors), np.bool_)))
        clustered, scattered = [whole], [whole]
        for share in SELECTIVITIES:
            is_worthwhile = any(_worthwhile_efforts(index, share, len(vectors)))
            if not is_worthwhile or share * len(vectors) < _FEWEST_ALLOWED:
                break
            near = partial(_clustered, vectors, index.metric, share, generator)
            clustered.append(measure(share, _groups(sample, _REGIONS, near, step)))
            anywhere = partial(_scattered, len(vectors), share, generator)
            scattered.append(measure(share, _groups(sample, 1, anywhere, step)))
    near_nodes, far_nodes = (tuple(n for n in nodes if n.efforts) for nodes in (clustered, scattered))
    return RecallCurve(near_nodes, far_nodes, greatest)


def _groups(
    sample: Ordinals, count: int, mask: Callable[[], Mask], step: int = 1
) -> list[tuple[Ordinals, Mask]]:
    """Every `step`th query of the sample, in `count` parts with a mask each that leaves the sample out."""
    groups = []
    for queries in np.array_split(sample[::step], count):
        allowed = mask()
        allowed[sample] = False
        groups.append((queries, allowed))
    return groups


def _scattered(count: int, share: float, generator: np.random.Generator) -> Mask:
    mask: Mask = generator.random(count) < share
    return mask


def _clustered(vectors: Vectors, metric: Metric, share: float, generator: np.random.Generator) -> Mask:
    """A random region of the vectors that holds this share of them: a few cells around random vectors."""
    count = max(2, round(_CELLS_PER_REGION / share))
    centres = vectors[generator.choice(len(vectors), min(count, len(vectors)), replace=False)]
    centres = normalized(centres) if metric is Metric.COSINE else centres
    # argmin |x-c|² = argmax 2xc-|c|²; under COSINE each |c|² is 1
    halves = np.einsum("ij,ij->i", centres, centres) / 2
    cell = np.concatenate(
        [
            (vectors[start : start + _CELL_ROWS] @ centres.T - halves * (metric is not Metric.COSINE)).argmax(
                1
            )
            for start in range(0, len(vectors), _CELL_ROWS)
        ]
    )
    rank = generator.permutation(len(centres))[cell] + generator.random(len(vectors))
    allowed: Mask = rank < np.quantile(rank, share)  # whole cells, and a part of the last
    return allowed


def _sample_size(metric: Metric, count: int) -> int:
    if metric is Metric.L1:  # no matrix product finds the true neighbours: 20 times the cost
        return min(48, max(32, count // 250))
    return min(160, max(96, count // 250))


def _measure(
    index: CalibratedIndex,
    vectors: Vectors,
    selectivity: float,
    groups: Sequence[tuple[Ordinals, Mask]],  # queries, and what they may find
    *,
    threads: int | None,
    check: Callable[[], None] | None,
) -> CurveNode:
    threads = threads or os.cpu_count() or 1
    truth: list[Ranked] = []
    efforts, recall, seconds = [], [], []
    for effort in _worthwhile_efforts(index, selectivity, len(vectors)):
        if check is not None:
            check()
        if not truth:
            for sample, allowed in groups:
                truth += exact_top_k_batch(vectors, vectors[sample], _MOST_K, index.metric, live=allowed)
        k = max(k for k in MEASURED_K if k <= effort or not index.is_bounded_by_effort)
        seconds.append(_seconds(index, vectors[groups[0][0][:_TIMED_QUERIES]], k, effort, groups[0][1]))
        found: list[SearchResult] = []
        for sample, allowed in groups:
            found += index.search_batch(vectors[sample], k, effort, allowed, threads)
        efforts.append(effort)
        recall.append(_cautious_recall(found, truth, k))
        if np.mean(recall[-1]) >= _ENOUGH:  # never so for NaN
            break
    return CurveNode(selectivity, tuple(efforts), _rising(recall), tuple(seconds))


def _worthwhile_efforts(index: CalibratedIndex, selectivity: float, count: int) -> Iterator[int]:
    least, greatest = index.effort_range
    effort = max(least, 10) if index.is_bounded_by_effort else least
    while effort <= greatest:
        if index.expected_distance_computations(effort) * index.distance_cost > selectivity * count:
            return  # exact search over the allowed is as fast
        if effort**2 * selectivity >= 64 or not index.is_bounded_by_effort:  # below, hopeless
            yield effort
        effort = greatest if effort < greatest < 2 * effort else 2 * effort


def _seconds(index: VectorIndex, queries: Vectors, k: int, effort: int, allowed: Mask) -> float:
    """Median time of one search: other work on the machine lengthens a few of them."""
    times = []
    for query in queries:
        start = perf_counter()
        index.search(query, k, effort, allowed)
        times.append(perf_counter() - start)
    return float(np.median(times))


def _cautious_recall(found: Sequence[SearchResult], truth: Sequence[Ranked], most_k: int) -> list[float]:
    """Mean recall for each MEASURED_K, less _CAUTION standard errors; NaN for those beyond `most_k`."""
    recall = []
    for k in MEASURED_K:
        if k > most_k:
            recall.append(np.nan)
            continue
        shares = [
            len(np.intersect1d(result.ordinals[:k], true[:k])) / len(true[:k])
            for result, (true, _) in zip(found, truth, strict=True)  # a few hundred queries, not rows
        ]
        # Had one more query missed everything: keeps a perfect sample from promising perfection
        error = max(float(np.std(shares)) / sqrt(len(shares)), 0.25 / len(shares) / sqrt(k))
        recall.append(max(0.0, float(np.mean(shares)) - _CAUTION * error))
    return recall


def _rising(recall: list[list[float]]) -> tuple[tuple[float, ...], ...]:
    """Per k, the least recall seen with this or more effort: noise never makes less effort look better."""
    if not recall:
        return ((),) * len(MEASURED_K)
    measured = np.array(recall)
    least = np.fmin.accumulate(measured[::-1], axis=0)[::-1]
    rising = np.where(np.isnan(measured), np.nan, least)
    return tuple(tuple(row) for row in rising.T.tolist())
