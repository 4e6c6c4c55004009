"""Functions of numbers: width_bucket and pg_size_pretty."""

from __future__ import annotations

import math

import pyarrow as pa

from sqlvec.core.errors import NumericValueOutOfRange, SqlError

from .registration import SqlFunction, each_row

_MAX_INT = 2**31 - 1
# unit, the size from which the next one is taken, whether to round, the unit's power of two
_UNITS = (
    ("bytes", 10 * 1024, False, 0),
    ("kB", 20 * 1024 - 1, True, 10),
    ("MB", 20 * 1024 - 1, True, 20),
    ("GB", 20 * 1024 - 1, True, 30),
    ("TB", 20 * 1024 - 1, True, 40),
    ("PB", 20 * 1024 - 1, True, 50),
)


class InvalidArgumentForWidthBucket(SqlError, code="2201G"):
    """Bounds or a count that make no buckets."""


def width_bucket(operand: float, low: float, high: float, count: int) -> int:
    """The bucket from 1 to count, 0 below the first bound and count + 1 from the second."""
    if count <= 0:
        raise InvalidArgumentForWidthBucket("count must be greater than zero")
    if math.isnan(operand) or math.isnan(low) or math.isnan(high):
        raise InvalidArgumentForWidthBucket("operand, lower bound, and upper bound cannot be NaN")
    if math.isinf(low) or math.isinf(high):
        raise InvalidArgumentForWidthBucket("lower and upper bounds must be finite")
    if low == high:
        raise InvalidArgumentForWidthBucket("lower bound cannot equal upper bound")
    if operand == low:
        return 1
    if (operand < low) == (low < high):
        return 0
    if (operand >= high) if low < high else (operand <= high):
        if count == _MAX_INT:
            raise NumericValueOutOfRange("integer out of range")
        return count + 1
    # halves, lest the differences leave the range of a double
    share = (operand / 2 - low / 2) / (high / 2 - low / 2)
    return min(int(count * share), count - 1) + 1


def size_pretty(size: int) -> str:
    """As PostgreSQL: whole units, rounded half away from zero."""
    for place, (unit, limit, is_rounded, power) in enumerate(_UNITS):
        if abs(size) < limit or place == len(_UNITS) - 1:
            return f"{_half(size) if is_rounded else size} {unit}"
        _, _, next_is_rounded, next_power = _UNITS[place + 1]
        size = _shifted(size, next_power - power - next_is_rounded + is_rounded)
    raise AssertionError("the last unit takes every size")


def _half(doubled: int) -> int:
    return _truncated(doubled + (1 if doubled >= 0 else -1), 2)


def _shifted(size: int, bits: int) -> int:
    return _truncated(size, 1 << bits)


def _truncated(size: int, divisor: int) -> int:
    return size // divisor if size >= 0 else -(-size // divisor)


_BUCKET = ("DOUBLE", "DOUBLE", "DOUBLE", "INTEGER")
FUNCTIONS = (
    SqlFunction(
        "sqlvec_width_bucket",
        lambda *columns: each_row(width_bucket, pa.int32(), *columns),
        _BUCKET,
        "INTEGER",
    ),
    SqlFunction(
        "sqlvec_size_pretty", lambda sizes: each_row(size_pretty, pa.string(), sizes), ("BIGINT",), "VARCHAR"
    ),
)
