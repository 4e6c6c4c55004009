"""uuid: carried as its canonical text, since DuckDB's Arrow export gives text."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sqlvec.core.errors import InvalidTextRepresentation

from .output_format import OutputFormat
from .pg_type import Codec, PgType, WireValue
from .text import encode_strings, hex_octets
from .wire_column import flat_octets, from_matrix, text_column, to_matrix, to_wire, validity

_CANONICAL = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
# PostgreSQL takes braces, and a hyphen after any group of four digits.
_ACCEPTED = re.compile(r"(\{)?[0-9a-f]{4}(?:-?[0-9a-f]{4}){7}(?(1)\})", re.IGNORECASE)
_DIGIT_PLACES = np.array([place for place in range(36) if place not in (8, 13, 18, 23)])


def _from_text(values: Sequence[WireValue]) -> pa.Array:
    strings = text_column(values)
    if pc.all(pc.match_substring_regex(strings, _CANONICAL)).as_py() is False:
        strings = pa.array([None if x is None else _canonical(x) for x in strings.to_pylist()], pa.string())
    return strings.cast(pa.string())


def _canonical(text: str) -> str:
    if _ACCEPTED.fullmatch(text) is None:
        raise InvalidTextRepresentation(f'invalid input syntax for type uuid: "{text}"')
    digits = text.strip("{}").replace("-", "").lower()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _to_bytes(array: pa.Array, output_format: OutputFormat) -> pa.LargeBinaryArray:
    octets, _ = flat_octets(to_wire(array.drop_null()))
    characters = octets.reshape(-1, 36)[:, _DIGIT_PLACES]
    nibbles = np.where(characters >= 97, characters - 87, characters - 48).astype(np.uint8)
    return from_matrix((nibbles[:, 0::2] << 4 | nibbles[:, 1::2]).astype(np.uint8), validity(array))


def _from_bytes(values: Sequence[WireValue]) -> pa.Array:
    matrix, valid = to_matrix(values, 16)
    characters = np.full((len(matrix), 36), ord("-"), np.uint8)
    characters[:, _DIGIT_PLACES] = hex_octets(matrix.reshape(-1)).reshape(-1, 32)
    return from_matrix(characters, valid).cast(pa.string())


UUID = PgType(
    name="uuid",
    oid=2950,
    array_oid=2951,
    length=16,
    category="U",
    arrow=pa.string(),
    duckdb="UUID",
    text=Codec(encode_strings, _from_text),
    binary=Codec(_to_bytes, _from_bytes),
)
