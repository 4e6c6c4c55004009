"""Corpus: the rows and queries a benchmark runs on, read from Parquet or generated."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet

DIMENSIONS = 384
Matrix: TypeAlias = npt.NDArray[np.float32]
COLUMNS = ["id", "package", "section", "priority", "architecture", "installed_kb", "tags"]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Rows with their vectors, and query vectors that are not among them."""

    name: str
    rows: list[dict[str, Any]]
    vectors: Matrix
    queries: Matrix

    def limited(self, rows: int | None, queries: int | None) -> Corpus:
        return Corpus(self.name, self.rows[:rows], self.vectors[:rows], self.queries[:queries])


def read_corpus(directory: Path) -> Corpus:
    """`packages.parquet` and `queries.parquet`: int8 embeddings times a scale."""
    packages = pa.parquet.read_table(
        directory / "packages.parquet", columns=[*COLUMNS, "embedding_int8", "embedding_scale"]
    )
    queries = pa.parquet.read_table(
        directory / "queries.parquet", columns=["embedding_int8", "embedding_scale"]
    )
    return Corpus(
        str(directory), packages.select(COLUMNS).to_pylist(), _dequantised(packages), _dequantised(queries)
    )


def generate_corpus(rows: int = 100_000, queries: int = 1_000, seed: int = 7) -> Corpus:
    """Clusters with the same columns and about the same selectivities, when there is no real data at hand."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(500, DIMENSIONS))
    cluster = random.integers(len(centres), size=rows + queries)
    vectors = centres[cluster] + random.normal(size=(rows + queries, DIMENSIONS)) * 1.5
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    sizes = np.exp(random.normal(5.0, 2.0, size=rows)).astype(int)
    is_program = random.random(rows) < 0.2
    table = [
        {
            "id": i + 1,
            "package": f"package-{i + 1}",
            "section": "python" if cluster[i] % 14 == 0 else f"section-{cluster[i] % 14}",
            "priority": "optional" if i % 100 else "standard",
            "architecture": "all" if i % 2 else "amd64",
            "installed_kb": int(sizes[i]),
            "tags": ["role::program"] if is_program[i] else [],
        }
        for i in range(rows)
    ]
    return Corpus("generated", table, vectors[:rows], vectors[rows:])


def meta_of(row: dict[str, Any]) -> str:
    return json.dumps({"priority": row["priority"], "architecture": row["architecture"]})


def _dequantised(table: pa.Table) -> Matrix:
    codes = pa.compute.list_flatten(table["embedding_int8"]).to_numpy().reshape(-1, DIMENSIONS)
    vectors: Matrix = (codes * table["embedding_scale"].to_numpy()[:, np.newaxis]).astype(np.float32)
    return vectors
