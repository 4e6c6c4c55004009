"""vector: pgvector's type, carried as lists of float32."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NoReturn

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sqlvec.core.errors import (
    DataException,
    InvalidBinaryRepresentation,
    InvalidTextRepresentation,
    NumericValueOutOfRange,
    ProgramLimitExceeded,
)

from .float import float_strings, out_of_range
from .output_format import OutputFormat
from .pg_type import Codec, PgType, WireValue
from .type_errors import NullValueNotAllowed
from .wire_column import (
    Bools,
    Offsets,
    binary_column,
    flat_lists,
    flat_octets,
    from_lengths,
    in_slices,
    join_octets,
    join_rows,
    run_slices,
    text_column,
    validity,
    validity_buffer,
)

VECTOR_OID = 16386  # dynamic in PostgreSQL; clients look it up by name
VECTOR_ARRAY_OID = 16391
MAX_DIMENSIONS = 16_000  # pgvector's VECTOR_MAX_DIM
_USUAL_DIMENSIONS = 768
_NUMBERS_PER_SLICE = 1 << 18  # so that a slice and its text stay in a processor's cache
_TEXTS_PER_SLICE = 500

_ELEMENT = re.compile(
    r"[ \t\n\r\f\v]*"
    r"([+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|nan|inf(?:inity)?|0x[0-9a-f]+))"
    r"[ \t\n\r\f\v]*",
    re.IGNORECASE,
)


def check_dimensions(expected: int, actual: int) -> None:
    """Refuse a vector that does not have its column's number of dimensions."""
    if expected != actual:
        raise DataException(f"expected {expected} dimensions, not {actual}")


def vectors_to_array(floats: pa.Array, lengths: npt.NDArray[np.int64], valid: Bools) -> pa.Array:
    """Vectors of float32: a FixedSizeList where all have the same dimension, else a List."""
    distinct = np.unique(lengths[valid])
    if len(distinct) == 1:
        size = int(distinct[0])
        if not valid.all():  # a fixed size list keeps room for its nulls
            room = np.zeros((len(valid), size), np.float32)
            room[valid] = floats.to_numpy().reshape(-1, size)
            floats = pa.array(room.reshape(-1))
        return pa.Array.from_buffers(
            pa.list_(pa.float32(), size), len(valid), [validity_buffer(valid)], children=[floats]
        )
    offsets = np.zeros(len(valid) + 1, np.int32)
    np.cumsum(lengths * valid, out=offsets[1:])
    buffers = [validity_buffer(valid), pa.py_buffer(offsets)]
    return pa.Array.from_buffers(pa.list_(pa.float32()), len(valid), buffers, children=[floats])


# Text ---------------------------------------------------------------------------------------------------


def _to_text(array: pa.Array, output_format: OutputFormat) -> pa.LargeBinaryArray:
    width = array.type.list_size if pa.types.is_fixed_size_list(array.type) else _USUAL_DIMENSIONS
    return in_slices(_spell, array, max(1, _NUMBERS_PER_SLICE // max(1, width)))


def _spell(array: pa.Array) -> pa.LargeBinaryArray:
    floats, offsets, valid = flat_lists(array)
    if floats.null_count:
        raise NullValueNotAllowed("array must not contain nulls")
    return join_rows(float_strings(floats.cast(pa.float32())), offsets, valid, ("[", "]"))


def _from_text(values: Sequence[WireValue]) -> pa.Array:
    octets = binary_column(values)
    valid = validity(octets)
    present = octets.drop_null()
    try:
        parts = run_slices(_parse, present, _TEXTS_PER_SLICE)
        floats, lengths = (
            pa.concat_arrays([part[0] for part in parts]),
            np.concatenate([part[1] for part in parts]),
        )
    except pa.ArrowInvalid:  # blanks, hexadecimal, or an error to word
        floats, lengths = _parse_each(text_column(values).drop_null().to_pylist())
    counts = np.zeros(len(valid), np.int64)
    counts[valid] = lengths
    return vectors_to_array(floats, counts, valid)


def _parse(octets: pa.LargeBinaryArray) -> tuple[pa.Array, Offsets]:
    """All numbers of all texts at once; ArrowInvalid where a text is not [number,number,...]."""
    data, offsets = flat_octets(octets)
    if len(octets) == 0:
        return pa.array([], pa.float32()), np.zeros(0, np.int64)
    if (offsets[1:] == offsets[:-1]).any():
        raise pa.ArrowInvalid("a text is empty")
    text, last = data.tobytes(), offsets[1:] - 1
    is_bracketed = (data[offsets[:-1]] == ord("[")).all() and (data[last] == ord("]")).all()
    if not is_bracketed or text.count(b"[") != len(octets) or text.count(b"]") != len(octets):
        raise pa.ArrowInvalid("brackets are not at the ends")
    # A comma or closing bracket ends every number; without them and the opening ones the numbers lie end
    # to end, and what is left of the places of the ends are their offsets.
    ends = np.flatnonzero((data == ord(",")) | (data == ord("]")))
    lengths = np.diff(np.searchsorted(ends, last), prepend=-1)
    rows = np.repeat(np.arange(1, len(octets) + 1), lengths)
    places = np.zeros(len(ends) + 1, np.int64)
    np.subtract(ends, np.arange(len(ends)), out=places[1:])
    places[1:] -= rows
    numbers = text.translate(None, b"[],")
    strings = pa.Array.from_buffers(
        pa.large_string(), len(ends), [None, pa.py_buffer(places), pa.py_buffer(numbers)]
    )
    floats = strings.cast(pa.float32())
    if lengths.max() > MAX_DIMENSIONS or not np.isfinite(floats.to_numpy()).all():
        raise pa.ArrowInvalid("a number or a dimension out of range")
    return floats, lengths


def _parse_each(texts: list[str]) -> tuple[pa.Array, Offsets]:
    # Only where some text is not in plain form.
    vectors = [_parse_one(text) for text in texts]
    lengths = np.array([len(vector) for vector in vectors], np.int64)
    return pa.array(np.concatenate(vectors) if vectors else [], pa.float32()), lengths


def _parse_one(text: str) -> npt.NDArray[np.float32]:
    stripped = text.strip(" \t\n\r\f\v")
    if not stripped.startswith("["):
        _fail(text, 'Vector contents must start with "[".')
    body, bracket, junk = stripped[1:].partition("]")
    if bracket and not body.strip(" \t\n\r\f\v") and not junk:
        raise DataException("vector must have at least 1 dimension")
    words = body.split(",")
    if len(words) > MAX_DIMENSIONS:
        _raise_too_long()
    numbers = [_parse_element(word, text) for word in words]
    if not bracket:
        _fail(text)
    if junk:
        _fail(text, "Junk after closing right brace.")
    strings = pa.array(numbers, pa.large_string())
    floats = strings.cast(pa.float32())
    wrong = out_of_range(strings, floats, underflow=False)
    if wrong is not None:
        raise NumericValueOutOfRange(f'"{wrong}" is out of range for type vector')
    _check_finite(floats.to_numpy())
    return floats.to_numpy()  # type: ignore[no-any-return]


def _parse_element(word: str, text: str) -> str:
    match = _ELEMENT.fullmatch(word)
    if match is None:
        _fail(text)
    return repr(float.fromhex(match[1])) if "x" in match[1].lower() else match[1]


def _fail(text: str, detail: str | None = None) -> NoReturn:
    raise InvalidTextRepresentation(f'invalid input syntax for type vector: "{text}"', detail=detail)


def _raise_too_long() -> NoReturn:
    raise ProgramLimitExceeded(f"vector cannot have more than {MAX_DIMENSIONS} dimensions")


def _check_finite(floats: npt.NDArray[np.float32]) -> None:
    if np.isnan(floats).any():
        raise DataException("NaN not allowed in vector")
    if np.isinf(floats).any():
        raise DataException("infinite value not allowed in vector")


# Binary -------------------------------------------------------------------------------------------------


def _to_bytes(array: pa.Array, output_format: OutputFormat) -> pa.LargeBinaryArray:
    floats, offsets, valid = flat_lists(array)
    if floats.null_count:
        raise NullValueNotAllowed("array must not contain nulls")
    body = floats.cast(pa.float32()).to_numpy().astype(">f4").view(np.uint8)
    lengths = np.diff(offsets)
    header = np.zeros((len(valid), 2), ">i2")
    header[:, 0] = lengths
    heads = from_lengths(np.full(len(valid), 4), header.view(np.uint8).reshape(-1), valid)
    return join_octets(heads, from_lengths(lengths * 4, body, valid))


def _from_bytes(values: Sequence[WireValue]) -> pa.Array:
    octets = binary_column(values)
    valid = validity(octets)
    data, offsets = flat_octets(octets.drop_null())
    sizes = np.diff(offsets)
    if (sizes < 4).any():
        raise InvalidBinaryRepresentation("incorrect binary data format")
    starts = offsets[:-1]
    heads = data[starts[:, None] + np.arange(4)].view(">i2").astype(np.int64).reshape(-1, 2)
    _check_heads(heads, sizes)
    if len(sizes) and (sizes == sizes[0]).all():
        body = np.ascontiguousarray(data.reshape(len(sizes), -1)[:, 4:]).reshape(-1)
    else:
        inside = np.ones(len(data), np.bool_)
        inside[(starts[:, None] + np.arange(4)).reshape(-1)] = False
        body = data[inside]
    floats = body.view(">f4").astype(np.float32)
    _check_finite(floats)
    lengths = np.zeros(len(valid), np.int64)
    lengths[valid] = heads[:, 0]
    return vectors_to_array(pa.array(floats), lengths, valid)


def _check_heads(heads: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64]) -> None:
    dimensions, unused = heads[:, 0], heads[:, 1]
    if (dimensions < 1).any():
        raise DataException("vector must have at least 1 dimension")
    if (dimensions > MAX_DIMENSIONS).any():
        _raise_too_long()
    if unused.any():
        raise DataException(f"expected unused to be 0, not {unused[np.flatnonzero(unused)[0]]}")
    if (sizes != 4 + 4 * dimensions).any():
        raise InvalidBinaryRepresentation("incorrect binary data format")


VECTOR = PgType(
    name="vector",
    oid=VECTOR_OID,
    array_oid=VECTOR_ARRAY_OID,
    length=-1,
    category="U",
    arrow=pa.list_(pa.float32()),
    duckdb="FLOAT[]",
    text=Codec(_to_text, _from_text),
    binary=Codec(_to_bytes, _from_bytes),
    duckdb_with_typmod=lambda typmod: f"FLOAT[{typmod}]",
)
