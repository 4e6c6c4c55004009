"""information_schema.columns: the columns of tables, views and system relations."""

from __future__ import annotations

from collections.abc import Iterator

from sqlvec.core.schema import Column, Sequence, Table, View
from sqlvec.core.types.numeric import split_typmod
from sqlvec.core.types.pg_type import PgType
from sqlvec.core.types.typmod import length_of

from ...privileges import Privileges
from ..context import CatalogContext
from ..expressions import default_text
from ..headers import HEADERS
from ..oids import PG_CATALOG
from ..relation import Row
from ..table_index import attributes
from ..type_layout import schema_of

# numeric_precision, numeric_precision_radix, numeric_scale
NUMBERS: dict[str, tuple[int, int, int | None]] = {
    "int2": (16, 2, 0),
    "int4": (32, 2, 0),
    "int8": (64, 2, 0),
    "float4": (24, 2, None),
    "float8": (53, 2, None),
}
_BYTES_PER_CHARACTER = 4  # pg_encoding_max_length('UTF8')
_MAX_OCTETS = 2**30
_TIMES = ("time", "timetz", "timestamp", "timestamptz")
_MICROSECONDS = 6


def fixed(database: str) -> Iterator[Row]:
    for header in HEADERS.values():
        for column in header.columns:
            yield _row((database, header.schema, header.name), column.number, column, is_updatable=False)


def rows(context: CatalogContext) -> Iterator[Row]:
    for item in context.state.objects.values():
        if isinstance(item, Table | View):
            of = (context.database, item.schema, item.name)
            is_table = isinstance(item, Table)
            privileges = Privileges(context.state, context.role)
            for number, column in attributes(item):
                if not privileges.owns(item) and not (
                    privileges.on(item) or privileges.on_column(item, column)
                ):
                    continue
                row = _row(of, number, column, is_updatable=is_table)
                yield row | _values(column, context) if is_table else row


def _row(of: tuple[str, str, str], number: int, column: Column, *, is_updatable: bool) -> dict[str, object]:
    database, schema, table = of
    kind = column.type
    return {
        "table_catalog": database,
        "table_schema": schema,
        "table_name": table,
        "column_name": column.name,
        "ordinal_position": number,
        "is_nullable": "NO" if column.not_null else "YES",
        "data_type": _data_type(kind),
        "udt_catalog": database,
        "udt_schema": "pg_catalog" if schema_of(kind) == PG_CATALOG else "public",
        "udt_name": kind.name,
        "dtd_identifier": str(number),
        "is_self_referencing": "NO",
        "is_identity": "NO",
        "identity_cycle": "NO",
        "is_generated": "NEVER",
        "is_updatable": "YES" if is_updatable else "NO",
    } | _size(kind, column.typmod)


def _data_type(kind: PgType) -> str:
    if kind.name.startswith("_"):
        return "ARRAY"
    if kind.name == "bpchar":
        return "character"
    return kind.sql_name if schema_of(kind) == PG_CATALOG else "USER-DEFINED"


def _size(kind: PgType, typmod: int) -> dict[str, object]:
    if kind.name in ("varchar", "bpchar", "text"):
        length = None if kind.name == "text" else length_of(typmod)
        octets = _MAX_OCTETS if length is None else length * _BYTES_PER_CHARACTER
        return {"character_maximum_length": length, "character_octet_length": octets}
    if kind.name in NUMBERS:
        precision, radix, scale = NUMBERS[kind.name]
        return {"numeric_precision": precision, "numeric_precision_radix": radix, "numeric_scale": scale}
    if kind.name == "numeric":
        digits = (None, None) if typmod < 0 else split_typmod(typmod)
        return {"numeric_precision": digits[0], "numeric_precision_radix": 10, "numeric_scale": digits[1]}
    if kind.name in _TIMES:
        return {"datetime_precision": _MICROSECONDS if typmod < 0 else typmod}
    if kind.name == "interval":
        return {"datetime_precision": _MICROSECONDS if typmod < 0 else min(typmod & 0xFFFF, _MICROSECONDS)}
    return {"datetime_precision": 0} if kind.name == "date" else {}


def _values(column: Column, context: CatalogContext) -> dict[str, object]:
    """Where the column's values come from: default, generation, identity."""
    text = default_text(column, context.state)
    if column.generated is not None:
        return {"is_generated": "ALWAYS", "generation_expression": text}
    if column.identity is None:
        return {"column_default": text}
    sequence = None if column.sequence_oid is None else context.state.objects.get(column.sequence_oid)
    found: dict[str, object] = {"is_identity": "YES", "identity_generation": column.identity}
    if isinstance(sequence, Sequence):
        found |= {
            "identity_start": str(sequence.start),
            "identity_increment": str(sequence.increment),
            "identity_maximum": str(sequence.maximum),
            "identity_minimum": str(sequence.minimum),
            "identity_cycle": "YES" if sequence.cycle else "NO",
        }
    return found
