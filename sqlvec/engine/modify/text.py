"""Rows and keys as PostgreSQL prints them in an error's detail."""

from __future__ import annotations

import pyarrow as pa

from sqlvec.core.schema import Column, Table, UniqueConstraint
from sqlvec.core.types.cast import to_carrier
from sqlvec.core.types.output_format import OutputFormat

_FORMAT = OutputFormat()
_LONGEST = 64  # bytes of one value; PostgreSQL cuts there as well


def row_text(table: Table, rows: pa.Table, index: int) -> str:
    """'1, null, abc': the values of a row in column order."""
    parts = [_value(column, rows, index) for column in table.columns if column.name in rows.column_names]
    return ", ".join(parts)


def key_text(table: Table, unique: UniqueConstraint, key: pa.Table) -> str:
    columns = [table.column(name) for name in unique.columns]
    return ", ".join(_value(column, key, 0) for column in columns if column is not None)


def _value(column: Column, rows: pa.Table, index: int) -> str:
    array = to_carrier(rows.column(column.name).slice(index, 1), column.type)
    encoded = column.type.text.encode(array, _FORMAT)[0].as_py()
    if encoded is None:
        return "null"
    text: str = encoded.decode()
    return text if len(encoded) <= _LONGEST else text[:_LONGEST] + "..."


def quote(name: str) -> str:
    """A name as DuckDB's SQL quotes it."""
    return '"' + name.replace('"', '""') + '"'
