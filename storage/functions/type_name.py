"""Names of types: format_type and to_regtype."""

from __future__ import annotations

import re

import pyarrow as pa

from sqlvec.core.errors import UndefinedObject
from sqlvec.core.types.registry import type_by_name, type_by_oid
from sqlvec.core.types.typmod import format_type

from .registration import ANY, SqlFunction, each_row

_NAMED = {"bit": 1560}  # no type of ours yet, but drivers look it up; see pg_catalog.type_layout
_MODIFIER = re.compile(r"\s*\([\d\s,]*\)")


def formatted(oids: pa.Array, typmods: pa.Array) -> pa.Array:
    rows = zip(oids.to_pylist(), typmods.to_pylist(), strict=True)
    return pa.array([None if oid is None else _format(oid, typmod) for oid, typmod in rows], pa.string())


def _format(oid: int, typmod: int | None) -> str:
    if oid == 0:
        return "-"
    kind = type_by_oid(oid)
    if kind is not None and kind.name == "bpchar" and typmod is None:
        return "character"
    return format_type(kind, -1 if typmod is None else typmod)


def _oid(name: str) -> int | None:
    words = _MODIFIER.sub("", name.strip())
    plain = words.replace('"', "")
    kind = type_by_name(plain)
    return _NAMED.get(plain.lower()) if kind is None else kind.oid


def _must_oid(name: str) -> int:
    if name.strip().isdecimal():
        return int(name)
    found = _oid(name)
    if found is None:
        raise UndefinedObject(f'type "{name}" does not exist')
    return found


def _spelled(value: int | str) -> str:
    """A regtype: an OID, or a name as catalogs carry it."""
    if isinstance(value, str) and not value.isdecimal():
        return value
    kind = type_by_oid(int(value))
    return "-" if int(value) == 0 else str(value) if kind is None else format_type(kind, -1)


FUNCTIONS = (
    SqlFunction("sqlvec_format_type", formatted, ("BIGINT", "BIGINT"), "VARCHAR"),
    SqlFunction(
        "sqlvec_regtype_in", lambda names: each_row(_must_oid, pa.int64(), names), ("VARCHAR",), "BIGINT"
    ),
    SqlFunction("sqlvec_regtype_out", lambda values: each_row(_spelled, pa.string(), values), ANY, "VARCHAR"),
    SqlFunction("sqlvec_to_regtype", lambda names: each_row(_oid, pa.int64(), names), ("VARCHAR",), "BIGINT"),
)
