"""Constants: a literal's text, read by its PostgreSQL type, as a DuckDB expression."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import pyarrow as pa
from sqlglot import exp

from sqlvec.core.errors import FeatureNotSupported, SqlError
from sqlvec.core.types.pg_type import PgType
from sqlvec.core.types.values import to_python
from sqlvec.core.types.vector import check_dimensions

from .typed import Node, call, cast, floating, number, string

_DATED = ("date", "timestamp", "timestamptz", "time")
VALUE = "sqlvec_value"  # mark on a vector constant: its elements, so that a search need not parse them again


def read_literal(text: str, type: PgType, typmod: int, position: int | None) -> Node:
    """The DuckDB expression of a quoted literal; raises 22P02 and friends at the literal's position."""
    try:
        value = type.text.decode([text.encode()])
    except SqlError as error:
        error.position = error.position or position
        raise
    if type.name in _DATED:
        plain = to_python(type, value)
        if isinstance(plain, str):  # of a year, or an infinity, that Python's datetime cannot hold
            return cast(string(plain), type.duckdb_name(typmod))
    if type.name == "vector" and typmod > 0:
        check_dimensions(typmod, len(value[0].as_py()))  # the column's cast, which knows no position
    if type.element is not None and type.element.name == "vector" and typmod > 0:
        for item in value[0].as_py():
            if item is not None:
                check_dimensions(typmod, len(item))
    return constant(value[0].as_py(), type, typmod, text)


def constant(value: Any, type: PgType, typmod: int, text: str | None = None) -> Node:
    """A Python value of a type as a DuckDB expression; `text` is its PostgreSQL spelling where known."""
    target = type.duckdb_name(typmod)
    if value is None:
        return cast(exp.Null(), target)
    if type.element is not None:
        return _list(value, type.element, target)
    if type.name == "vector":
        elements = exp.Array(expressions=[floating(float(item)) for item in value])
        node = cast(elements, f"FLOAT[{len(value)}]")
        node.meta[VALUE] = value
        return node
    if type.name == "bytea":
        return call("from_hex", string(bytes(value).hex()))
    if type.name == "bool":
        return exp.Boolean(this=bool(value))
    if type.name in ("int2", "int4", "int8", "oid", "float4", "float8"):
        return _number(value, target)
    if type.name == "numeric" and typmod < 0:
        digits = format(value, "f")
        return cast(string(digits), _decimal_for(digits))
    if type.name == "interval":
        return cast(string(_interval(value)), target)
    if isinstance(value, str):
        return string(value) if type.duckdb == "VARCHAR" else cast(string(value), target)
    plain = pa.scalar(value, type.arrow).cast(pa.string()).as_py() if text is None else None
    return cast(string(plain if plain is not None else _iso(value, text or "")), target)


def _list(values: list[Any], element: PgType, target: str) -> Node:
    if element.name == "vector":
        vectors = [cast(constant(item, element, -1), "FLOAT[]") for item in values]
        return cast(exp.Array(expressions=vectors), target)
    items = [
        _list(item, element, element.duckdb) if isinstance(item, list) else constant(item, element, -1)
        for item in values
    ]
    if any(isinstance(item, list) for item in values):
        raise FeatureNotSupported("array literals of several dimensions are not supported")
    return cast(exp.Array(expressions=items), target)


def _number(value: Any, target: str) -> Node:
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return cast(string(str(value)), target)
    return cast(floating(value) if isinstance(value, float) else number(value), target)


def _decimal_for(digits: str) -> str:
    plain = digits.lstrip("-")
    scale = len(plain.partition(".")[2])
    return f"DECIMAL({max(len(plain.replace('.', '')), 1, scale)},{scale})"


def _interval(value: Any) -> str:
    months, days, nanoseconds = value
    return f"{months} months {days} days {nanoseconds // 1000} microseconds"


def _iso(value: Any, text: str) -> str:
    """Dates and times print as ISO 8601 in Python; what Python cannot hold keeps the client's text."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, (date, time)) else text
