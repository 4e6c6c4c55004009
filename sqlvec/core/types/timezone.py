"""Time zones: offsets from UTC for whole columns of instants, and the zone of input without one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
import numpy.typing as npt

from sqlvec.core.errors import InvalidParameterValue

SECOND = 1_000_000  # microseconds
DAY = 86_400 * SECOND
_CYCLE = 146_097 * 86_400  # seconds in the 400 years after which the Gregorian calendar repeats
_STEP = 7 * 86_400  # seconds; no zone changed its offset twice within a week and came back
_TABLE_START = -5_364_662_400  # 1800-01-01, before the first recorded transition
_TABLE_END = 4_102_444_800  # 2100-01-01
_LOWEST = -62_135_596_800 + 86_400  # the second day of Python's calendar, so that local times fit too
_HIGHEST = 253_402_300_799 - 86_400
_FIXED = re.compile(r"(?:<[^>]*>)?(?:utc|gmt)?([+-]?)(\d{1,2})(?::?(\d{2}))?(?::?(\d{2}))?", re.IGNORECASE)

# Text without a zone is in the session's zone, and decoders take no settings: PostgreSQL's own input
# functions read the setting from the session as well.
_session_zone: ContextVar[str] = ContextVar("session_zone", default="UTC")


@contextmanager
def session_timezone(name: str) -> Iterator[None]:
    """Decode texts without a zone as being in this one, within the block."""
    token = _session_zone.set(name)
    try:
        yield
    finally:
        _session_zone.reset(token)


def current_zone() -> tzinfo:
    """The zone of texts that name none."""
    return find_zone(_session_zone.get())


@lru_cache(maxsize=256)
def find_zone(name: str) -> tzinfo:
    """The zone of an IANA name (any case) or a fixed offset east of UTC such as "+02"."""
    if name.upper() in ("UTC", "GMT", "Z", "ZULU", "ETC/UTC"):
        return UTC
    match = _FIXED.fullmatch(name)
    if match is not None:
        seconds = int(match[2]) * 3600 + int(match[3] or 0) * 60 + int(match[4] or 0)
        # POSIX, and so PostgreSQL, counts <+02>-02 and UTC-2 west of Greenwich; a bare +02 is ISO, east.
        west = name[0] in "<uUgG"
        sign = (-1 if match[1] == "-" else 1) * (-1 if west else 1)
        return timezone(timedelta(seconds=sign * seconds))
    key = _names().get(name.lower())
    if key is None:
        raise InvalidParameterValue(f'time zone "{name}" not recognized')
    return ZoneInfo(key)


def zone_name(text: str) -> str:
    """A zone as SHOW TimeZone names it, of its name in any case, a POSIX offset (UTC+3, west of Greenwich)
    or hours east of it; raises ValueError.
    """
    key = _names().get(text.lower())
    if key is not None:
        return key
    if re.fullmatch(r"(?:<[^>]+>|[a-z]{3,})[+-]?\d{1,2}(?::\d{2}){0,2}", text, re.IGNORECASE):
        find_zone(text)
        return text
    hours = float(text)
    if not -24 < hours < 24:
        raise ValueError(text)
    east = offset_text(round(hours * 3600))
    return f"<{east}>{'-' if hours >= 0 else '+'}{east[1:]}"


def icu_name(name: str) -> str:
    """A zone as ICU names it, which has fixed offsets of whole hours only; raises ValueError."""
    zone = find_zone(name)
    if isinstance(zone, ZoneInfo):
        return zone.key
    hours, rest = divmod(_offset(zone, 0), 3600)
    if rest or not -12 <= hours <= 14:
        raise ValueError(name)
    return f"Etc/GMT{-hours:+d}" if hours else "UTC"


def is_zone(name: str) -> bool:
    """Whether this is the name of a zone."""
    return name.lower() in _names()


def offsets_at(zone: tzinfo, instants: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Seconds east of UTC at every instant (microseconds since 1970, UTC)."""
    if isinstance(zone, timezone):
        return np.full(len(instants), _offset(zone, 0), np.int64)
    seconds = np.floor_divide(instants, SECOND)
    transitions, offsets = _transitions(zone)
    found: npt.NDArray[np.int64] = offsets[np.searchsorted(transitions, seconds, side="right") - 1]
    late = np.flatnonzero(seconds >= _TABLE_END)
    for place in late:  # beyond the table the zone's rule decides; such instants are rare
        found[place] = _offset(zone, int(seconds[place]))
    return found


def to_instants(zone: tzinfo, locals_: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Instants of local times, both in microseconds.

    A time that happened twice, or never, is taken with the smaller offset, as PostgreSQL does.
    """
    before = offsets_at(zone, locals_ - DAY)
    after = offsets_at(zone, locals_ + DAY)
    if (before == after).all():
        return locals_ - before * SECOND
    fits_before = offsets_at(zone, locals_ - before * SECOND) == before
    fits_after = offsets_at(zone, locals_ - after * SECOND) == after
    only_one = np.where(fits_before, before, after)
    offset = np.where(fits_before == fits_after, np.minimum(before, after), only_one).astype(np.int64)
    return locals_ - offset * SECOND


def offset_text(seconds: int) -> str:
    """An offset as PostgreSQL prints it: +02, +05:30, -00:25:21."""
    sign = "-" if seconds < 0 else "+"
    hours, rest = divmod(abs(seconds), 3600)
    minutes, seconds = divmod(rest, 60)
    text = f"{sign}{hours:02d}"
    if minutes or seconds:
        text += f":{minutes:02d}"
    return f"{text}:{seconds:02d}" if seconds else text


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    # localtime is the machine's own zone, under a name that ICU does not know.
    return {name.lower(): name for name in available_timezones() - {"localtime"}}


@lru_cache(maxsize=64)
def _transitions(zone: tzinfo) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """When the offset changes, and to what: zoneinfo does not tell, so it is found by bisection, once."""
    times, offsets = [np.iinfo(np.int64).min], [_offset(zone, _TABLE_START)]
    for start in range(_TABLE_START, _TABLE_END, _STEP):
        end = start + _STEP
        if _offset(zone, end) == offsets[-1]:
            continue
        low, high = start, end
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if _offset(zone, middle) == offsets[-1] else (low, middle)
        times.append(high)
        offsets.append(_offset(zone, high))
    return np.array(times, np.int64), np.array(offsets, np.int64)


def _offset(zone: tzinfo, seconds: int) -> int:
    if seconds > _HIGHEST:
        seconds -= ((seconds - _HIGHEST) // _CYCLE + 1) * _CYCLE
    moment = datetime.fromtimestamp(0, UTC) + timedelta(seconds=max(seconds, _LOWEST))
    offset = moment.astimezone(zone).utcoffset()
    assert offset is not None
    return round(offset.total_seconds())
