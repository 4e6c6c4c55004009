"""Integers: int2, int4 and int8."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sqlvec.core.errors import InvalidTextRepresentation, NumericValueOutOfRange

from .output_format import OutputFormat
from .pg_type import Codec, Decode, Encode, PgType, WireValue
from .wire_column import (
    by_value,
    from_matrix,
    null_mask,
    spread,
    text_column,
    to_matrix,
    to_wire,
    validity,
)

# PostgreSQL 16 and later: other bases, and underscores between digits.
_INTEGER = re.compile(
    r"[ \t\n\r\f\v]*([+-]?)"
    r"(0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|[0-9]+(?:_[0-9]+)*)"
    r"[ \t\n\r\f\v]*"
)


def encode_integers(array: pa.Array, output_format: OutputFormat) -> pa.LargeBinaryArray:
    """Integers in decimal."""
    return to_wire(array.cast(pa.large_string()))


def decode_integers(type_name: str, arrow: pa.DataType, low: int, high: int) -> Decode:
    """A decoder of text that refuses what is outside low..high in PostgreSQL's words."""

    def decode(values: Sequence[WireValue]) -> pa.Array:
        strings = text_column(values)
        # Arrow reads 0xFFFF as a bit pattern, PostgreSQL as a number.
        if not pc.any(pc.match_substring(strings, "x", ignore_case=True)).as_py():
            try:
                return strings.cast(arrow)
            except pa.ArrowInvalid:  # another base, blanks, a plus sign, or an error to word
                pass
        return by_value(lambda text: parse_integer(text, type_name, low, high), strings, arrow)

    return decode


def parse_integer(text: str, type_name: str, low: int, high: int) -> int:
    """One integer as PostgreSQL reads it."""
    match = _INTEGER.fullmatch(text)
    if match is None:
        raise InvalidTextRepresentation(f'invalid input syntax for type {type_name}: "{text}"')
    digits = match[2].replace("_", "")
    base = {"0x": 16, "0o": 8, "0b": 2}.get(digits[:2].lower(), 10)
    number = int(digits[2:] if base != 10 else digits, base) if len(digits) < 100 else high + 1
    number = -number if match[1] == "-" else number
    if not low <= number <= high:
        raise NumericValueOutOfRange(f'value "{text.strip()}" is out of range for type {type_name}')
    return number


def encode_big_endian(dtype: str) -> Encode:
    """An encoder of fixed-width numbers; `dtype` is numpy's, such as '>i4'."""

    def encode(array: pa.Array, output_format: OutputFormat) -> pa.LargeBinaryArray:
        numbers = array.drop_null().to_numpy(zero_copy_only=False).astype(dtype)
        return from_matrix(numbers.view(np.uint8).reshape(-1, np.dtype(dtype).itemsize), validity(array))

    return encode


def decode_big_endian(dtype: str, arrow: pa.DataType) -> Decode:
    """A decoder of fixed-width numbers; `dtype` is numpy's, such as '>i4'."""
    width = np.dtype(dtype).itemsize

    def decode(values: Sequence[WireValue]) -> pa.Array:
        matrix, valid = to_matrix(values, width)
        numbers = np.ascontiguousarray(matrix).view(dtype).reshape(-1)
        native = numbers.astype(arrow.to_pandas_dtype())
        return pa.array(spread(native, valid), arrow, mask=null_mask(valid))

    return decode


def _integer(name: str, display: str, oid: int, array_oid: int, arrow: pa.DataType, duckdb: str) -> PgType:
    width = arrow.bit_width // 8
    high = 2 ** (arrow.bit_width - 1) - 1
    return PgType(
        name=name,
        oid=oid,
        array_oid=array_oid,
        length=width,
        category="N",
        arrow=arrow,
        duckdb=duckdb,
        display=display,
        text=Codec(encode_integers, decode_integers(display, arrow, -high - 1, high)),
        binary=Codec(encode_big_endian(f">i{width}"), decode_big_endian(f">i{width}", arrow)),
    )


INT2 = _integer("int2", "smallint", 21, 1005, pa.int16(), "SMALLINT")
INT4 = _integer("int4", "integer", 23, 1007, pa.int32(), "INTEGER")
INT8 = _integer("int8", "bigint", 20, 1016, pa.int64(), "BIGINT")
