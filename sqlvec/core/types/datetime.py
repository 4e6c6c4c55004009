"""Dates and times of day: date and time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sqlvec.core.errors import DatetimeFieldOverflow, InvalidDatetimeFormat

from .calendar import DATE_INFINITY, DATE_MINUS_INFINITY, date_text, time_text, to_days
from .datetime_input import Moment, now, parse_moment
from .output_format import OutputFormat
from .pg_type import Codec, PgType, WireValue
from .temporal_column import (
    EPOCH_DAYS,
    FIRST_DAY,
    LAST_DAY,
    MAX_DAY,
    MIN_DAY,
    from_numbers,
    numbers_of,
    replace_odd,
)
from .timezone import DAY, SECOND
from .wire_column import (
    by_value,
    from_matrix,
    join_octets,
    spread,
    text_column,
    to_matrix,
    to_wire,
    validity,
    with_validity,
)

_ISO_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_ISO_TIME = r"^[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?$"


# date ---------------------------------------------------------------------------------------------------


def _date_to_text(array: pa.Array, output_format: OutputFormat) -> pa.LargeBinaryArray:
    days = numbers_of(array)
    odd = (days < FIRST_DAY) | (days > LAST_DAY)
    strings = from_numbers(np.where(odd, 0, days), ~odd | True, pa.date32()).cast(pa.large_string())
    return to_wire(with_validity(replace_odd(strings, odd, _spell_date, days), validity(array)))


def _spell_date(days: int) -> str:
    if days in (DATE_INFINITY, DATE_MINUS_INFINITY):
        return "infinity" if days > 0 else "-infinity"
    return "".join(date_text(days))


def _date_from_text(values: Sequence[WireValue]) -> pa.Array:
    strings = text_column(values)
    if pc.all(pc.match_substring_regex(strings, _ISO_DATE)).as_py() is not False:
        try:
            dates = strings.cast(pa.date32())
            if (numbers_of(dates) >= FIRST_DAY).all():
                return dates
        except pa.ArrowInvalid:  # a day that does not exist
            pass
    return by_value(_parse_date, strings, pa.int32()).view(pa.date32())


def _parse_date(text: str) -> int:
    moment = parse_moment(text, "date")
    if moment.special is not None:
        return special_day(moment.special)
    if not MIN_DAY <= moment.days <= MAX_DAY:
        raise DatetimeFieldOverflow(f'date out of range: "{text}"')
    return moment.days


def _date_to_bytes(array: pa.Array, output_format: OutputFormat) -> pa.LargeBinaryArray:
    valid = validity(array)
    days = numbers_of(array)[valid]
    wire = days - EPOCH_DAYS
    wire[days == DATE_INFINITY] = 2**31 - 1
    wire[days == DATE_MINUS_INFINITY] = -(2**31)
    return from_matrix(wire.astype(">i4").view(np.uint8).reshape(-1, 4), valid)


def _date_from_bytes(values: Sequence[WireValue]) -> pa.Array:
    matrix, valid = to_matrix(values, 4)
    wire = spread(matrix.view(">i4").reshape(-1).astype(np.int64), valid)
    days = wire + EPOCH_DAYS
    days[wire == 2**31 - 1] = DATE_INFINITY
    days[wire == -(2**31)] = DATE_MINUS_INFINITY
    if ((days > MAX_DAY) & (days != DATE_INFINITY) | (days < MIN_DAY) & (days != DATE_MINUS_INFINITY)).any():
        raise DatetimeFieldOverflow("date out of range")
    return from_numbers(days.astype(np.int32), valid, pa.date32())


def special_day(special: str) -> int:
    """The day that a word such as "today" or "infinity" means."""
    if special.endswith("infinity"):
        return DATE_MINUS_INFINITY if special.startswith("-") else DATE_INFINITY
    if special == "epoch":
        return 0
    today = now().date() + timedelta(days={"tomorrow": 1, "yesterday": -1}.get(special, 0))
    return to_days(today.year, today.month, today.day)


# time ---------------------------------------------------------------------------------------------------


def _time_to_text(array: pa.Array, output_format: OutputFormat) -> pa.LargeBinaryArray:
    micros = numbers_of(array)
    odd = micros >= DAY  # 24:00:00 is a time in PostgreSQL, not in Arrow
    strings = pa.array(np.where(odd, 0, micros)).view(pa.time64("us")).cast(pa.large_string())
    strings = pc.ascii_rtrim(pc.ascii_rtrim(strings, "0"), ".")
    return to_wire(with_validity(replace_odd(strings, odd, time_text, micros), validity(array)))


def _time_from_text(values: Sequence[WireValue]) -> pa.Array:
    strings = text_column(values)
    if pc.all(pc.match_substring_regex(strings, _ISO_TIME)).as_py() is not False:
        try:  # Arrow parses timestamps, but no times
            stamps = join_octets(b"1970-01-01 ", strings).cast(pa.large_string()).cast(pa.timestamp("us"))
            return stamps.view(pa.int64()).view(pa.time64("us"))
        except pa.ArrowInvalid:  # 24:00:00, or a field out of range
            pass
    return by_value(_parse_time, strings, pa.int64()).view(pa.time64("us"))


def _parse_time(text: str) -> int:
    moment = parse_moment(text, "time", time_only=True)
    return _time_of(moment, text)


def _time_of(moment: Moment, text: str) -> int:
    if moment.special == "now":
        return micros_of_day(now())
    if moment.time is None:
        raise InvalidDatetimeFormat(f'invalid input syntax for type time: "{text}"')
    return moment.time


def _time_to_bytes(array: pa.Array, output_format: OutputFormat) -> pa.LargeBinaryArray:
    valid = validity(array)
    return from_matrix(numbers_of(array)[valid].astype(">i8").view(np.uint8).reshape(-1, 8), valid)


def _time_from_bytes(values: Sequence[WireValue]) -> pa.Array:
    matrix, valid = to_matrix(values, 8)
    micros = spread(matrix.view(">i8").reshape(-1).astype(np.int64), valid)
    if ((micros < 0) | (micros > DAY)).any():
        raise DatetimeFieldOverflow("time out of range")
    return from_numbers(micros, valid, pa.time64("us"))


def micros_of_day(present: datetime) -> int:
    """Microseconds since midnight."""
    seconds = (present.hour * 60 + present.minute) * 60 + present.second
    return seconds * SECOND + present.microsecond


def temporal_type(
    name: str,
    display: str,
    oid: int,
    array_oid: int,
    length: int,
    arrow: pa.DataType,
    duckdb: str,
    codecs: tuple[Codec, Codec],
) -> PgType:
    """A type of category D."""
    return PgType(
        name=name, oid=oid, array_oid=array_oid, length=length, category="D", arrow=arrow, duckdb=duckdb,
        display=display, preferred=name == "timestamptz", text=codecs[0], binary=codecs[1],
    )  # fmt: skip


DATE = temporal_type(
    "date", "", 1082, 1182, 4, pa.date32(), "DATE",
    (Codec(_date_to_text, _date_from_text), Codec(_date_to_bytes, _date_from_bytes)),
)  # fmt: skip
TIME = temporal_type(
    "time", "time without time zone", 1083, 1183, 8, pa.time64("us"), "TIME",
    (Codec(_time_to_text, _time_from_text), Codec(_time_to_bytes, _time_from_bytes)),
)  # fmt: skip
