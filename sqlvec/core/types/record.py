"""Rows and nothing: record, printed as PostgreSQL prints rows, and void."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from sqlvec.core.errors import FeatureNotSupported

from .output_format import OutputFormat
from .pg_type import Codec, Encode, PgType, WireValue
from .text import STRINGS
from .wire_column import join_octets, to_wire, validity, with_validity

TypeOf = Callable[[pa.DataType], PgType]

_NEEDS_QUOTES = r'^$|[(),"\\\s\v]'


def make_record_type(type_of: TypeOf) -> PgType:
    """The record type; `type_of` finds the type of a field from its Arrow type."""
    return PgType(
        name="record",
        oid=2249,
        array_oid=2287,
        length=-1,
        category="P",
        arrow=pa.string(),  # text of a row, or an Arrow struct as DuckDB exports it
        duckdb="VARCHAR",
        text=Codec(_to_text(type_of), _refuse_input),
        binary=Codec(_to_bytes(type_of), _refuse_input),
    )


def _to_text(type_of: TypeOf) -> Encode:
    def encode(array: pa.Array, output_format: OutputFormat) -> pa.LargeBinaryArray:
        if not pa.types.is_struct(array.type):
            return to_wire(array)
        pieces: list[pa.Array | bytes] = []
        for field, values in zip(array.type, array.flatten(), strict=True):
            texts = type_of(field.type).text.encode(values, output_format)
            pieces += [b"," if pieces else b"(", _quoted(texts)]
        return with_validity(join_octets(*(pieces or [_blank(array)]), b")"), validity(array))

    return encode


def _blank(array: pa.Array) -> pa.LargeBinaryArray:
    return pa.array([b"("] * len(array), pa.large_binary())


def _quoted(texts: pa.LargeBinaryArray) -> pa.LargeBinaryArray:
    strings = texts.cast(pa.large_string())
    needed = pc.fill_null(pc.match_substring_regex(strings, _NEEDS_QUOTES), False)
    doubled = pc.replace_substring_regex(strings, r'(["\\])', r"\1\1")
    quoted = join_octets(b'"', doubled, b'"')
    return pc.if_else(needed, quoted, texts).fill_null(b"")


def _to_bytes(type_of: TypeOf) -> Encode:
    def encode(array: pa.Array, output_format: OutputFormat) -> pa.LargeBinaryArray:
        if not pa.types.is_struct(array.type):
            raise FeatureNotSupported("binary output of type record is not supported")
        types = [type_of(field.type) for field in array.type]
        columns = [
            kind.binary.encode(values, output_format).to_pylist()
            for kind, values in zip(types, array.flatten(), strict=True)
        ]
        oids = [kind.oid for kind in types]
        # Rows of many types: a loop, since clients seldom ask for records in binary.
        rows = [_pack(oids, row) for row in zip(*columns, strict=True)]
        return with_validity(
            pa.array(rows or [_pack([], ())] * len(array), pa.large_binary()), validity(array)
        )

    return encode


def _pack(oids: Sequence[int], row: Sequence[bytes | None]) -> bytes:
    fields = [
        struct.pack(">Ii", oid, -1) if value is None else struct.pack(">Ii", oid, len(value)) + value
        for oid, value in zip(oids, row, strict=True)
    ]
    return struct.pack(">i", len(fields)) + b"".join(fields)


def _refuse_input(values: Sequence[WireValue]) -> pa.Array:
    raise FeatureNotSupported("input of anonymous composite types is not implemented")


def _encode_void(array: pa.Array, output_format: OutputFormat) -> pa.LargeBinaryArray:
    empty = pa.scalar(b"", pa.large_binary())
    return with_validity(pa.array([empty] * len(array), pa.large_binary()), validity(array))


VOID = PgType(
    name="void",
    oid=2278,
    array_oid=0,
    length=4,
    category="P",
    arrow=pa.string(),
    duckdb="VARCHAR",
    text=Codec(_encode_void, STRINGS.decode),
    binary=Codec(_encode_void, STRINGS.decode),
)
