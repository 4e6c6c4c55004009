"""Arrays: any type's array, built from its element's codecs."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sqlvec.core.errors import (
    DataException,
    DatatypeMismatch,
    FeatureNotSupported,
    InvalidBinaryRepresentation,
)

from .array_literal import Nested, parse_literal
from .output_format import OutputFormat
from .pg_type import Codec, Decode, Encode, PgType, WireValue
from .wire_column import (
    Bools,
    Offsets,
    flat_lists,
    flat_octets,
    from_lengths,
    join_octets,
    join_rows,
    length_prefixed,
    text_column,
    validity,
)

_LENGTH = struct.Struct(">i")
MAX_DIMENSIONS = 6  # PostgreSQL's MAXDIM
_NEEDS_QUOTES = r'(?i)^$|^null$|[{}",\\\s\v]'


def make_array_type(element: PgType, lower_bound: int = 1) -> PgType:
    """The array type of a type; int2vector and oidvector count from 0."""
    return PgType(
        name=f"_{element.name}",
        oid=element.array_oid,
        array_oid=0,
        length=-1,
        category="A",
        arrow=pa.list_(element.arrow),
        duckdb=f"{element.duckdb}[]",
        display=f"{element.sql_name}[]",
        element=element,
        output_cast=None if element.output_cast is None else f"{element.output_cast}[]",
        text=Codec(_encode_text(element), _decode_text(element)),
        binary=Codec(_encode_binary(element, lower_bound), _decode_binary(element, lower_bound)),
        duckdb_with_typmod=lambda typmod: f"{element.duckdb_name(typmod)}[]",
    )


# Text ---------------------------------------------------------------------------------------------------


def _encode_text(element: PgType) -> Encode:
    def encode(array: pa.Array, output_format: OutputFormat) -> pa.LargeBinaryArray:
        items, offsets, valid = flat_lists(array)
        if _is_nested(items, element):
            # PostgreSQL has no empty array within an array: all of it is empty.
            inner = encode(items, output_format).cast(pa.large_string())
            texts = join_rows(inner.fill_null("NULL"), offsets, valid, ("{", "}"))
            return pc.replace_substring_regex(texts, "^[{},]*$", "{}")
        texts = element.text.encode(items, output_format).cast(pa.large_string())
        return join_rows(_quoted(texts), offsets, valid, ("{", "}"))

    return encode


def _is_nested(items: pa.Array, element: PgType) -> bool:
    """Whether items of an array are arrays themselves, beyond what the element's own carrier is."""
    return _depth(items.type) > _depth(element.arrow)


def _depth(arrow: pa.DataType) -> int:
    is_list = pa.types.is_list(arrow) or pa.types.is_large_list(arrow) or pa.types.is_fixed_size_list(arrow)
    return 1 + _depth(arrow.value_type) if is_list else 0


def _quoted(texts: pa.LargeStringArray) -> pa.LargeStringArray:
    needed = pc.fill_null(pc.match_substring_regex(texts, _NEEDS_QUOTES), False)
    if pc.any(needed).as_py():
        escaped = pc.replace_substring_regex(texts, r'(["\\])', r"\\\1")
        quoted = join_octets(b'"', escaped, b'"')
        texts = pc.if_else(needed, quoted.cast(pa.large_string()), texts)
    return texts.fill_null("NULL")


def _decode_text(element: PgType) -> Decode:
    def decode(values: Sequence[WireValue]) -> pa.Array:
        strings = text_column(values)
        # The grammar of quotes and braces needs a loop over values; their elements are decoded at once.
        parsed = [
            None if text is None else parse_literal(text, element.delimiter) for text in strings.to_pylist()
        ]
        leaves: list[WireValue] = []
        depths = {_flatten(value, leaves) for value in parsed if value}
        items = element.text.decode(leaves)
        return _rebuild(parsed, items, max(depths, default=1), element, mixed=len(depths) > 1)

    return decode


def _flatten(value: Nested, leaves: list[WireValue]) -> int:
    depth = 1
    for item in value:
        if isinstance(item, list):
            depth = _flatten(item, leaves) + 1
        else:
            leaves.append(item)
    return depth


def _rebuild(
    parsed: Sequence[Nested | None], items: pa.Array, depth: int, element: PgType, *, mixed: bool = False
) -> pa.Array:
    if mixed:
        raise FeatureNotSupported("arrays of different numbers of dimensions in one column are not supported")
    levels: list[tuple[npt.NDArray[np.int32], Bools]] = []
    rows: Sequence[Nested | None] = parsed
    for _ in range(depth):
        lengths = [0 if row is None else len(row) for row in rows]
        offsets = np.zeros(len(lengths) + 1, np.int32)
        np.cumsum(lengths, out=offsets[1:])
        levels.append((offsets, np.array([row is not None for row in rows], np.bool_)))
        if len(levels) < depth:
            rows = [inner for row in rows if row for inner in row if isinstance(inner, list)]
    array = items
    for offsets, valid in reversed(levels):
        array = pa.ListArray.from_arrays(pa.array(offsets), array, mask=pa.array(~valid))
    return array


# Binary -------------------------------------------------------------------------------------------------


def _encode_binary(element: PgType, lower_bound: int) -> Encode:
    def encode(array: pa.Array, output_format: OutputFormat) -> pa.LargeBinaryArray:
        items, offsets, valid = flat_lists(array)
        if _is_nested(items, element):
            return _encode_nested(array, element, output_format)
        body = length_prefixed(element.binary.encode(items, output_format))
        return _with_heads(
            body, np.diff(offsets)[:, None], offsets, valid, validity(items), (element.oid, lower_bound)
        )

    return encode


def _with_heads(
    body: pa.LargeBinaryArray,
    dimensions: npt.NDArray[np.int64],
    offsets: Offsets,
    valid: Bools,
    item_valid: Bools,
    oid_and_bound: tuple[int, int],
) -> pa.LargeBinaryArray:
    count = dimensions.shape[1]
    nulls = np.concatenate(([0], np.cumsum(~item_valid)))
    heads = np.zeros((len(valid), 3 + 2 * count), ">i4")
    heads[:, 0] = count
    heads[:, 1] = nulls[offsets[1:]] > nulls[offsets[:-1]]
    heads[:, 2] = oid_and_bound[0]
    heads[:, 3::2] = dimensions
    heads[:, 4::2] = oid_and_bound[1]
    # int2vector and oidvector, the types that count from 0, keep their one dimension when empty.
    empty = (dimensions[:, 0] == 0) & (oid_and_bound[1] != 0)
    heads[empty, 0] = 0
    sizes = np.where(empty, 12, heads.shape[1] * 4) * valid
    kept = np.arange(heads.shape[1] * 4)[None, :] < sizes[:, None]
    prefix = from_lengths(sizes, heads.view(np.uint8).reshape(kept.shape)[kept], valid)
    data, places = flat_octets(body)
    return join_octets(prefix, from_lengths(np.diff(places[offsets]), data, valid))


def _encode_nested(array: pa.Array, element: PgType, output_format: OutputFormat) -> pa.LargeBinaryArray:
    items, offsets, valid = array, np.arange(len(array) + 1, dtype=np.int64), validity(array)
    dimensions: list[npt.NDArray[np.int64]] = []
    while _is_nested(items, element):
        inner, inner_offsets, _ = flat_lists(items)
        lengths = np.diff(inner_offsets)
        firsts = np.append(lengths, 0)[np.where(offsets[1:] > offsets[:-1], offsets[:-1], len(lengths))]
        if (lengths != np.repeat(firsts, np.diff(offsets))).any():
            raise DataException("multidimensional arrays must have sub-arrays with matching dimensions")
        dimensions.append(firsts)
        items, offsets = inner, inner_offsets[offsets]
    body = length_prefixed(element.binary.encode(items, output_format))
    return _with_heads(body, np.stack(dimensions, axis=1), offsets, valid, validity(items), (element.oid, 1))


def _decode_binary(element: PgType, lower_bound: int) -> Decode:
    def decode(values: Sequence[WireValue]) -> pa.Array:
        # Every array has its own header; a loop over values, while their elements are decoded at once.
        leaves: list[WireValue] = []
        shapes = [
            None if value is None else _read_array(bytes(value), element, leaves, lower_bound)
            for value in values
        ]
        depths = {len(shape) for shape in shapes if shape}
        items = element.binary.decode(leaves)
        parsed = [None if shape is None else _shaped(shape) for shape in shapes]
        return _rebuild(parsed, items, max(depths, default=1), element, mixed=len(depths) > 1)

    return decode


def _shaped(shape: tuple[int, ...]) -> Nested:
    if not shape:
        return []
    return [_shaped(shape[1:]) if len(shape) > 1 else None for _ in range(shape[0])]


def _read_array(value: bytes, element: PgType, leaves: list[WireValue], lower_bound: int) -> tuple[int, ...]:
    if len(value) < 12:
        raise InvalidBinaryRepresentation("incorrect binary data format")
    count, flags, oid = struct.unpack_from(">iiI", value)
    if not 0 <= count <= MAX_DIMENSIONS:
        raise InvalidBinaryRepresentation(f"invalid number of dimensions: {count}")
    if flags not in (0, 1):
        raise InvalidBinaryRepresentation(f"invalid array flags: {flags}")
    if oid != element.oid:
        raise DatatypeMismatch(f"binary data has array element type {oid} instead of expected {element.oid}")
    if len(value) < 12 + 8 * count:
        raise InvalidBinaryRepresentation("incorrect binary data format")
    words = struct.unpack_from(f">{2 * count}i", value, 12)
    shape, bounds = words[0::2], words[1::2]
    if any(size < 0 for size in shape):
        raise InvalidBinaryRepresentation("incorrect binary data format")
    if any(bound != lower_bound for bound in bounds):
        raise FeatureNotSupported(f"arrays with lower bounds other than {lower_bound} are not supported")
    _read_items(value, 12 + 8 * count, math.prod(shape) if shape else 0, leaves)
    return shape if all(shape) else ()


def _read_items(value: bytes, place: int, count: int, leaves: list[WireValue]) -> None:
    if count > (len(value) - place) // 4:
        raise InvalidBinaryRepresentation("incorrect binary data format")
    for _ in range(count):
        if place + 4 > len(value):
            raise InvalidBinaryRepresentation("incorrect binary data format")
        (size,) = _LENGTH.unpack_from(value, place)
        place += 4
        if size < -1 or place + size > len(value):
            raise InvalidBinaryRepresentation("incorrect binary data format")
        if size < 0:
            leaves.append(None)
        else:
            leaves.append(value[place : place + size])
            place += size
    if place != len(value):
        raise InvalidBinaryRepresentation("incorrect binary data format")
