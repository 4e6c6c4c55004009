"""Arrays as text, and how long they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sqlvec.core.errors import FeatureNotSupported
from sqlvec.core.types.array_literal import parse_literal
from sqlvec.core.types.cast import to_carrier
from sqlvec.core.types.output_format import OutputFormat
from sqlvec.core.types.registry import type_from_arrow

from .registration import ANY, SqlFunction, each_row

_FORMAT = OutputFormat()


def array_in(literals: pa.Array) -> pa.Array:
    return each_row(_elements, pa.list_(pa.string()), literals)


def _elements(literal: str) -> list[str | None]:
    elements: list[str | None] = []
    for item in parse_literal(literal):
        if isinstance(item, list):
            raise FeatureNotSupported("casts of text to multidimensional arrays are not supported")
        elements.append(None if item is None else item.decode())
    return elements


def array_out(arrays: pa.Array) -> pa.Array:
    if pa.types.is_null(arrays.type):
        return pa.nulls(len(arrays), pa.string())
    kind = type_from_arrow(arrays.type)
    return kind.text.encode(to_carrier(arrays, kind), _FORMAT).cast(pa.string())


def array_to_string(arrays: pa.Array, delimiters: pa.Array, nulls: pa.Array | None = None) -> pa.Array:
    """Elements joined; a null element is left out, or spelled as the third argument if that is not null."""
    if pa.types.is_null(arrays.type):
        return pa.nulls(len(arrays), pa.string())
    texts = _text_rows(arrays)
    spelled = [None] * len(arrays) if nulls is None else nulls.cast(pa.string()).to_pylist()
    joined = [
        None if row is None or delimiter is None else delimiter.join(_leaves(row, null))
        for row, delimiter, null in zip(texts, delimiters.cast(pa.string()).to_pylist(), spelled, strict=True)
    ]
    return pa.array(joined, pa.string())


def _text_rows(arrays: pa.Array) -> list[Any]:
    """Rows of lists (of lists) of texts."""
    inner = arrays.flatten()
    if pa.types.is_list(inner.type) or pa.types.is_fixed_size_list(inner.type):
        items = _text_rows(inner)
    else:
        kind = type_from_arrow(inner.type)
        items = kind.text.encode(to_carrier(inner, kind), _FORMAT).cast(pa.string()).to_pylist()
    lengths = pc.list_value_length(arrays).to_pylist()
    ends = np.cumsum([length or 0 for length in lengths]).tolist()
    return [
        None if length is None else items[end - length : end]
        for length, end in zip(lengths, ends, strict=True)
    ]


def _leaves(row: list[Any], null: str | None) -> Iterator[str]:
    for item in row:
        if isinstance(item, list):
            yield from _leaves(item, null)
        elif item is not None:
            yield item
        elif null is not None:
            yield null


def array_length(arrays: pa.Array, dimensions: pa.Array) -> pa.Array:
    """The length of the 1-based dimension; null where there is none, thus for an empty array."""
    result = pa.nulls(len(arrays), pa.int32())
    wanted = dimensions.cast(pa.int64())
    level, depth = arrays, 1
    while pa.types.is_list(level.type) or pa.types.is_fixed_size_list(level.type):
        lengths = pc.list_value_length(level).cast(pa.int32())
        lengths = pc.if_else(pc.equal(lengths, 0), pa.scalar(None, pa.int32()), lengths)
        result = pc.if_else(pc.fill_null(pc.equal(wanted, depth), False), lengths, result)
        level, depth = _first_elements(level), depth + 1
    return result


def _first_elements(lists: pa.Array) -> pa.Array:
    """Arrays are rectangular: the first element tells the next dimension. Null where there is none."""
    lengths = pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False)
    starts = np.cumsum(lengths) - lengths
    return lists.flatten().take(pa.array(starts, mask=lengths == 0))


FUNCTIONS = (
    SqlFunction("sqlvec_array_in", array_in, ("VARCHAR",), "VARCHAR[]"),
    SqlFunction("sqlvec_array_out", array_out, ANY, "VARCHAR"),  # (list of any type)
    SqlFunction("sqlvec_array_to_string", array_to_string, ANY, "VARCHAR"),  # (list, VARCHAR[, VARCHAR])
    SqlFunction("sqlvec_array_length", array_length, ANY, "INTEGER"),  # (list, INTEGER)
)
