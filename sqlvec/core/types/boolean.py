"""boolean: everything the database knows about bool."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from sqlvec.core.errors import InvalidTextRepresentation

from .output_format import OutputFormat
from .pg_type import Codec, PgType, WireValue
from .wire_column import by_value, null_mask, spread, text_column, to_matrix

# Every unique prefix PostgreSQL's parse_bool takes; "o" alone is ambiguous.
_TRUE = frozenset(("t", "tr", "tru", "true", "y", "ye", "yes", "on", "1"))
_FALSE = frozenset(("f", "fa", "fal", "fals", "false", "n", "no", "of", "off", "0"))


def _to_text(array: pa.Array, output_format: OutputFormat) -> pa.LargeBinaryArray:
    return pc.if_else(array, pa.scalar(b"t", pa.large_binary()), pa.scalar(b"f", pa.large_binary()))


def _to_bytes(array: pa.Array, output_format: OutputFormat) -> pa.LargeBinaryArray:
    return pc.if_else(array, pa.scalar(b"\x01", pa.large_binary()), pa.scalar(b"\x00", pa.large_binary()))


def _from_text(values: Sequence[WireValue]) -> pa.Array:
    return by_value(_parse, text_column(values), pa.bool_())


def _from_bytes(values: Sequence[WireValue]) -> pa.Array:
    matrix, valid = to_matrix(values, 1)
    return pa.array(spread(matrix[:, 0] != 0, valid), pa.bool_(), mask=null_mask(valid))


def _parse(text: str) -> bool:
    word = text.strip(" \t\n\r\f\v").lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise InvalidTextRepresentation(f'invalid input syntax for type boolean: "{text}"')


BOOL = PgType(
    name="bool",
    oid=16,
    array_oid=1000,
    length=1,
    category="B",
    arrow=pa.bool_(),
    duckdb="BOOLEAN",
    display="boolean",
    preferred=True,
    text=Codec(encode=_to_text, decode=_from_text),
    binary=Codec(encode=_to_bytes, decode=_from_bytes),
)
