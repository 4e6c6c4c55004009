"""Packaged example data: 5,000 Debian packages with embeddings, and their sections (see README.md)."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute
import pyarrow.csv
import pyarrow.parquet

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

DIMENSIONS = 384


def packages() -> pa.Table:
    """The packages, with a column `embedding` of 384 float32 in place of the two quantised ones."""
    with resources.as_file(_file("debian_packages.parquet")) as path:
        table = pa.parquet.read_table(path)
    scale = table["embedding_scale"].to_numpy()
    codes = pa.compute.list_flatten(table["embedding_int8"]).to_numpy().reshape(-1, DIMENSIONS)
    values = (codes * scale[:, np.newaxis]).astype(np.float32)
    embedding = pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), DIMENSIONS)
    return table.drop_columns(["embedding_scale", "embedding_int8"]).append_column("embedding", embedding)


def sections() -> pa.Table:
    """The sections: `section`, `label`, `is_code`."""
    with resources.as_file(_file("sections.csv")) as path:
        return pa.csv.read_csv(path)


def embeddings(table: pa.Table) -> npt.NDArray[np.float32]:
    """The column `embedding` of such a table as a matrix, one row per row."""
    flat: npt.NDArray[np.float32] = pa.compute.list_flatten(table["embedding"]).to_numpy()
    return flat.reshape(-1, DIMENSIONS)


def _file(name: str) -> Traversable:
    return resources.files(__name__).joinpath(name)
