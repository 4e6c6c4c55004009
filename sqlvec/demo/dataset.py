"""Dataset: the packaged rows, as the demo's table wants them, and what a search must find in them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sqlvec.example_data import DIMENSIONS, embeddings, packages

Package: TypeAlias = Mapping[str, Any]
LIBRARY_SECTIONS = frozenset({"libs", "libdevel", "oldlibs"})

# "%.7g" keeps a float32 and is a third of repr() of its double.
_VECTOR_TEXT = "[" + ",".join(["%.7g"] * DIMENSIONS) + "]"


class Dataset:
    """The packages in memory, to load them and to check the server's answers against them."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table
        self.vectors = embeddings(table)
        self.names = [str(name) for name in table["name"].to_pylist()]

    @classmethod
    def packaged(cls) -> Dataset:
        return cls(packages())

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def packages(self) -> list[Package]:
        return list(self.table.drop_columns(["embedding"]).to_pylist())

    def vector_of(self, name: str) -> str:
        return _vector_text(self.vectors[self.names.index(name)])

    def rows(self) -> Iterator[tuple[object, ...]]:
        """Rows in the column order of copy_packages.sql."""
        for package, vector in zip(self.packages, self.vectors, strict=True):
            yield (
                package["name"], package["version"], package["section"], package["priority"],
                package["architecture"], package["installed_kb"], package["size_bytes"], is_library(package),
                package["tags"], _meta(package), _vector_text(vector),
            )  # fmt: skip

    def nearest(self, name: str, keep: Callable[[Package], bool], count: int) -> list[str]:
        """The exact answer: the `count` names nearest to `name` by cosine distance among those to keep."""
        distances = self.distances(name)
        kept = [i for i, package in enumerate(self.packages) if keep(package)]
        return [self.names[i] for i in sorted(kept, key=lambda i: float(distances[i]))[:count]]

    def within(self, name: str, radius: float) -> list[str]:
        """The exact answer: every name within the cosine distance."""
        distances = self.distances(name)
        return [self.names[i] for i in np.argsort(distances) if distances[i] < radius]

    def distances(self, name: str) -> npt.NDArray[np.float64]:
        vectors = self.vectors.astype(np.float64)
        query = vectors[self.names.index(name)]
        lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(query)
        distances: npt.NDArray[np.float64] = 1.0 - vectors @ query / lengths
        return distances


def is_library(package: Package) -> bool:
    return package["section"] in LIBRARY_SECTIONS


def _meta(package: Package) -> str:
    keys = ("homepage", "priority", "depends")
    return json.dumps({key: package[key] for key in keys if package[key] is not None})


def _vector_text(vector: npt.NDArray[np.float32]) -> str:
    return _VECTOR_TEXT % tuple(vector.tolist())
