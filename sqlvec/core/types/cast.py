"""Cast: Arrow arrays as DuckDB exports them, brought to the carriers the codecs take."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sqlvec.core.errors import InternalError, NumericValueOutOfRange

from .pg_type import PgType
from .uuid import UUID
from .wire_column import to_wire, validity, validity_buffer


def to_carrier(array: pa.Array | pa.ChunkedArray, kind: PgType) -> pa.Array:
    """The array as the type's carrier; the same object where it already is."""
    if isinstance(array, pa.ChunkedArray):
        array = array.chunk(0) if array.num_chunks == 1 else array.combine_chunks()
        if isinstance(array, pa.ChunkedArray):  # too large for one array of 32-bit offsets
            array = pa.concat_arrays(array.chunks)
    if array.type == kind.arrow or _is_taken_as_is(array.type, kind):
        return array
    if pa.types.is_null(array.type):
        return pa.nulls(len(array), kind.arrow)
    if isinstance(array, pa.ExtensionArray):
        return to_carrier(array.storage, kind)
    if pa.types.is_dictionary(array.type):
        return to_carrier(array.dictionary_decode(), kind)
    if kind.element is not None:
        return _cast_lists(array, kind.element)
    special = _SPECIAL.get(kind.name) or _BY_CARRIER.get(kind.arrow)
    try:
        return special(array, kind) if special is not None else array.cast(kind.arrow)
    except pa.ArrowInvalid as error:
        raise NumericValueOutOfRange(f"{kind.sql_name} out of range") from error
    except pa.ArrowNotImplementedError as error:
        raise InternalError(f"cannot carry {array.type} as {kind.sql_name}") from error


def _is_taken_as_is(arrow: pa.DataType, kind: PgType) -> bool:
    """Forms that codecs take besides the carrier itself."""
    if kind.name == "numeric":
        return bool(pa.types.is_decimal128(arrow) or pa.types.is_decimal256(arrow))
    if kind.name == "record":
        return bool(pa.types.is_struct(arrow))
    if kind.name == "vector":
        return bool(_is_list(arrow) and arrow.value_type == pa.float32())
    return False


def _is_list(arrow: pa.DataType) -> bool:
    return bool(
        pa.types.is_list(arrow) or pa.types.is_large_list(arrow) or pa.types.is_fixed_size_list(arrow)
    )


def _cast_lists(array: pa.Array, element: PgType) -> pa.Array:
    if not _is_list(array.type):
        raise InternalError(f"cannot carry {array.type} as {element.sql_name}[]")
    is_dimension = _is_list(array.type.value_type) and element.name != "vector" and element.element is None
    is_dimension = is_dimension or (element.name == "vector" and _depth(array.type) > 2)
    items = array.flatten()
    items = _cast_lists(items, element) if is_dimension else to_carrier(items, element)
    if items.type == array.type.value_type and pa.types.is_list(array.type):
        return array
    return _relisted(array, items)


def _relisted(array: pa.Array, items: pa.Array) -> pa.Array:
    lengths = pc.fill_null(pc.list_value_length(array), 0).to_numpy(zero_copy_only=False)
    valid = validity(array)
    offsets = np.zeros(len(array) + 1, np.int32)
    np.cumsum(lengths * valid, out=offsets[1:])
    buffers = [validity_buffer(valid), pa.py_buffer(offsets)]
    return pa.Array.from_buffers(pa.list_(items.type), len(array), buffers, children=[items])


def _depth(arrow: pa.DataType) -> int:
    return 1 + _depth(arrow.value_type) if _is_list(arrow) else 0


# Single types -------------------------------------------------------------------------------------------


def _to_vectors(array: pa.Array, kind: PgType) -> pa.Array:
    return _relisted(array, array.flatten().cast(pa.float32(), safe=False))


def _to_uuids(array: pa.Array, kind: PgType) -> pa.Array:
    if pa.types.is_fixed_size_binary(array.type) or pa.types.is_binary(array.type):
        return UUID.binary.decode(array.to_pylist())
    return array.cast(pa.string())


def _to_numbers(array: pa.Array, kind: PgType) -> pa.Array:
    if pa.types.is_integer(array.type):
        return array.cast(pa.decimal128(20, 0))
    if pa.types.is_floating(array.type):
        return kind.text.decode(to_wire(array.cast(pa.large_string())).to_pylist())
    if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        return kind.text.decode(to_wire(array).to_pylist())
    return array.cast(kind.arrow)


def _to_strings(array: pa.Array, kind: PgType) -> pa.Array:
    if pa.types.is_map(array.type) or pa.types.is_struct(array.type) or _is_list(array.type):
        # DuckDB's maps and structs, seen only where a result's type was not inferred.
        pairs: Callable[[Any], Any] = dict if pa.types.is_map(array.type) else lambda value: value
        texts = [None if x is None else json.dumps(pairs(x), default=str) for x in array.to_pylist()]
        return pa.array(texts, pa.string())
    if pa.types.is_boolean(array.type):
        return pc.if_else(array, "true", "false")
    return array.cast(pa.string())


def _to_instants(array: pa.Array, kind: PgType) -> pa.Array:
    if pa.types.is_timestamp(array.type) and array.type.unit == "us":
        return array.view(pa.int64()).view(
            kind.arrow
        )  # DuckDB names the session's zone; instants are the same
    return array.cast(pa.timestamp("us", array.type.tz), safe=False).view(pa.int64()).view(kind.arrow)


def _to_timestamps(array: pa.Array, kind: PgType) -> pa.Array:
    # Infinity does not survive a cast of units, but only microseconds carry it.
    if pa.types.is_timestamp(array.type) and array.type.unit == "us":
        return array.view(pa.int64()).view(kind.arrow)
    return array.cast(kind.arrow, safe=False)


def _to_times(array: pa.Array, kind: PgType) -> pa.Array:
    return array.cast(kind.arrow, safe=False)


_SPECIAL: dict[str, Callable[[pa.Array, PgType], pa.Array]] = {
    "vector": _to_vectors,
    "uuid": _to_uuids,
    "numeric": _to_numbers,
    "timestamptz": _to_instants,
    "timestamp": _to_timestamps,
    "time": _to_times,
}
_BY_CARRIER: dict[pa.DataType, Callable[[pa.Array, PgType], pa.Array]] = {pa.string(): _to_strings}
