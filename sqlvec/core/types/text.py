"""Strings and bytes: text, varchar, bpchar, name, "char", unknown and bytea."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sqlvec.core.errors import InvalidParameterValue, InvalidTextRepresentation

from .output_format import OutputFormat
from .pg_type import Codec, PgType, WireValue
from .wire_column import binary_column, flat_octets, from_lengths, join_octets, text_column, to_wire, validity

_HEX = np.frombuffer(b"0123456789abcdef", np.uint8)
_ESCAPE = re.compile(rb"\\(?:([0-3][0-7]{2})|\\)")


def encode_strings(array: pa.Array, output_format: OutputFormat) -> pa.LargeBinaryArray:
    """Strings as they are, in either format."""
    return to_wire(array)


def decode_strings(values: Sequence[WireValue]) -> pa.Array:
    """Strings as they are, in either format."""
    return text_column(values).cast(pa.string())


STRINGS = Codec(encode_strings, decode_strings)


def hex_octets(
    octets: np.ndarray[tuple[int], np.dtype[np.uint8]],
) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    """Two lower-case digits for every byte."""
    digits = np.empty((len(octets), 2), np.uint8)
    digits[:, 0] = _HEX[octets >> 4]
    digits[:, 1] = _HEX[octets & 15]
    return digits.reshape(-1)


# name: truncated to 63 bytes ---------------------------------------------------------------------------


def _decode_names(values: Sequence[WireValue]) -> pa.Array:
    strings = decode_strings(values)
    if (pc.max(pc.binary_length(strings)).as_py() or 0) < 64:
        return strings
    cut = [
        None if text is None else text.encode()[:63].decode(errors="ignore") for text in strings.to_pylist()
    ]
    return pa.array(cut, pa.string())


# "char": one byte ---------------------------------------------------------------------------------------


def _decode_char(values: Sequence[WireValue]) -> pa.Array:
    return pc.utf8_slice_codeunits(decode_strings(values), 0, 1)


def _char_to_bytes(array: pa.Array, output_format: OutputFormat) -> pa.LargeBinaryArray:
    return to_wire(pc.if_else(pc.equal(array, ""), "\x00", array))


def _char_from_bytes(values: Sequence[WireValue]) -> pa.Array:
    octets = binary_column(values)
    zero = pa.scalar(b"\x00", pa.large_binary())
    return pc.if_else(pc.equal(octets, zero), pa.scalar(b"", pa.large_binary()), octets).cast(pa.string())


# bytea --------------------------------------------------------------------------------------------------


def _bytea_to_text(array: pa.Array, output_format: OutputFormat) -> pa.LargeBinaryArray:
    if output_format.bytea_output == "escape":
        return pa.array([None if x is None else _escape(x) for x in array.to_pylist()], pa.large_binary())
    octets, offsets = flat_octets(to_wire(array))
    digits = from_lengths(np.diff(offsets) * 2, hex_octets(octets), validity(array))
    return join_octets(b"\\x", digits)


def _escape(value: bytes) -> bytes:
    # The rarely asked-for format of old; no vectorised form.
    return b"".join(
        b"\\\\" if octet == 92 else bytes((octet,)) if 32 <= octet < 127 else b"\\%03o" % octet
        for octet in value
    )


def _bytea_from_text(values: Sequence[WireValue]) -> pa.Array:
    # bytes.fromhex is one C call per value; a mask over a joined buffer was no faster.
    return pa.array([None if value is None else _parse_bytea(bytes(value)) for value in values], pa.binary())


def _parse_bytea(value: bytes) -> bytes:
    if value.startswith(b"\\x"):
        try:
            return bytes.fromhex(value[2:].decode("ascii"))
        except ValueError as error:
            return _raise_bad_hex(value[2:], error)
    if b"\\" not in value:
        return value
    if b"\\" in _ESCAPE.sub(b"", value):
        raise InvalidTextRepresentation("invalid input syntax for type bytea")
    return _ESCAPE.sub(lambda match: bytes((int(match[1], 8),)) if match[1] else b"\\", value)


def _raise_bad_hex(digits: bytes, error: Exception) -> bytes:
    for place in digits.decode(errors="replace"):
        if place not in "0123456789abcdefABCDEF \t\n\r":
            raise InvalidParameterValue(f'invalid hexadecimal digit: "{place}"') from error
    raise InvalidParameterValue("invalid hexadecimal data: odd number of digits") from error


def _bytea_to_bytes(array: pa.Array, output_format: OutputFormat) -> pa.LargeBinaryArray:
    return to_wire(array)


def _bytea_from_bytes(values: Sequence[WireValue]) -> pa.Array:
    return pa.array(values, pa.binary())


def _string_type(
    name: str, oid: int, array_oid: int, *, length: int = -1, category: str = "S", display: str = ""
) -> PgType:
    return PgType(
        name=name,
        oid=oid,
        array_oid=array_oid,
        length=length,
        category=category,
        arrow=pa.string(),
        duckdb="VARCHAR",
        display=display,
        preferred=name == "text",
        text=Codec(encode_strings, _decode_names) if name == "name" else STRINGS,
        binary=Codec(encode_strings, _decode_names) if name == "name" else STRINGS,
    )


TEXT = _string_type("text", 25, 1009)
VARCHAR = _string_type("varchar", 1043, 1015, display="character varying")
BPCHAR = _string_type("bpchar", 1042, 1014, display="character")
NAME = _string_type("name", 19, 1003, length=64)
UNKNOWN = _string_type("unknown", 705, 0, length=-2, category="X")
CSTRING = _string_type("cstring", 2275, 1263, length=-2, category="P")
CHAR = PgType(
    name="char",
    oid=18,
    array_oid=1002,
    length=1,
    category="Z",
    arrow=pa.string(),
    duckdb="VARCHAR",
    display='"char"',
    text=Codec(encode_strings, _decode_char),
    binary=Codec(_char_to_bytes, _char_from_bytes),
)
BYTEA = PgType(
    name="bytea",
    oid=17,
    array_oid=1001,
    length=-1,
    category="U",
    arrow=pa.binary(),
    duckdb="BLOB",
    text=Codec(_bytea_to_text, _bytea_from_text),
    binary=Codec(_bytea_to_bytes, _bytea_from_bytes),
)
