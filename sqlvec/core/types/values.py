"""Values: single parameters, from the wire to DuckDB and from Python to us."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from json import dumps
from typing import Any
from uuid import UUID as PythonUuid

import numpy as np
import pyarrow as pa

from sqlvec.core.errors import DatatypeMismatch, FeatureNotSupported

from .boolean import BOOL
from .calendar import DATE_INFINITY, DATE_MINUS_INFINITY, INFINITY, MINUS_INFINITY, from_days
from .datetime import DATE, TIME
from .float import FLOAT4, FLOAT8
from .integer import INT4, INT8
from .interval import INTERVAL
from .json import JSONB
from .numeric import NUMERIC, decimals_to_array
from .output_format import OutputFormat
from .pg_type import PgType
from .registry import array_of
from .text import BYTEA, TEXT, UNKNOWN
from .timestamp import TIMESTAMP, TIMESTAMPTZ
from .timetz import TIMETZ
from .timezone import DAY, SECOND
from .uuid import UUID
from .vector import VECTOR

_PLAIN = OutputFormat()
_TEXT_ONLY = frozenset(("interval", "timetz"))  # Python has no type that holds all their values
_TIMES = frozenset(("date", "timestamp", "timestamptz", "time"))


def to_python(kind: PgType, array: pa.Array) -> Any:
    """The one value of an array, as an object DuckDB takes under a cast to the type's DuckDB name."""
    assert len(array) == 1
    if array.null_count:
        return None
    if kind.name in _TEXT_ONLY or kind.name in _TIMES:
        return _time_to_python(kind, array)
    if kind.name == "vector":
        return array.flatten().to_numpy(zero_copy_only=False).astype(np.float32)
    if kind.element is not None:
        items = array.flatten()
        item_kind = kind if _is_dimension(items, kind.element) else kind.element
        values = [to_python(item_kind, items.slice(place, 1)) for place in range(len(items))]
        return [value.tolist() if isinstance(value, np.ndarray) else value for value in values]
    return array[0].as_py()


def duckdb_type(kind: PgType, array: pa.Array, typmod: int = -1) -> str:
    """The DuckDB type to cast a parameter to: arrays of several dimensions are lists of lists there."""
    dimensions = _depth(array.type) - _depth(kind.arrow) if kind.element is not None else 0
    return kind.duckdb_name(typmod) + "[]" * dimensions


def from_python(value: object) -> tuple[PgType, pa.Array]:
    """The type and carrier of an embedded user's parameter."""
    if isinstance(value, np.ndarray) and not _is_vector(value):
        value = value.tolist()
    kind = type_of_python(value)
    return kind, _to_array([value], kind)


def type_of_python(value: object) -> PgType:
    """The type a Python object stands for; text is of unknown type, as a literal in quotes is."""
    if value is None or isinstance(value, str):
        return UNKNOWN
    for python, kind in _TYPES:
        if isinstance(value, python):
            return kind
    if isinstance(value, int):
        return _integer_type(int(value))
    if isinstance(value, datetime):
        return TIMESTAMP if value.tzinfo is None else TIMESTAMPTZ
    if isinstance(value, date):
        return DATE
    if isinstance(value, time):
        return TIME if value.tzinfo is None else TIMETZ
    if isinstance(value, np.ndarray) and not _is_vector(value):
        return type_of_python(value.tolist())
    if _is_vector(value):
        return VECTOR
    if isinstance(value, list | tuple):
        return _array_type(value)
    if isinstance(value, np.generic):
        return type_of_python(value.item())
    raise DatatypeMismatch(f'cannot adapt type "{type(value).__name__}"')


_TYPES: tuple[tuple[Any, PgType], ...] = (
    (bool | np.bool_, BOOL),
    (float, FLOAT8),
    (np.float32, FLOAT4),
    (Decimal, NUMERIC),
    (bytes | bytearray | memoryview, BYTEA),
    (timedelta, INTERVAL),
    (PythonUuid, UUID),
    (dict, JSONB),
)


def _integer_type(value: int) -> PgType:
    if -(2**31) <= value < 2**31:
        return INT4
    return INT8 if -(2**63) <= value < 2**63 else NUMERIC


def _is_vector(value: object) -> bool:
    """Whether this is a one-dimensional array of floats, or makes one, as pgvector.Vector does."""
    if isinstance(value, np.ndarray):
        return value.ndim == 1 and value.dtype.kind == "f"
    return hasattr(value, "to_numpy") and not isinstance(value, pa.Array)


def _array_type(items: Sequence[object]) -> PgType:
    kinds = [type_of_python(item) for item in items if item is not None]
    if not kinds:
        return _must_array_of(TEXT)
    widest = max(kinds, key=lambda kind: _WIDTH.get(kind.name, 0))
    if any(kind != widest and (kind.name not in _WIDTH or widest.name not in _WIDTH) for kind in kinds):
        raise DatatypeMismatch("array elements are of different types")
    return _must_array_of(TEXT if widest is UNKNOWN else widest)


_WIDTH = {"int4": 1, "int8": 2, "numeric": 3, "float4": 4, "float8": 5}  # which numbers become which


def _must_array_of(kind: PgType) -> PgType:
    found = array_of(kind)
    assert found is not None
    return found


def _to_array(values: Sequence[Any], kind: PgType) -> pa.Array:
    if kind.name == "vector":
        return _vectors(values)
    if kind.element is not None:
        return _arrays(values, kind)
    if kind.name == "numeric":
        return _decimals(values)
    adapt = _ADAPT.get(kind.name)
    if adapt is not None:
        values = [None if value is None else adapt(value) for value in values]
    if kind.name in ("interval", "timetz", "jsonb"):
        return kind.text.decode(values)
    return pa.array(values, kind.arrow)


def _vectors(values: Sequence[Any]) -> pa.Array:
    rows = [
        None if x is None else np.asarray(x.to_numpy() if hasattr(x, "to_numpy") else x, ">f4")
        for x in values
    ]
    heads = [None if row is None else len(row).to_bytes(2, "big") + b"\0\0" + row.tobytes() for row in rows]
    return VECTOR.binary.decode(heads)  # checks what pgvector's input checks


def _arrays(values: Sequence[Any], kind: PgType) -> pa.Array:
    assert kind.element is not None
    rows = [None if value is None else list(value) for value in values]
    flat = [item for row in rows if row for item in row]
    nested = any(isinstance(item, list | tuple | np.ndarray) and not _is_vector(item) for item in flat)
    items = _arrays(flat, kind) if nested else _to_array(flat, kind.element)
    offsets = np.cumsum([0, *(0 if row is None else len(row) for row in rows)]).astype(np.int32)
    missing = pa.array([row is None for row in rows], pa.bool_())
    return pa.ListArray.from_arrays(pa.array(offsets), items, mask=missing)


def _decimals(values: Sequence[Any]) -> pa.Array:
    numbers = [None if value is None else Decimal(value) for value in values]
    if any(number is not None and not number.is_finite() for number in numbers):
        raise FeatureNotSupported("numeric NaN and infinity are not supported")
    return decimals_to_array(numbers)


def _interval_text(value: timedelta) -> bytes:
    return f"{value.days} days {value.seconds} seconds {value.microseconds} microseconds".encode()


_ADAPT: dict[str, Callable[[Any], Any]] = {
    "interval": _interval_text,
    "timetz": lambda value: value.isoformat().encode(),
    "uuid": str,
    "jsonb": lambda value: dumps(value, ensure_ascii=False, default=str).encode(),
    "bytea": bytes,
    "timestamptz": lambda value: value.astimezone(UTC),
    "int4": int,
    "int8": int,
    "float4": float,
    "float8": float,
    "bool": bool,
}


# Times --------------------------------------------------------------------------------------------------


def _time_to_python(kind: PgType, array: pa.Array) -> Any:
    """A Python object where it can hold the value, else text as DuckDB reads it."""
    if kind.name == "interval":
        months, days, nanos = array[0].as_py()
        return f"{months} months {days} days {nanos // 1000} microseconds"
    if kind.name != "timetz" and _fits_python(kind, _number(array)):
        value = array[0].as_py()
        return value.replace(tzinfo=UTC) if kind.name == "timestamptz" else value
    text: str = kind.text.encode(array, _PLAIN)[0].as_py().decode()
    if text.endswith(" BC"):  # DuckDB wants it behind the date
        date_part, _, rest = text.removesuffix(" BC").partition(" ")
        return f"{date_part} (BC) {rest}".rstrip()
    return text


def _number(array: pa.Array) -> int:
    value: int = array.view(pa.int32() if array.type.bit_width == 32 else pa.int64())[0].as_py()
    return value


def _fits_python(kind: PgType, number: int) -> bool:
    if kind.name == "time":
        return number < 86_400 * SECOND
    if number in (DATE_INFINITY, DATE_MINUS_INFINITY, INFINITY, MINUS_INFINITY):
        return False
    year = from_days(number if kind.name == "date" else number // DAY)[0]
    return 1 < year < 9999


def _is_dimension(items: pa.Array, element: PgType) -> bool:
    return _depth(items.type) > _depth(element.arrow)


def _depth(arrow: pa.DataType) -> int:
    is_list = pa.types.is_list(arrow) or pa.types.is_fixed_size_list(arrow)
    return 1 + _depth(arrow.value_type) if is_list else 0
