"""format(): %s, %I and %L with positions and widths."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pyarrow as pa

from sqlvec.core.errors import InvalidParameterValue

from .quoting import quote_ident, quote_literal
from .registration import SqlFunction

_PLACE = re.compile(r"%(?:(\d+)\$)?(-)?(\d+)?(.)?", re.DOTALL)


def format_rows(formats: pa.Array, arguments: pa.Array) -> pa.Array:
    rows = zip(formats.to_pylist(), arguments.to_pylist(), strict=True)
    return pa.array(
        [None if text is None else _formatted(text, values or []) for text, values in rows], pa.string()
    )


def _formatted(text: str, values: Sequence[str | None]) -> str:
    pieces: list[str] = []
    done, following = 0, 0
    for found in _PLACE.finditer(text):
        pieces.append(text[done : found.start()])
        done = found.end()
        number, minus, width, kind = found.groups()
        if kind == "%":
            pieces.append("%")
            continue
        if kind is None:
            raise InvalidParameterValue("unterminated format() type specifier")
        if kind not in "sIL":
            raise InvalidParameterValue(f'unrecognized format() type specifier "{kind}"')
        place = int(number) - 1 if number else following
        if not 0 <= place < len(values):
            raise InvalidParameterValue("too few arguments for format()")
        following = place + 1
        spelled = _spelled(kind, values[place])
        size = int(width or 0)
        pieces.append(spelled.ljust(size) if minus else spelled.rjust(size))
    return "".join([*pieces, text[done:]])


def _spelled(kind: str, value: str | None) -> str:
    if value is None:
        if kind == "I":
            raise InvalidParameterValue("null values cannot be formatted as an SQL identifier")
        return "NULL" if kind == "L" else ""
    return value if kind == "s" else quote_ident(value) if kind == "I" else quote_literal(value)


FUNCTIONS = (SqlFunction("sqlvec_format", format_rows, ("VARCHAR", "VARCHAR[]"), "VARCHAR"),)
