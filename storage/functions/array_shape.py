"""Shapes of arrays: how many elements, dimensions and bounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from .registration import ANY, SqlFunction


def _dimensions(value: Any) -> list[int]:
    """Lengths by dimension; arrays are rectangular, so that the first element tells the next."""
    lengths: list[int] = []
    while isinstance(value, list) and value:
        lengths.append(len(value))
        value = value[0]
    return lengths


def _cardinality(lengths: list[int]) -> int:
    total = 1 if lengths else 0
    for length in lengths:
        total *= length
    return total


def _of_shape(function: Callable[[list[int]], Any], arrow: pa.DataType) -> Callable[[pa.Array], pa.Array]:
    def rows(arrays: pa.Array) -> pa.Array:
        values = arrays.to_pylist()
        return pa.array([None if value is None else function(_dimensions(value)) for value in values], arrow)

    return rows


FUNCTIONS = (
    SqlFunction("sqlvec_cardinality", _of_shape(_cardinality, pa.int32()), ANY, "INTEGER"),
    SqlFunction(
        "sqlvec_array_ndims", _of_shape(lambda lengths: len(lengths) or None, pa.int32()), ANY, "INTEGER"
    ),
    SqlFunction(
        "sqlvec_array_dims",
        _of_shape(lambda lengths: "".join(f"[1:{n}]" for n in lengths) or None, pa.string()),
        ANY,
        "VARCHAR",
    ),
)
