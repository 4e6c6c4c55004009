"""Type registry: the one list of types, and how to find one."""

from __future__ import annotations

import re

import pyarrow as pa

from .array import make_array_type
from .boolean import BOOL
from .datetime import DATE, TIME
from .float import FLOAT4, FLOAT8
from .integer import INT2, INT4, INT8
from .interval import INTERVAL
from .json import JSON, JSONB
from .numeric import NUMERIC
from .oid_aliases import ALIASES, CID, INT2VECTOR, OID, OIDVECTOR, TID, XID, XID8
from .pg_type import PgType
from .record import VOID, make_record_type
from .text import BPCHAR, BYTEA, CHAR, CSTRING, NAME, TEXT, UNKNOWN, VARCHAR
from .timestamp import TIMESTAMP, TIMESTAMPTZ
from .timetz import TIMETZ
from .uuid import UUID
from .vector import VECTOR


def type_by_oid(oid: int) -> PgType | None:
    """The type of an OID."""
    return _BY_OID.get(oid)


def type_by_name(name: str, is_array: bool = False) -> PgType | None:  # noqa: FBT001 - as TypeName has it
    """The type of a name as SQL writes it, folded to lower case: "int", "character varying", "_int4"."""
    key = name.lower().removeprefix("pg_catalog.")
    if key.endswith("[]"):
        return type_by_name(key.rstrip("[]"), is_array=True)
    found = _BY_NAME.get(" ".join(key.split()))
    return array_of(found) if found is not None and is_array else found


def array_of(element: PgType) -> PgType | None:
    """The array type of a type; an array is its own, since PostgreSQL does not type dimensions."""
    if element.is_array and element not in (INT2VECTOR, OIDVECTOR):
        return element
    return _ARRAY_OF.get(element.oid)


def type_from_arrow(arrow: pa.DataType) -> PgType:
    """The type of a result column whose type nobody inferred."""
    found = _BY_ARROW.get(arrow)
    if found is not None:
        return found
    for is_kind, kind in _ARROW_KINDS:
        if is_kind(arrow):
            return kind
    if pa.types.is_dictionary(arrow):
        return type_from_arrow(arrow.value_type)
    if pa.types.is_fixed_size_list(arrow) and arrow.value_type == pa.float32():
        return VECTOR
    if _is_list(arrow):
        return _must_array_of(type_from_arrow(arrow.value_type))
    return TEXT


def type_from_duckdb(name: str) -> PgType:
    """The type for DuckDB's spelling of its own, as DESCRIBE prints it."""
    if name.endswith("]"):
        element, _, size = name[:-1].rpartition("[")
        if element == "FLOAT" and size:
            return VECTOR
        return _must_array_of(type_from_duckdb(element))
    base = re.split(r"[(\s]", name.strip('"'), maxsplit=1)[0].upper()
    return _BY_DUCKDB.get(name.upper()) or _BY_DUCKDB.get(base) or TEXT


def _is_list(arrow: pa.DataType) -> bool:
    return bool(
        pa.types.is_list(arrow) or pa.types.is_large_list(arrow) or pa.types.is_fixed_size_list(arrow)
    )


def _must_array_of(element: PgType) -> PgType:
    array = array_of(element)
    return _ARRAY_OF[TEXT.oid] if array is None else array


RECORD = make_record_type(type_from_arrow)

# Every type that is not an array, by OID: pg_type lists them so.
SCALARS: tuple[PgType, ...] = tuple(
    sorted(
        (BOOL, BYTEA, CHAR, NAME, INT8, INT2, INT2VECTOR, INT4, TEXT, OID, TID, XID, CID, OIDVECTOR, JSON,
         FLOAT4, FLOAT8, UNKNOWN, BPCHAR, VARCHAR, DATE, TIME, TIMESTAMP, TIMESTAMPTZ, INTERVAL, TIMETZ,
         NUMERIC, RECORD, CSTRING, VOID, UUID, JSONB, XID8, VECTOR, *ALIASES),
        key=lambda kind: kind.oid,
    )
)  # fmt: skip
ARRAYS: tuple[PgType, ...] = tuple(make_array_type(kind) for kind in SCALARS if kind.array_oid)
TYPES: tuple[PgType, ...] = SCALARS + ARRAYS

_BY_OID = {kind.oid: kind for kind in TYPES}
_ARRAY_OF = {kind.oid: array for kind in SCALARS for array in ARRAYS if array.oid == kind.array_oid}

# What SQL calls types besides pg_type.typname. "char" in quotes is another type, so its bare name is taken.
_ALIASES = {
    "boolean": BOOL,
    "smallint": INT2,
    "int": INT4,
    "integer": INT4,
    "bigint": INT8,
    "smallserial": INT2,
    "serial2": INT2,
    "serial": INT4,
    "serial4": INT4,
    "bigserial": INT8,
    "serial8": INT8,
    "real": FLOAT4,
    "float": FLOAT8,
    "double precision": FLOAT8,
    "decimal": NUMERIC,
    "dec": NUMERIC,
    "character varying": VARCHAR,
    "char varying": VARCHAR,
    "national character varying": VARCHAR,
    "nchar varying": VARCHAR,
    "character": BPCHAR,
    "char": BPCHAR,
    "nchar": BPCHAR,
    "national character": BPCHAR,
    '"char"': CHAR,
    "time without time zone": TIME,
    "time with time zone": TIMETZ,
    "timestamp without time zone": TIMESTAMP,
    "timestamp with time zone": TIMESTAMPTZ,
}
_BY_NAME = {kind.name: kind for kind in TYPES} | _ALIASES

_BY_ARROW = {
    kind.arrow: kind
    for kind in (
        BOOL,
        INT2,
        INT4,
        INT8,
        FLOAT4,
        FLOAT8,
        TEXT,
        BYTEA,
        DATE,
        TIME,
        TIMESTAMP,
        TIMESTAMPTZ,
        INTERVAL,
    )
} | {
    pa.int8(): INT2,
    pa.uint8(): INT2,
    pa.uint16(): INT4,
    pa.uint32(): INT8,
    pa.uint64(): NUMERIC,
    pa.float16(): FLOAT4,
    pa.null(): TEXT,
    pa.large_binary(): BYTEA,
    pa.date64(): DATE,
}
_ARROW_KINDS = (
    (pa.types.is_decimal, NUMERIC),
    (pa.types.is_time, TIME),
    (lambda arrow: pa.types.is_timestamp(arrow) and arrow.tz is None, TIMESTAMP),
    (pa.types.is_timestamp, TIMESTAMPTZ),
    (pa.types.is_duration, INTERVAL),
    (pa.types.is_fixed_size_binary, BYTEA),
    (pa.types.is_struct, RECORD),
    (pa.types.is_map, JSON),
)
_BY_DUCKDB = {
    "BOOLEAN": BOOL,
    "TINYINT": INT2,
    "SMALLINT": INT2,
    "INTEGER": INT4,
    "BIGINT": INT8,
    "UTINYINT": INT2,
    "USMALLINT": INT4,
    "UINTEGER": INT8,
    "UBIGINT": NUMERIC,
    "HUGEINT": NUMERIC,
    "UHUGEINT": NUMERIC,
    "BIGNUM": NUMERIC,
    "DECIMAL": NUMERIC,
    "FLOAT": FLOAT4,
    "DOUBLE": FLOAT8,
    "VARCHAR": TEXT,
    "ENUM": TEXT,
    "NULL": TEXT,
    "BLOB": BYTEA,
    "DATE": DATE,
    "TIME": TIME,
    "TIME_NS": TIME,
    "TIME WITH TIME ZONE": TIMETZ,
    "TIMESTAMP": TIMESTAMP,
    "TIMESTAMP_S": TIMESTAMP,
    "TIMESTAMP_MS": TIMESTAMP,
    "TIMESTAMP_NS": TIMESTAMP,
    "TIMESTAMP WITH TIME ZONE": TIMESTAMPTZ,
    "INTERVAL": INTERVAL,
    "UUID": UUID,
    "JSON": JSON,
    "STRUCT": RECORD,
    "MAP": JSON,
}
