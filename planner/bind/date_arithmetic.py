"""Date arithmetic: dates, times and intervals added, subtracted, scaled."""

from __future__ import annotations

from sqlvec.core.types.pg_type import PgType

from .binder import Binder
from .coerce import no_operator, resolve
from .operands import SYMBOLS, rebuild
from .typed import (
    DATE,
    FLOAT8,
    INT4,
    INTERVAL,
    TIME,
    TIMESTAMP,
    TIMESTAMPTZ,
    Node,
    Typed,
    call,
    cast,
    position_of,
    string,
)  # fmt: skip

_DATETIMES = ("date", "timestamp", "timestamptz", "time", "timetz", "interval")


# (left, symbol, right) -> result; PostgreSQL's date and time arithmetic that DuckDB shares.
_DATETIME_RESULTS: dict[tuple[str, str, str], PgType] = {
    ("date", "+", "int4"): DATE, ("int4", "+", "date"): DATE, ("date", "-", "int4"): DATE,
    ("date", "-", "date"): INT4, ("date", "+", "interval"): TIMESTAMP, ("date", "-", "interval"): TIMESTAMP,
    ("interval", "+", "date"): TIMESTAMP, ("date", "+", "time"): TIMESTAMP,
    ("timestamp", "+", "interval"): TIMESTAMP, ("timestamp", "-", "interval"): TIMESTAMP,
    ("interval", "+", "timestamp"): TIMESTAMP, ("timestamp", "-", "timestamp"): INTERVAL,
    ("timestamptz", "+", "interval"): TIMESTAMPTZ, ("timestamptz", "-", "interval"): TIMESTAMPTZ,
    ("interval", "+", "timestamptz"): TIMESTAMPTZ, ("timestamptz", "-", "timestamptz"): INTERVAL,
    ("time", "+", "interval"): TIME, ("time", "-", "interval"): TIME, ("time", "-", "time"): INTERVAL,
    ("interval", "+", "interval"): INTERVAL, ("interval", "-", "interval"): INTERVAL,
}  # fmt: skip


def datetime_arithmetic(binder: Binder, node: Node, left: Typed, right: Typed) -> Typed | None:
    names = [value.type.name if value.type else "" for value in (left, right)]
    if not any(name in _DATETIMES for name in names):
        return None
    symbol = SYMBOLS[type(node)]
    if symbol in "*/" and "interval" in names:
        return _scaled_interval(binder, symbol, left, right)
    if left.is_open or right.is_open:
        other = right if left.is_open else left
        assert other.type is not None
        # '2024-01-01' - date is a date; timestamp + '1 day' is an interval, as PostgreSQL resolves them.
        guess = INTERVAL if symbol == "+" or other.type.name in ("interval",) else other.type
        left, right = resolve(binder, left, guess), resolve(binder, right, guess)
        names = [value.type.name if value.type else "" for value in (left, right)]
    names = ["int4" if name in ("int2", "int8") else name for name in names]
    result = _DATETIME_RESULTS.get((names[0], symbol, names[1]))
    if result is None:
        if {"date", "timestamp", "timestamptz"} >= set(names) and symbol == "-":
            kind = TIMESTAMPTZ if "timestamptz" in names else TIMESTAMP
            sides = [cast(value.node, kind.duckdb) for value in (left, right)]
            return Typed(_between(node, kind, *sides), INTERVAL)
        if None in (left.type, right.type):
            return Typed(rebuild(node, left.node, right.node), None)
        raise no_operator(symbol, [left, right], position_of(node))
    sides = [
        cast(v.node, "INTEGER") if v.is_integer and not v.is_type(INT4) else v.node for v in (left, right)
    ]
    if symbol == "-" and left.is_type(TIMESTAMPTZ) and right.is_type(TIMESTAMPTZ):
        return Typed(_between(node, TIMESTAMPTZ, *sides), INTERVAL)
    built = rebuild(node, *sides)
    return Typed(cast(built, "INTEGER") if result is INT4 else built, result)


def _between(node: Node, kind: PgType, left: Node, right: Node) -> Node:
    """One moment minus another: days of 24 hours, where DuckDB counts a zone's calendar days."""
    sides = [call("timezone", string("UTC"), side) if kind is TIMESTAMPTZ else side for side in (left, right)]
    return rebuild(node, *sides)


def _scaled_interval(binder: Binder, symbol: str, left: Typed, right: Typed) -> Typed:
    interval, factor = (left, right) if left.is_type(INTERVAL) else (right, left)
    factor = resolve(binder, factor, FLOAT8)
    name = "sqlvec_interval_divide" if symbol == "/" else "sqlvec_interval_scale"
    return Typed(call(name, cast(interval.node, "INTERVAL"), cast(factor.node, "DOUBLE")), INTERVAL)
