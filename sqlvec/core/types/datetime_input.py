"""Date and time input: the many spellings PostgreSQL takes, one text at a time.

The codecs read ISO 8601 without a loop and come here with the rest, and for the words of an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Literal, NoReturn

from sqlvec.core.errors import DatetimeFieldOverflow, InvalidDatetimeFormat

from .calendar import days_in_month, to_days
from .timezone import SECOND, current_zone, find_zone, is_zone
from .type_errors import InvalidTimeZoneDisplacement

Special = Literal["infinity", "-infinity", "epoch", "now", "today", "tomorrow", "yesterday"]

_SPECIALS = frozenset(
    ("infinity", "-infinity", "+infinity", "epoch", "now", "today", "tomorrow", "yesterday")
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONG_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september",
                "october", "november", "december")  # fmt: skip
_MONTH_OF = {name: place % 12 + 1 for place, name in enumerate(_MONTHS + _LONG_MONTHS)} | {"sept": 9}
_WEEKDAYS = frozenset(
    ("mon", "tue", "tues", "wed", "weds", "thu", "thur", "thurs", "fri", "sat", "sun", "monday", "tuesday",
     "wednesday", "thursday", "friday", "saturday", "sunday")
)  # fmt: skip
# Hours of PostgreSQL's default timezone_abbreviations that are not ambiguous in practice.
_ABBREVIATIONS = {
    "z": 0, "utc": 0, "gmt": 0, "ut": 0, "zulu": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "cest": 2,
    "eet": 2, "eest": 3, "msk": 3, "jst": 9, "kst": 9, "est": -5, "edt": -4, "cst": -6, "cdt": -5,
    "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "akst": -9, "akdt": -8, "hst": -10,
}  # fmt: skip

_TOKEN = re.compile(
    r"""(?P<time>\d{1,2}:\d{1,2}(?::\d{1,2}(?:[.,]\d*)?)?)
      | (?P<date>\d+[-/.]\d+[-/.]\d+|\d+[-/.]?[a-z]{3,9}[-/.]\d+|[a-z]{3,9}[-/]\d+[-/]\d+)(?!\d)
      | (?P<zone>[+-]\d{1,2}(?::\d{2}){1,2}|[+-]\d{1,6})
      | (?P<number>\d+(?:\.\d*)?)
      | (?P<word>[a-z][a-z_]*(?:/[a-z_+\-0-9]+)*|[+-]infinity)
    """,
    re.VERBOSE,
)


@dataclass(slots=True)
class Moment:
    """What a text says; parts not said are None."""

    special: str | None = None
    year: int | None = None
    month: int | None = None
    day: int | None = None
    time: int | None = None  # microseconds of the day
    meridian: str | None = None
    zone: tzinfo | int | None = None  # a zone, or seconds east of UTC
    before_christ: bool = False

    @property
    def days(self) -> int:
        """The date as days since 1970-01-01."""
        assert self.year is not None
        assert self.month is not None
        assert self.day is not None
        return to_days(self.year, self.month, self.day)


def parse_moment(text: str, type_name: str, *, time_only: bool = False) -> Moment:
    """The parts of a date, time or timestamp; raises as PostgreSQL would for `type_name`."""
    moment = Moment()
    _Scanner(text, type_name, moment, time_only).scan()
    return moment


class _Scanner:
    """Reads tokens left to right into a Moment."""

    def __init__(self, text: str, type_name: str, moment: Moment, time_only: bool) -> None:  # noqa: FBT001
        self.text = text
        self.type_name = type_name
        self.moment = moment
        self.time_only = time_only
        self.numbers: list[str] = []
        self.after_t = False

    def scan(self) -> None:
        rest = self.text.strip(" \t\n\r\f\v").lower()
        if not rest:
            self.fail()
        while rest:
            match = _TOKEN.match(rest)
            if match is None:
                self.fail()
            assert match.lastgroup is not None
            rest = rest[match.end() :]
            token = match[0]
            if token == "t" or (token.startswith("t") and match.lastgroup == "word" and token == "t"):
                self.after_t = True
                continue
            getattr(self, match.lastgroup)(token)
            rest = rest.lstrip(" \t\n\r\f\v,")
        self.finish()

    def fail(self) -> NoReturn:
        raise InvalidDatetimeFormat(f'invalid input syntax for type {self.type_name}: "{self.text}"')

    def overflow(self, hint: str | None = None) -> NoReturn:
        raise DatetimeFieldOverflow(f'date/time field value out of range: "{self.text}"', hint=hint)

    def time(self, token: str) -> None:
        if self.moment.time is not None:
            self.fail()
        clock, _, fraction = token.replace(",", ".").partition(".")
        parts = [int(part) for part in clock.split(":")] + [0]
        self.set_time(parts[0], parts[1], parts[2], fraction)

    def set_time(self, hour: int, minute: int, second: int, fraction: str) -> None:
        micros = round(float(f"0.{fraction or 0}") * SECOND)
        total = ((hour * 60 + minute) * 60 + second) * SECOND + micros
        if hour > 24 or minute > 59 or second > 60 or total > 86_400 * SECOND:
            self.overflow()
        self.moment.time = total

    def date(self, token: str) -> None:
        if self.moment.year is not None:
            self.fail()
        parts = re.findall(r"\d+|[a-z]+", token)
        names = [part for part in parts if part in _MONTH_OF]
        if any(part.isalpha() for part in parts):
            if len(names) != 1:
                self.fail()
            numbers = [part for part in parts if part.isdigit()]
            self.set_named(names[0], numbers)
        elif len(parts[0]) >= 3:
            self.set_date(parts[0], parts[1], parts[2])
        else:
            self.set_date(parts[2], parts[0], parts[1])  # DateStyle MDY

    def set_named(self, month: str, numbers: list[str]) -> None:
        year, day = numbers if len(numbers[0]) > 2 else numbers[::-1]
        self.set_date(year, str(_MONTH_OF[month]), day)

    def set_date(self, year: str, month: str, day: str) -> None:
        number = int(year)
        if len(year) <= 2:
            number += 2000 if number < 70 else 1900
        if number > 6_000_000:
            self.overflow()
        self.moment.year, self.moment.month, self.moment.day = number, int(month), int(day)

    def zone(self, token: str) -> None:
        if self.moment.zone is not None:
            self.fail()
        digits = token[1:]
        parts = digits.split(":") if ":" in digits else _split_offset(digits)
        hours, minutes, seconds = [int(part) for part in (*parts, "0", "0")[:3]]
        if hours > 15 or minutes > 59 or seconds > 59:
            raise InvalidTimeZoneDisplacement(f'time zone displacement out of range: "{self.text}"')
        offset = hours * 3600 + minutes * 60 + seconds
        self.moment.zone = -offset if token[0] == "-" else offset

    def number(self, token: str) -> None:
        whole, _, fraction = token.partition(".")
        moment = self.moment
        if len(whole) == 8 and moment.year is None and not fraction:
            self.set_date(whole[:4], whole[4:6], whole[6:])
        elif (
            len(whole) == 6
            and moment.time is None
            and (self.after_t or self.time_only or moment.year is not None)
        ):
            self.set_time(int(whole[:2]), int(whole[2:4]), int(whole[4:]), fraction)
        elif len(whole) == 4 and moment.time is None and (self.after_t or self.time_only):
            self.set_time(int(whole[:2]), int(whole[2:]), 0, "")
        elif len(whole) == 6 and moment.year is None and not fraction:
            self.set_date(whole[:2], whole[2:4], whole[4:])
        elif fraction or len(self.numbers) == 2 or moment.year is not None:
            self.fail()
        else:
            self.numbers.append(whole)

    def word(self, token: str) -> None:
        moment = self.moment
        if token in _SPECIALS and moment.special is None:
            moment.special = token.lstrip("+")
        elif token == "allballs" and moment.time is None:
            moment.time, moment.zone = 0, 0
        elif token in ("am", "pm"):
            moment.meridian = token
        elif token in ("bc", "ad"):
            moment.before_christ = token == "bc"
        elif token in _MONTH_OF and moment.month is None:
            moment.month = _MONTH_OF[token]
        elif token in _ABBREVIATIONS and moment.zone is None:
            moment.zone = _ABBREVIATIONS[token] * 3600
        elif is_zone(token) and moment.zone is None:
            moment.zone = find_zone(token)
        elif token not in _WEEKDAYS:
            self.unknown_word(token)

    def unknown_word(self, token: str) -> NoReturn:
        if "/" in token:
            raise_unknown_zone(token)
        self.fail()

    def finish(self) -> None:
        moment = self.moment
        if moment.special is not None:
            self.finish_special()
            return
        if self.numbers:
            if moment.month is None or len(self.numbers) != 2:
                self.fail()
            name = _MONTHS[moment.month - 1]
            self.set_named(name, self.numbers)
        if (moment.year is None) != (moment.month is None) or (moment.year is None and not self.time_only):
            self.fail()
        if moment.year is not None:
            self.check_date()
        if moment.meridian is not None:
            self.apply_meridian()

    def finish_special(self) -> None:
        moment = self.moment
        is_day = moment.special in ("today", "tomorrow", "yesterday")
        if moment.year is not None or moment.month is not None or self.numbers:
            self.fail()
        if not is_day and (moment.time is not None or moment.zone is not None):
            self.fail()

    def check_date(self) -> None:
        moment = self.moment
        assert moment.year is not None
        assert moment.month is not None
        assert moment.day is not None
        if moment.year == 0:
            self.overflow()
        if not 1 <= moment.month <= 12 or not 1 <= moment.day <= 31:
            self.overflow('Perhaps you need a different "DateStyle" setting.')
        if moment.before_christ:
            moment.year = 1 - moment.year
        if moment.day > days_in_month(moment.year, moment.month):
            self.overflow()

    def apply_meridian(self) -> None:
        moment = self.moment
        if moment.time is None:
            self.fail()
        hour = 3600 * SECOND
        if moment.time >= 13 * hour:
            self.overflow()
        if moment.meridian == "pm" and moment.time < 12 * hour:
            moment.time += 12 * hour
        elif moment.meridian == "am" and moment.time >= 12 * hour:
            moment.time -= 12 * hour


def raise_unknown_zone(name: str) -> NoReturn:
    """22023: a zone that the tables do not have."""
    find_zone(name)
    raise AssertionError("a zone was found that was not")


def now() -> datetime:
    """The present moment in the session's zone."""
    return datetime.now(current_zone())


def _split_offset(digits: str) -> tuple[str, ...]:
    if len(digits) <= 2:
        return (digits,)
    return (digits[:-4] or "0", digits[-4:-2], digits[-2:]) if len(digits) > 4 else (digits[:-2], digits[-2:])
