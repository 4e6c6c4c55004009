"""Identifiers of the system catalogs: oid, the reg* types, xid, cid, tid, int2vector and oidvector."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sqlvec.core.errors import FeatureNotSupported, InvalidTextRepresentation

from .array import make_array_type
from .integer import INT2, decode_big_endian, encode_big_endian, encode_integers, parse_integer
from .output_format import OutputFormat
from .pg_type import Codec, Decode, PgType, WireValue
from .text import STRINGS, encode_strings
from .wire_column import by_value, flat_lists, join_rows, raise_incorrect_binary, text_column, to_wire

_TID = re.compile(r"\((\d+),(\d+)\)")


def _decode_unsigned(type_name: str, bits: int) -> Decode:
    def decode(values: Sequence[WireValue]) -> pa.Array:
        def parse(text: str) -> int:
            # PostgreSQL reads them with strtoul, which takes -1 for the highest.
            number = parse_integer(text, type_name, -(2 ** (bits - 1)), 2**bits - 1)
            return int(number % 2**bits)

        return by_value(parse, text_column(values), pa.int64())

    return decode


def _unsigned(name: str, oid: int, array_oid: int, category: str = "U") -> PgType:
    return PgType(
        name=name,
        oid=oid,
        array_oid=array_oid,
        length=4,
        category=category,
        arrow=pa.int64(),
        duckdb="BIGINT",
        preferred=name == "oid",
        text=Codec(encode_integers, _decode_unsigned(name, 32)),
        binary=Codec(encode_big_endian(">u4"), decode_big_endian(">u4", pa.int64())),
    )


def _xid8() -> PgType:
    return PgType(
        name="xid8",
        oid=5069,
        array_oid=271,
        length=8,
        category="U",
        arrow=pa.int64(),
        duckdb="BIGINT",
        text=Codec(encode_integers, _decode_unsigned("xid8", 63)),
        binary=Codec(encode_big_endian(">i8"), decode_big_endian(">i8", pa.int64())),
    )


# reg*: carried as names ---------------------------------------------------------------------------------


def _alias(name: str, oid: int, array_oid: int) -> PgType:
    return PgType(
        name=name,
        oid=oid,
        array_oid=array_oid,
        length=4,
        category="N",
        arrow=pa.string(),
        duckdb="VARCHAR",
        text=STRINGS,
        binary=Codec(_alias_to_bytes(name), _alias_from_bytes),
    )


def _alias_to_bytes(name: str) -> Callable[[pa.Array, OutputFormat], pa.LargeBinaryArray]:
    def encode(array: pa.Array, output_format: OutputFormat) -> pa.LargeBinaryArray:
        # The value is a name, its binary form an OID; only the catalog knows the one from the other.
        if pc.all(pc.match_substring_regex(array, "^([0-9]+|-)$")).as_py() is False:
            raise FeatureNotSupported(f"binary output of type {name} is not supported")
        numbers = pc.replace_substring_regex(array, "^-$", "0").cast(pa.int64())
        return encode_big_endian(">u4")(numbers, output_format)

    return encode


def _alias_from_bytes(values: Sequence[WireValue]) -> pa.Array:
    return decode_big_endian(">u4", pa.int64())(values).cast(pa.string())


# tid ----------------------------------------------------------------------------------------------------


def _tid_from_text(values: Sequence[WireValue]) -> pa.Array:
    return by_value(_check_tid, text_column(values), pa.string())


def _check_tid(text: str) -> str:
    match = _TID.fullmatch(text.strip())
    if match is None or int(match[1]) >= 2**32 or int(match[2]) >= 2**16:
        raise InvalidTextRepresentation(f'invalid input syntax for type tid: "{text}"')
    return f"({int(match[1])},{int(match[2])})"


def _tid_to_bytes(array: pa.Array, output_format: OutputFormat) -> pa.LargeBinaryArray:
    # Nobody asks for many of these.
    return by_value(_pack_tid, array, pa.large_binary())


def _pack_tid(text: str) -> bytes:
    block, offset = text.strip("()").split(",")
    return struct.pack(">IH", int(block), int(offset))


def _tid_from_bytes(values: Sequence[WireValue]) -> pa.Array:
    return pa.array([None if value is None else _unpack_tid(value) for value in values], pa.string())


def _unpack_tid(value: bytes | bytearray | memoryview) -> str:
    if len(value) != 6:
        raise_incorrect_binary()
    block, offset = struct.unpack(">IH", value)
    return f"({block},{offset})"


# int2vector, oidvector: arrays that print with spaces ----------------------------------------------------


def _spaced(name: str, oid: int, array_oid: int, element: PgType) -> PgType:
    as_array = make_array_type(element, lower_bound=0)

    def to_text(array: pa.Array, output_format: OutputFormat) -> pa.LargeBinaryArray:
        items, offsets, valid = flat_lists(array)
        texts = element.text.encode(items, output_format).cast(pa.large_string())
        # Brackets that PostgreSQL does not print are cut off again.
        return to_wire(
            pc.ascii_trim(join_rows(texts, offsets, valid, ("{", "}"), " ").cast(pa.large_string()), "{}")
        )

    def from_text(values: Sequence[WireValue]) -> pa.Array:
        # Short lists of numbers in catalog rows.
        words = [None if text is None else text.split() for text in text_column(values).to_pylist()]
        items = element.text.decode([word.encode() for row in words if row for word in row])
        lengths = [0 if row is None else len(row) for row in words]
        offsets = np.concatenate(([0], np.cumsum(lengths))).astype(np.int32)
        missing = pa.array([row is None for row in words], pa.bool_())
        return pa.ListArray.from_arrays(pa.array(offsets), items, mask=missing)

    return PgType(
        name=name,
        oid=oid,
        array_oid=array_oid,
        length=-1,
        category="A",
        arrow=pa.list_(element.arrow),
        duckdb=f"{element.duckdb}[]",
        element=element,
        text=Codec(to_text, from_text),
        binary=as_array.binary,
    )


OID = _unsigned("oid", 26, 1028, "N")
XID = _unsigned("xid", 28, 1011)
CID = _unsigned("cid", 29, 1012)
XID8 = _xid8()
TID = PgType(
    name="tid",
    oid=27,
    array_oid=1010,
    length=6,
    category="U",
    arrow=pa.string(),
    duckdb="VARCHAR",
    text=Codec(encode_strings, _tid_from_text),
    binary=Codec(_tid_to_bytes, _tid_from_bytes),
)
INT2VECTOR = _spaced("int2vector", 22, 1006, INT2)
OIDVECTOR = _spaced("oidvector", 30, 1013, OID)
ALIASES = (
    _alias("regproc", 24, 1008),
    _alias("regprocedure", 2202, 2207),
    _alias("regoper", 2203, 2208),
    _alias("regoperator", 2204, 2209),
    _alias("regclass", 2205, 2210),
    _alias("regtype", 2206, 2211),
    _alias("regconfig", 3734, 3735),
    _alias("regdictionary", 3769, 3770),
    _alias("regnamespace", 4089, 4090),
    _alias("regrole", 4096, 4097),
    _alias("regcollation", 4191, 4192),
)
