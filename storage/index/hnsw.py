"""HnswMethod: hierarchical navigable small world graphs."""

from __future__ import annotations

from contextlib import contextmanager
from math import log2
from typing import TYPE_CHECKING, Any

import numpy as np

from sqlvec.core.errors import InvalidParameterValue

from .access_method import AccessMethod, OptionSpec
from .faiss_index import FAISS_METRICS, FaissIndex, add_in_chunks, faiss_errors, omp_threads, read_faiss
from .library import faiss
from .metric import Metric
from .unlink import unlinked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .access_method import Options, Progress
    from .metric import Ordinals, Vectors

_CHUNK_ROWS = 2000  # about 0.2 s between two checks for a cancel (100k x 384, 2 cores)
_MOST_CHUNKS = 256  # FAISS makes one lock per vector held, at each add
_STATS = faiss.cvar.hnsw_stats
_EFFORTS = (1, 1000)  # hnsw.ef_search


class HnswIndex(FaissIndex):
    """One HNSW graph over float32 vectors."""

    method = "hnsw"
    is_bounded_by_effort = True
    distance_cost = 2.0  # measured 265 ns against 75..150 ns: random reads, and a heap to keep

    @property
    def effort_range(self) -> tuple[int, int]:
        return _EFFORTS

    @property
    def memory_bytes(self) -> int:
        graph = self._index.hnsw
        links = graph.neighbors.size() * 4 + graph.offsets.size() * 8 + graph.levels.size() * 4
        return int(links + len(self) * self.dimensions * 4)

    def expected_distance_computations(self, effort: int) -> float:
        return HNSW.expected_distance_computations(len(self), effort, self._options)

    @contextmanager
    def held_out(self, count: int, seed: int) -> Iterator[Ordinals]:
        """Unlink them, so that no search passes through them either."""
        generator = np.random.default_rng(seed)
        lowest = np.flatnonzero(faiss.vector_to_array(self._index.hnsw.levels) == 1)
        if len(lowest) == 0:
            lowest = np.arange(len(self))
        sample = np.sort(generator.choice(lowest, min(count, len(lowest)), replace=False))
        with unlinked(self._index.hnsw, sample, generator):
            yield sample

    def _parameters(self, effort: int, selector: Any) -> Any:
        return faiss.SearchParametersHNSW(efSearch=effort, sel=selector)

    def _computations(self) -> int:
        return int(_STATS.ndis)


class HnswMethod(AccessMethod):
    """CREATE INDEX ... USING hnsw."""

    name = "hnsw"
    option_specs = (OptionSpec("m", 16, 2, 100), OptionSpec("ef_construction", 64, 4, 1000))
    metrics = frozenset(Metric)

    def check_options(self, options: Options) -> None:
        if options["ef_construction"] < 2 * options["m"]:
            raise InvalidParameterValue("ef_construction must be greater than or equal to 2 * m")

    def build(
        self,
        vectors: Vectors,
        metric: Metric,
        options: Options,
        *,
        progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,
        seed: int = 42,
        threads: int | None = None,
    ) -> HnswIndex:
        with faiss_errors(), omp_threads(threads):
            index = faiss.IndexHNSWFlat(vectors.shape[1], options["m"], FAISS_METRICS[metric])
            index.hnsw.efConstruction = options["ef_construction"]
            index.hnsw.rng = faiss.RandomGenerator(seed)
            chunk_rows = max(_CHUNK_ROWS, -(-len(vectors) // _MOST_CHUNKS))
            add_in_chunks(index, vectors, metric, chunk_rows, progress, cancelled)
        return HnswIndex(index, metric, options)

    def restore(self, read: Callable[[int], bytes], metric: Metric, options: Options) -> HnswIndex:
        index = read_faiss(read)
        if not isinstance(index, faiss.IndexHNSWFlat) or index.metric_type != FAISS_METRICS[metric]:
            raise ValueError("not an hnsw index of this metric")
        return HnswIndex(index, metric, options)

    def expected_distance_computations(self, count: int, effort: int, options: Options) -> float:
        # Fits the counts measured at m = 16, n = 100k, d = 384, ef_search 10..1000 within 8 %
        m = options["m"]
        walk = 1.65 * m * effort**0.84 + m / 2 * log2(count + 2)
        return float(min(count, walk))


HNSW = HnswMethod()
