"""Type modifiers: the numbers in parentheses after a type's name, packed as in pg_attribute.atttypmod."""

from __future__ import annotations

from sqlvec.core.errors import FeatureNotSupported, InvalidParameterValue, SqlSyntaxError

from .numeric import MAX_DIGITS, split_typmod
from .pg_type import PgType
from .vector import MAX_DIMENSIONS

_HEADER = 4  # VARHDRSZ, which the modifiers of strings and numeric count in
_MAX_LENGTH = 10 * 1024 * 1024  # MaxAttrSize
_MAX_PRECISION = 1000  # NUMERIC_MAX_PRECISION
_INTERVAL_FULL_RANGE = 0x7FFF
_INTERVAL_FULL_PRECISION = 0xFFFF
# Where the modifier goes in names of several words: timestamp(3) with time zone.
_TIMES = {
    "time": "time{} without time zone",
    "timetz": "time{} with time zone",
    "timestamp": "timestamp{} without time zone",
    "timestamptz": "timestamp{} with time zone",
}
_SHOWN_LENGTH = {"varchar": "varchar", "bpchar": "char"}  # what PostgreSQL calls them in these errors


def make_typmod(kind: PgType, modifiers: tuple[int, ...]) -> int:
    """The packed modifier; -1 where none was written. An array's modifier is its element's."""
    if kind.element is not None and kind.category == "A":
        return make_typmod(kind.element, modifiers)
    if not modifiers:
        return -1
    if kind.name in _SHOWN_LENGTH:
        return _length(_SHOWN_LENGTH[kind.name], _single(modifiers))
    if kind.name == "numeric":
        return _numeric(modifiers)
    if kind.name == "vector":
        return _dimensions(_single(modifiers))
    if kind.name in _TIMES:
        return _precision(kind, _single(modifiers))
    if kind.name == "interval":
        return _INTERVAL_FULL_RANGE << 16 | _interval_precision(_single(modifiers))
    raise SqlSyntaxError(f'type modifier is not allowed for type "{kind.name}"')


def format_type(kind: PgType | None, typmod: int = -1) -> str:
    """A type as PostgreSQL spells it: "character varying(40)", "timestamp(3) with time zone", "integer[]"."""
    if kind is None:
        return "???"
    if kind.element is not None and kind.category == "A" and kind.name.startswith("_"):
        return f"{format_type(kind.element, typmod)}[]"
    if kind.name == "bpchar":
        return "bpchar" if typmod == -1 else f"character({typmod - _HEADER})"
    if typmod < 0:
        return kind.sql_name
    if kind.name in _TIMES:
        return _TIMES[kind.name].format(f"({typmod})")
    if kind.name == "varchar":
        return f"{kind.sql_name}({typmod - _HEADER})"
    if kind.name == "numeric":
        precision, scale = split_typmod(typmod)
        return f"numeric({precision},{scale})"
    if kind.name == "interval":
        precision = typmod & 0xFFFF
        return "interval" if precision == _INTERVAL_FULL_PRECISION else f"interval({precision})"
    return f"{kind.sql_name}({typmod})"


def length_of(typmod: int) -> int | None:
    """The n of varchar(n) or char(n), None where it has none."""
    return None if typmod < 0 else typmod - _HEADER


def _single(modifiers: tuple[int, ...]) -> int:
    if len(modifiers) != 1:
        raise InvalidParameterValue("invalid type modifier")
    return modifiers[0]


def _length(name: str, length: int) -> int:
    if length < 1:
        raise InvalidParameterValue(f"length for type {name} must be at least 1")
    if length > _MAX_LENGTH:
        raise InvalidParameterValue(f"length for type {name} cannot exceed {_MAX_LENGTH}")
    return length + _HEADER


def _numeric(modifiers: tuple[int, ...]) -> int:
    if len(modifiers) > 2:
        raise InvalidParameterValue("invalid NUMERIC type modifier")
    precision, scale = (*modifiers, 0)[:2]
    if not 1 <= precision <= _MAX_PRECISION:
        raise InvalidParameterValue(f"NUMERIC precision {precision} must be between 1 and {_MAX_PRECISION}")
    if not -_MAX_PRECISION <= scale <= _MAX_PRECISION:
        raise InvalidParameterValue(
            f"NUMERIC scale {scale} must be between -{_MAX_PRECISION} and {_MAX_PRECISION}"
        )
    if precision > MAX_DIGITS:
        raise FeatureNotSupported(
            f"numeric precision {precision} is not supported, the highest is {MAX_DIGITS}"
        )
    if not 0 <= scale <= precision:
        raise FeatureNotSupported(
            f"numeric({precision},{scale}) is not supported: scale must be 0 to {precision}"
        )
    return (precision << 16 | scale & 0x7FF) + _HEADER


def _dimensions(dimensions: int) -> int:
    if dimensions < 1:
        raise InvalidParameterValue("dimensions for type vector must be at least 1")
    if dimensions > MAX_DIMENSIONS:
        raise InvalidParameterValue(f"dimensions for type vector cannot exceed {MAX_DIMENSIONS}")
    return dimensions


def _precision(kind: PgType, precision: int) -> int:
    if precision < 0:
        zone = " WITH TIME ZONE" if kind.name.endswith("tz") else ""
        raise InvalidParameterValue(
            f"{kind.name.removesuffix('tz').upper()}({precision}){zone} precision must not be negative"
        )
    return min(precision, 6)  # PostgreSQL warns and takes the highest


def _interval_precision(precision: int) -> int:
    if precision < 0:
        raise InvalidParameterValue(f"INTERVAL({precision}) precision must not be negative")
    return min(precision, 6)
