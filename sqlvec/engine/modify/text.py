"""Rows and keys as PostgreSQL prints them in an error's detail."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from sqlvec.core.schema import Column, Table
from sqlvec.core.types.cast import to_carrier
from sqlvec.core.types.output_format import OutputFormat

_FORMAT = OutputFormat()
_LONGEST = 64  # bytes of one value; PostgreSQL cuts there as well


def row_text(table: Table, rows: pa.Table, index: int) -> str:
    """'1, null, abc': the values of a row in column order."""
    parts = [
        _shortened(_value(column, rows.column(column.name), index))
        for column in table.columns
        if column.name in rows.column_names
    ]
    return ", ".join(parts)


def key_text(columns: Iterable[Column], keys: pa.Table) -> str:
    """The first of `keys`, which has a key's columns in this order."""
    return ", ".join(_value(column, keys.column(index), 0) for index, column in enumerate(columns))


def _shortened(value: str) -> str:
    return value if len(value.encode()) <= _LONGEST else value[:_LONGEST] + "..."


def _value(column: Column, values: pa.ChunkedArray, index: int) -> str:
    array = to_carrier(values.slice(index, 1), column.type)
    encoded = column.type.text.encode(array, _FORMAT)[0].as_py()
    return "null" if encoded is None else encoded.decode()


def quote(name: str) -> str:
    """A name as DuckDB's SQL quotes it."""
    return '"' + name.replace('"', '""') + '"'
