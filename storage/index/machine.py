"""MachineCosts: how long the elementary steps of a vector query take on this machine."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from .exact import exact_top_k
from .metric import Metric

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_DIMENSIONS = 128
_ROWS = 32_768  # 16 MB: more than the caches of a core hold
_REPEATS = 5


@dataclass(frozen=True, slots=True)
class MachineCosts:
    """Seconds; the defaults were measured on 2 cores with AVX-512 and 384 dimensions."""

    exact_search: float = 40e-6  # what any exact search costs before the first row
    scan_per_value: float = 200e-12  # one value (row x dimension) of an exact scan in storage order
    gather_per_value: float = 230e-12  # one value of a row picked by position
    gather_per_row: float = 10e-9  # a row picked by position, beyond its values
    graph_search: float = 30e-6  # what any hnsw search costs before the first distance
    graph_per_distance: float = 100e-9  # one distance of an hnsw search, beyond its values
    graph_per_value: float = 350e-12  # one value of an hnsw search's distance

    def exact_scan_seconds(self, rows: int, dimensions: int) -> float:
        return self.exact_search + rows * dimensions * self.scan_per_value

    def gather_seconds(self, rows: int, dimensions: int) -> float:
        """Exact distances of `rows` rows picked by position."""
        return self.exact_search + rows * (self.gather_per_row + dimensions * self.gather_per_value)

    def graph_seconds(self, distance_computations: float, dimensions: int) -> float:
        per_distance = self.graph_per_distance + dimensions * self.graph_per_value
        return self.graph_search + distance_computations * per_distance

    def to_dict(self) -> dict[str, float]:
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> MachineCosts:
        """Unknown names are left out, missing ones have their default: other versions wrote them."""
        return cls(**{field.name: float(stored[field.name]) for field in fields(cls) if field.name in stored})


DEFAULT_COSTS = MachineCosts()


def measure_costs() -> MachineCosts:
    """Measure this machine, in some 0.2 s; each constant stays within a factor of 10 of its default.

    The graph is not built for this: one small enough would lie in the caches. Its steps are random reads
    like the gather's, so they are scaled with them; an index's own RecallCurve knows its time better.
    """
    generator = np.random.default_rng(0)
    vectors = generator.standard_normal((_ROWS, _DIMENSIONS), np.float32)
    query = vectors[0] + np.float32(0.5)
    picked = np.sort(generator.choice(_ROWS, _ROWS // 8, replace=False))
    default = DEFAULT_COSTS
    fixed = _seconds(lambda: exact_top_k(vectors[:16], query, 10, Metric.L2))
    scan = _seconds(lambda: exact_top_k(vectors, query, 10, Metric.L2)) - fixed
    gather = _seconds(lambda: exact_top_k(vectors, query, 10, Metric.L2, picked)) - fixed
    expected_gather = default.gather_seconds(len(picked), _DIMENSIONS) - default.exact_search
    gather_factor = _bounded_factor(gather / expected_gather)
    return MachineCosts(
        exact_search=default.exact_search * _bounded_factor(fixed / default.exact_search),
        scan_per_value=default.scan_per_value * _bounded_factor(scan / vectors.size / default.scan_per_value),
        gather_per_value=default.gather_per_value * gather_factor,
        gather_per_row=default.gather_per_row * gather_factor,
        graph_search=default.graph_search * _bounded_factor(fixed / default.exact_search),
        graph_per_distance=default.graph_per_distance * gather_factor,
        graph_per_value=default.graph_per_value * gather_factor,
    )


def _seconds(step: Callable[[], object]) -> float:
    """The least of a few runs: other work on the machine only ever adds."""
    times = []
    for _ in range(_REPEATS):
        start = perf_counter()
        step()
        times.append(perf_counter() - start)
    return min(times)


def _bounded_factor(measured: float) -> float:
    return min(max(measured, 0.1), 10.0)
