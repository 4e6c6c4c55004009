"""timetz: carried as text, since DuckDB's Arrow export loses the offset."""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from sqlvec.core.errors import DatetimeFieldOverflow, InvalidDatetimeFormat

from .calendar import time_text
from .datetime_input import now, parse_moment
from .output_format import OutputFormat
from .pg_type import Codec, PgType, WireValue
from .timezone import DAY, SECOND, offset_text
from .wire_column import by_value, raise_incorrect_binary, text_column, to_wire

_CANONICAL = r"^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{0,5}[1-9])?[+-](0[0-9]|1[0-5])$"
_DUCKDB = re.compile(r"(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?")
_NAME = "time with time zone"


def _spell(micros: int, offset: int) -> str:
    return time_text(micros) + offset_text(offset)


def _parse(text: str) -> tuple[int, int]:
    match = _DUCKDB.fullmatch(text)
    if (
        match is not None
        and int(match[1]) < 24
        and int(match[2]) < 60
        and int(match[3]) < 60
        and int(match[6]) < 16
    ):
        seconds = int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3])
        offset = int(match[6]) * 3600 + int(match[7] or 0) * 60 + int(match[8] or 0)
        return seconds * SECOND + int((match[4] or "").ljust(6, "0")), -offset if match[5] == "-" else offset
    return _parse_any(text)


def _parse_any(text: str) -> tuple[int, int]:
    moment = parse_moment(text, _NAME, time_only=True)
    present = now()
    if moment.special == "now":
        midnight = present.replace(hour=0, minute=0, second=0, microsecond=0)
        return round((present - midnight).total_seconds() * SECOND), _offset(present)
    zone = moment.zone
    if moment.time is None or (zone is not None and not isinstance(zone, int) and moment.year is None):
        raise InvalidDatetimeFormat(f'invalid input syntax for type {_NAME}: "{text}"')
    if isinstance(zone, int):
        return moment.time, zone
    day = present if moment.year is None else datetime(moment.year, moment.month or 1, moment.day or 1)
    seconds = moment.time // SECOND % 86_400
    clock = day.replace(hour=seconds // 3600, minute=seconds // 60 % 60, second=seconds % 60, microsecond=0)
    return moment.time, _offset(clock.replace(tzinfo=zone or present.tzinfo))


def _offset(moment: datetime) -> int:
    offset = moment.utcoffset()
    assert offset is not None
    return round(offset.total_seconds())


def _canonical(strings: pa.Array) -> pa.Array:
    if pc.all(pc.match_substring_regex(strings, _CANONICAL)).as_py() is not False:
        return strings.cast(pa.string())
    return by_value(lambda text: _spell(*_parse(text)), strings, pa.string())


def _to_text(array: pa.Array, output_format: OutputFormat) -> pa.LargeBinaryArray:
    return to_wire(_canonical(array))


def _from_text(values: Sequence[WireValue]) -> pa.Array:
    return _canonical(text_column(values))


def _to_bytes(array: pa.Array, output_format: OutputFormat) -> pa.LargeBinaryArray:
    # Carried as text, so every value is parsed; PostgreSQL's zone counts seconds west.
    return by_value(lambda text: _pack(*_parse(text)), array.cast(pa.large_string()), pa.large_binary())


def _pack(micros: int, offset: int) -> bytes:
    return struct.pack(">qi", micros, -offset)


def _from_bytes(values: Sequence[WireValue]) -> pa.Array:
    return pa.array([None if value is None else _unpack(value) for value in values], pa.string())


def _unpack(value: bytes | bytearray | memoryview) -> str:
    if len(value) != 12:
        raise_incorrect_binary()
    micros, west = struct.unpack(">qi", value)
    if not 0 <= micros <= DAY:
        raise DatetimeFieldOverflow("time out of range")
    return _spell(micros, -west)


TIMETZ = PgType(
    name="timetz",
    oid=1266,
    array_oid=1270,
    length=12,
    category="D",
    arrow=pa.string(),
    duckdb="TIME WITH TIME ZONE",
    display=_NAME,
    output_cast="VARCHAR",
    text=Codec(_to_text, _from_text),
    binary=Codec(_to_bytes, _from_bytes),
)
