"""Templates of dates: to_char, to_date, to_timestamp."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pyarrow as pa

from sqlvec.core.errors import DatetimeFieldOverflow, FeatureNotSupported, InvalidDatetimeFormat

from .registration import SqlFunction, each_row

_FIELDS = [
    "HH24",
    "HH12",
    "HH",
    "MI",
    "SSSSS",
    "SSSS",
    "SS",
    "MS",
    "US",
    "FF1",
    "FF2",
    "FF3",
    "FF4",
    "FF5",
    "FF6",
    "AM",
    "PM",
    "am",
    "pm",
    "A.M.",
    "P.M.",
    "a.m.",
    "p.m.",
    "Y,YYY",
    "YYYY",
    "IYYY",
    "YYY",
    "IYY",
    "YY",
    "IY",
    "Y",
    "I",
    "MONTH",
    "Month",
    "month",
    "MON",
    "Mon",
    "mon",
    "MM",
    "DAY",
    "Day",
    "day",
    "DY",
    "Dy",
    "dy",
    "DDD",
    "IDDD",
    "DD",
    "ID",
    "D",
    "WW",
    "W",
    "IW",
    "CC",
    "J",
    "Q",
    "RM",
    "rm",
    "TZH",
    "TZM",
    "TZ",
    "tz",
    "OF",
    "BC",
    "AD",
    "bc",
    "ad",
]
_TOKEN = re.compile(
    r'"((?:[^"\\]|\\.)*)"|(FM|TM)?('
    + "|".join(sorted(map(re.escape, _FIELDS), key=len, reverse=True))
    + r")(TH|th)?|(.)",
    re.DOTALL,
)
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_ROMAN = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"]


def to_char(moment: datetime, template: str) -> str:
    pieces: list[str] = []
    for quoted, prefix, field, suffix, other in _TOKEN.findall(template):
        if not field:
            pieces.append(quoted or other)
            continue
        text = _field(moment, field)
        if prefix == "FM":
            text = text.lstrip("0") or "0" if text.isdigit() else text.rstrip()
        pieces.append(text + (_ordinal(text, suffix) if suffix else ""))
    return "".join(pieces)


def _ordinal(text: str, suffix: str) -> str:
    if not text.strip().isdigit():
        return ""
    number = int(text)
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return ending.upper() if suffix == "TH" else ending


def _field(moment: datetime, field: str) -> str:
    numbers = _numbers(moment)
    if field in numbers:
        return numbers[field]
    upper = field.upper()
    if upper in ("MONTH", "DAY"):
        name = _MONTHS[moment.month - 1] if upper == "MONTH" else _DAYS[moment.weekday()]
        return _cased(name.ljust(9), field)
    if upper in ("MON", "DY"):
        return _cased((_MONTHS[moment.month - 1] if upper == "MON" else _DAYS[moment.weekday()])[:3], field)
    if upper in ("AM", "PM"):
        return _cased("AM" if moment.hour < 12 else "PM", field)
    if upper in ("A.M.", "P.M."):
        return _cased("A.M." if moment.hour < 12 else "P.M.", field)
    if upper == "RM":
        return _cased(_ROMAN[moment.month - 1].ljust(4), field)
    if upper in ("BC", "AD"):
        return _cased("AD", field)
    return _zone(moment, field)


def _cased(name: str, field: str) -> str:
    if field == field.lower():
        return name.lower()
    return name.upper() if field == field.upper() else name


def _numbers(moment: datetime) -> dict[str, str]:
    iso_year, iso_week, iso_day = moment.isocalendar()
    day_of_year = moment.timetuple().tm_yday
    hour = moment.hour % 12 or 12
    year, micros = f"{moment.year:04d}", f"{moment.microsecond:06d}"
    seconds = f"{moment.hour * 3600 + moment.minute * 60 + moment.second:d}"
    iso = f"{iso_year:04d}"
    return {
        "HH24": f"{moment.hour:02d}",
        "HH12": f"{hour:02d}",
        "HH": f"{hour:02d}",
        "MI": f"{moment.minute:02d}",
        "SS": f"{moment.second:02d}",
        "SSSS": seconds,
        "SSSSS": seconds,
        "MS": micros[:3],
        "US": micros,
        **{f"FF{digits}": micros[:digits] for digits in range(1, 7)},
        "YYYY": year,
        "Y,YYY": f"{moment.year:,}",
        "YYY": year[-3:],
        "YY": year[-2:],
        "Y": year[-1:],
        "IYYY": iso,
        "IYY": iso[-3:],
        "IY": iso[-2:],
        "I": iso[-1:],
        "MM": f"{moment.month:02d}",
        "DDD": f"{day_of_year:03d}",
        "DD": f"{moment.day:02d}",
        "D": str(moment.isoweekday() % 7 + 1),
        "IDDD": f"{(iso_week - 1) * 7 + iso_day:03d}",
        "ID": str(iso_day),
        "WW": f"{(day_of_year - 1) // 7 + 1:02d}",
        "W": str((moment.day - 1) // 7 + 1),
        "IW": f"{iso_week:02d}",
        "CC": f"{(moment.year + 99) // 100:02d}",
        "J": str(moment.toordinal() + 1721425),
        "Q": str((moment.month + 2) // 3),
    }


def _zone(moment: datetime, field: str) -> str:
    offset = moment.utcoffset() or timedelta(0)
    minutes = int(offset.total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    hours, rest = divmod(abs(minutes), 60)
    if field in ("TZ", "tz"):
        name = moment.tzname() or "" if moment.tzinfo is not None else ""
        return name.lower() if field == "tz" else name
    if field == "TZH":
        return f"{sign}{hours:02d}"
    return f"{rest:02d}" if field == "TZM" else f"{sign}{hours:02d}" + (f":{rest:02d}" if rest else "")


def parsed(text: str, template: str) -> datetime:
    """What to_timestamp reads, without zone."""
    found = {"year": 1, "month": 1, "day": 1, "hour": 0, "minute": 0, "second": 0, "microsecond": 0}
    at, is_afternoon = 0, None
    for quoted, _prefix, field, _suffix, other in _TOKEN.findall(template):
        if not field:
            literal = quoted or other
            at += (
                len(literal)
                if literal.isalnum() or text[at : at + 1] == literal or not text[at : at + 1].isalnum()
                else 0
            )
            continue
        while text[at : at + 1].isspace():
            at += 1
        upper = field.upper()
        if upper in ("MONTH", "MON"):
            at = _read_month(text, at, field, found)
        elif upper in ("AM", "PM", "A.M.", "P.M."):
            is_afternoon = text[at : at + 1].lower() == "p"
            at += len(upper)
        elif upper in ("DAY", "DY"):
            at += len(re.match(r"[A-Za-z]*", text[at:])[0])  # type: ignore[index]
        else:
            at = _read_number(text, at, upper, found)
    if is_afternoon is not None:
        found["hour"] = found["hour"] % 12 + (12 if is_afternoon else 0)
    try:
        return datetime(**found)  # type: ignore[arg-type]
    except ValueError as error:
        raise DatetimeFieldOverflow(f'date/time field value out of range: "{text}"') from error


def _read_month(text: str, at: int, field: str, found: dict[str, int]) -> int:
    for number, name in enumerate(_MONTHS, 1):
        for spelling in (name, name[:3]):
            if text[at : at + len(spelling)].lower() == spelling.lower():
                found["month"] = number
                return at + len(spelling)
    raise InvalidDatetimeFormat(f'invalid value "{text[at:]}" for "{field}"')


_PARTS = {
    "YYYY": ("year", 4),
    "IYYY": ("year", 4),
    "YY": ("year", 2),
    "MM": ("month", 2),
    "DD": ("day", 2),
    "HH24": ("hour", 2),
    "HH12": ("hour", 2),
    "HH": ("hour", 2),
    "MI": ("minute", 2),
    "SS": ("second", 2),
    "MS": ("microsecond", 3),
    "US": ("microsecond", 6),
}


def _read_number(text: str, at: int, field: str, found: dict[str, int]) -> int:
    if field not in _PARTS:
        raise FeatureNotSupported(f'template pattern "{field}" is not supported here')
    name, width = _PARTS[field]
    match = re.compile(rf"[+-]?\d{{1,{width}}}").match(text, at)
    if match is None:
        if at >= len(text):
            return at
        raise InvalidDatetimeFormat(
            f'invalid value "{text[at : at + width]}" for "{field}"', detail="Value must be an integer."
        )
    number = int(match[0])
    if name == "microsecond":
        number *= 10 ** (6 - len(match[0]))
    if field == "YY":
        number += 2000 if number < 70 else 1900
    found[name] = number
    return match.end()


FUNCTIONS = (
    SqlFunction(
        "sqlvec_to_char",
        lambda moments, templates: each_row(to_char, pa.string(), moments, templates),
        ("TIMESTAMP", "VARCHAR"),
        "VARCHAR",
    ),
    SqlFunction(
        "sqlvec_to_timestamp",
        lambda texts, templates: each_row(parsed, pa.timestamp("us"), texts, templates),
        ("VARCHAR", "VARCHAR"),
        "TIMESTAMP",
    ),
)
