"""FaissIndex: what all indexes held by FAISS share, from the lock to the masks."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from contextlib import contextmanager
from math import sqrt
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from sqlvec.core.errors import InternalError, OutOfMemory, QueryCanceled, SqlError

from .access_method import SearchResult
from .library import faiss
from .metric import Metric, normalized
from .rwlock import ReadWriteLock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from numpy.typing import NDArray

    from .access_method import Options, Progress
    from .metric import Mask, Ordinals, Vectors

FAISS_METRICS: dict[Metric, int] = {
    Metric.L2: faiss.METRIC_L2,
    Metric.INNER_PRODUCT: faiss.METRIC_INNER_PRODUCT,
    Metric.COSINE: faiss.METRIC_INNER_PRODUCT,  # over normalised copies
    Metric.L1: faiss.METRIC_L1,
}
_PIECE_BYTES = 1 << 20  # of the serialised form, per call


class FaissIndex(ABC):
    """A VectorIndex around one FAISS index."""

    method: ClassVar[str]
    is_bounded_by_effort: ClassVar[bool]  # a search meets no more candidates than its effort
    distance_cost: ClassVar[float]  # of one distance, in distances of an exact search

    def __init__(self, index: Any, metric: Metric, options: Options) -> None:
        self._index = index
        self._metric = metric
        self._options = dict(options)
        self._lock = ReadWriteLock()
        self._unfiltered: dict[int, Any] = {}  # SearchParameters by effort; searches only read them

    @property
    def metric(self) -> Metric:
        return self._metric

    @property
    def dimensions(self) -> int:
        return int(self._index.d)

    @property
    def options(self) -> Options:
        return self._options

    @property
    @abstractmethod
    def effort_range(self) -> tuple[int, int]: ...

    @property
    @abstractmethod
    def memory_bytes(self) -> int: ...

    @abstractmethod
    def expected_distance_computations(self, effort: int) -> float: ...

    @abstractmethod
    def _parameters(self, effort: int, selector: Any) -> Any:
        """SearchParameters with the effort always set: their own defaults (16, 1) replace the index's."""

    @abstractmethod
    def _computations(self) -> int:
        """FAISS's process-wide count of distances."""

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def add(self, vectors: Vectors) -> None:
        prepared = as_stored(vectors, self._metric)
        with self._lock.writing(), faiss_errors(), omp_threads(_threads_to_add(len(prepared))):
            self._index.add(prepared)

    @abstractmethod
    def held_out(self, count: int, seed: int) -> AbstractContextManager[Ordinals]:
        """Take a random sample out of the structure for a while: its ordinals, ascending.

        Searches must mask them as well. Only for an index that nobody else searches yet.
        """

    def search(self, query: Vectors, k: int, effort: int, allowed: Mask | None = None) -> SearchResult:
        prepared = as_stored_query(query, self._metric)
        self._lock.acquire_read()  # no context manager and no checks by FAISS's wrapper: 50 of 160 us
        try:
            k = min(k, len(self))
            if k <= 0:
                return _nothing_found()
            keys, ordinals = np.empty(k, np.float32), np.empty(k, np.int64)
            parameters, _bitmap = self._search_parameters(effort, allowed)
            faiss.omp_set_num_threads(1)  # of the calling thread
            before = self._computations()
            pointers = (faiss.swig_ptr(keys), faiss.swig_ptr(ordinals))
            self._index.search_c(1, faiss.swig_ptr(prepared), k, *pointers, parameters)
            computations = self._computations() - before
        except (MemoryError, RuntimeError) as error:
            raise translated(error) from error
        finally:
            self._lock.release_read()
        return self._result(keys, ordinals, computations)

    def search_batch(
        self, queries: Vectors, k: int, effort: int, allowed: Mask | None = None, threads: int = 1
    ) -> list[SearchResult]:
        prepared = as_stored(queries, self._metric)
        with self._lock.reading(), faiss_errors():
            k = min(k, len(self))
            if k <= 0 or not len(queries):
                return [_nothing_found() for _ in queries]
            parameters, _bitmap = self._search_parameters(effort, allowed)
            before = self._computations()
            with omp_threads(threads):
                keys, ordinals = self._index.search(prepared, k, params=parameters)
            computations = (self._computations() - before) // len(queries)
        return [self._result(*found, computations) for found in zip(keys, ordinals, strict=True)]

    def write_to(self, write: Callable[[bytes], object]) -> None:
        with self._lock.reading(), faiss_errors():
            writer = faiss.PyCallbackIOWriter(write, _PIECE_BYTES)
            faiss.write_index(self._index, faiss.BufferedIOWriter(writer, _PIECE_BYTES))

    def _search_parameters(self, effort: int, allowed: Mask | None) -> tuple[Any, Any]:
        """FAISS's parameters, and what must live as long as they are used."""
        least, greatest = self.effort_range
        effort = min(max(effort, least), greatest)
        if allowed is None:
            if effort not in self._unfiltered:
                self._unfiltered[effort] = self._parameters(effort, None)
            return self._unfiltered[effort], None
        # Vectors that were added since the mask was made are not in it: the bitmap excludes what it lacks.
        assert len(allowed) <= len(self), "the mask must not go beyond the last ordinal"
        bitmap = np.packbits(allowed, bitorder="little")
        return self._parameters(effort, faiss.IDSelectorBitmap(bitmap)), bitmap

    def _result(
        self, keys: NDArray[np.float32], ordinals: NDArray[np.int64], computations: int
    ) -> SearchResult:
        if ordinals[-1] < 0:  # FAISS fills up with -1
            count = int(np.count_nonzero(ordinals >= 0))
            keys, ordinals = keys[:count], ordinals[:count]
        return SearchResult(ordinals, _distances_from_keys(keys, self._metric), max(0, computations))


def as_stored(vectors: Vectors, metric: Metric) -> Vectors:
    """The vectors as FAISS sees them: contiguous, and of length 1 under COSINE."""
    if metric is Metric.COSINE:
        return normalized(vectors)
    return np.ascontiguousarray(vectors, np.float32)


def as_stored_query(query: Vectors, metric: Metric) -> Vectors:
    """`as_stored` for one vector, without the cost of arrays of one row."""
    query = np.ascontiguousarray(query, np.float32)
    if metric is not Metric.COSINE:
        return query
    square = float(query @ query)
    if not 1e-12 < square < 1e12:
        unit: Vectors = normalized(query[None])[0]
        return unit
    return query * np.float32(1 / sqrt(square))


def add_in_chunks(
    index: Any,
    vectors: Vectors,
    metric: Metric,
    chunk_rows: int,
    progress: Progress | None,
    cancelled: Callable[[], bool] | None,
) -> None:
    """Add all vectors, reporting and checking for cancel between chunks."""
    for start in range(0, len(vectors), chunk_rows):
        check_cancelled(cancelled)
        index.add(as_stored(vectors[start : start + chunk_rows], metric))
        if progress is not None:
            progress("loading tuples", min(start + chunk_rows, len(vectors)), len(vectors))


def check_cancelled(cancelled: Callable[[], bool] | None) -> None:
    if cancelled is not None and cancelled():
        raise QueryCanceled("canceling statement due to user request")


def read_faiss(read: Callable[[int], bytes]) -> Any:
    """The FAISS index serialised in the bytes that `read(count)` returns."""
    with faiss_errors():
        return faiss.read_index(faiss.PyCallbackIOReader(read, _PIECE_BYTES))


@contextmanager
def omp_threads(count: int | None) -> Iterator[None]:
    """Let FAISS use `count` threads (None: all cores) in calls from this thread only."""
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(count or os.cpu_count() or 1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


@contextmanager
def faiss_errors() -> Iterator[None]:
    """Translate FAISS's exceptions: the one border."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        raise translated(error) from error


def translated(error: Exception) -> SqlError:
    """What a client hears of an exception of FAISS."""
    if isinstance(error, MemoryError):
        return OutOfMemory("out of memory", detail="Failed in the vector index library.")
    return InternalError(f"vector index library: {error}")


def _threads_to_add(count: int) -> int | None:
    return 1 if count < 256 else None  # starting a thread team costs more than a few inserts


def _nothing_found() -> SearchResult:
    return SearchResult(np.empty(0, np.int64), np.empty(0, np.float32), 0)


def _distances_from_keys(keys: NDArray[np.float32], metric: Metric) -> NDArray[np.float32]:
    match metric:
        case Metric.L2:
            roots: NDArray[np.float32] = np.sqrt(np.maximum(keys, 0))
            return roots
        case Metric.INNER_PRODUCT:
            return -keys
        case Metric.COSINE:
            return 1 - keys
        case Metric.L1:
            return keys
