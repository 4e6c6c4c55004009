"""Instants and local times: timestamp and timestamptz."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sqlvec.core.errors import DatetimeFieldOverflow

from .calendar import INFINITY, MINUS_INFINITY, date_text, time_text, to_days
from .datetime import micros_of_day, special_day, temporal_type
from .datetime_input import Moment, now, parse_moment
from .output_format import OutputFormat
from .pg_type import Codec, WireValue
from .temporal_column import (
    EPOCH_DAYS,
    FIRST_DAY,
    LAST_DAY,
    MIN_DAY,
    Numbers,
    from_numbers,
    numbers_of,
    replace_odd,
)
from .timezone import DAY, SECOND, current_zone, find_zone, offset_text, offsets_at, to_instants
from .wire_column import (
    Bools,
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

EPOCH = EPOCH_DAYS * DAY
_WIRE_INFINITY, _WIRE_MINUS_INFINITY = 2**63 - 1, -(2**63)
_MIN_INSTANT, _MAX_INSTANT = MIN_DAY * DAY, INFINITY - 1  # the year 294247; PostgreSQL ends in 294276

_ISO_STAMP = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
_ISO_ZONE = r"(Z|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?)$"


def _stamp_strings(local: Numbers, odd: Bools, suffix: pa.Array | bytes) -> pa.Array:
    """Local times with their offsets behind; `odd` marks infinities and years out of Arrow's reach."""
    stamps = pa.array(np.where(odd, 0, local)).view(pa.timestamp("us"))
    # Arrow always prints six digits of fraction, so that trimming stops at the point.
    strings = pc.ascii_rtrim(pc.ascii_rtrim(stamps.cast(pa.large_string()), "0"), ".")
    return join_octets(strings, suffix).cast(pa.large_string())


def _is_odd(numbers: Numbers) -> Bools:
    return (numbers < FIRST_DAY * DAY) | (numbers >= (LAST_DAY + 1) * DAY)


def _timestamp_to_text(array: pa.Array, output_format: OutputFormat) -> pa.LargeBinaryArray:
    local = numbers_of(array)
    odd = _is_odd(local)
    strings = replace_odd(
        _stamp_strings(local, odd, b""), odd, lambda number: _spell_stamp(number, ""), local
    )
    return to_wire(with_validity(strings, validity(array)))


def _spell_stamp(local: int, offset: str) -> str:
    if local in (INFINITY, MINUS_INFINITY):
        return "infinity" if local > 0 else "-infinity"
    days, time = divmod(local, DAY)
    date, era = date_text(days)
    return f"{date} {time_text(time)}{offset}{era}"


def _timestamptz_to_text(array: pa.Array, output_format: OutputFormat) -> pa.LargeBinaryArray:
    zone = find_zone(output_format.timezone)
    instants = numbers_of(array)
    infinite = (instants == INFINITY) | (instants == MINUS_INFINITY)
    offsets = offsets_at(zone, np.where(infinite, 0, instants))
    local = np.where(infinite, instants, instants + offsets * SECOND)
    distinct, places = np.unique(offsets, return_inverse=True)
    suffixes = pa.array([offset_text(int(offset)) for offset in distinct], pa.large_string())
    odd = _is_odd(local)
    strings = _stamp_strings(local, odd, suffixes.take(pa.array(places)))
    strings = replace_odd(strings, odd, lambda number: _spell_instant(number, zone), instants)
    return to_wire(with_validity(strings, validity(array)))


def _spell_instant(instant: int, zone: tzinfo) -> str:
    if instant in (INFINITY, MINUS_INFINITY):
        return _spell_stamp(instant, "")
    offset = int(offsets_at(zone, np.array([instant]))[0])
    return _spell_stamp(instant + offset * SECOND, offset_text(offset))


def _timestamp_from_text(values: Sequence[WireValue]) -> pa.Array:
    strings = text_column(values)
    fast = _iso_stamps(strings, _ISO_STAMP + "$", pa.timestamp("us"))
    return by_value(_parse_timestamp, strings, pa.int64()).view(pa.timestamp("us")) if fast is None else fast


def _timestamptz_from_text(values: Sequence[WireValue]) -> pa.Array:
    strings = text_column(values)
    arrow = pa.timestamp("us", "UTC")
    fast = _iso_stamps(strings, _ISO_STAMP + _ISO_ZONE, arrow)
    if fast is not None:
        return fast
    local = _iso_stamps(strings, _ISO_STAMP + "$", pa.timestamp("us"))
    if local is not None:
        return from_numbers(to_instants(current_zone(), numbers_of(local)), validity(local), arrow)
    return by_value(_parse_timestamptz, strings, pa.int64()).view(arrow)


def _iso_stamps(strings: pa.Array, pattern: str, arrow: pa.DataType) -> pa.Array | None:
    if pc.all(pc.match_substring_regex(strings, pattern)).as_py() is False:
        return None
    try:
        stamps = strings.cast(arrow)
    except pa.ArrowInvalid:  # a field out of range, or 24:00, or a leap second
        return None
    return stamps if (numbers_of(stamps) >= FIRST_DAY * DAY).all() else None


def _parse_timestamp(text: str) -> int:
    moment = parse_moment(text, "timestamp")
    if moment.special == "now":
        present = now()
        return to_days(present.year, present.month, present.day) * DAY + micros_of_day(present)
    return _in_range(_local(moment), text)


def _parse_timestamptz(text: str) -> int:
    moment = parse_moment(text, "timestamp with time zone")
    if moment.special == "now":
        return round(now().timestamp() * SECOND)
    local = _local(moment)
    if moment.special in ("infinity", "-infinity", "epoch"):
        return local
    zone = current_zone() if moment.zone is None else moment.zone
    if isinstance(zone, int):
        return _in_range(local - zone * SECOND, text)
    return _in_range(int(to_instants(zone, np.array([local]))[0]), text)


def _local(moment: Moment) -> int:
    if moment.special is None:
        return moment.days * DAY + (moment.time or 0)
    if moment.special.endswith("infinity"):
        return MINUS_INFINITY if moment.special.startswith("-") else INFINITY
    return special_day(moment.special) * DAY + (moment.time or 0)


def _in_range(instant: int, text: str) -> int:
    if instant not in (INFINITY, MINUS_INFINITY) and not _MIN_INSTANT <= instant <= _MAX_INSTANT:
        raise DatetimeFieldOverflow(f'timestamp out of range: "{text}"')
    return instant


def _stamp_to_bytes(array: pa.Array, output_format: OutputFormat) -> pa.LargeBinaryArray:
    valid = validity(array)
    instants = numbers_of(array)[valid]
    with np.errstate(over="ignore"):
        wire = instants - EPOCH
    wire[instants == INFINITY] = _WIRE_INFINITY
    wire[instants == MINUS_INFINITY] = _WIRE_MINUS_INFINITY
    return from_matrix(wire.astype(">i8").view(np.uint8).reshape(-1, 8), valid)


def _stamp_from_bytes(arrow: pa.DataType) -> Callable[[Sequence[WireValue]], pa.Array]:
    def decode(values: Sequence[WireValue]) -> pa.Array:
        matrix, valid = to_matrix(values, 8)
        wire = spread(matrix.view(">i8").reshape(-1).astype(np.int64), valid)
        finite = (wire != _WIRE_INFINITY) & (wire != _WIRE_MINUS_INFINITY)
        if (finite & ((wire > _MAX_INSTANT - EPOCH) | (wire < _MIN_INSTANT - EPOCH))).any():
            raise DatetimeFieldOverflow("timestamp out of range")
        instants = np.where(finite, np.where(finite, wire, 0) + EPOCH, np.maximum(wire, MINUS_INFINITY))
        return from_numbers(instants, valid, arrow)

    return decode


_LOCAL, _INSTANT = pa.timestamp("us"), pa.timestamp("us", "UTC")

TIMESTAMP = temporal_type(
    "timestamp", "timestamp without time zone", 1114, 1115, 8, _LOCAL, "TIMESTAMP",
    (
        Codec(_timestamp_to_text, _timestamp_from_text),
        Codec(_stamp_to_bytes, _stamp_from_bytes(_LOCAL)),
    ),
)  # fmt: skip
TIMESTAMPTZ = temporal_type(
    "timestamptz", "timestamp with time zone", 1184, 1185, 8, _INSTANT, "TIMESTAMP WITH TIME ZONE",
    (
        Codec(_timestamptz_to_text, _timestamptz_from_text),
        Codec(_stamp_to_bytes, _stamp_from_bytes(_INSTANT)),
    ),
)  # fmt: skip
