"""AccessMethod: a kind of vector index, its options, and what an index built by it can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from sqlvec.core.errors import InvalidParameterValue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from .metric import Mask, Metric, Ordinals, Vectors

    Options = Mapping[str, int]
    Progress = Callable[[str, int, int], None]  # phase as pg_stat_progress_create_index, done, total


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Candidates of one search, nearest first; fewer than k when the index met no more."""

    ordinals: Ordinals
    distances: NDArray[np.float32]  # approximate values of the SQL operator
    distance_computations: int  # of this search; searches running at the same time may be counted in


@dataclass(frozen=True, slots=True)
class OptionSpec:
    """One storage parameter of CREATE INDEX ... WITH."""

    name: str
    default: int
    minimum: int
    maximum: int

    def parse(self, text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise InvalidParameterValue(f'invalid value for integer option "{self.name}": {text}') from None
        if not self.minimum <= value <= self.maximum:
            raise InvalidParameterValue(
                f'value {text} out of bounds for option "{self.name}"',
                detail=f'Valid values are between "{self.minimum}" and "{self.maximum}".',
            )
        return value


class VectorIndex(Protocol):
    """One built index over ordinals 0..len-1; searches run together, an add waits for them and runs alone."""

    @property
    def method(self) -> str: ...
    @property
    def metric(self) -> Metric: ...
    @property
    def dimensions(self) -> int: ...
    @property
    def options(self) -> Options: ...
    @property
    def effort_range(self) -> tuple[int, int]:
        """Least and greatest effort: hnsw's ef_search, ivfflat's probes."""
        ...

    @property
    def memory_bytes(self) -> int: ...
    def __len__(self) -> int: ...
    def add(self, vectors: Vectors) -> None:
        """Append rows, all `is_indexable`; they take the next ordinals."""
        ...

    def search(self, query: Vectors, k: int, effort: int, allowed: Mask | None = None) -> SearchResult:
        """Up to k near ordinals, where `allowed` [len] holds; on one thread."""
        ...

    def search_batch(
        self, queries: Vectors, k: int, effort: int, allowed: Mask | None = None, threads: int = 1
    ) -> list[SearchResult]:
        """`search` for each row; each result bears the average of the distance computations."""
        ...

    def expected_distance_computations(self, effort: int) -> float: ...
    def write_to(self, write: Callable[[bytes], object]) -> None:
        """Hand the FAISS form to `write` in pieces."""
        ...


class AccessMethod(ABC):
    """How to build, open and price one kind of index."""

    name: str
    option_specs: tuple[OptionSpec, ...]
    metrics: frozenset[Metric]

    def parse_options(self, given: Mapping[str, str]) -> dict[str, int]:
        """All options of the index, from the texts given in WITH and the defaults."""
        specs = {spec.name: spec for spec in self.option_specs}
        for name in given:
            if name not in specs:
                raise InvalidParameterValue(f'unrecognized parameter "{name}"')
        options = {spec.name: spec.default for spec in self.option_specs}
        options.update((name, specs[name].parse(text)) for name, text in given.items())
        self.check_options(options)
        return options

    def check_options(self, options: Options) -> None:  # noqa: B027 - most methods have nothing to refuse
        """Refuse options that are in range but do not go together."""

    @abstractmethod
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
    ) -> VectorIndex:
        """Index `vectors` [n, d], all `is_indexable`; QueryCanceled once `cancelled()` holds.

        `threads` defaults to all cores; only one thread makes the same index from the same seed.
        """

    @abstractmethod
    def restore(self, read: Callable[[int], bytes], metric: Metric, options: Options) -> VectorIndex:
        """The index whose `write_to` made the bytes that `read(count)` returns."""

    @abstractmethod
    def expected_distance_computations(self, count: int, effort: int, options: Options) -> float:
        """How many distances a search of `count` vectors computes, before an index is there to ask."""
