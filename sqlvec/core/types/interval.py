"""interval: months, days and microseconds, in PostgreSQL's four spellings."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sqlvec.core.errors import DatetimeFieldOverflow, FeatureNotSupported, InvalidDatetimeFormat

from .calendar import time_text
from .output_format import OutputFormat
from .pg_type import Codec, PgType, WireValue
from .timezone import DAY, SECOND
from .type_errors import IntervalFieldOverflow
from .wire_column import from_matrix, spread, text_column, to_matrix, validity, validity_buffer

ARROW = pa.month_day_nano_interval()
_PARTS = np.dtype([("months", "<i4"), ("days", "<i4"), ("nanos", "<i8")])
_WIRE = np.dtype([("micros", ">i8"), ("days", ">i4"), ("months", ">i4")])
_MAX_MICROS = (2**63 - 1) // 1000  # Arrow's intervals count nanoseconds

_UNITS: dict[str, tuple[int, int, int]] = {}  # months, days, microseconds of one
for _names, _amount in (
    ("microsecond microseconds us usec usecs useconds usecond", (0, 0, 1)),
    ("millisecond milliseconds ms msec msecs msecond mseconds", (0, 0, 1000)),
    ("second seconds s sec secs", (0, 0, SECOND)),
    ("minute minutes m min mins", (0, 0, 60 * SECOND)),
    ("hour hours h hr hrs", (0, 0, 3600 * SECOND)),
    ("day days d", (0, 1, 0)),
    ("week weeks w", (0, 7, 0)),
    ("month months mon mons", (1, 0, 0)),
    ("year years y yr yrs", (12, 0, 0)),
    ("decade decades decs dec", (120, 0, 0)),
    ("century centuries cent c", (1200, 0, 0)),
    ("millennium millennia mil mils", (12000, 0, 0)),
):
    _UNITS |= dict.fromkeys(_names.split(), _amount)

_TOKEN = re.compile(
    r"(?P<clock>[+-]?\d+:\d+(?::\d+(?:\.\d*)?)?(?!\d))|(?P<months>[+-]?\d+-\d+)(?![\d.])"
    r"|(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*(?P<unit>[a-z]+)?|(?P<word>[a-z]+)"
)
_ISO = re.compile(
    r"P(?:(-?[\d.]+)Y)?(?:(-?[\d.]+)M)?(?:(-?[\d.]+)W)?(?:(-?[\d.]+)D)?"
    r"(?:T(?:(-?[\d.]+)H)?(?:(-?[\d.]+)M)?(?:(-?[\d.]+)S)?)?"
)


def _parts(array: pa.Array) -> npt.NDArray[Any]:
    return np.frombuffer(array.buffers()[1], _PARTS)[array.offset : array.offset + len(array)]


def _array(parts: npt.NDArray[Any], valid: npt.NDArray[np.bool_]) -> pa.Array:
    return pa.Array.from_buffers(ARROW, len(parts), [validity_buffer(valid), pa.py_buffer(parts)])


# Output -------------------------------------------------------------------------------------------------


def _to_text(array: pa.Array, output_format: OutputFormat) -> pa.LargeBinaryArray:
    spell = _STYLES[output_format.interval_style]
    if len(array) == 0:
        return pa.array([], pa.large_binary())
    # Many parts that print or not: a loop, but only over distinct intervals.
    distinct, places = np.unique(_parts(array).view("V16"), return_inverse=True)
    texts = [spell(int(m), int(d), int(n) // 1000).encode() for m, d, n in distinct.view(_PARTS)]
    return pa.array(texts, pa.large_binary()).take(pa.array(places, mask=~validity(array)))


def _postgres(months: int, days: int, micros: int) -> str:
    texts: list[str] = []
    negative = False
    years, months = _split(months, 12)
    for amount, unit in ((years, "year"), (months, "mon"), (days, "day")):
        if amount:
            sign = "+" if negative and amount > 0 else ""
            texts.append(f"{sign}{amount} {unit}{'' if amount == 1 else 's'}")
            negative = amount < 0
    if micros or not texts:
        sign = "-" if micros < 0 else "+" if negative else ""
        texts.append(sign + time_text(abs(micros)))
    return " ".join(texts)


def _postgres_verbose(months: int, days: int, micros: int) -> str:
    years, months = _split(months, 12)
    minutes, micros = _split(micros, 60 * SECOND)
    hours, minutes = _split(minutes, 60)
    parts = [(years, "year"), (months, "mon"), (days, "day"), (hours, "hour"), (minutes, "min")]
    texts: list[str] = []
    ago: bool | None = None
    for amount, unit in parts:
        if amount:
            ago = amount < 0 if ago is None else ago
            amount = -amount if ago else amount
            texts.append(f"{amount} {unit}{'' if amount == 1 else 's'}")
    if micros:
        ago = micros < 0 if ago is None else ago
        micros = -micros if ago else micros
        seconds = f"{'-' if micros < 0 else ''}{abs(micros) // SECOND}" + _fraction(micros)
        texts.append(f"{seconds} sec{'' if seconds == '1' else 's'}")
    return " ".join(["@", *(texts or ["0"])]) + (" ago" if ago else "")


def _sql_standard(months: int, days: int, micros: int) -> str:
    signs = {part > 0 for part in (months, days, micros) if part}
    clock = _unpadded(abs(micros))
    if not signs:
        return "0"
    if len(signs) == 2 or (months and (days or micros)):
        mark = ["-" if part < 0 else "+" for part in (months, days, micros)]
        return f"{mark[0]}{abs(months) // 12}-{abs(months) % 12} {mark[1]}{abs(days)} {mark[2]}{clock}"
    minus = "" if signs == {True} else "-"
    if months:
        return f"{minus}{abs(months) // 12}-{abs(months) % 12}"
    return f"{minus}{abs(days)} {clock}" if days else minus + clock


def _unpadded(micros: int) -> str:
    text = time_text(micros)
    return text[1:] if text.startswith("0") else text


def _iso_8601(months: int, days: int, micros: int) -> str:
    years, months = _split(months, 12)
    minutes, micros = _split(micros, 60 * SECOND)
    hours, minutes = _split(minutes, 60)
    date = "".join(f"{amount}{unit}" for amount, unit in ((years, "Y"), (months, "M"), (days, "D")) if amount)
    time = "".join(f"{amount}{unit}" for amount, unit in ((hours, "H"), (minutes, "M")) if amount)
    if micros:
        time += f"{'-' if micros < 0 else ''}{abs(micros) // SECOND}{_fraction(micros)}S"
    return f"P{date}{'T' if time else ''}{time}" if date or time else "PT0S"


def _fraction(micros: int) -> str:
    rest = abs(micros) % SECOND
    return f".{rest:06d}".rstrip("0") if rest else ""


def _split(amount: int, size: int) -> tuple[int, int]:
    """Quotient and remainder, both with the sign of the amount."""
    quotient, rest = divmod(abs(amount), size)
    return (-quotient, -rest) if amount < 0 else (quotient, rest)


_STYLES: dict[str, Callable[[int, int, int], str]] = {
    "postgres": _postgres,
    "postgres_verbose": _postgres_verbose,
    "sql_standard": _sql_standard,
    "iso_8601": _iso_8601,
}

# Input --------------------------------------------------------------------------------------------------


def _from_text(values: Sequence[WireValue]) -> pa.Array:
    strings = text_column(values)
    encoded = strings.dictionary_encode()
    # Free-form text; a loop, but only over distinct spellings.
    parts = np.array([parse_interval(text) for text in encoded.dictionary.to_pylist()] or [(0, 0, 0)], _PARTS)
    places = encoded.indices.fill_null(0).to_numpy(zero_copy_only=False)
    return _array(np.ascontiguousarray(parts[places]), validity(strings))


def parse_interval(text: str) -> tuple[int, int, int]:
    """Months, days and nanoseconds of one interval."""
    stripped = text.strip()
    if stripped.lower() in ("infinity", "-infinity", "+infinity"):
        raise FeatureNotSupported(f'interval value "{stripped}" is not supported')
    parts = _iso_parts(stripped) if stripped.startswith("P") else None
    months, days, micros = parts if parts is not None else _worded_parts(text)
    if max(abs(months), abs(days)) > 2**31 - 1:
        raise IntervalFieldOverflow(f'interval field value out of range: "{text}"')
    if abs(micros) > _MAX_MICROS:
        raise DatetimeFieldOverflow(f'interval out of range: "{text}"')
    return months, days, micros * 1000


def _iso_parts(text: str) -> tuple[int, int, int] | None:
    match = _ISO.fullmatch(text)
    if match is None or text.endswith(("P", "T")):
        return None
    total = (0, 0, 0)
    units = ("year", "month", "week", "day", "hour", "minute", "second")
    for amount, unit in zip(match.groups(), units, strict=True):
        if amount:
            total = _add(total, amount, _UNITS[unit])
    return total


def _worded_parts(text: str) -> tuple[int, int, int]:
    rest = text.strip(" \t\n\r\f\v@").lower()
    if not rest:
        _fail(text)
    total = (0, 0, 0)
    pending: str | None = None  # a number without unit: days before a clock, seconds at the end
    while rest:
        match = _TOKEN.match(rest)
        if match is None:
            _fail(text)
        rest = rest[match.end() :].lstrip(" \t\n\r\f\v,")
        if match["word"]:
            if match["word"] != "ago" or rest:
                _fail(text)
            total = (-total[0], -total[1], -total[2])
        elif match["clock"]:
            total = _add(total, pending or "0", _UNITS["day"])
            pending = None
            total = _add_clock(total, match["clock"], text)
        elif match["months"]:
            total = _add_months(total, match["months"])
        elif match["unit"] and match["unit"] != "ago":
            if match["unit"] not in _UNITS or pending:
                _fail(text)
            total = _add(total, match["number"], _UNITS[match["unit"]])
        elif pending or match["unit"]:
            _fail(text)
        else:
            pending = match["number"]
    return _add(total, pending, _UNITS["second"]) if pending else total


def _add_clock(total: tuple[int, int, int], clock: str, text: str) -> tuple[int, int, int]:
    hours, minutes, seconds = (*clock.lstrip("+-").split(":"), "0")[:3]
    if int(minutes) > 59 or float(seconds) >= 61:
        raise IntervalFieldOverflow(f'interval field value out of range: "{text}"')
    micros = (int(hours) * 60 + int(minutes)) * 60 * SECOND + round(float(seconds) * SECOND)
    return total[0], total[1], total[2] + (-micros if clock.startswith("-") else micros)


def _add_months(total: tuple[int, int, int], token: str) -> tuple[int, int, int]:
    years, months = token.lstrip("+-").split("-")
    amount = int(years) * 12 + int(months)
    return total[0] + (-amount if token.startswith("-") else amount), total[1], total[2]


def _add(total: tuple[int, int, int], number: str, unit: tuple[int, int, int]) -> tuple[int, int, int]:
    """A number of units; fractions of months go to days of a 30-day month, those of days to time."""
    whole = int(float(number)) if "." in number or "e" in number else int(number)
    fraction = float(number) - whole if "." in number or "e" in number else 0.0
    months, days, micros = (size * whole for size in unit)
    if fraction:
        if unit[0] >= 12:
            months += round(fraction * unit[0])
        else:
            more_days = fraction * (unit[0] * 30 + unit[1])
            days += int(round(more_days, 9))
            micros += round((more_days - int(round(more_days, 9))) * DAY) + round(fraction * unit[2])
    return total[0] + months, total[1] + days, total[2] + micros


def _fail(text: str) -> NoReturn:
    raise InvalidDatetimeFormat(f'invalid input syntax for type interval: "{text}"')


# Binary -------------------------------------------------------------------------------------------------


def _to_bytes(array: pa.Array, output_format: OutputFormat) -> pa.LargeBinaryArray:
    valid = validity(array)
    parts = _parts(array)[valid] if len(array) else np.zeros(0, _PARTS)
    wire = np.empty(len(parts), _WIRE)
    wire["micros"], wire["days"], wire["months"] = parts["nanos"] // 1000, parts["days"], parts["months"]
    return from_matrix(wire.view(np.uint8).reshape(-1, 16), valid)


def _from_bytes(values: Sequence[WireValue]) -> pa.Array:
    matrix, valid = to_matrix(values, 16)
    wire = np.ascontiguousarray(matrix).view(_WIRE).reshape(-1)
    if (np.abs(wire["micros"].astype(np.int64)) > _MAX_MICROS).any():
        raise DatetimeFieldOverflow("interval out of range")
    parts = np.empty(len(wire), _PARTS)
    parts["months"], parts["days"], parts["nanos"] = (
        wire["months"],
        wire["days"],
        wire["micros"].astype(np.int64) * 1000,
    )
    return _array(spread(parts, valid), valid)


INTERVAL = PgType(
    name="interval",
    oid=1186,
    array_oid=1187,
    length=16,
    category="T",
    arrow=ARROW,
    duckdb="INTERVAL",
    preferred=True,
    text=Codec(_to_text, _from_text),
    binary=Codec(_to_bytes, _from_bytes),
)
