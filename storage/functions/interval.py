"""Arithmetic of intervals where DuckDB's differs: scaling by a double, and justify_days."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sqlvec.core.errors import DatetimeFieldOverflow, DivisionByZero
from sqlvec.core.types.wire_column import Bools, validity, validity_buffer

from .registration import INTERVAL, SqlFunction

_PARTS = np.dtype([("months", "<i4"), ("days", "<i4"), ("nanos", "<i8")])  # as Arrow lays out an interval
_DAYS_PER_MONTH = 30
_SECONDS_PER_DAY = 86400
_DAY_NANOS = _SECONDS_PER_DAY * 10**9
_MAX_INT = 2**31 - 1
_MAX_MICROS = (2**63 - 1) // 1000  # Arrow counts nanoseconds

Doubles = npt.NDArray[np.float64]


def scale(intervals: pa.Array, factors: pa.Array) -> pa.Array:
    """Interval times double, as interval_mul: fractions of months become days, fractions of days time."""
    valid = validity(intervals) & validity(factors)
    parts = _parts(intervals)
    factor = _doubles(factors)
    months, days, micros = _as_doubles(parts)
    with np.errstate(over="ignore", invalid="ignore"):
        return _assembled(months * factor, days * factor, micros * factor, valid)


def divide(intervals: pa.Array, divisors: pa.Array) -> pa.Array:
    """Interval by double, as interval_div."""
    valid = validity(intervals) & validity(divisors)
    parts = _parts(intervals)
    divisor = np.where(valid, _doubles(divisors), 1.0)
    if (divisor == 0).any():
        raise DivisionByZero("division by zero")
    months, days, micros = _as_doubles(parts)
    with np.errstate(over="ignore", invalid="ignore"):
        return _assembled(months / divisor, days / divisor, micros / divisor, valid)


def _as_doubles(parts: npt.NDArray[Any]) -> tuple[Doubles, Doubles, Doubles]:
    return (
        parts["months"].astype(np.float64),
        parts["days"].astype(np.float64),
        (parts["nanos"] // 1000).astype(np.float64),
    )


def _assembled(months: Doubles, days: Doubles, micros: Doubles, valid: Bools) -> pa.Array:
    """Whole months, days and microseconds, what is left over handed down."""
    months, days, micros = (np.where(valid, part, 0.0) for part in (months, days, micros))
    _check(months, _MAX_INT)
    _check(days, _MAX_INT)
    days_of_months = _to_microseconds((months - np.trunc(months)) * _DAYS_PER_MONTH)
    days_left = days - np.trunc(days) + days_of_months - np.trunc(days_of_months)
    seconds = _to_microseconds(days_left * _SECONDS_PER_DAY)
    whole_days = np.trunc(seconds / _SECONDS_PER_DAY)
    all_days = np.trunc(days) + whole_days + np.trunc(days_of_months)
    _check(all_days, _MAX_INT)
    all_micros = np.rint(micros + (seconds - whole_days * _SECONDS_PER_DAY) * 1e6)
    _check(all_micros, _MAX_MICROS)
    return _column(np.trunc(months), all_days, all_micros.astype(np.int64) * 1000, valid)


def _to_microseconds(number: Doubles) -> Doubles:
    """Six digits behind the point, PostgreSQL's TSROUND."""
    rounded: Doubles = np.rint(number * 1e6) / 1e6
    return rounded


def _check(amounts: Doubles, limit: int) -> None:
    if not (np.abs(amounts) <= limit).all():  # NaN is out of range too
        raise DatetimeFieldOverflow("interval out of range")


def justify_days(intervals: pa.Array) -> pa.Array:
    """30 days are a month; days take the sign of the months."""
    valid = validity(intervals)
    parts = _parts(intervals)
    days = parts["days"].astype(np.int64)
    whole_months = np.where(days < 0, -(-days // _DAYS_PER_MONTH), days // _DAYS_PER_MONTH)
    months, days = parts["months"] + whole_months, days - whole_months * _DAYS_PER_MONTH
    borrow = np.where((months > 0) & (days < 0), 1, np.where((months < 0) & (days > 0), -1, 0))
    months, days = months - borrow, days + borrow * _DAYS_PER_MONTH
    _check(np.where(valid, months, 0).astype(np.float64), _MAX_INT)
    return _column(months, days, parts["nanos"], valid)


def justify_hours(intervals: pa.Array) -> pa.Array:
    """24 hours are a day; the time takes the sign of the days."""
    valid = validity(intervals)
    parts = _parts(intervals)
    nanos = parts["nanos"]
    whole_days = np.where(nanos < 0, -(-nanos // _DAY_NANOS), nanos // _DAY_NANOS)
    days, nanos = parts["days"] + whole_days, nanos - whole_days * _DAY_NANOS
    borrow = np.where((days > 0) & (nanos < 0), 1, np.where((days < 0) & (nanos > 0), -1, 0))
    days, nanos = days - borrow, nanos + borrow * _DAY_NANOS
    _check(np.where(valid, days, 0).astype(np.float64), _MAX_INT)
    return _column(parts["months"], days, nanos, valid)


def justify_interval(intervals: pa.Array) -> pa.Array:
    """Both, and one sign for all parts: an hour is taken from a day, a day from a month."""
    valid = validity(intervals)
    parts = _parts(justify_days(justify_hours(intervals)))
    months, days, nanos = (parts[name].astype(np.int64) for name in ("months", "days", "nanos"))
    borrow = np.where((months > 0) & ((days < 0) | ((days == 0) & (nanos < 0))), 1, 0)
    borrow = np.where((months < 0) & ((days > 0) | ((days == 0) & (nanos > 0))), -1, borrow)
    months, days = months - borrow, days + borrow * _DAYS_PER_MONTH
    borrow = np.where((days > 0) & (nanos < 0), 1, np.where((days < 0) & (nanos > 0), -1, 0))
    return _column(months, days - borrow, nanos + borrow * _DAY_NANOS, valid)


def _parts(intervals: pa.Array) -> npt.NDArray[Any]:
    rows = slice(intervals.offset, intervals.offset + len(intervals))
    return np.frombuffer(intervals.buffers()[1], _PARTS)[rows]


def _doubles(column: pa.Array) -> Doubles:
    numbers: Doubles = column.fill_null(0.0).to_numpy(zero_copy_only=False)
    return numbers


def _column(months: Any, days: Any, nanos: Any, valid: Bools) -> pa.Array:
    parts = np.zeros(len(valid), _PARTS)
    parts["months"], parts["days"], parts["nanos"] = months, days, nanos
    return pa.Array.from_buffers(INTERVAL, len(valid), [validity_buffer(valid), pa.py_buffer(parts)])


FUNCTIONS = (
    SqlFunction("sqlvec_interval_scale", scale, ("INTERVAL", "DOUBLE"), "INTERVAL"),
    SqlFunction("sqlvec_interval_divide", divide, ("INTERVAL", "DOUBLE"), "INTERVAL"),
    SqlFunction("sqlvec_justify_days", justify_days, ("INTERVAL",), "INTERVAL"),
    SqlFunction("sqlvec_justify_hours", justify_hours, ("INTERVAL",), "INTERVAL"),
    SqlFunction("sqlvec_justify_interval", justify_interval, ("INTERVAL",), "INTERVAL"),
)
