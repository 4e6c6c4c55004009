"""Setting: one entry of the list that SET, SHOW and pg_settings read; PostgreSQL's GUC model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from ..errors import FeatureNotSupported, InvalidParameterValue, SqlError
from ..types.timezone import icu_name, zone_name

_OFFSETS = "Use the name of a zone, or an offset in whole hours."

# Text in, canonical text out (what SHOW prints); raises SqlError 22023.
Parse: TypeAlias = Callable[[str, str], str]


class Scope(Enum):
    """Who may change a setting; the values are pg_settings.context."""

    INTERNAL = "internal"  # nobody
    STARTUP = "postmaster"  # the server's start-up
    SESSION = "user"  # any session


@dataclass(frozen=True, slots=True)
class Setting:
    """A named value with a default; `reported` ones are told to clients as ParameterStatus."""

    name: str
    default: str
    parse: Parse
    doc: str
    scope: Scope = Scope.SESSION
    reported: bool = False
    vartype: str = "string"
    unit: str | None = None
    minimum: str | None = None
    maximum: str | None = None
    choices: tuple[str, ...] | None = None
    category: str = "Client Connection Defaults"
    is_custom: bool = False  # a client's own, which is there once it is set


_TRUE = frozenset({"on", "true", "t", "tr", "tru", "yes", "y", "ye", "1"})
_FALSE = frozenset({"off", "of", "false", "f", "fa", "fal", "fals", "no", "n", "0"})


def boolean(name: str, text: str) -> str:
    lowered = text.strip().lower()
    if lowered in _TRUE:
        return "on"
    if lowered in _FALSE:
        return "off"
    raise InvalidParameterValue(f'parameter "{name}" requires a Boolean value')


def string(name: str, text: str) -> str:
    return text


def enum(*choices: str) -> Parse:
    def parse(name: str, text: str) -> str:
        lowered = text.strip().lower()
        if lowered in choices:
            return lowered
        raise invalid_value(name, text, hint=f"Available values: {', '.join(choices)}.")

    return parse


# A value's unit: its suffixes and how many base units each is.
TIME_MS = {"us": 0.001, "ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}
TIME_S = {suffix: factor / 1000 for suffix, factor in TIME_MS.items() if suffix != "us"}
MEMORY_KB = {"B": 1 / 1024, "kB": 1, "MB": 1024, "GB": 1024**2, "TB": 1024**3}


def integer(low: int, high: int, units: dict[str, float] | None = None) -> Parse:
    """Parse a whole number, perhaps with one of `units` behind it; kept in base units."""

    def parse(name: str, text: str) -> str:
        value = round(_number(name, text, units))
        if not low <= value <= high:
            raise _out_of_range(name, str(value), str(low), str(high))
        return _with_unit(value, units)

    return parse


def real(low: float, high: float) -> Parse:
    def parse(name: str, text: str) -> str:
        value = _number(name, text, None)
        if not low <= value <= high:
            raise _out_of_range(name, _shortest(value), _shortest(low), _shortest(high))
        return _shortest(value)

    return parse


def timezone(name: str, text: str) -> str:
    stripped = text.strip()
    if stripped.lower() in ("utc", "gmt", "z", "default", "local"):
        return "UTC" if stripped.lower() != "gmt" else "GMT"
    try:
        found = zone_name(stripped)
    except (ValueError, SqlError):
        raise invalid_value(name, text) from None
    try:
        icu_name(found)
    except ValueError:
        raise FeatureNotSupported(f'TimeZone "{text}" is not supported', hint=_OFFSETS) from None
    return found


def encoding(name: str, text: str) -> str:
    plain = text.strip().strip("'\"").upper().replace("-", "").replace("_", "")
    if plain in ("UTF8", "UNICODE"):
        return "UTF8"
    if plain in ("SQLASCII",):
        return "SQL_ASCII"
    raise invalid_value(name, text, hint="The only encoding is UTF8.")


def date_style(name: str, text: str) -> str:
    style, order = "ISO", "MDY"
    for word in text.replace(",", " ").upper().split():
        if word == "ISO":
            style = word
        elif word in ("MDY", "US", "NONEURO", "NONEUROPEAN"):
            order = "MDY"
        elif word in ("DMY", "EURO", "EUROPEAN"):
            order = "DMY"
        elif word == "YMD":
            order = word
        elif word in ("GERMAN", "SQL", "POSTGRES"):
            raise FeatureNotSupported(f"{name} {word} is not supported", hint="Use ISO with MDY, DMY or YMD.")
        elif word != "DEFAULT":
            raise invalid_value(name, text, detail=f'Unrecognized key word: "{word.lower()}".')
    return f"{style}, {order}"


def invalid_value(name: str, text: str, *, detail: str | None = None, hint: str | None = None) -> SqlError:
    return InvalidParameterValue(f'invalid value for parameter "{name}": "{text}"', detail=detail, hint=hint)


def _out_of_range(name: str, value: str, low: str, high: str) -> SqlError:
    return InvalidParameterValue(
        f'{value} is outside the valid range for parameter "{name}" ({low} .. {high})'
    )


def _number(name: str, text: str, units: dict[str, float] | None) -> float:
    stripped = text.strip()
    digits = stripped.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ")
    suffix = stripped[len(digits) :].strip()
    try:
        value = float(digits)
    except ValueError:
        raise invalid_value(name, text) from None
    if not suffix:
        return value
    if units is None or suffix not in units:
        hint = f"Valid units for this parameter are {_listed(list(units))}." if units else None
        raise invalid_value(name, text, hint=hint)
    return value * units[suffix]


def _listed(names: list[str]) -> str:
    quoted = [f'"{name}"' for name in names]
    return ", ".join(quoted[:-1]) + f", and {quoted[-1]}"


def _with_unit(value: int, units: dict[str, float] | None) -> str:
    if not units or value <= 0:
        return str(value)
    for suffix, factor in reversed(units.items()):
        if factor >= 1 and value % factor == 0:
            return f"{int(value // factor)}{suffix}"
    return str(value)


def _shortest(value: float) -> str:
    return repr(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
